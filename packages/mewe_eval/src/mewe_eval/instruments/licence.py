"""Whether an instrument may be put before somebody: its licence, its texts, their age. Pure rules; a person signs, not this."""

from enum import StrEnum

from attrs import field, frozen
from mewe_core.kit.checks import few, text
from whenever import Date

from mewe_eval.instruments.model import Instrument, LicenceKind, code


class NotSchedulable(StrEnum):
    """Why an instrument may not be scheduled."""

    REFUSED = "REFUSED"
    """It must not be used here in any form."""
    NO_LICENCE_RECORD = "NO_LICENCE_RECORD"
    """Its text is licensed, and there is no record of a licence for this instrument."""
    LICENCE_EXPIRED = "LICENCE_EXPIRED"
    """The licence was valid until a day that is over."""
    NO_TEXTS = "NO_TEXTS"
    """Nobody has loaded its text, or not in the language asked for."""
    LANGUAGE_NOT_LICENSED = "LANGUAGE_NOT_LICENSED"
    """The licence does not say this language."""
    AGE_NEEDS_SIGN_OFF = "AGE_NEEDS_SIGN_OFF"
    """The person is outside the ages it was made for, or of unknown age, and no clinician has signed it off."""


@frozen(kw_only=True)
class LicenceRecord:
    """A licence that a deployment has. ``valid_until``: the last day; None: no end was set. ``languages``: those it is for."""

    instrument: str = field(validator=code)
    holder: str = field(validator=text(300))
    reference: str = field(validator=text(300))
    valid_until: Date | None
    languages: tuple[str, ...] = field(validator=few(50, least=1))


@frozen(kw_only=True)
class SignOff:
    """A clinician's decision that an instrument may be used outside its ages.

    ``by``: who decided, as the deployment's records name them. ``age_from`` and ``age_to``: whole years, both included, that it
    is about. ``valid_until``: its last day.
    """

    instrument: str = field(validator=code)
    by: str = field(validator=text(200))
    age_from: int
    age_to: int
    signed_on: Date
    valid_until: Date

    def covers(self, instrument: Instrument, age: int, on: Date) -> bool:
        """Whether it is about this instrument, this age and this day."""
        in_time = self.signed_on <= on <= self.valid_until
        return self.instrument == instrument.id and in_time and self.age_from <= age <= self.age_to


def may_schedule(
    instrument: Instrument,
    record: LicenceRecord | None,
    age: int | None,
    sign_off: SignOff | None,
    on: Date,
    *,
    language: str | None = None,
) -> NotSchedulable | None:
    """Why the instrument may not be put before somebody on a day; None: it may.

    ``age``: in whole years on that day; None: unknown, which is outside every range that has an end. ``language``: the one it
    would be read in; None: every one that is loaded has to be licensed. What is about the licence is said before what is about
    the person.
    """
    if instrument.licence.kind is LicenceKind.REFUSED:
        return NotSchedulable.REFUSED
    wanted = instrument.languages if language is None else (language,)
    if instrument.licence.kind is LicenceKind.SHELL:
        if record is None or record.instrument != instrument.id:
            return NotSchedulable.NO_LICENCE_RECORD
        if record.valid_until is not None and on > record.valid_until:
            return NotSchedulable.LICENCE_EXPIRED
        if not set(wanted) <= set(record.languages):
            return NotSchedulable.LANGUAGE_NOT_LICENSED
    if not wanted or not set(wanted) <= set(instrument.languages):
        return NotSchedulable.NO_TEXTS
    return None if _is_for(instrument, age, sign_off, on) else NotSchedulable.AGE_NEEDS_SIGN_OFF


def _is_for(instrument: Instrument, age: int | None, sign_off: SignOff | None, on: Date) -> bool:
    if age is None:
        return instrument.ages.least is None and instrument.ages.most is None
    return instrument.ages.includes(age) or (sign_off is not None and sign_off.covers(instrument, age, on))
