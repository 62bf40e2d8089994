"""Staff sign in at an issuer through a whole host: as a browser and an app do it together, on a free port."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

ISSUER = """
[[features.people.issuers]]
issuer = "http://127.0.0.1:0/trial-issuer"
client_id = "mewe-demo"
redirect_uri = "http://127.0.0.1:0/"
roles = [{ claim = "groups", value = "mewe-centre", role = "national" }]
"""
DEMO = "demo = true\ntrial_issuer = true\n"
STAFF = "/mewe.people.v1.StaffSignInService/"


class Host(Protocol):
    """A host that runs (``conftest.Host``)."""

    @property
    def http(self) -> str: ...

    def stop(self) -> int: ...


Start = Callable[..., Host]
Run = Callable[..., Any]


def called(host: Host, path: str, token: str = "", **body: object) -> httpx.Response:
    """A call in JSON."""
    headers = {"connect-timeout-ms": "10000", **({"authorization": f"Bearer {token}"} if token else {})}
    return httpx.post(host.http + path, json=body, headers=headers)


def begun(host: Host) -> dict[str, str]:
    """Where to go, and the secret to come back with."""
    [issuer] = called(host, f"{STAFF}ListStaffIssuers").json()["issuers"]
    assert issuer == f"{host.http}/trial-issuer"
    found: dict[str, str] = called(host, f"{STAFF}BeginStaffSignIn", issuer=issuer).json()
    return found


def back(host: Host, address: str, person: str) -> dict[str, str]:
    """Press a button on the issuer's page: what the browser brings back to the app."""
    page = httpx.get(address)
    assert page.headers["content-type"].startswith("text/html")
    [link] = [one.partition('"')[0] for one in page.text.split('href="') if f"person={person}" in one]
    pressed = httpx.get(httpx.URL(address).join(link.replace("&amp;", "&")))
    assert pressed.status_code == 303
    assert pressed.headers["location"].startswith(f"{host.http}/?")
    return {name: values[0] for name, values in parse_qs(urlsplit(pressed.headers["location"]).query).items()}


def finished(host: Host, secret: str, brought: dict[str, str]) -> httpx.Response:
    """Come back with it."""
    rest = {"requestId": uuid4().hex, "secret": secret}
    return called(host, f"{STAFF}FinishStaffSignIn", state=brought["state"], code=brought["code"], **rest)


def is_refused(answer: httpx.Response, reason: bytes = b"STAFF_SIGN_IN_REFUSED") -> bool:
    """Whether it is the one refusal for everything that is wrong, or another."""
    said = [base64.b64decode(one["value"] + "==") for one in answer.json().get("details", ())]
    return answer.status_code != 200 and any(reason in one for one in said)


@pytest.fixture
def mix_with_issuer(mix: Path) -> Path:
    """The mix for trying out, with the issuer that comes with it."""
    mix.write_text(DEMO + mix.read_text() + ISSUER)
    return mix


def test_who_signs_in_at_the_issuer_has_the_role_of_their_claim(mix_with_issuer: Path, start: Start) -> None:
    """Once, on the device that began it; somebody without a role is refused, and the next time it is the same person."""
    host = start("up", mix_with_issuer)
    going, other = begun(host), begun(host)
    assert parse_qs(urlsplit(going["url"]).query).keys() & {"acr_values", "max_age"} == set(), "nothing is asked"
    brought = back(host, going["url"], "centre")
    assert brought["iss"] == f"{host.http}/trial-issuer"
    assert is_refused(finished(host, other["secret"], brought))
    session = finished(host, going["secret"], brought).json()
    token = session["accessToken"]["token"]
    me = called(host, "/mewe.people.v1.PeopleService/GetMe", token).json()
    assert me["personId"] == session["personId"]
    assert [one["role"] for one in me["roleGrants"]] == ["ROLE_NATIONAL"]
    assert "until" in me["roleGrants"][0]
    listed = called(host, "/mewe.people.v1.PeopleService/ListOrganisations", token)
    assert listed.status_code == 200
    assert is_refused(finished(host, going["secret"], brought))
    guest = begun(host)
    assert is_refused(finished(host, guest["secret"], back(host, guest["url"], "guest")))
    again = begun(host)
    assert finished(host, again["secret"], back(host, again["url"], "centre")).json()["personId"] == session["personId"]
    assert host.stop() == 0


def test_an_issuer_has_to_say_what_the_mix_asks_of_how_somebody_signed_in(mix_with_issuer: Path, start: Start) -> None:
    """A second factor, a level, and lately: told so in plain words if one is missing; with all of it they are in."""
    asked = 'require_amr = ["mfa"]\nrequire_acr = ["urn:mewe:trial:two"]\nmax_age_minutes = 10\n'
    mix_with_issuer.write_text(mix_with_issuer.read_text() + asked)
    host = start("up", mix_with_issuer)
    weak = begun(host)
    asks = parse_qs(urlsplit(weak["url"]).query)
    assert (asks["acr_values"], asks["max_age"]) == (["urn:mewe:trial:two"], ["600"])
    refused = finished(host, weak["secret"], back(host, weak["url"], "password"))
    assert is_refused(refused, b"STAFF_SIGN_IN_TOO_WEAK")
    assert "the way that is asked for here" in refused.json()["message"]
    strong = begun(host)
    assert finished(host, strong["secret"], back(host, strong["url"], "centre")).status_code == 200
    assert host.stop() == 0


def test_a_secret_that_is_not_there_is_said_at_the_start(mix: Path, mewe: Run) -> None:
    """With the file, the key and what to do; nothing was started."""
    foreign = ISSUER.replace("http://127.0.0.1:0", "https://login.town.example")
    mix.write_text(mix.read_text() + foreign + 'client_secret_env = "MEWE_NOT_SET"\n')
    refused = mewe("up", mix)
    assert refused.returncode == 2
    said = refused.stdout + refused.stderr
    assert "features.people.issuers[0].client_secret_env" in said
    assert "MEWE_NOT_SET is not set" in said
    assert "set it before the start" in said
    assert not (mix.parent / "var").exists()


@pytest.mark.parametrize("option", ["--http", "--grpc"])
def test_the_issuer_for_trying_out_stays_on_this_machine(mix_with_issuer: Path, mewe: Run, option: str) -> None:
    """Also where an address is given on the command line: it would let anybody in as anybody."""
    refused = mewe("up", mix_with_issuer, option, "0.0.0.0:0")
    assert refused.returncode == 2
    assert "trial_issuer" in refused.stderr
