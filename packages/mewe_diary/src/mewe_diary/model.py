"""What is kept of a diary and asked for: the requests and answers of ``mewe.diary.v1``."""

from attrs import field, frozen
from mewe_core.kit.checks import between, each, few, identifier, language_tag
from whenever import Instant

MOST_VERSIONS = 200
"""The most versions that one request may bring or ask for."""

BUCKETS = 256
"""Of a listing: one for each first byte of an entry's id."""

MOST_PAGE_BYTES = 700_000
"""The most bytes of versions in one answer; one version always fits."""


@frozen
class PromptText:
    """A deployment's own words for one session: its number, or ``follow_up``; in one language."""

    language: str = field(validator=language_tag)
    text: str
    number: int = field(default=0, validator=between(0, 1000))
    follow_up: bool = False


@frozen
class DiarySettings:
    """What a deployment decides.

    ``most_bytes``: how much all diaries of one person may take up. ``most_versions_an_hour``: how many versions one person may
    put within an hour. ``most_share_days``: how long something may be shared at most, 1 to 30. ``prompts``: in place of ours.
    """

    most_bytes: int = field(default=67_108_864, validator=between(1_048_576, 1_073_741_824))
    most_versions_an_hour: int = field(default=20_000, validator=between(200, 1_000_000))
    most_share_days: int = field(default=30, validator=between(1, 30))
    prompts: tuple[PromptText, ...] = ()


@frozen
class AdoptDiaryRequest:
    """Link a diary with oneself; ``beside`` another that cannot be opened any more."""

    request_id: str = field(validator=identifier)
    diary_id: str = field(validator=identifier)
    beside: bool = False


@frozen
class Diary:
    """A diary as far as it is known here. ``adopt_time`` is a whole hour; ``bytes`` those of its versions."""

    diary_id: str
    in_use: bool
    adopt_time: Instant
    last_cursor: int
    bytes: int
    most_bytes: int


@frozen
class AdoptDiaryResponse:
    """The diary in use, and whether that is the one asked for."""

    diary: Diary
    adopted: bool


@frozen
class ListDiariesRequest:
    """Ask for one's own diaries."""


@frozen
class ListDiariesResponse:
    """They, the one in use first."""

    diaries: tuple[Diary, ...]


@frozen
class EraseDiaryRequest:
    """Erase one diary."""

    request_id: str = field(validator=identifier)
    diary_id: str = field(validator=identifier)


@frozen
class EraseDiaryResponse:
    """It is not there."""


@frozen
class Version:
    """A version, or its stub, at its place."""

    cursor: int
    entry_id: str
    sealed: bytes = field(repr=False)


@frozen
class PutVersionsRequest:
    """Keep versions and the head over them, all or nothing."""

    request_id: str = field(validator=identifier)
    diary_id: str = field(validator=identifier)
    versions: tuple[bytes, ...] = field(default=(), validator=few(MOST_VERSIONS), repr=False)
    head: bytes = field(default=b"", repr=False)


@frozen
class TakenVersion:
    """Where a version stands, and whether another newest one of its entry stands beside it."""

    version_id: str
    cursor: int
    conflict: bool


@frozen
class PutVersionsResponse:
    """What was taken, in the order of the request."""

    versions: tuple[TakenVersion, ...]
    last_cursor: int


@frozen
class ListChangesRequest:
    """Ask for what has come behind a cursor."""

    diary_id: str = field(validator=identifier)
    after_cursor: int = field(default=0, validator=between(0, 2**63 - 1))
    page_size: int = field(default=0, validator=between(0, MOST_VERSIONS))
    without_stubs: bool = False


@frozen
class ListChangesResponse:
    """A page of it, where the next begins, whether there is one, and the present head (empty: none)."""

    versions: tuple[Version, ...]
    next_cursor: int
    more: bool
    head: bytes = field(repr=False)


@frozen
class GetVersionsRequest:
    """Ask for versions by their hashes."""

    diary_id: str = field(validator=identifier)
    version_ids: tuple[str, ...] = field(default=(), validator=[few(MOST_VERSIONS), each(identifier)])


@frozen
class GetVersionsResponse:
    """Those that are there."""

    versions: tuple[Version, ...]


@frozen
class GetHeadRequest:
    """Ask for the present head."""

    diary_id: str = field(validator=identifier)


@frozen
class GetHeadResponse:
    """The head; empty if nothing was put yet."""

    head: bytes = field(repr=False)
    last_cursor: int


@frozen
class GetListingRequest:
    """Ask for the leaves of some buckets (none: of all), or for the hashes of all buckets."""

    diary_id: str = field(validator=identifier)
    hashes: bool = False
    buckets: tuple[int, ...] = field(default=(), validator=[few(BUCKETS), each(between(0, BUCKETS - 1))])


@frozen
class GetListingResponse:
    """The listing, and the head that it belongs to."""

    listing: bytes = field(repr=False)
    head: bytes = field(repr=False)


@frozen
class Lock:
    """A wrapped key. ``put_time`` is a whole hour."""

    lock_id: str
    sealed: bytes = field(repr=False)
    put_time: Instant


@frozen
class PutLockRequest:
    """Keep a lock."""

    request_id: str = field(validator=identifier)
    diary_id: str = field(validator=identifier)
    sealed: bytes = field(default=b"", repr=False)


@frozen
class ListLocksRequest:
    """Ask for the locks of a diary."""

    diary_id: str = field(validator=identifier)


@frozen
class ListLocksResponse:
    """They."""

    locks: tuple[Lock, ...]


@frozen
class RemoveLockRequest:
    """Destroy a lock."""

    request_id: str = field(validator=identifier)
    diary_id: str = field(validator=identifier)
    lock_id: str = field(validator=identifier)


@frozen
class RemoveLockResponse:
    """It is not there."""


@frozen
class PutParcelRequest:
    """Leave a parcel for another device of one's own."""

    request_id: str = field(validator=identifier)
    diary_id: str = field(validator=identifier)
    sealed: bytes = field(default=b"", repr=False)


@frozen
class PutParcelResponse:
    """Until when it can be taken."""

    expire_time: Instant


@frozen
class TakeParcelRequest:
    """Take a parcel, once."""

    request_id: str = field(validator=identifier)
    parcel_id: str = field(validator=identifier)


@frozen
class TakeParcelResponse:
    """The parcel, and the diary that it belongs to."""

    diary_id: str
    sealed: bytes = field(repr=False)


@frozen
class ListPromptsRequest:
    """Ask for what one may write about."""

    language: str = field(default="", validator=language_tag)
    page_size: int = 0
    page_token: str = ""


@frozen
class Prompt:
    """What to write about, for one session that was held. ``held_time`` is a whole hour."""

    prompt_id: str
    group_id: str
    number: int
    follow_up: bool
    text: str
    held_time: Instant


@frozen
class ListPromptsResponse:
    """A page of them, newest first."""

    prompts: tuple[Prompt, ...]
    next_page_token: str
