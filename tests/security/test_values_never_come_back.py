"""What somebody sent is told to nobody: a canary in every field of every request of every RPC, and in everything around it."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
from attrs import evolve

from tests.security.contract import Leaf, Rpc, leaves, sample
from tests.security.country import UNKNOWN, Country, fresh
from tests.security.deployment import LARGEST
from tests.security.faces import POSITION, Outcome, Way

CANARY = "canary7f3a11c5d2e9"
SHAPES = (CANARY, f"{CANARY} \x07 <b>'{{}}%s\r\nx: {CANARY}", CANARY * 400)
"""As an id, as nothing that anybody could use, and as too much."""

CALLERS = ("own coordinator", "own participant", "nobody")
POSITIONS = (CANARY, f"people/{CANARY}/1", f"{CANARY}/x/1", f"people/x/{CANARY}", f"people/{CANARY}/1,{CANARY}")


def sings(outcome: Outcome) -> bool:
    """Whether the canary is heard in what came back, apart from an answer."""
    return CANARY in outcome.told


def planted(country: Country, rpc: Rpc, leaf: Leaf, value: Any) -> dict[str, Any]:
    """A request that is well but for one field. With the canary as its request_id it changes nothing: it names nothing."""
    ids = dict.fromkeys(country.own.ids, UNKNOWN) if leaf.field.name == "request_id" else country.own.ids
    return sample(rpc.request, {**ids, "request_id": fresh()}, leaf.path, value)


def everywhere(rpc: Rpc, value: Any) -> dict[str, Any]:
    """A request with the canary in all its texts."""
    made: dict[str, Any] = {}
    for leaf in leaves(rpc.request):
        if leaf.is_text:
            here = made
            for step in leaf.path[:-1]:
                here = here.setdefault(step, {})
            here[leaf.path[-1]] = value
    return {name: [one] if rpc.request.fields_by_name[name].is_repeated else one for name, one in made.items()}


def plantings(country: Country, way: Way) -> Iterator[tuple[str, Rpc, dict[str, Any]]]:
    """Every request with the canary: in one field, in all, and in JSON where no text belongs."""
    for rpc in country.rpcs.values():
        for shape in SHAPES:
            yield f"{rpc.name}: everywhere", rpc, everywhere(rpc, shape)
            for leaf in leaves(rpc.request):
                if leaf.is_text or way.name == "connect-json":
                    yield f"{rpc.name}: {leaf.shown}", rpc, planted(country, rpc, leaf, shape)


def unheard(country: Country) -> bool:
    """Whether nothing that the host writes down or shows has the canary."""
    return CANARY not in country.here.log() and CANARY not in country.here.pages()


def test_no_field_comes_back(country: Country, way: Way) -> None:
    """Not in a status, a detail, a header, a trailer or a body; not in a log, the metrics or a page."""
    tokens = {who: country.callers()[who] for who in CALLERS}
    heard = []
    for what, rpc, values in plantings(country, way):
        body = way.encode(rpc.request, values)
        heard += [(who, what) for who, token in tokens.items() if sings(way.send(rpc, body, token))]
    assert heard == []
    assert unheard(country)


def test_no_field_that_nobody_knows_comes_back(country: Country, way: Way) -> None:
    """Neither its name nor what is in it."""
    body = json.dumps({CANARY: CANARY}).encode() if way.name == "connect-json" else b"\xfa\x3e\x12" + CANARY.encode()
    token = country.own.token("coordinator")
    assert [rpc.name for rpc in country.rpcs.values() if sings(way.send(rpc, body, token))] == []
    assert [rpc.name for rpc in country.rpcs.values() if sings(way.send(rpc, body + CANARY.encode(), token))] == []
    assert not sings(way.send(country.rpc("GetMe"), CANARY.encode() * LARGEST, token))
    assert unheard(country)


def test_no_header_comes_back(country: Country, way: Way) -> None:
    """Neither a token, nor a position, nor one that nobody asked for."""
    rpc, token = country.rpc("GetMe"), country.own.token("coordinator")
    headers = [[(POSITION, one)] for one in POSITIONS] + [[("x-name", CANARY)], [(CANARY, "1")], [("cookie", f"a={CANARY}")]]
    if way.name != "grpc":
        headers += [[(name, CANARY)] for name in ("content-encoding", "connect-protocol-version", "accept", "host", "origin")]
        headers += [[("content-type", f"application/{CANARY}")], [("x-forwarded-for", CANARY)]]
    outcomes = [way.send(rpc, b"", token, headers=one) for one in headers if way.name == "grpc" or one[0][0] != "content-type"]
    outcomes += [way.send(rpc, b"", one) for one in (CANARY, f"{CANARY}.{CANARY}.{CANARY}")]
    assert [one for one in outcomes if sings(one)] == []
    assert unheard(country)


def test_no_name_of_a_method_comes_back(country: Country, way: Way) -> None:
    """What is not there is not named."""
    known = country.rpc("GetMe")
    paths = (f"/mewe.people.v1.PeopleService/{CANARY}", f"/mewe.{CANARY}.v1.PeopleService/GetMe", f"/mewe.{CANARY}")
    outcomes = [way.send(evolve(known, path=path), b"") for path in paths if way.name != "grpc" or path.count("/") == 2]
    assert {one.code for one in outcomes} == {"UNIMPLEMENTED"}
    assert [one for one in outcomes if sings(one)] == []
    assert unheard(country)


def test_nothing_else_of_an_http_request_comes_back(country: Country) -> None:
    """Pages, methods, queries, content types, and what is no HTTP at all."""
    origin = country.here.health[0]
    me, group = (country.rpc(name).path for name in ("GetMe", "GetGroup"))
    asked = [
        ("GET", f"/{CANARY}", {}),
        ("GET", f"/?lang={CANARY}", {"accept-language": CANARY}),
        ("GET", f"/metrics?{CANARY}", {}),
        ("GET", f"/readyz/{CANARY}", {}),
        ("GET", f"{group}?encoding=json&message=%7B%22groupId%22:%22{CANARY}%22%7D", {}),
        ("GET", f"{group}?encoding={CANARY}&message={CANARY}&base64={CANARY}&compression={CANARY}&connect={CANARY}", {}),
        ("GET", f"{group}?encoding=proto&base64=1&message={CANARY}%ff%00", {}),
        (CANARY.upper(), me, {}),
        ("PUT", f"{me}?{CANARY}", {}),
        ("POST", me, {"content-type": CANARY}),
        ("POST", me, {"content-type": f"application/{CANARY}"}),
        ("POST", me, {"content-type": "application/grpc", "x": CANARY}),
        ("POST", me, {"content-type": f"application/json; charset={CANARY}"}),
        ("POST", me, {"content-type": "application/json", "connect-timeout-ms": CANARY}),
        ("POST", me, {"content-type": "application/grpc-web+proto", "grpc-timeout": CANARY}),
    ]
    answers = [httpx.request(method, origin + path, headers=headers) for method, path, headers in asked]
    known = CANARY.lower().encode()
    assert [one for one in answers if known in one.content.lower() or known in repr(one.headers.raw).lower().encode()] == []
    raw = (
        f"{CANARY}\r\n\r\n",
        f"GET /{CANARY} HTTP/9\r\n\r\n",
        f"GET / HTTP/1.1\r\n{CANARY}\r\n\r\n",
        f"GET /{CANARY}\x00 HTTP/1.1\r\n\r\n",
    )
    assert [said for said in map(answering(origin), raw) if known in said.lower()] == []
    assert unheard(country)


def answering(origin: str) -> Any:
    """What a socket at that place answers to a text."""
    place = urlsplit(origin)

    def says(text: str) -> bytes:
        with socket.create_connection((place.hostname or "", place.port or 0), timeout=5) as connection:
            connection.sendall(text.encode())
            connection.shutdown(socket.SHUT_WR)
            said = b""
            while part := connection.recv(4096):
                said += part
            return said

    return says
