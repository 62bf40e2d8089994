"""The five errors are a closed list."""

import pytest
from mewe_core.kit.errors import KINDS, KIT_FAILURES, Conflict, Failure, Field, Invalid, NotFound, kind


def test_each_of_the_kits_failures_is_one_of_the_five() -> None:
    """And has a reason of its own."""
    assert [kind(one) in KINDS for one in KIT_FAILURES] == [True] * len(KIT_FAILURES)
    assert len({one.reason for one in KIT_FAILURES}) == len(KIT_FAILURES)


@pytest.mark.parametrize("reason", ["", "lower", "WITH SPACE", "_A", "A_", "A__B", "1A", "Å"])
def test_a_reason_is_in_upper_snake(reason: str) -> None:
    """Anything else stops the start."""
    with pytest.raises(TypeError, match="UPPER_SNAKE"):
        kind(type("Odd", (Conflict,), {"reason": reason}))


def test_a_failure_has_a_sentence() -> None:
    """A reason alone tells nobody what to do."""
    with pytest.raises(TypeError, match="sentence"):
        kind(type("Odd", (Conflict,), {"reason": "ODD", "sentence": ""}))


def test_there_is_no_sixth_kind() -> None:
    """A failure that subclasses none of the five is refused."""
    with pytest.raises(TypeError, match="none of the five"):
        kind(type("Sixth", (Failure,), {"reason": "SIXTH", "sentence": "A sixth."}))


def test_a_failure_says_its_reason_and_nothing_else() -> None:
    """What is written to a log holds no field, and so no value."""
    assert str(NotFound()) == "NOT_FOUND"
    refused = Invalid(Field("text", "a text"))
    assert str(refused) == "INVALID"
    assert refused.fields == (Field("text", "a text"),)
