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


def seconds(look: Callable[[Draft], Verdict], text: str) -> float:
    """The least time that looking at a text took, of several."""
    draft = Draft(text, "SE", Audience.PEERS)
    times = []
    for _ in range(3):
        began = process_time()
        look(draft)
        times.append(process_time() - began)
    return min(times)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_text_meant_to_tire_a_check_takes_a_time_in_proportion(check: MessageCheck) -> None:
    """At the longest that a message can be; and never as long as anybody would notice."""
    slow = []
    for piece in MEANT_TO_TIRE:
        whole = (piece * LONGEST_MESSAGE)[:LONGEST_MESSAGE]
        half, full = seconds(check.look, whole[: LONGEST_MESSAGE // 2]), seconds(check.look, whole)
        if full > 0.15 or full > 3 * half + 0.002:
            slow.append((piece, half, full))
    assert slow == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
@given(text=st.text(max_size=200))
def test_no_text_makes_a_check_fail(check: MessageCheck, text: str) -> None:
    """Whatever is written, there is a verdict."""
    assert isinstance(check.look(Draft(text, "SE", Audience.PEERS)), Verdict)
