"""No text keeps a check busy: twice as long takes about twice as long, however it is made."""

from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mewe_chat.checks.shipped import CHECKS
from mewe_chat.model import LONGEST_MESSAGE
from mewe_core.kit.message_checks import Audience, Draft, MessageCheck, Verdict

MEANT_TO_TIRE = (
    *("vill ", "vill bara ", "want to ", "k i l l ", "a b ", "själv", "å", "a", "_", "a_", "-", "a-", "...", ":::"),
    *("0", "0 ", "noll ", "07-", "+", "1.", "1.1", "a.", "a@", "@", "a.b.c.", "snap ", "snap: ", "my snap is ", "a#1"),
    *("www.", "http", "https://", "a dot ", "via a ", "12 a ", "gatan ", "agatan 1", "rue ", "1 rue a", "ulica a "),
    *("(at)", " at gmail", "min insta är ", "\u0301", "\u200b", "\ufdfa", "\U0001d528", "a\u0301"),
)
"""Pieces that are repeated: beginnings of what is looked for, and letters that become many."""


SHORTER = 16
"""How many times shorter the text is that the longest is compared with: a square would take 256 times as long, not 16."""


def work(look: Callable[[Draft], Verdict], text: str) -> float:
    """How much processor time looking at a text takes: the least of several, in seconds."""
    draft = Draft(text, "SE", Audience.PEERS)
    times = []
    for _ in range(3):
        began = process_time()
        look(draft)
        times.append(process_time() - began)
    return min(times)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_text_meant_to_tire_a_check_grows_its_work_in_proportion(check: MessageCheck) -> None:
    """At the longest that a message can be. What grows faster does so by ten times and more; a busy machine does not."""
    tired = []
    for piece in MEANT_TO_TIRE:
        whole = (piece * LONGEST_MESSAGE)[:LONGEST_MESSAGE]
        short, full = work(check.look, whole[: LONGEST_MESSAGE // SHORTER]), work(check.look, whole)
        if full > 4 * SHORTER * short + 0.004:
            tired.append((piece, short, full))
    assert tired == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
@given(text=st.text(max_size=200))
def test_no_text_makes_a_check_fail(check: MessageCheck, text: str) -> None:
    """Whatever is written, there is a verdict."""
    assert isinstance(check.look(Draft(text, "SE", Audience.PEERS)), Verdict)
