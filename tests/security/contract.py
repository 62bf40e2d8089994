"""Every RPC there is, from the contracts themselves: a new one is asked with the rest."""

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import mewe
from attrs import frozen
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

MOMENT = "google.protobuf.Timestamp"
Path_ = tuple[str, ...]
"""The names of the fields on the way to one: ``("weekly", "first", "date")``."""


@frozen
class Rpc:
    """One RPC, as its contract has it."""

    path: str
    area: str
    request: Descriptor
    answer: type[Message]
    reads: bool
    streams: bool

    @property
    def name(self) -> str:
        """Its name in the service."""
        return self.path.rpartition("/")[2]


@frozen
class Leaf:
    """A field that holds one value: ``path`` leads to it, ``shown`` is how a refusal names it."""

    path: Path_
    shown: str
    field: FieldDescriptor

    @property
    def is_text(self) -> bool:
        """Whether it holds a text."""
        return self.field.type == FieldDescriptor.TYPE_STRING

    @property
    def is_enum(self) -> bool:
        """Whether it holds one of a closed list."""
        return self.field.enum_type is not None

    @property
    def is_moment(self) -> bool:
        """Whether it holds a moment."""
        return self.field.message_type is not None

    @property
    def is_number(self) -> bool:
        """Whether it holds a whole number."""
        return self.field.cpp_type in (FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64)

    @property
    def is_id(self) -> bool:
        """Whether it names something that not everybody may know of."""
        return self.is_text and self.field.name.endswith("_id") and self.field.name not in PUBLIC_IDS


PUBLIC_IDS = ("request_id", "programme_id", "activity_id", "text_id", "shared_with_id", "device_id")
"""Ids that are one's own, or stand in what everybody may read, or are looked up nowhere."""


def contracts() -> Mapping[str, Rpc]:
    """Every RPC of every contract, by path."""
    found = {}
    for place in mewe.__path__:
        for file in sorted(Path(place).glob("*/v1/*_pb2.py")):
            module = importlib.import_module(".".join(("mewe", *file.relative_to(place).with_suffix("").parts)))
            for service in module.DESCRIPTOR.services_by_name.values():
                for method in service.methods:
                    path = f"/{service.full_name}/{method.name}"
                    reads = method.GetOptions().idempotency_level == MethodOptions.NO_SIDE_EFFECTS
                    area, answer = service.full_name.split(".")[1], GetMessageClass(method.output_type)
                    found[path] = Rpc(path, area, method.input_type, answer, reads, method.server_streaming)
    return found


def leaves(message: Descriptor, path: Path_ = (), shown: str = "") -> Iterator[Leaf]:
    """Every field of a message that holds one value, those of its messages included; of a list, its first entry."""
    for field in message.fields:
        here, name = (*path, field.name), shown + field.name + ("[0]" if field.is_repeated else "")
        if field.message_type is not None and field.message_type.full_name != MOMENT:
            yield from leaves(field.message_type, here, f"{name}.")
        else:
            yield Leaf(here, name, field)


_FITTING: dict[tuple[str, str], Any] = {
    ("GrantRoleRequest", "role"): 3,
    ("MoveCandidateRequest", "state"): 2,
    ("AddCandidateRequest", "state"): 2,
    ("AnswerGuardianRequestRequest", "state"): 2,
    ("RecordOneGuardianRequest", "purposes"): 4,
    ("PublishConsentTextRequest", "version"): 1,
    ("SetContactRequest", "place"): 1,
    ("SetOrganisationContactRequest", "place"): 1,
    ("SetCountryContactRequest", "place"): 1,
    ("DutyHours", "weekday"): 1,
    ("DutyHours", "to_minute"): 60,
    ("AcknowledgeLimitOfConfidentialityRequest", "version"): 1,
    ("PauseMemberRequest", "hours"): 1,
}
_TEXTS = {
    "area": "people",
    "language": "en",
    "time_zone": "Europe/Stockholm",
    "date": "2030-01-09",
    "birth_date": "2011-03-24",
    "signed_on": "2026-01-09",
    "first_date": "2030-01-09",
    "last_date": "2030-01-09",
    "alert": "mailto:somebody@example.org",
    "skipped_dates": "2030-01-16",
    "time": "16:00",
    "link": "https://meet.example/room",
    "address": "mailto:duty@example.org",
    "page_token": "",
    "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
    "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
    "request_id": "",
    "opens": "08:00",
    "closes": "21:00",
    "zone": "Europe/Stockholm",
    "endpoint": "https://fcm.googleapis.com/fcm/send/one",
    "public_key": "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
    "secret": "BTBZMqHH6r4Tts7J_aSIgg",
    "programme_id": "leader-training",
    "activity_id": "lives",
}
_FILLED = ("weekly", "purposes")
"""Optional fields that a request is not whole without."""


def sample(message: Descriptor, ids: Mapping[str, str], wanted: Path_ = (), value: Any = None) -> dict[str, Any]:
    """A well-formed request as a mapping of names to values; with ``wanted``, that field is there and holds ``value``.

    ``ids`` has an id for each name of a field with one. Moments are pairs of seconds and nanoseconds.
    """
    first, rest = (wanted[0], wanted[1:]) if wanted else (None, ())
    instead = first is not None and message.fields_by_name[first].has_presence and bool(rest)
    made: dict[str, Any] = {}
    for field in message.fields:
        if field.name == first and not rest:
            made[field.name] = [value] if field.is_repeated else value
        elif field.name == first or not _is_left_out(field, instead=instead):
            one = _value(field, message.name, ids, rest if field.name == first else (), value)
            made[field.name] = [one] if field.is_repeated else one
    return made


def _is_left_out(field: FieldDescriptor, *, instead: bool) -> bool:
    if field.name in _FILLED:
        return instead
    optional = field.has_presence and field.containing_oneof is not None
    return field.is_repeated or optional


def _value(field: FieldDescriptor, message: str, ids: Mapping[str, str], rest: Path_, value: Any) -> Any:
    if field.message_type is not None:
        is_moment = field.message_type.full_name == MOMENT
        return (1_900_000_000, 0) if is_moment else sample(field.message_type, ids, rest, value)
    if field.enum_type is not None:
        return _FITTING.get((message, field.name), 1)
    if field.type == FieldDescriptor.TYPE_STRING:
        return ids.get(field.name) or _TEXTS.get(field.name, "something")
    return _FITTING.get((message, field.name), field.default_value)
