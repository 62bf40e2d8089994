"""The limit of confidentiality: its words are versioned, shown, and acknowledged before one writes."""

import hashlib

import pytest
from mewe_chat import handlers, limits
from mewe_chat.errors import LimitChanged, LimitNotAcknowledged
from mewe_chat.limits import REVIEWED, limit
from mewe_chat.model import (
    AcknowledgeLimitOfConfidentialityRequest,
    GetLimitOfConfidentialityRequest,
    PostMessageRequest,
    RoomKind,
)
from mewe_chat.plugin import mewe_feature
from mewe_chat.room_store import room_id
from mewe_chat.settings import LIMIT_VERSION, ChatSettings, Deployed, LimitText
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.kit.feature import Brought
from mewe_core.kit.testing import OAK, STRANGER, Stage
from mewe_core.kit.texts import languages

from .talking import acknowledged, post, side_room, told

LANGUAGES = ("de", "en", "fr", "it", "nl", "sl", "sv")
WORDS = {1: "6c7f506b86961f3eb84e14da0a549a6332023d432fcba70e396138c4de52aa69"}
"""Each version that was ever shown, by the SHA-256 of its words in all languages."""

OWN = ChatSettings(limit_version=101, limit_texts=(LimitText("sv", "Våra egna ord", reviewed=True), LimitText("en", "Our own")))


def stage_of(settings: ChatSettings | None = None) -> Stage:
    """A group in whose rooms nobody has acknowledged anything."""
    stage = Stage(mewe_feature(), settings=settings)
    stage.gather(OAK)
    told(stage, OAK)
    return stage


def acknowledge(stage: Stage, version: int, *, by: str, room: str = OAK.group_id) -> int:
    """Say that one has read a version; the one that is kept."""
    request = AcknowledgeLimitOfConfidentialityRequest(stage.ids.new(), room, version)
    return stage.call(limits.acknowledge_limit_of_confidentiality, request, by=by).acknowledged_version


def test_whoever_changes_the_words_raises_the_version() -> None:
    """The words of a version, in all languages, stay what they are."""
    assert set(LANGUAGES) <= set(languages("mewe_chat"))
    shown = [limit(Deployed(ChatSettings()), one) for one in LANGUAGES]
    words = "\n".join(f"{one.language}: {one.text}" for one in shown)
    assert hashlib.sha256(words.encode()).hexdigest() == WORDS[LIMIT_VERSION], "raise LIMIT_VERSION, and add its words here"
    assert {one.version for one in shown} == {LIMIT_VERSION} == {max(WORDS)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_words_of_its_own_and_says_whether_they_were_reviewed(language: str) -> None:
    """In a language of a region too."""
    for asked in (language, f"{language}-CH"):
        shown = limit(Deployed(ChatSettings(), Brought(languages=("sv",))), asked)
        assert (shown.language, shown.reviewed) == (language, language in REVIEWED)
        assert len(shown.text) > 200


@pytest.mark.parametrize(
    ("first", "asked", "shown"), [("sv", "", "sv"), ("nl-BE", "", "nl"), ("sv", "fi", "sv"), ("fi", "", "en")]
)
def test_a_language_that_is_not_there_gives_way_to_the_deployments_first(first: str, asked: str, shown: str) -> None:
    """And where that is not there either, to English."""
    assert limit(Deployed(ChatSettings(), Brought(languages=(first,))), asked).language == shown


def test_a_deployment_shows_its_own_words() -> None:
    """In its version, whatever language is asked for."""
    deployed = Deployed(OWN, Brought(languages=("sv", "en")))
    said = [limit(deployed, one) for one in ("sv-FI", "en", "de", "")]
    assert [(one.version, one.language, one.text, one.reviewed) for one in said] == [
        (101, "sv", "Våra egna ord", True),
        (101, "en", "Our own", False),
        (101, "sv", "Våra egna ord", True),
        (101, "sv", "Våra egna ord", True),
    ]


@pytest.mark.parametrize(("version", "texts"), [(0, OWN.limit_texts), (100, OWN.limit_texts), (101, ()), (-1, ())])
def test_own_words_have_a_version_of_their_own(version: int, texts: tuple[LimitText, ...]) -> None:
    """None that could be taken for one of ours, and no version without words."""
    with pytest.raises(Invalid):
        ChatSettings(limit_version=version, limit_texts=texts)


@pytest.mark.parametrize("who", ["ada", "lena"])
@pytest.mark.parametrize("room", [OAK.group_id, side_room("ada")])
def test_it_is_acknowledged_before_one_first_writes(who: str, room: str) -> None:
    """By participants and leaders alike, in each room by itself; a repeat is kept as well."""
    with stage_of() as stage:
        with pytest.raises(LimitNotAcknowledged):
            post(stage, "Hej", by=who, room=room)
        assert acknowledge(stage, LIMIT_VERSION, by=who, room=room) == LIMIT_VERSION
        assert acknowledge(stage, LIMIT_VERSION, by=who, room=room) == LIMIT_VERSION
        assert post(stage, "Hej", by=who, room=room).sequence == 1


def test_leaders_among_themselves_are_not_asked() -> None:
    """There is no young person in their room."""
    with stage_of() as stage:
        assert post(stage, "Hej", by="lena", room=room_id(RoomKind.LEADERS, OAK.group_id)).sequence == 1


def test_a_new_version_is_asked_for_anew() -> None:
    """Who has acknowledged the one before writes again once they have read the new one."""
    with stage_of(OWN) as stage:
        acknowledged(stage, "ada", OAK.group_id, LIMIT_VERSION)
        with pytest.raises(LimitNotAcknowledged):
            post(stage, "Hej", by="ada")
        with pytest.raises(LimitChanged):
            acknowledge(stage, LIMIT_VERSION, by="ada")
        acknowledge(stage, 101, by="ada")
        assert post(stage, "Hej", by="ada").sequence == 1


def test_nobody_else_is_shown_that_there_is_a_room() -> None:
    """Not by asking for its words, nor by acknowledging them."""
    with stage_of() as stage:
        for who, room in ((STRANGER, OAK.group_id), ("bo", side_room("ada")), ("ada", room_id(RoomKind.LEADERS, OAK.group_id))):
            with pytest.raises(NotFound):
                stage.call(limits.get_limit_of_confidentiality, GetLimitOfConfidentialityRequest(room), by=who)
            with pytest.raises(NotFound):
                acknowledge(stage, LIMIT_VERSION, by=who, room=room)
        request = GetLimitOfConfidentialityRequest(OAK.group_id, "sv")
        assert "inte hemlig" in stage.call(limits.get_limit_of_confidentiality, request, by="ada").text


def test_a_refused_message_takes_no_place() -> None:
    """The next one has its place."""
    with stage_of() as stage:
        with pytest.raises(LimitNotAcknowledged):
            stage.call(handlers.post_message, PostMessageRequest("r", OAK.group_id, "Hej"), by="ada")
        acknowledge(stage, LIMIT_VERSION, by="ada")
        assert post(stage, "Hej", by="ada").sequence == 1
