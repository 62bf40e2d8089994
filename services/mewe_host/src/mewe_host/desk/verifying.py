"""Verifying a feature's audit: its chain is walked from its anchor to the last record, and compared with the checkpoints.

What it finds: a record or a seal that was changed, removed, added or put elsewhere after it was sealed; an end that was cut off
behind a checkpoint; a beginning that was cut off without a signed anchor. What it cannot find: a record that whoever holds the
database adds at the end before the sealer comes by, or takes away before that; and what somebody does who has the keys.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from attrs import field, frozen
from mewe_core.kit.database import Database, Executable
from mewe_core.kit.records import AUDIT
from mewe_core.kit.values import moment
from sqlalchemy import bindparam, func, select
from whenever import Instant

from mewe_host.desk import anchors
from mewe_host.desk.acting import METHOD
from mewe_host.desk.anchors import ANCHORS, Anchor
from mewe_host.desk.chain import Chain, Head, Record, Seal
from mewe_host.desk.checkpoints import Checkpoint
from mewe_host.desk.order import Order
from mewe_host.desk.seals import AT, BEFORE_ALL, MOST, NEXT
from mewe_host.parts import Read, SigningKeys

SEALED_OR_LATE: Executable = select(func.count()).where(AUDIT.c.position <= bindparam("top"))
"""How many records there are up to a position."""

WAITING: Executable = select(func.count(), func.min(AUDIT.c.at)).where(AUDIT.c.position > bindparam("top"))
"""How many records there are behind a position, and the earliest moment of one."""


@frozen
class Verdict:
    """What was found: ``rows`` records, ``sealed`` of them as they were, ``waiting`` not yet sealed, the oldest ``since``.

    ``gone`` were let go before these, the youngest of them from ``gone_until``. ``fault`` is the first place that is wrong, in
    plain words; None if there is none.
    """

    rows: int
    sealed: int
    waiting: int = 0
    since: Instant | None = None
    fault: str | None = None
    gone: int = 0
    gone_until: Instant | None = None
    acts: Sequence[Record] = ()
    """What it has recorded of books of acts."""


@frozen
class Comparison:
    """Where a chain stands, and which checkpoints it holds and which it contradicts."""

    head: Head
    agreed: Sequence[Checkpoint]
    contradicted: Sequence[Checkpoint]


class Wrong(Exception):
    """The first place that is wrong, in plain words."""


@frozen
class _Waiting:
    count: int
    since: int | None


@frozen
class _Page:
    seal: Seal | None
    records: Sequence[Record]
    anchors: Sequence[Anchor]
    waiting: _Waiting = _Waiting(0, None)
    extra: int = 0
    late: Sequence[Record] = ()

    @property
    def gone(self) -> int:
        """How many records were let go."""
        return self.anchors[0].number if self.anchors else 0


@frozen
class Verifier:
    """Verifies the audit of one feature. ``shared``: units run beside each other there (PostgreSQL), so records may be late."""

    chain: Chain
    read: Read = field(repr=False)
    keys: SigningKeys = field(repr=False)
    checkpoints: Sequence[Checkpoint]
    shared: bool
    could_sign: Callable[[str, int], bool]
    """Whether the key of an id was the country's at a moment (in microseconds)."""

    async def verify(self) -> Verdict:
        """Walk the chain. Raises Unavailable if the database cannot be read to the end."""
        order, acts = Order(), list[Record]()
        known: defaultdict[int, list[Checkpoint]] = defaultdict(list)
        for checkpoint in self.checkpoints:
            known[checkpoint.head.count].append(checkpoint)
        try:
            page, head = await self._walk(order, acts, partial(_agree, known))
            self._complete(head)
            late = self._late(page, order)
            since = _earliest([*(one.at for one in late), page.waiting.since])
        except Wrong as wrong:
            return Verdict(order.count, order.count, fault=str(wrong), acts=tuple(acts))
        waiting, sealed = page.waiting.count + len(late), head.count - page.gone
        gone_until = moment(page.anchors[0].until) if page.anchors else None
        return Verdict(sealed + waiting, sealed, waiting, since, None, page.gone, gone_until, tuple(acts))

    async def compare(self) -> Comparison:
        """Walk the chain whatever the checkpoints say, and tell them apart.

        Raises Wrong if it was changed in itself, Unavailable if the database cannot be read to the end.
        """
        asked = {one.head.count for one in self.checkpoints}
        stood = {0: Head().chain}

        def note(head: Head) -> None:
            if head.count in asked:
                stood[head.count] = head.chain

        page, head = await self._walk(Order(), [], note)
        held = [one for one in self.checkpoints if one.head.count >= page.gone]  # nobody can compare what was let go
        agreed = [one for one in held if stood.get(one.head.count) == one.head.chain]
        return Comparison(head, agreed, [one for one in held if stood.get(one.head.count) != one.head.chain])

    async def _walk(self, order: Order, acts: list[Record], agree: Callable[[Head], None]) -> tuple[_Page, Head]:
        head, after = Head(), BEFORE_ALL
        while True:
            page = await self.read(_Look(after, order))
            head = self._begun(page, head, order, agree)
            if page.seal is None:
                return page, head
            after = page.seal.number
            if after > head.count + 1:
                raise Wrong(f"{_records(head.count + 1, after - 1)} removed from the chain")
            if after < head.count + 1 or not page.seal.is_whole:
                raise Wrong(f"the chain was changed behind record {head.count}")
            head = self._page(head, page.seal, page.records, order, agree)
            acts += [record for record in page.records if record.method == METHOD]

    def _begun(self, page: _Page, head: Head, order: Order, agree: Callable[[Head], None]) -> Head:
        """Where the chain goes on, once what is before its anchor was let go, maybe just now."""
        if len(page.anchors) > 1:
            raise Wrong("the chain has two beginnings")
        for anchor in page.anchors:
            if not anchors.is_good(self.chain.feature, anchor, self.keys) or not self.could_sign(
                anchor.key_id, anchor.taken_at
            ):
                raise Wrong("the anchor, where the chain begins, was changed, or signed with a key that was not the country's")
            if anchor.number > head.count:
                head = anchor.head
                order.begin(anchor.number, anchor.top)
                agree(head)
            if page.seal is None and head.count == anchor.number:
                raise Wrong(f"cut off behind record {head.count}: nothing is left of the chain but its anchor")
        return head

    def _page(
        self,
        head: Head,
        seal: Seal,
        records: Sequence[Record],
        order: Order,
        agree: Callable[[Head], None],
    ) -> Head:
        by_position = {record.position: record for record in records}
        begin = head
        for position, chain in seal.pairs():
            number, record = head.count + 1, by_position.get(position)
            if record is None or not self._fits(head.chain, chain, record):
                raise Wrong(self._harm(begin, head, seal, records))
            head = Head(number, chain)
            order.take(position)
            agree(head)
        return head

    def _fits(self, before: bytes, chain: bytes, record: Record, position: int | None = None) -> bool:
        try:
            return self.chain.value(before, record, position=position) == chain
        except (TypeError, ValueError):
            return False

    def _harm(self, begin: Head, head: Head, seal: Seal, records: Sequence[Record]) -> str:
        """What was done to the record behind ``head``. One that stands in its place without being its own has been moved."""
        pairs = seal.pairs()
        befores = [begin.chain, *(chain for _, chain in pairs)]
        places = {position: (befores[number], chain) for number, (position, chain) in enumerate(pairs)}
        position, chain = pairs[head.count - begin.count]
        which = f"record {head.count + 1} (position {position})"
        for other in records:
            fits = any(self._fits(head.chain, chain, other, place) for place in (None, position))
            if fits and not self._fits(*places[other.position], other):
                return f"out of order: {which} stands in another place"
        if all(record.position != position for record in records):
            return f"{which} was removed"
        return f"{which} was changed"

    def _complete(self, head: Head) -> None:
        """Raises Wrong if the chain ends before a checkpoint, or there is none to compare it with."""
        furthest = max(self.checkpoints, key=lambda one: one.head.count, default=None)
        if furthest is None:
            if head.count:
                raise Wrong("no checkpoint is there, so that nobody can say whether the end was cut off")
        elif furthest.head.count > head.count:
            sealed = f"{furthest.head.count} were sealed by {_shown(furthest.moment)}"
            raise Wrong(f"cut off behind record {head.count}: {sealed}, as {furthest.witness} says")

    def _late(self, page: _Page, order: Order) -> Sequence[Record]:
        """Records before the end that are not in the chain, and may still come. Raises Wrong if one may not."""
        for record in page.late:
            if not self.shared or not order.may_come(record.position):
                raise Wrong(f"a record was added at position {record.position}")
        if page.extra > len(page.late):
            raise Wrong("a record was added at a position that no host has given")
        return page.late


@frozen
class _Look:
    """One look at the chain: the next seal with its records; at its end what is not sealed, on the same snapshot."""

    after: int
    order: Order

    async def __call__(self, database: Database) -> _Page:
        begins = await database.all(ANCHORS, Anchor)
        seal = await database.first(NEXT, Seal, after=self.after)
        if seal is not None:
            positions = [position for position, _ in seal.pairs()] if seal.is_whole else []
            return _Page(seal, await database.all(AT, Record, positions=positions), begins)
        order = self.order
        waiting = await database.first(WAITING, _Waiting, top=order.top) or _Waiting(0, None)
        there = order.count - (begins[0].number if begins else 0)
        extra = (await database.first(SEALED_OR_LATE, int, top=order.top) or 0) - there
        late: list[Record] = []
        if extra:
            missing = list(order.missing)
            for start in range(0, len(missing), MOST):
                late += await database.all(AT, Record, positions=missing[start : start + MOST])
        return _Page(None, (), begins, waiting, extra, late)


def verifier(
    feature: str,
    read: Read,
    keys: SigningKeys,
    checkpoints: Sequence[Checkpoint],
    *,
    shared: bool,
    could_sign: Callable[[str, int], bool] = lambda _key, _at: True,
) -> Verifier:
    """The verifier of a feature's audit."""
    return Verifier(Chain(feature, keys), read, keys, checkpoints, shared, could_sign)


def _agree(known: Mapping[int, Sequence[Checkpoint]], head: Head) -> None:
    """Raises Wrong if a checkpoint says that another value stood there."""
    for checkpoint in known.get(head.count, ()):
        if checkpoint.head.chain != head.chain:
            stood = f"what stood at record {head.count} at {_shown(checkpoint.moment)}"
            raise Wrong(f"cut off: {stood} is gone, and others stand there, as {checkpoint.witness} says")


def _earliest(moments: Sequence[int | None]) -> Instant | None:
    there = [one for one in moments if one is not None]
    if any(not isinstance(one, int) for one in there):  # a file may hold anything
        raise Wrong("a record that is not yet sealed holds what no host writes")
    return moment(min(there)) if there else None


def _records(first: int, last: int) -> str:
    return f"record {first} was" if first == last else f"records {first} to {last} were"


def _shown(when: Instant) -> str:
    return when.round("second").format_iso()
