"""Thousands of requests that nobody would write: nothing breaks, nothing hangs, and the host is as well as before."""

import random
from typing import Any

from tests.extent import extent
from tests.security.contract import Leaf, Rpc, leaves, sample
from tests.security.country import UNKNOWN, Country, fresh
from tests.security.faces import DEADLINE, POSITION, Headers, Way

SEED = 2_026_11_22
EACH = extent(1_000, 33_334)
"""Requests each of three ways: 100,000 altogether in the long form."""

ALLOWED = {
    "OK",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "UNAUTHENTICATED",
    "PERMISSION_DENIED",
    "FAILED_PRECONDITION",
    "RESOURCE_EXHAUSTED",
}
TEXTS: tuple[Any, ...] = (
    "",
    " ",
    "\x00",
    "é" * 40,
    "😀" * 300,
    "x" * 5000,
    "../../etc/passwd",
    "'; DROP TABLE chat_message; --",
)
TEXTS += (
    "9999-12-31",
    "0001-01-01",
    "2030-02-30",
    "24:00",
    "16:00",
    "UTC",
    "Etc/GMT+12",
    "Africa/../UTC",
    "WyJyb29tcyIsICIiXQ",
    UNKNOWN,
)
TEXTS += ("2199-12-31", "2000-01-01", "https://x", "zz-ZZ-zz", "en\u202e", "\ufeff", "{0}", "%s", b"\xed\xa0\x80", b"\xff")
MARK = "mark5be1c07d94"
"""A text that stands nowhere else: it may come back in an answer, never in a refusal or around one."""
TEXTS += (MARK, f"{MARK}\x07 <b>%s{{}}", MARK * 300)
EDGES = ("9999-12-31", "0001-01-01", "2199-12-31", "2000-01-01", "24:00", "Etc/GMT+12", "Pacific/Apia", "\x00", "😀" * 15)
NUMBERS = (0, 1, -1, 2, 7, 200, 201, 2**31 - 1, -(2**31), 2**32, 2**63 - 1, -(2**63), 2**64 - 1)
MOMENTS = (
    (0, 0),
    (-62_135_596_800, 0),
    (253_402_300_799, 999_999_999),
    (253_402_300_800, 0),
    (2**63 - 1, 0),
    (-(2**63), -1),
    (1, -1),
)
IN_JSON: tuple[Any, ...] = (
    None,
    True,
    [],
    {},
    [[]],
    "\ud800",
    1e308,
    -0.0,
    2**200,
    "NaN",
    {"a": {"a": {}}},
    [None],
    "Infinity",
)


class Chance:
    """Requests from a seed; the same seed makes the same ones, but for the ids of the country."""

    def __init__(self, country: Country, way: Way, seed: int) -> None:
        self.draw = random.Random(f"{seed} {way.name}")  # noqa: S311
        self.country, self.way = country, way
        self.rpcs = list(country.rpcs.values())
        self.tokens = list(country.callers().values())

    def request(self) -> tuple[Rpc, bytes, str, Headers]:
        """An RPC, what is sent to it, by whom, with which headers."""
        rpc = self.draw.choice(self.rpcs)
        ids = self.draw.choice((self.country.own, self.country.foreign)).ids
        values = sample(rpc.request, {**ids, "request_id": fresh()})
        for leaf in self.draw.sample(found := list(leaves(rpc.request)), self.draw.randint(0, min(3, len(found)))):
            values |= self._part(rpc, leaf, {**ids, "request_id": fresh()})
        body = self.way.encode(rpc.request, values)
        if self.draw.random() < 0.3:
            body = self._bent(body)
        token = self.country.own.token("coordinator") if self.draw.random() < 0.4 else self.draw.choice(self.tokens)
        return rpc, body, token, self._headers()

    def _part(self, rpc: Rpc, leaf: Leaf, ids: dict[str, str]) -> dict[str, Any]:
        changed = sample(rpc.request, ids, leaf.path, self._value(leaf))
        return {leaf.path[0]: changed[leaf.path[0]]}

    def _value(self, leaf: Leaf) -> Any:
        if self.way.name == "connect-json" and self.draw.random() < 0.3:
            return self.draw.choice(IN_JSON)
        if leaf.is_moment:
            return self.draw.choice(MOMENTS)
        return self.draw.choice(TEXTS if leaf.is_text else NUMBERS)

    def _bent(self, body: bytes) -> bytes:
        bent = bytearray(body)
        for _ in range(self.draw.randint(1, 4)):
            place = self.draw.randint(0, len(bent))
            kind = self.draw.randrange(4)
            if kind == 0:
                bent[place : place + 1] = self.draw.randbytes(1)
            elif kind == 1:
                bent[place:place] = self.draw.randbytes(self.draw.randint(1, 12))
            elif kind == 2:
                del bent[place : place + self.draw.randint(1, 12)]
            else:
                bent += bent[place : place + 40]
        return bytes(bent)

    def _headers(self) -> Headers:
        if self.draw.random() < 0.96:
            return ()
        return [
            (POSITION, self.draw.choice(("", "x", "people/x/1", "people/x/0", "a/b/" + "9" * 18, "," * 40, "people/x/1," * 17)))
        ]


def test_no_request_breaks_anything(country: Country, way: Way) -> None:
    """Every answer is one of the refusals that there are, comes in time, and tells nothing of what was sent."""
    chance, strange = Chance(country, way, SEED), []
    for number in range(EACH):
        rpc, body, token, headers = chance.request()
        outcome = way.send(rpc, body, token, seconds=0.3 if rpc.streams else DEADLINE, headers=headers)
        waited = outcome.reason == "NOT_THERE_YET" and headers
        if outcome.code not in ALLOWED and not waited:
            strange.append((number, rpc.name, outcome.code, outcome.reason, body[:200]))
        if MARK in outcome.told:
            strange.append((number, rpc.name, outcome.code, "told what was sent", body[:200]))
    assert strange == []
    assert MARK not in country.here.log() + country.here.pages()
    assert country.here.faults() == []
    assert country.here.is_ready()


def test_no_edge_breaks_anything(country: Country) -> None:
    """Every field of every request with each value at an edge, from somebody who may do a lot; all else is well."""
    way, token, strange = country.quick, country.own.token("coordinator"), []
    for rpc in country.rpcs.values():
        for leaf in leaves(rpc.request):
            for value in EDGES if leaf.is_text else MOMENTS if leaf.is_moment else NUMBERS:
                values = sample(rpc.request, {**country.own.ids, "request_id": fresh()}, leaf.path, value)
                outcome = way.send(rpc, way.encode(rpc.request, values), token)
                if outcome.code not in ALLOWED:
                    strange.append((rpc.name, leaf.shown, value, outcome.code))
    assert strange == []


def test_chance_is_fair(country: Country, way: Way) -> None:
    """Every RPC is asked, and both well-formed and broken requests are among it; the same seed makes the same again."""
    chance, other = Chance(country, way, SEED), Chance(country, way, SEED)
    names = [chance.request()[0].name for _ in range(3_000)]
    assert {rpc.name for rpc in country.rpcs.values()} == set(names)
    assert names == [other.request()[0].name for _ in range(3_000)]
