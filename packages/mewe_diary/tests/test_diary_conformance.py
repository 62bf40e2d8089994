"""The kit's rules, held up to the diary."""

from cryptography.hazmat.primitives.asymmetric import ec
from mewe_core.kit.conformance import Conformance
from mewe_core.kit.testing import ELM, OAK, Stage
from mewe_core.programme.events import SessionHeld
from mewe_diary import handlers, versions
from mewe_diary.envelope import lock_with_recovery, open_version, point, share_entry
from mewe_diary.model import AdoptDiaryRequest, PutLockRequest
from mewe_diary.sharing import handlers as sharing
from mewe_diary.sharing.model import PutSharingKeyRequest, ShareEntryRequest

from .pen import Pen


class TestDiary(Conformance):
    """Somebody of each group has a diary, and shares an entry; a stranger has neither."""

    feature = "diary"

    def furnish(self, stage: Stage) -> None:
        """A diary with an entry and a lock, a session, a leader's key and a share in each group."""
        stage.gather(OAK, ELM)
        for party in (OAK, ELM):
            who, leader, now = party.participants[0], party.leaders[0], stage.clock.now()
            pen = Pen(who)
            stage.call(handlers.adopt_diary, AdoptDiaryRequest("r", pen.id), by=who)
            written = pen.write("Mine")
            stage.call(versions.put_versions, pen.put(written), by=who)
            lock = lock_with_recovery(pen.diary, pen.secret(16), pen.secret)
            stage.call(handlers.put_lock, PutLockRequest("r", pen.id, lock.encoded()), by=who)
            stage.hear(SessionHeld(f"session-{who}", party.group_id, 1, False, now))
            key = point(ec.generate_private_key(ec.SECP256R1()).public_key())
            stage.call(sharing.put_sharing_key, PutSharingKeyRequest("r", party.group_id, key), by=leader)
            copy = share_entry(pen.diary.name, open_version(pen.diary, written), [key], now.add(hours=24), pen.secret)
            request = ShareEntryRequest("r", party.group_id, copy.encoded(), True, "1")
            stage.call(sharing.share_entry, request, by=who)
