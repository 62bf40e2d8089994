"""What a caller is told when something fails: one table from the five errors to gRPC, Connect and HTTP."""

import traceback

import grpc
import structlog
from attrs import frozen
from connectrpc.code import Code
from connectrpc.errors import ConnectError, ErrorDetail
from google.protobuf.any_pb2 import Any as GoogleAny
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from mewe_core.kit.errors import Conflict, Failure, Field, Invalid, NotAllowed, NotFound, SignedOut, Unavailable
from protobuf.wkt import Any as ConnectAny

from mewe_host.desk.failures import TooManyCalls

DOMAIN = "mewe"
"""The domain of every ``google.rpc.ErrorInfo``."""

_LOG = structlog.get_logger()


@frozen
class Codes:
    """One kind of failure in the words of each protocol; ``http`` is the status Connect gives to its code."""

    grpc: grpc.StatusCode
    connect: Code
    http: int


@frozen
class Telling:
    """What is told: nothing of it comes from the request or from an exception's text.

    ``after_seconds``: when the caller may try again, where that is known.
    """

    codes: Codes
    reason: str
    sentence: str
    fields: tuple[Field, ...] = ()
    after_seconds: int | None = None


INVALID_ARGUMENT = Codes(grpc.StatusCode.INVALID_ARGUMENT, Code.INVALID_ARGUMENT, 400)
RESOURCE_EXHAUSTED = Codes(grpc.StatusCode.RESOURCE_EXHAUSTED, Code.RESOURCE_EXHAUSTED, 429)
UNIMPLEMENTED = Codes(grpc.StatusCode.UNIMPLEMENTED, Code.UNIMPLEMENTED, 501)

KINDS: dict[type[Failure], Codes] = {
    SignedOut: Codes(grpc.StatusCode.UNAUTHENTICATED, Code.UNAUTHENTICATED, 401),
    NotFound: Codes(grpc.StatusCode.NOT_FOUND, Code.NOT_FOUND, 404),
    NotAllowed: Codes(grpc.StatusCode.PERMISSION_DENIED, Code.PERMISSION_DENIED, 403),
    Invalid: INVALID_ARGUMENT,
    Conflict: Codes(grpc.StatusCode.FAILED_PRECONDITION, Code.FAILED_PRECONDITION, 400),
    TooManyCalls: RESOURCE_EXHAUSTED,
    Unavailable: Codes(grpc.StatusCode.UNAVAILABLE, Code.UNAVAILABLE, 503),
}
"""The table. The first kind that a failure is counts, so that what is narrower stands first."""

INTERNAL = Telling(
    Codes(grpc.StatusCode.INTERNAL, Code.INTERNAL, 500),
    "INTERNAL",
    "Something went wrong here. It has been noted without what you sent.",
)
TOO_LARGE = Telling(RESOURCE_EXHAUSTED, "TOO_LARGE", "The request is larger than this server takes.")
NO_SUCH_METHOD = Telling(UNIMPLEMENTED, "NO_SUCH_METHOD", "This server has no such method.")
UNREADABLE = Telling(INVALID_ARGUMENT, "UNREADABLE", "The request could not be read.")
UNKNOWN_ENCODING = Telling(UNIMPLEMENTED, "UNKNOWN_ENCODING", "This server does not know the encoding of the request.")


def telling(error: BaseException, method: str) -> Telling:
    """What to tell of an error that came out of ``method``.

    A Failure is told as it is. Anything else is INTERNAL and nothing more; its type and where it arose are logged, never its
    text, which may hold what somebody wrote.
    """
    if isinstance(error, Failure):
        for kind, codes in KINDS.items():
            if isinstance(error, kind):
                after = error.after_seconds if isinstance(error, TooManyCalls) else None
                return Telling(codes, error.reason, error.sentence, error.fields, after)
    frames = traceback.extract_tb(error.__traceback__)
    _LOG.error(
        "call failed",
        method=method,
        error=type(error).__qualname__,
        at=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]],
    )
    return INTERNAL


def details(told: Telling) -> list[Message]:
    """``google.rpc.ErrorInfo``; ``BadRequest`` with a violation for each field at fault; ``RetryInfo`` if it says when."""
    found: list[Message] = [ErrorInfo(reason=told.reason, domain=DOMAIN)]
    if told.fields:
        violations = [BadRequest.FieldViolation(field=one.path, description=one.rule) for one in told.fields]
        found.append(BadRequest(field_violations=violations))
    if told.after_seconds is not None:
        found.append(RetryInfo(retry_delay={"seconds": told.after_seconds}))
    return found


def grpc_status(told: Telling) -> bytes:
    """The ``google.rpc.Status`` for the trailer ``grpc-status-details-bin``."""
    status = Status(code=told.codes.grpc.value[0], message=told.sentence)
    for one in details(told):
        packed = GoogleAny()
        packed.Pack(one)
        status.details.append(packed)
    encoded: bytes = status.SerializeToString()
    return encoded


def connect_error(told: Telling) -> ConnectError:
    """The same for Connect and gRPC-Web."""
    return ConnectError(
        told.codes.connect,
        told.sentence,
        [
            ErrorDetail(ConnectAny(type_url=f"type.googleapis.com/{one.DESCRIPTOR.full_name}", value=one.SerializeToString()))
            for one in details(told)
        ],
    )
