"""What a deployment decides about evaluation: which studies run, which texts it may use, and what an alarming answer does."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from attrs import field, frozen
from mewe_core.kit.checks import few
from mewe_core.kit.faults import PluginFault
from mewe_core.kit.feature import Brought

from mewe_eval.documents import DocumentFaults
from mewe_eval.instruments import Instrument, LicenceRecord, SignOff, read_instrument, read_wording, shipped_instruments
from mewe_eval.protocol.definition import Protocol
from mewe_eval.protocol.reading import read_protocol, shipped_protocol

STRATA = ("organisation", "country")
"""What is known of a group when its arm is drawn, and therefore what arms can be drawn within."""


@frozen
class EvaluationSettings:
    """What a deployment decides.

    ``follow_up``: whether every group gets the short questions that are shipped. ``protocols``: its own studies, each a
    document (docs/protocol.md). ``instruments``: its own questionnaires, and ``wordings``: texts for shells, each a document
    (docs/instruments.md). ``licences`` and ``sign_offs``: on whose word they are used. ``time_zone``: whose days count.
    ``concern_on_alert``: whether an answer that a person has to look at is brought to the adults who look after everybody's
    safety, by rule of the country; whoever gave it is shown help in any case.
    """

    follow_up: bool = True
    time_zone: ZoneInfo = field(factory=lambda: ZoneInfo("Europe/Stockholm"))
    protocols: tuple[str, ...] = field(default=(), validator=few(20))
    instruments: tuple[str, ...] = field(default=(), validator=few(200))
    wordings: tuple[str, ...] = field(default=(), validator=few(500))
    licences: tuple[LicenceRecord, ...] = field(default=(), validator=few(200))
    sign_offs: tuple[SignOff, ...] = field(default=(), validator=few(200))
    concern_on_alert: bool = True


@frozen
class Deployed:
    """The settings with what they name, read. ``hashes``: of the words of each instrument, by language."""

    settings: EvaluationSettings
    instruments: Mapping[str, Instrument]
    protocols: Mapping[str, Protocol]
    hashes: Mapping[str, Mapping[str, str]]

    def licence(self, instrument: str) -> LicenceRecord | None:
        """The record of a licence for an instrument."""
        return next((one for one in self.settings.licences if one.instrument == instrument), None)

    def sign_off(self, instrument: str) -> SignOff | None:
        """A clinician's word on an instrument."""
        return next((one for one in self.settings.sign_offs if one.instrument == instrument), None)


def configure(settings: object, brought: Brought) -> Deployed:
    """What the handlers are given. Raises TypeError for settings of another feature, PluginFault for what is wrong."""
    if not isinstance(settings, EvaluationSettings):
        raise TypeError("these are not the settings of evaluation")
    instruments = _instruments(settings)
    protocols = [shipped_protocol(instruments)] if settings.follow_up else []
    for number, document in enumerate(settings.protocols):
        protocols.append(_drawable(read_protocol(document, f"protocols[{number}]", instruments), number))
    named = dict[str, Protocol]()
    for one in protocols:
        if one.id in named:
            raise PluginFault(f'protocols: two studies are called "{one.id}"; allowed: an id of its own for each')
        named[one.id] = one
    return Deployed(settings, instruments, named, {one.id: one.wording_hashes() for one in instruments.values()})


def _instruments(settings: EvaluationSettings) -> Mapping[str, Instrument]:
    instruments = dict(shipped_instruments())
    for number, document in enumerate(settings.instruments):
        one = read_instrument(document, f"instruments[{number}]")
        if one.id in instruments:
            raise PluginFault(
                f'instruments[{number}]: id: there is an instrument "{one.id}" already; allowed: an id of its own'
            )
        instruments[one.id] = one
    for number, document in enumerate(settings.wordings):
        file, faults = f"wordings[{number}]", list[DocumentFaults]()
        for one in instruments.values():
            try:
                instruments[one.id] = read_wording(document, file, one)
                break
            except DocumentFaults as fault:
                faults.append(fault)
        else:
            raise min(faults, key=lambda fault: len(fault.faults))
    return instruments


def _drawable(protocol: Protocol, number: int) -> Protocol:
    strata = protocol.assignment.strata
    unknown = [one for one in strata if one not in STRATA]
    if unknown:
        raise PluginFault(
            f"protocols[{number}]: assignment.strata: a service does not know {', '.join(unknown)} when it draws; "
            f"allowed: {', '.join(STRATA)}"
        )
    return protocol
