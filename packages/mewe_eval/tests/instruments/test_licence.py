"""Who may be asked what: licence, language, text and age, each with its reason."""

import pytest
from attrs import evolve
from mewe_eval.instruments import LicenceRecord, NotSchedulable, SignOff, may_schedule, shipped_instruments
from mewe_eval.instruments.model import Ages, Instrument, Wording
from whenever import Date

SHIPPED = shipped_instruments()
TODAY = Date(2026, 11, 23)
WORDS = Wording(items={})
SHELL = evolve(SHIPPED["kidscreen-10"], texts={"sv": WORDS, "en": WORDS})
RECORD = LicenceRecord(instrument="kidscreen-10", holder="A county", reference="K-1", valid_until=TODAY, languages=("sv", "en"))
SIGNED = SignOff(instrument="phq-9", by="a psychologist", age_from=15, age_to=17, signed_on=Date(2026, 1, 1), valid_until=TODAY)


def test_a_licensed_instrument_with_its_text_may_be_scheduled() -> None:
    """On the last day of the licence too."""
    assert may_schedule(SHELL, RECORD, 15, None, TODAY) is None


@pytest.mark.parametrize(
    ("record", "on", "language", "reason"),
    [
        (None, TODAY, None, NotSchedulable.NO_LICENCE_RECORD),
        (evolve(RECORD, instrument="brs"), TODAY, None, NotSchedulable.NO_LICENCE_RECORD),
        (RECORD, TODAY.add(days=1), None, NotSchedulable.LICENCE_EXPIRED),
        (evolve(RECORD, valid_until=None), TODAY.add(days=1), None, None),
        (evolve(RECORD, languages=("sv",)), TODAY, None, NotSchedulable.LANGUAGE_NOT_LICENSED),
        (evolve(RECORD, languages=("sv",)), TODAY, "en", NotSchedulable.LANGUAGE_NOT_LICENSED),
        (evolve(RECORD, languages=("sv",)), TODAY, "sv", None),
        (evolve(RECORD, languages=("sv", "nl")), TODAY, "nl", NotSchedulable.NO_TEXTS),
    ],
)
def test_a_licence_is_for_an_instrument_a_time_and_languages(
    record: LicenceRecord | None, on: Date, language: str | None, reason: NotSchedulable | None
) -> None:
    """Whatever is not licensed is not asked."""
    assert may_schedule(SHELL, record, 15, None, on, language=language) is reason


def test_a_shell_without_its_text_cannot_be_scheduled() -> None:
    """A licence alone asks no question."""
    assert may_schedule(SHIPPED["kidscreen-10"], RECORD, 15, None, TODAY) is NotSchedulable.NO_TEXTS


@pytest.mark.parametrize("one", [one for one in SHIPPED.values() if one.licence.kind == "shell"], ids=lambda one: one.id)
def test_no_shell_may_be_scheduled_as_it_is_shipped(one: Instrument) -> None:
    """Nobody has said that we may."""
    assert may_schedule(one, None, 15, None, TODAY) is NotSchedulable.NO_LICENCE_RECORD


@pytest.mark.parametrize("name", ["phq-9", "gad-7"])
def test_a_tool_for_adults_reaches_minors_only_after_a_clinical_sign_off(name: str) -> None:
    """Also if nobody knows how old somebody is."""
    one, signed = SHIPPED[name], evolve(SIGNED, instrument=name)
    assert may_schedule(one, None, 18, None, TODAY) is None
    assert may_schedule(one, None, 17, None, TODAY) is NotSchedulable.AGE_NEEDS_SIGN_OFF
    assert may_schedule(one, None, None, signed, TODAY) is NotSchedulable.AGE_NEEDS_SIGN_OFF
    assert may_schedule(one, None, 17, signed, TODAY) is None


@pytest.mark.parametrize(
    ("sign_off", "age", "on"),
    [
        (evolve(SIGNED, instrument="gad-7"), 16, TODAY),
        (SIGNED, 14, TODAY),
        (SIGNED, 16, TODAY.add(days=1)),
        (SIGNED, 16, Date(2025, 12, 31)),
    ],
)
def test_a_sign_off_is_for_an_instrument_ages_and_a_time(sign_off: SignOff, age: int, on: Date) -> None:
    """Another one does not do."""
    assert may_schedule(SHIPPED["phq-9"], None, age, sign_off, on) is NotSchedulable.AGE_NEEDS_SIGN_OFF


def test_an_instrument_for_the_young_is_not_for_adults() -> None:
    """The range has two ends; a licence does not open it."""
    assert may_schedule(SHELL, RECORD, 19, None, TODAY) is NotSchedulable.AGE_NEEDS_SIGN_OFF
    assert may_schedule(evolve(SHELL, ages=Ages()), RECORD, None, None, TODAY) is None


def test_our_own_items_may_be_scheduled_for_participants() -> None:
    """In both languages, without any record."""
    for language in ("en", "sv"):
        assert may_schedule(SHIPPED["how-things-are"], None, 14, None, TODAY, language=language) is None


def test_a_sign_off_needs_a_name() -> None:
    """Somebody has decided it."""
    with pytest.raises(Exception, match="INVALID"):
        evolve(SIGNED, by="")
