"""What bad input gets: a refusal that names the field, on every RPC, whichever way it comes."""

import base64
import json
import urllib.request
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mewe_core.kit import paging

from tests.security.contract import Leaf, Rpc, leaves, sample
from tests.security.country import Country, fresh
from tests.security.deployment import LARGEST
from tests.security.faces import Outcome, Way

WHO = ("own coordinator", "national", "own leader", "own participant", "own who left", "nobody")
"""Who asks, until one of them is told what is wrong with the field."""

NEVER_REFUSED = {("AskForHelp", "text"), ("AskForHelp", "kept_from_id"), ("AskToTalk", "text")}
"""What may hold anything, because nothing stands in the way of help: it is cut off where it is too long."""

NOT_PROTOBUF = (b"\xff", b"\x0a\xff\xff\xff\x7f", b"\x0b\x0b\x0b", b"\x0a\x05abc")
NOT_JSON = (b"{", b"[]", b"null", b'"text"', b"\xff\xfe{}", b'{"a":1,"a":1}', b"[" * 10_000, b'{"a":' * 10_000, b"{}{}")
OUT_OF_TIME = ((10**15, 0), (-(10**15), 0), (0, -1), (0, 2_000_000_000))
OTHER_POSITIONS: tuple[Any, ...] = (
    10**30,
    -(10**30),
    2**63,
    "\ud800",
    "\x00",
    "9" * 30,
    "x/" + "9" * 30,
    None,
    [],
    {},
    0.5,
    True,
)
OTHER_POSITIONS += ("", " ", "0 ", "-1 x", "٣ x", "9" * 5000, "x" * 30_000, ["x"], {"x": {}}, "x/y", "/", "x/-1")


def all_leaves(country: Country) -> Iterator[tuple[Rpc, Leaf]]:
    """Every field of every request."""
    for rpc in country.rpcs.values():
        for leaf in leaves(rpc.request):
            yield rpc, leaf


def made(country: Country, rpc: Rpc, leaf: Leaf, value: Any) -> dict[str, Any]:
    """A request that is well but for one field."""
    return sample(rpc.request, {**country.own.ids, "request_id": fresh()}, leaf.path, value)


def asked(country: Country, way: Way, rpc: Rpc, leaf: Leaf, value: Any) -> list[Outcome]:
    """What is answered to those who ask in turn, up to the first who is told that the request is wrong."""
    found = []
    body = way.encode(rpc.request, made(country, rpc, leaf, value))
    for who in WHO:
        found.append(way.send(rpc, body, country.callers()[who]))
        if found[-1].code == "INVALID_ARGUMENT":
            break
    return found


def not_told(country: Country, way: Way, wrong: Iterable[tuple[Rpc, Leaf, Any]]) -> list[str]:
    """The wrong values whose field nobody was told of."""
    found = []
    for rpc, leaf, value in wrong:
        outcomes = asked(country, way, rpc, leaf, value)
        if outcomes[-1].code != "INVALID_ARGUMENT" or leaf.shown not in outcomes[-1].paths:
            found.append(f"{rpc.name}.{leaf.shown} = {str(value)[:40]}: {[(one.code, one.paths) for one in outcomes]}")
    return found


def test_everything_that_is_served_is_asked(country: Country) -> None:
    """The RPCs of the contracts are those that the deployment describes, and every kind of thing they name is there."""
    with urllib.request.urlopen(f"{country.here.health[0]}/openapi.json") as answer:  # noqa: S310
        described = {path for path in json.load(answer)["paths"] if path.startswith("/mewe.")}
    assert described == {path for path, rpc in country.rpcs.items() if not rpc.streams}
    named = {leaf.field.name for _, leaf in all_leaves(country) if leaf.is_id}
    assert named - set(country.own.ids) == set(), "tests/security/country.py has to make one of these"


def test_bytes_that_are_no_request_are_refused(country: Country, way: Way) -> None:
    """Neither broken protobuf nor broken JSON gets anywhere."""
    token, bodies = country.own.token("coordinator"), NOT_JSON if way.name == "connect-json" else NOT_PROTOBUF
    outcomes = {(rpc.name, body[:20]): way.send(rpc, body, token).code for rpc in country.rpcs.values() for body in bodies}
    assert {key: code for key, code in outcomes.items() if code != "INVALID_ARGUMENT"} == {}


def test_texts_that_are_not_utf_8_are_refused(country: Country, way: Way) -> None:
    """In any field of any request."""
    wrong = [
        (rpc, leaf, asked(country, way, rpc, leaf, b"\xff\xfe")[-1].code) for rpc, leaf in all_leaves(country) if leaf.is_text
    ]
    assert [f"{rpc.name}.{leaf.shown}: {code}" for rpc, leaf, code in wrong if code != "INVALID_ARGUMENT"] == []


def test_an_enum_value_that_is_unknown_is_refused_by_its_field(country: Country, way: Way) -> None:
    """A request never means something else than it says."""
    values = (9999, -1, *(("ROLE_OF_NOBODY", "") if way.name == "connect-json" else ()))
    enums = [(rpc, leaf) for rpc, leaf in all_leaves(country) if leaf.is_enum]
    assert not_told(country, way, [(*one, value) for one in enums for value in values]) == []


def test_a_moment_out_of_range_is_refused_by_its_field(country: Country, way: Way) -> None:
    """Year 1 to 9999, with nanoseconds that are some."""
    moments = [(rpc, leaf) for rpc, leaf in all_leaves(country) if leaf.is_moment]
    assert not_told(country, way, [(*one, value) for one in moments for value in OUT_OF_TIME]) == []


def test_a_negative_number_is_refused_by_its_field(country: Country, way: Way) -> None:
    """No size, age, version, count or place is below zero; in JSON, none is a text, a fraction or too large either."""
    values: tuple[Any, ...] = (-1, -(2**31), *((2**70, "ten", 0.5, "", [], {}) if way.name == "connect-json" else ()))
    numbers = [(rpc, leaf) for rpc, leaf in all_leaves(country) if leaf.is_number]
    assert not_told(country, way, [(*one, value) for one in numbers for value in values]) == []


def test_a_text_that_is_too_long_is_refused_by_its_field(country: Country, way: Way) -> None:
    """Every text has a length that it may have; a cry for help is heard at any length."""
    texts = [(rpc, leaf, "x" * 30_000) for rpc, leaf in all_leaves(country) if leaf.is_text]
    heard = [one for one in texts if (one[0].name, one[1].shown) in NEVER_REFUSED]
    assert not_told(country, way, [one for one in texts if one not in heard]) == []
    assert {one.code for each in heard for one in asked(country, way, *each)} == {"OK"}
    assert len(heard) == len(NEVER_REFUSED)


def test_a_page_token_of_another_list_is_refused_by_its_field(country: Country, way: Way) -> None:
    """Also one of the same list of something else, and anything that is no token."""
    tokens = {rpc.name: token for rpc, _, token in paged(country)}
    made_up = (
        paging.token("nothing", "x"),
        paging.token("nothing", 1),
        "x",
        "====",
        "é",
        base64.b64encode(b"[" * 2500).decode(),
    )
    lists = [(rpc, leaf) for rpc, leaf in all_leaves(country) if leaf.field.name == "page_token"]
    wrong = [(rpc, leaf, token) for rpc, leaf in lists for name, token in tokens.items() if name != rpc.name]
    assert not_told(country, way, [*wrong, *((*one, token) for one in lists for token in made_up)]) == []
    assert len(tokens) > len(lists) / 2, "most lists have a second page here"


def test_a_page_token_with_another_place_is_refused_or_read(country: Country, way: Way) -> None:
    """What stands in a token may be anything: it is a place in the list, or the field is refused."""
    codes = {}
    for rpc, who, token in paged(country):
        name, _ = json.loads(base64.urlsafe_b64decode(token + "=="))
        leaf = next(one for one in leaves(rpc.request) if one.field.name == "page_token")
        for place in OTHER_POSITIONS:
            forged = base64.urlsafe_b64encode(json.dumps([name, place]).encode()).decode().rstrip("=")
            body = way.encode(rpc.request, made(country, rpc, leaf, forged))
            outcome = way.send(rpc, body, country.callers()[who])
            if (outcome.code, outcome.paths) not in (("OK", ()), ("INVALID_ARGUMENT", ("page_token",))):
                codes[rpc.name, str(place)[:20]] = (outcome.code, outcome.paths)
    assert codes == {}


def test_a_call_without_a_deadline_is_refused(country: Country, way: Way) -> None:
    """Who calls says how long they wait; a stream need not."""
    token = country.own.token("coordinator")
    unary = [rpc for rpc in country.rpcs.values() if not rpc.streams]
    found = {rpc.name: way.send(rpc, way.encode(rpc.request, {}), token, seconds=None) for rpc in unary}
    assert {(one.code, one.reason) for one in found.values()} == {("INVALID_ARGUMENT", "DEADLINE_MISSING")}


def test_a_message_that_is_too_large_is_refused(country: Country, way: Way) -> None:
    """More bytes than the mix allows are not read."""
    body = b" " * (LARGEST + 1)
    token, rpcs = country.own.token("coordinator"), list(country.rpcs.values())
    with ThreadPoolExecutor(8) as several:
        codes = list(several.map(lambda rpc: way.send(rpc, body, token).code, rpcs))
    assert {rpc.name: code for rpc, code in zip(rpcs, codes, strict=True) if code != "RESOURCE_EXHAUSTED"} == {}


def paged(country: Country) -> list[tuple[Rpc, str, str]]:
    """Lists that have a second page, who sees it, and its token."""
    found = []
    for rpc in country.rpcs.values():
        if "page_token" in rpc.request.fields_by_name:
            short = {"page_size": 1} if "page_size" in rpc.request.fields_by_name else {}
            for who in WHO:
                outcome = country.ask(country.callers()[who], rpc.name, **{**sample(rpc.request, country.own.ids), **short})
                if outcome.answer is not None and outcome.answer.next_page_token:  # type: ignore[attr-defined]
                    found.append((rpc, who, outcome.answer.next_page_token))  # type: ignore[attr-defined]
                    break
    return found
