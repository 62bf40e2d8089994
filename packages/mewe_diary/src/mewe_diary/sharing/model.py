"""Keys of leaders and what is shared with them."""

from attrs import field, frozen
from mewe_core.kit.checks import identifier, language_tag, text
from whenever import Instant


@frozen
class SharingKey:
    """A leader's public key in a group. ``put_time`` is a whole hour."""

    leader_id: str
    group_id: str
    key_id: str
    public_key: bytes
    put_time: Instant


@frozen
class PutSharingKeyRequest:
    """Publish one's key."""

    request_id: str = field(validator=identifier)
    group_id: str = field(validator=identifier)
    public_key: bytes = b""


@frozen
class ListSharingKeysRequest:
    """Ask for the keys of those who lead a group now."""

    group_id: str = field(validator=identifier)


@frozen
class ListSharingKeysResponse:
    """One a leader at most."""

    keys: tuple[SharingKey, ...]


@frozen
class GetSharingWordsRequest:
    """Ask for what one has to have read before sharing."""

    language: str = field(default="", validator=language_tag)


@frozen
class SharingWords:
    """It, and its version."""

    version: str
    text: str


@frozen
class ShareEntryRequest:
    """Share an entry with the leaders of a group."""

    request_id: str = field(validator=identifier)
    group_id: str = field(validator=identifier)
    sealed: bytes = field(default=b"", repr=False)
    acknowledged: bool = False
    words_version: str = field(default="", validator=text(32, least=0), repr=False)


@frozen
class Opening:
    """That a leader opened it, and when for the first time, to the second."""

    leader_id: str
    open_time: Instant


@frozen
class Share:
    """Something that one has shared. ``share_time`` is a whole hour."""

    share_id: str
    group_id: str
    leader_ids: tuple[str, ...]
    share_time: Instant
    expire_time: Instant
    openings: tuple[Opening, ...]


@frozen
class ListMySharesRequest:
    """Ask for what one has shared and is not over."""


@frozen
class ListMySharesResponse:
    """It, the newest last."""

    shares: tuple[Share, ...]


@frozen
class RevokeShareRequest:
    """Take back what one has shared."""

    request_id: str = field(validator=identifier)
    share_id: str = field(validator=identifier)


@frozen
class RevokeShareResponse:
    """It is not there."""


@frozen
class SharedEntry:
    """Something that is shared with oneself. ``share_time`` is a whole hour."""

    share_id: str
    group_id: str
    writer_id: str
    share_time: Instant
    expire_time: Instant
    opened: bool


@frozen
class ListSharedRequest:
    """Ask for what is shared with oneself and is not over."""

    page_size: int = 0
    page_token: str = ""


@frozen
class ListSharedResponse:
    """A page of it, by id."""

    shares: tuple[SharedEntry, ...]
    next_page_token: str


@frozen
class OpenSharedRequest:
    """Ask for the bytes of what is shared with oneself; that one asked is kept, and shown to whoever wrote it."""

    request_id: str = field(validator=identifier)
    share_id: str = field(validator=identifier)


@frozen
class OpenedShare:
    """What it is, and its bytes."""

    share: SharedEntry
    sealed: bytes = field(repr=False)
