"""Requests and answers about one's own data, as the contract has them."""

from enum import StrEnum

from attrs import field, frozen
from whenever import Instant

from mewe_core.kit.checks import given, identifier, text
from mewe_core.people.devices.model import DeviceProof


class ErasureState(StrEnum):
    """How far an erasure is."""

    ASKED = "asked"
    UNDONE = "undone"
    DECIDED = "decided"
    COMPLETED = "completed"


@frozen
class EraseMeRequest:
    """Ask to be erased. ``session_token``: the secret of the device session that asks, so that a stolen access token cannot.

    ``proof``: of the key that the session is bound to, if it is.
    """

    request_id: str = field(validator=identifier)
    session_token: str = field(validator=text(200), repr=False)
    proof: DeviceProof | None = None


@frozen
class Erasure:
    """An erasure, as it is told once to whoever asked. ``receipt_token`` reads its state and receipt, and nothing else."""

    id: str
    destroy_time: Instant
    receipt_token: str = field(repr=False)


@frozen
class GetErasureRequest:
    """Ask how far an erasure is, with the token that was told when it was asked for."""

    erasure_id: str = field(validator=identifier)
    receipt_token: str = field(validator=text(200), repr=False)


@frozen
class ErasureStatus:
    """How far it is. ``receipt``: the signed document (JSON) once every feature has answered; empty before that."""

    state: ErasureState
    destroy_time: Instant
    receipt: str


@frozen
class UndoErasureRequest:
    """Undo the erasure of somebody who stands in front of one. ``group_id``: for leaders, their group that the person is in."""

    request_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    group_id: str | None = field(default=None, validator=given(identifier))


@frozen
class UndoErasureResponse:
    """It is undone: the person can be given a new invitation."""


@frozen
class AllowExportRequest:
    """Ask for a pass to one's own data. ``session_token``: the secret of the device session that asks, ``proof`` of its key."""

    request_id: str = field(validator=identifier)
    session_token: str = field(validator=text(200), repr=False)
    proof: DeviceProof | None = None


@frozen
class ExportPass:
    """What ``ExportMine`` is called with at each of the ``areas``, by this person and for ten minutes."""

    export_pass: str = field(repr=False)
    expire_time: Instant
    areas: tuple[str, ...]
