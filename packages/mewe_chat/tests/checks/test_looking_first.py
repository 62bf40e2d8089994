"""What is looked for first, so that most texts cost little, keeps no expression from finding anything."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mewe_chat.checks import contact, links, normal
from mewe_chat.checks.chain import waits
from mewe_chat.checks.shipped import CHECKS
from mewe_chat.settings import ChatSettings, Deployed
from mewe_core.kit.feature import Brought
from mewe_core.kit.message_checks import NOTHING, MessageCheck

from .test_corpus import lines

WORDS = sorted({word for name in ("contact", "links", "everyday") for line in lines(name) for word in line.split()})
PIECES = (
    *(
        "@",
        "#",
        ".",
        ":",
        "=",
        "(at)",
        "[at]",
        " at ",
        " dot ",
        " punkt ",
        "[.]",
        "www.",
        "http://",
        "1.2.3.4:80",
        "07",
        "0",
        "12 b",
    ),
    *(
        "snabel-a",
        "arobase",
        "gmail",
        "live",
        "se",
        "com",
        "anna.k99",
        "a_b",
        "my ",
        "min ",
        " is ",
        " \u00e4r ",
        " on ",
        "via ",
    ),
    *(
        one + " "
        for one in chain(contact._MAY_NAME, contact._STREETS, contact._MAY_MAIL, ("tik tok", "whats app", "noll", "seven"))
    ),
)
"""What expressions are made to find, in parts."""

TEXTS = st.lists(st.sampled_from((*WORDS, *PIECES)) | st.text(max_size=3), max_size=8).flatmap(
    lambda pieces: st.sampled_from(("", " ")).map(lambda between: between.join(pieces))
)


@given(text=TEXTS)
def test_no_address_or_name_is_passed_over(text: str) -> None:
    """With the words looked for first, and without."""
    plain = normal.folded(text)
    assert contact._has_mail(plain) == bool(contact._MAIL.search(plain) or contact._MAIL_SPOKEN.search(plain))
    assert contact._has_name(plain) == bool(contact._NAMED.search(plain))
    assert contact._has_street(plain) == bool(contact._STREET.search(plain))


@given(text=TEXTS)
def test_no_link_is_passed_over(text: str) -> None:
    """With the signs looked for first, and without."""
    assert bool(links.hosts(text)) == bool(links._LINK.search(normal.folded(text)))


@given(text=TEXTS)
def test_no_number_is_passed_over(text: str) -> None:
    """There are never more digits in a row than there are in a text."""
    plain = normal.folded(text)
    assert sum(len(run.removeprefix("+")) for run in contact._runs(plain)) <= contact._most_digits(plain)


@pytest.mark.parametrize("app", [*contact._APPS.split("|"), "tik tok", "whats app"])
def test_a_name_at_each_service_is_found(app: str) -> None:
    """Each is among the words that are looked for first."""
    assert contact._has_name(f"{app}: anna.k99")


@pytest.mark.parametrize(
    ("ways", "written"),
    [
        (contact._BEHIND_NAMES.replace("[.]", "."), "stor{} 12"),
        (contact._VIA, "{} roma 12"),
        (contact._ULICA, "nova {} 12"),
        (contact._ROAD, "12 high {}"),
        (contact._RUE, "12 {} victor"),
    ],
)
def test_an_address_in_each_kind_of_street_is_found(ways: str, written: str) -> None:
    """The same for streets."""
    assert [one for one in ways.split("|") if not contact._has_street(written.format(one))] == []


def test_a_mail_address_is_found_with_each_sign_and_service() -> None:
    """The same for addresses, written and told."""
    signs = (*contact._AT, *contact._AT_TOLD.split("|"))
    assert [one for one in signs if not contact._has_mail(f"anna {one} mail.se")] == []
    assert [one for one in contact._MAILERS.split("|") if not contact._has_mail(f"me at {one}")] == []


@pytest.mark.parametrize(("quick", "waited"), [(True, False), (False, True)])
def test_a_check_that_runs_apart_is_waited_for(quick: bool, waited: bool) -> None:
    """The shipped ones are not; one of a plugin may be, unless the deployment does without it."""
    assert [one.name for one in CHECKS if not one.quick] == []
    own = MessageCheck(name="own", order=99, package="own", look=lambda draft: NOTHING, quick=quick)
    assert waits(Deployed(ChatSettings(), Brought(checks=(*CHECKS, own)))) is waited
    assert not waits(Deployed(ChatSettings(without_checks=("own",)), Brought(checks=(*CHECKS, own))))
