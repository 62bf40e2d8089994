"""An export gives the sealed bytes and says who opens them; an erasure leaves no row of anybody's."""

import base64

from cryptography.hazmat.primitives.asymmetric import ec
from mewe_core.kit.privacy.testing import erase, export
from mewe_core.kit.testing import OAK, Stage
from mewe_diary import handlers, versions
from mewe_diary.envelope import hand_over, lock_with_recovery, open_version, parse, point, share_entry
from mewe_diary.model import AdoptDiaryRequest, EraseDiaryRequest, PutLockRequest, PutParcelRequest
from mewe_diary.plugin import mewe_feature
from mewe_diary.sharing import handlers as sharing
from mewe_diary.sharing.model import OpenSharedRequest, PutSharingKeyRequest, ShareEntryRequest
from sqlalchemy import func, select

from .pen import Pen

TABLES = {"diary_diary", "diary_entry_version", "diary_lock", "diary_parcel", "diary_pace", "diary_share"}
LEFT = {"diary_sharing_key": 1}


def furnished(stage: Stage, who: str) -> Pen:
    """Everything that a person can have here, of which a leader has opened what was shared."""
    stage.gather(OAK)
    pen, now = Pen(who), stage.clock.now()
    stage.call(handlers.adopt_diary, AdoptDiaryRequest("a", pen.id), by=who)
    first = pen.write("first")
    stage.call(versions.put_versions, pen.put(first), by=who)
    stage.call(versions.put_versions, pen.put(second := pen.write("second", first)), by=who)
    lock = lock_with_recovery(pen.diary, pen.secret(16), pen.secret)
    stage.call(handlers.put_lock, PutLockRequest("l", pen.id, lock.encoded()), by=who)
    _, parcel = hand_over(pen.diary, None, now, pen.secret)
    stage.call(handlers.put_parcel, PutParcelRequest("p", pen.id, parcel), by=who)
    key = point(ec.generate_private_key(ec.SECP256R1()).public_key())
    stage.call(sharing.put_sharing_key, PutSharingKeyRequest("k", OAK.group_id, key), by="lena")
    share = share_entry(pen.diary.name, open_version(pen.diary, second), [key], now.add(hours=9), pen.secret)
    stage.call(sharing.share_entry, ShareEntryRequest("s", OAK.group_id, share.encoded(), True, "1"), by=who)
    stage.call(sharing.open_shared, OpenSharedRequest("o", share.id.hex()), by="lena")
    return pen


def rows(stage: Stage) -> dict[str, int]:
    """How many there are in each table."""
    tables = stage.feature.tables.sorted_tables
    return {table.name: stage.all(select(func.count()).select_from(table), int)[0] for table in tables}


def test_an_export_is_the_sealed_bytes_which_the_device_opens() -> None:
    """As they are, in base64; each table with sealed bytes says who opens them, and no word stands in it."""
    with Stage(mewe_feature()) as stage:
        pen = furnished(stage, "ada")
        tables = {one["table"]: one for one in export(stage, "ada") if not one["table"].startswith("kit_")}
        assert tables.keys() == TABLES
        assert {name for name, one in tables.items() if "opened_by" in one} == TABLES - {"diary_pace"}
        given = [base64.b64decode(row["sealed_version"]) for row in tables["diary_entry_version"]["rows"]]
        version = open_version(pen.diary, parse(given[1]))  # type: ignore[arg-type]
        assert version.content is not None
        assert version.content.text == "second"
        assert [one["table"] for one in export(stage, "bo") if one["table"] in TABLES] == []
        assert {one["table"] for one in export(stage, "lena")} >= {"diary_sharing_key", "diary_share_recipient"}


def test_an_erasure_leaves_nothing() -> None:
    """Diary, tombstones, locks, parcel, shares, and that a leader opened one; what is the leader's stays."""
    with Stage(mewe_feature()) as stage:
        furnished(stage, "ada")
        assert rows(stage).keys() == {*TABLES, *LEFT, "diary_share_recipient", "diary_prompt"}
        erase(stage, "ada")
        assert {name: count for name, count in rows(stage).items() if count} == LEFT


def test_a_leader_s_erasure_takes_their_key_and_what_they_opened() -> None:
    """What was shared with them stays the writer's."""
    with Stage(mewe_feature()) as stage:
        furnished(stage, "ada")
        erase(stage, "lena")
        left = rows(stage)
        assert (left["diary_sharing_key"], left["diary_share_recipient"], left["diary_share"]) == (0, 0, 1)


def test_who_erases_a_diary_and_then_everything_leaves_nothing_either() -> None:
    """Also what a job had not yet destroyed."""
    with Stage(mewe_feature()) as stage:
        pen = furnished(stage, "ada")
        stage.call(handlers.erase_diary, EraseDiaryRequest("e", pen.id), by="ada")
        erase(stage, "ada")
        assert {name: count for name, count in rows(stage).items() if count} == LEFT
