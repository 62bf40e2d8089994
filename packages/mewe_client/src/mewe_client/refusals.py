"""What a service answers instead: code, reason and fields, read from the status details."""

from typing import cast

from attrs import frozen
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc import StatusCode
from grpc.aio import AioRpcError

DETAILS = "grpc-status-details-bin"


@frozen
class FieldFault:
    """One fault in a request: where (``answers[2].value``), and what is allowed there."""

    path: str
    rule: str


class Refused(Exception):
    """A call was refused.

    ``code`` is the gRPC status, ``reason`` one of the platform's closed list (UPPER_SNAKE, empty if the answer came from
    something in between), ``sentence`` what may be shown to a person, ``fields`` the faults of the request, ``after_seconds``
    when to try again, where that was said.
    """

    def __init__(
        self,
        code: StatusCode,
        reason: str,
        sentence: str,
        fields: tuple[FieldFault, ...],
        after_seconds: int | None = None,
    ) -> None:
        faults = "".join(f"; {one.path}: {one.rule}" for one in fields)
        super().__init__(f"{reason or code.name}: {sentence}{faults}")
        self.code = code
        self.reason = reason
        self.sentence = sentence
        self.fields = fields
        self.after_seconds = after_seconds


def refusal(error: AioRpcError) -> Refused:
    """The refusal that a failed call carries."""
    reason = ""
    fields: tuple[FieldFault, ...] = ()
    after_seconds: int | None = None
    trailing = cast("tuple[tuple[str, str | bytes], ...]", tuple(error.trailing_metadata() or ()))
    packed = dict(trailing).get(DETAILS)
    if isinstance(packed, bytes):
        for detail in Status.FromString(packed).details:
            info, request, retry = ErrorInfo(), BadRequest(), RetryInfo()
            if detail.Unpack(info):
                reason = info.reason
            elif detail.Unpack(request):
                fields = tuple(FieldFault(one.field, one.description) for one in request.field_violations)
            elif detail.Unpack(retry):
                after_seconds = retry.retry_delay.seconds
    return Refused(error.code(), reason, error.details() or "", fields, after_seconds)
