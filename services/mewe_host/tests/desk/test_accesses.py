"""What is recorded of reads and refusals: counted, each, or before it is answered; by pseudonyms, and never lost unsaid."""

import asyncio
import sqlite3
from contextlib import closing
from itertools import combinations, product
from pathlib import Path

import pytest
from mewe_core.kit.access import Access as Rule
from mewe_core.kit.access import Caller, Held, Role, Scope, ScopeKind, Standing, always, anyone
from mewe_core.kit.errors import Failure, NotFound, SignedOut, Unavailable
from mewe_core.kit.records import AUDIT
from mewe_core.kit.standing import KEEP_STANDING, StandingChanged
from mewe_core.kit.testing import PlainKeys
from mewe_core.kit.values import columns
from mewe_host.desk.accesses import MOST, MOST_WAITING, Recorded, recorded
from mewe_host.desk.audit import CHANGED, READ, REPEATED, Audit
from mewe_host.desk.chain import Record
from mewe_host.parts import Arrival
from sqlalchemy import select
from whenever import Instant

from .world import World, running

START = Instant.from_utc(2026, 9, 1)
ROWS = select(AUDIT).order_by(AUDIT.c.position)
SERVICE = "/mewe.circle.v1.CircleService/"
GROUP = Scope(ScopeKind.GROUP, "g")


async def held(world: World, person: str, role: Role, kind: ScopeKind, scope: str) -> None:
    """Somebody holds a role."""
    row = columns(StandingChanged(f"{person}-{role}", person, role, kind, scope, START, None))
    await world.stores["circle"].write(lambda database: database.execute(KEEP_STANDING, **row))


async def kept(world: World) -> list[Record]:
    """The records, once what waits is written."""
    await world.desks["circle"].accesses.keep()
    return await world.rows("circle", ROWS, Record)


def pseudonym(world: World, id: str) -> str:
    """What stands for an id."""
    return Audit(world.keys).pseudonym(id)


def test_reads_of_ones_own_group_are_counted_in_one_record(tmp_path: Path, url: str) -> None:
    """Three reads within some seconds are one record, with how many, from when and until when; the stream's opening too."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await world.call("Join", "p1", request_id="join", circle_id="c1")
            begun = world.clock.now()
            for _ in range(3):
                await world.call("ListNotes", "p1", circle_id="c1")
                world.clock.advance(seconds=1)
            await world.stream("WatchNotes", Arrival(world.token("p1"), 20, None), circle_id="c1")
            changed, read, watched = await kept(world)
            who = pseudonym(world, "p1")
            assert (changed.caller_id, changed.outcome, changed.count, changed.until) == (who, CHANGED, 1, None)
            assert (read.caller_id, read.method, read.scope_id) == (who, f"{SERVICE}ListNotes", "c1")
            assert (read.outcome, read.count) == (READ, 3)
            assert (read.at, read.until) == (begun.timestamp() * 10**6, (begun.timestamp() + 2) * 10**6)
            assert (watched.method, watched.count, watched.until) == (f"{SERVICE}WatchNotes", 1, None)
            assert await kept(world) == [changed, read, watched]

    asyncio.run(scene())


def test_what_another_right_opens_is_recorded_each_time(tmp_path: Path, sqlite_url: str) -> None:
    """Whoever reads by a role in the country leaves a record a read, within seconds."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await world.call("Join", "p1", request_id="join", circle_id="c1")
            await held(world, "n1", Role.NATIONAL, ScopeKind.COUNTRY, "SE")
            for _ in range(2):
                await world.call("ListNotes", "n1", circle_id="c1")
            assert world.desks["circle"].accesses.waiting == 2
            assert [(one.outcome, one.count) for one in await kept(world)] == [(CHANGED, 1), (READ, 1), (READ, 1)]

    asyncio.run(scene())


def test_an_emergency_read_is_recorded_before_it_is_answered(tmp_path: Path, url: str) -> None:
    """When the answer is there, so is the record: nothing waits."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await world.call("Join", "p1", request_id="join", circle_id="c1")
            await held(world, "e1", Role.EMERGENCY_READER, ScopeKind.GROUP, "c1")
            await world.call("ListNotes", "e1", circle_id="c1")
            assert world.desks["circle"].accesses.waiting == 0
            rows = await world.rows("circle", ROWS, Record)
            assert [(one.caller_id, one.outcome) for one in rows[1:]] == [(pseudonym(world, "e1"), READ)]

    asyncio.run(scene())


def test_an_emergency_read_that_cannot_be_recorded_is_not_answered(tmp_path: Path, sqlite_url: str) -> None:
    """It fails closed, while who reads in their own group goes on."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await world.call("Join", "p1", request_id="join", circle_id="c1")
            await held(world, "e1", Role.EMERGENCY_READER, ScopeKind.GROUP, "c1")
            harm(tmp_path, "ALTER TABLE kit_audit RENAME TO away")
            with pytest.raises(sqlite3.OperationalError):
                await world.call("ListNotes", "e1", circle_id="c1")
            await world.call("ListNotes", "p1", circle_id="c1")
            harm(tmp_path, "ALTER TABLE away RENAME TO kit_audit")
            await world.call("ListNotes", "e1", circle_id="c1")

    asyncio.run(scene())


def test_what_cannot_be_written_waits_and_is_written_once(tmp_path: Path, sqlite_url: str) -> None:
    """Also what came meanwhile, and if whoever writes it is cancelled: nothing is lost, nothing counted twice."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            accesses = world.desks["circle"].accesses
            await world.call("Join", "p1", request_id="join", circle_id="c1")
            await held(world, "n1", Role.NATIONAL, ScopeKind.COUNTRY, "SE")
            harm(tmp_path, "ALTER TABLE kit_audit RENAME TO away")
            for _ in range(2):
                await world.call("ListNotes", "p1", circle_id="c1")
                await world.call("ListNotes", "n1", circle_id="c1")
                with pytest.raises(sqlite3.OperationalError):
                    await accesses.keep()
            harm(tmp_path, "ALTER TABLE away RENAME TO kit_audit")
            writing = asyncio.create_task(accesses.keep())
            await asyncio.sleep(0)
            writing.cancel()
            rows = await kept(world)
            assert sorted((one.caller_id or "", one.count) for one in rows[1:]) == sorted(
                [(pseudonym(world, "p1"), 2), (pseudonym(world, "n1"), 1), (pseudonym(world, "n1"), 1)]
            )

    asyncio.run(scene())


def test_refusals_are_counted_by_who_and_what(tmp_path: Path, sqlite_url: str) -> None:
    """Not found, by a read or a write; signed out, with a token that has expired or none. Where, is not recorded."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await world.call("Join", "p1", request_id="join", circle_id="c1")
            expired = world.token("p3")
            world.clock.advance(minutes=10)
            for circle in ("c1", "c9"):
                await refused(world, "ListNotes", Arrival(world.token("p2"), 20, None), NotFound, circle_id=circle)
            about = {"request_id": "r", "circle_id": "c1", "text": "hello"}
            await refused(world, "PostNote", Arrival(world.token("p2"), 20, None), NotFound, **about)
            await refused(world, "ListNotes", Arrival(expired, 20, None), SignedOut, circle_id="c1")
            await refused(world, "ListNotes", Arrival("Bearer forged", 20, None), SignedOut, circle_id="c1")
            await refused(world, "ListNotes", Arrival(None, 20, None), SignedOut, circle_id="c1")
            found = [(one.caller_id, one.method, one.scope_id, one.outcome, one.count) for one in (await kept(world))[1:]]
            p2, p3 = pseudonym(world, "p2"), pseudonym(world, "p3")
            assert found == [
                (p2, f"{SERVICE}ListNotes", "SE", "NOT_FOUND", 2),
                (p2, f"{SERVICE}PostNote", "SE", "NOT_FOUND", 1),
                (p3, f"{SERVICE}ListNotes", "SE", "SIGNED_OUT", 1),
                (None, f"{SERVICE}ListNotes", "SE", "SIGNED_OUT", 2),
            ]

    asyncio.run(scene())


def test_a_repeat_is_recorded_as_one_and_no_id_of_a_person_is_in_the_audit(tmp_path: Path, sqlite_url: str) -> None:
    """The kept answer is read, nothing is changed; and whoever has the database finds pseudonyms alone."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            for _ in range(2):
                await world.call("Join", "person-one", request_id="join", circle_id="c1")
            rows = await kept(world)
            assert [one.outcome for one in rows] == [CHANGED, REPEATED]
            assert "person-one" not in str(rows)
            assert {one.caller_id for one in rows} == {pseudonym(world, "person-one")}

    asyncio.run(scene())


def test_a_pseudonym_needs_the_key() -> None:
    """The same in every record, and another for another, or in another country."""

    class Others(PlainKeys):
        def digest(self, purpose: str, secret: bytes) -> str:
            return super().digest(f"of another country {purpose}", secret)

    audit = Audit(PlainKeys())
    assert audit.pseudonym("p1") == Audit(PlainKeys()).pseudonym("p1") != audit.pseudonym("p2")
    assert audit.pseudonym("p1") != Audit(Others()).pseudonym("p1")
    assert len(audit.pseudonym("p1")) == 32


def test_whose_it_is_stands_there_by_pseudonym_too(tmp_path: Path, sqlite_url: str) -> None:
    """A scope that is a person or a concern, and the owner of any; not said where the caller is the owner."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            accesses, method = world.desks["circle"].accesses, world.method("ListNotes")
            for kind, owner in ((ScopeKind.PERSON, "p2"), (ScopeKind.CONCERN, "p1"), (ScopeKind.GROUP, "p2")):
                accesses.count(method, Caller("p1", "s", "SE"), Scope(kind, f"a {kind}", None, owner), START, READ)
            p2 = pseudonym(world, "p2")
            assert [(one.scope_id, one.about_id) for one in await kept(world)] == [
                (pseudonym(world, "a person"), p2),
                (pseudonym(world, "a concern"), None),
                ("a group", p2),
            ]

    asyncio.run(scene())


def test_beyond_what_may_wait_nothing_more_is_read(tmp_path: Path, sqlite_url: str) -> None:
    """A database that takes no records for long is no way to read without leaving any; help is not kept waiting."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            accesses = world.desks["circle"].accesses
            await world.call("Join", "p1", request_id="join", circle_id="c1")
            method = world.method("ListNotes")
            for number in range(MOST_WAITING + 1):
                accesses.count(method, Caller(f"p{number}", "s", "SE"), GROUP, START, READ)
            with pytest.raises(Unavailable):
                await world.call("ListNotes", "p1", circle_id="c1")
            assert len(await kept(world)) == MOST_WAITING + 2
            await world.call("ListNotes", "p1", circle_id="c1")
            assert MOST < MOST_WAITING

    asyncio.run(scene())


async def refused(world: World, name: str, arrival: Arrival, failure: type[Failure], **fields: object) -> None:
    """A call that is not let in."""
    with pytest.raises(failure):
        await world.arrive(name, arrival, **fields)


def harm(tmp_path: Path, statement: str) -> None:
    """Do something to the file behind the host's back."""
    with closing(sqlite3.connect(tmp_path / "databases" / "circle.db", timeout=5)) as file, file:
        file.execute(statement)


KINDS = tuple(ScopeKind)
HELDS = tuple(Held(role, kind, "x", START, None) for role in Role for kind in KINDS)
INSIDERS = frozenset(Role) - {Role.GUARDIAN, Role.CONTACT, Role.EMERGENCY_READER}


def test_how_a_read_is_recorded_over_every_rule_and_standing() -> None:
    """Every role and pair of roles, in every kind of scope, own or not: said again here in other words."""
    for kind, own, is_owner in product(KINDS, (False, True), (False, True)):
        for holding in (*((one,) for one in HELDS), *combinations(HELDS, 2)):
            rule = Rule[object](signed_in=True, roles=frozenset({holding[0].role, Role.LEADER}), own=own)
            standing = Standing(Scope(kind, "x"), holding, is_owner)
            how = recorded(rule, standing)
            by = {(one.role, one.scope_kind) for one in holding if one.role in rule.roles}
            inside = any(role in INSIDERS and where is ScopeKind.GROUP for role, where in by)
            sharp = kind is ScopeKind.CONCERN or {Role.CONTACT, Role.EMERGENCY_READER} & {role for role, _ in by}
            if (own and is_owner) or inside:
                assert how is Recorded.COUNTED
            else:
                assert how is (Recorded.FIRST if sharp else Recorded.EACH)


def test_what_needs_no_sign_in_is_not_recorded_and_help_is() -> None:
    """Information asks nobody who they are; a call that nobody is refused is counted with whoever calls."""
    standing = Standing(Scope(ScopeKind.COUNTRY, "SE"), ())
    assert recorded(anyone(), standing) is Recorded.NOT
    assert recorded(always(), standing) is Recorded.COUNTED
    assert columns(Record(1, 1, None, "m", "country", "SE", None, READ, 1, None))["caller_id"] is None
