"""Sharing one entry: to present leaders of one's group, after the words were read, for a time, and taken back."""

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric import ec
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import Failure, Invalid, NotFound
from mewe_core.kit.records import STANDING
from mewe_core.kit.testing import ELM, NATIONAL, OAK, STRANGER, Stage
from mewe_core.kit.texts import languages
from mewe_diary.envelope import key_id as their_key_id
from mewe_diary.envelope import open_share, open_version, point, read_share, share_entry
from mewe_diary.errors import Full, NotALeadersKey, Taken, WordsNotRead
from mewe_diary.plugin import mewe_feature
from mewe_diary.sharing import handlers, store
from mewe_diary.sharing.model import (
    GetSharingWordsRequest,
    ListMySharesRequest,
    ListSharedRequest,
    ListSharingKeysRequest,
    OpenSharedRequest,
    PutSharingKeyRequest,
    RevokeShareRequest,
    Share,
    ShareEntryRequest,
)
from mewe_diary.sharing.rules import MOST_SHARES, WORDS_VERSION
from sqlalchemy import select

from .pen import Pen


class Scene:
    """The leaders of the oak with their keys, and ada with an entry."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.pen = stage, Pen("ada")
        self.entry = open_version(self.pen.diary, self.pen.write("Only this one"))
        self.keys = {who: ec.generate_private_key(ec.SECP256R1()) for who in (*OAK.leaders, *ELM.leaders)}
        for party in (OAK, ELM):
            for who in party.leaders:
                stage.call(handlers.put_sharing_key, PutSharingKeyRequest("r", party.group_id, self.public(who)), by=who)

    def public(self, who: str) -> bytes:
        """A leader's key."""
        return point(self.keys[who].public_key())

    def request(self, *to: str, days: float = 7) -> ShareEntryRequest:
        """The entry, sealed to some leaders."""
        until = self.stage.clock.now().add(hours=days * 24)
        share = share_entry(self.pen.diary.name, self.entry, [self.public(who) for who in to], until, self.pen.secret)
        return ShareEntryRequest(self.stage.ids.new(), OAK.group_id, share.encoded(), True, WORDS_VERSION)

    def share(self, *to: str, by: str = "ada", days: float = 7) -> Share:
        """Share it."""
        return self.stage.call(handlers.share_entry, self.request(*to, days=days), by=by)

    def shares(self, by: str = "ada") -> tuple[Share, ...]:
        """What somebody has shared."""
        return self.stage.call(handlers.list_my_shares, ListMySharesRequest(), by=by).shares

    def listed(self, who: str) -> list[str]:
        """What is shared with somebody."""
        return [one.share_id for one in self.stage.call(handlers.list_shared, ListSharedRequest(), by=who).shares]

    def read(self, who: str, share_id: str) -> str:
        """What a leader reads in it."""
        answer = self.stage.call(handlers.open_shared, OpenSharedRequest("r", share_id), by=who)
        share = read_share("SE", answer.sealed)
        return open_share(share, bytes.fromhex(share_id), self.keys[who], self.stage.clock.now()).text


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Two groups."""
    with Stage(mewe_feature()) as stage:
        stage.gather(OAK, ELM)
        yield Scene(stage)


def test_the_leaders_to_whom_it_is_sealed_read_it_and_the_writer_sees_that(scene: Scene) -> None:
    """And nobody else: not the other leader, the coordinator, another participant."""
    share = scene.share("lena")
    assert (share.leader_ids, share.openings) == (("lena",), ())
    assert (scene.listed("lena"), scene.listed("lars"), scene.listed("maria")) == ([share.share_id], [], [])
    scene.stage.clock.advance(minutes=5)
    at = scene.stage.clock.now()
    assert scene.read("lena", share.share_id) == "Only this one"
    scene.stage.clock.advance(hours=2)
    scene.read("lena", share.share_id)
    (mine,) = scene.shares()
    assert [(one.leader_id, one.open_time) for one in mine.openings] == [("lena", at)]
    for who in ("lars", "maria", "karin", "bo", "ada", NATIONAL, STRANGER):
        with pytest.raises(NotFound):
            scene.stage.call(handlers.open_shared, OpenSharedRequest("r", share.share_id), by=who)
    assert scene.shares("bo") == ()


@pytest.mark.parametrize("way", ["taken back", "over", "over and swept", "leader left"])
def test_it_ends(scene: Scene, way: str) -> None:
    """By the writer, by time, by leaving: nobody reads it any more; its bytes are destroyed where it is over."""
    share = scene.share("lena", "lars")
    scene.read("lena", share.share_id)
    if way == "taken back":
        with pytest.raises(NotFound):
            scene.stage.call(handlers.revoke_share, RevokeShareRequest("r", share.share_id), by="bo")
        assert len(scene.shares()) == 1
        scene.stage.call(handlers.revoke_share, RevokeShareRequest("r", share.share_id), by="ada")
    elif way.startswith("over"):
        scene.stage.clock.advance(days=7)
        if way == "over and swept":
            scene.stage.do_jobs()
    else:
        now = scene.stage.clock.now()
        for standing_id in scene.stage.all(select(STANDING.c.id).where(STANDING.c.person_id == "lena"), str):
            scene.stage.give("lena", Role.LEADER, ScopeKind.GROUP, OAK.group_id, until=now, standing_id=standing_id)
    for who in ("lena", "lars") if way != "leader left" else ("lena",):
        assert scene.listed(who) == []
        with pytest.raises(NotFound):
            scene.stage.call(handlers.open_shared, OpenSharedRequest("r", share.share_id), by=who)
    rows = len(scene.stage.all(select(store.SHARE.c.id), str)), len(scene.stage.all(select(store.RECIPIENT.c.leader_id), str))
    assert rows == ((0, 0) if way in ("taken back", "over and swept") else (1, 2))
    assert (scene.shares() == ()) == (way != "leader left")


def test_keys_are_those_of_present_leaders(scene: Scene) -> None:
    """Listed to the members of the group alone, under the protocol's id; a new one takes the place of the old."""
    stage = scene.stage
    for who in ("ada", "lena"):
        keys = stage.call(handlers.list_sharing_keys, ListSharingKeysRequest(OAK.group_id), by=who).keys
        assert {one.leader_id: one.public_key for one in keys} == {one: scene.public(one) for one in OAK.leaders}
        assert all(one.key_id == their_key_id("SE", one.public_key).hex() for one in keys)
    for who in ("dina", "maria", "karin", NATIONAL, STRANGER):
        with pytest.raises(NotFound):
            stage.call(handlers.list_sharing_keys, ListSharingKeysRequest(OAK.group_id), by=who)
    for who in ("ada", "maria", "karin"):
        with pytest.raises(NotFound):
            stage.call(handlers.put_sharing_key, PutSharingKeyRequest("r", OAK.group_id, scene.public("maria")), by=who)
    old = scene.request("lena")
    scene.keys["lena"] = ec.generate_private_key(ec.SECP256R1())
    stage.call(handlers.put_sharing_key, PutSharingKeyRequest("r2", OAK.group_id, scene.public("lena")), by="lena")
    with pytest.raises(NotALeadersKey):
        stage.call(handlers.share_entry, old, by="ada")
    assert scene.share("lena").leader_ids == ("lena",)


@pytest.mark.parametrize("point_", [b"", b"\x04" * 64, b"\x02" + bytes(64), bytes(133)])
def test_what_is_no_key_is_refused(scene: Scene, point_: bytes) -> None:
    """Only an uncompressed point of P-256 has that shape."""
    with pytest.raises(Invalid):
        scene.stage.call(handlers.put_sharing_key, PutSharingKeyRequest("r", OAK.group_id, point_), by="lena")


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"acknowledged": False}, WordsNotRead),
        ({"words_version": "0"}, WordsNotRead),
        ({"words_version": ""}, WordsNotRead),
        ({"sealed": b""}, Invalid),
        ({"group_id": ELM.group_id}, NotFound),
    ],
)
def test_nothing_is_shared_by_half(scene: Scene, change: dict[str, Any], refused: type[Failure]) -> None:
    """Not without having read the words, nor with anything that is none, nor in a group of others."""
    with pytest.raises(refused):
        scene.stage.call(handlers.share_entry, evolve(scene.request("lena"), **change), by="ada")
    assert scene.shares() == ()


def test_who_is_no_leader_there_is_no_recipient(scene: Scene) -> None:
    """A leader of another group, one among others, is enough to refuse it; leaders share nothing, nor do strangers."""
    with pytest.raises(NotALeadersKey):
        scene.share("lena", "maria")
    for who in ("lena", "karin", STRANGER, "dina"):
        with pytest.raises(NotFound):
            scene.share("lars", by=who)


def test_for_thirty_days_at_most(scene: Scene) -> None:
    """And not for a time that is over; a clock that is some minutes ahead does no harm."""
    for days in (0.0, 30.1, 300.0):
        with pytest.raises(Invalid):
            scene.share("lena", days=days)
    scene.share("lena", days=30 + 0.02)


def test_at_most_fifty_at_a_time_and_none_twice(scene: Scene) -> None:
    """The fifty-first is refused until one is over."""
    request = scene.request("lena")
    scene.stage.call(handlers.share_entry, request, by="ada")
    with pytest.raises(Taken):
        scene.stage.call(handlers.share_entry, request, by="bo")
    for _ in range(MOST_SHARES - 1):
        scene.share("lena")
    with pytest.raises(Full):
        scene.share("lena")
    first = scene.shares()[0]
    scene.stage.call(handlers.revoke_share, RevokeShareRequest("r", first.share_id), by="ada")
    scene.share("lena")


def test_the_words_are_there_in_every_language() -> None:
    """With the version that sharing asks for; in English where there are none."""
    with Stage(mewe_feature()) as stage:
        said = {
            tag: stage.call(handlers.get_sharing_words, GetSharingWordsRequest(tag), by="ada")
            for tag in (*languages("mewe_diary"), "", "nl")
        }
    assert {one.version for one in said.values()} == {WORDS_VERSION}
    assert said[""].text == said["en"].text == said["nl"].text != said["sv"].text
