"""The machine's clock is set back while a host is away: nothing that had expired comes alive."""

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from mewe_host.running.clock import FileClock

from tests.waiting import eventually

from .conftest import PEOPLE, Host, Run, Start

PEOPLE_SERVICE = "/mewe.people.v1.PeopleService/"
MONTH = 30 * 24 * 3600 * 1_000_000


@pytest.fixture
def mix(tmp_path: Path) -> Path:
    """People alone, by a clock that the test can set."""
    file = tmp_path / "mix.toml"
    file.write_text(f'demo = true\n{PEOPLE}\n[clock]\nfile = "var/clock"\n')
    return file


def ask(host: Host, rpc: str, token: str = "", /, **fields: Any) -> httpx.Response:
    """A call."""
    headers = {"connect-timeout-ms": "20000", **({"authorization": f"Bearer {token}"} if token else {})}
    return httpx.post(f"{host.http}{PEOPLE_SERVICE}{rpc}", json={"requestId": uuid4().hex, **fields}, headers=headers)


def noted(folder: Path) -> int:
    """The highest moment that was noted, in microseconds."""
    return int((folder / "var" / "clock-seen").read_text().split()[0])


def test_nothing_expired_comes_alive(mix: Path, start: Start, mewe: Run, tmp_path: Path) -> None:
    """A token, a device session and an invitation that were over stay over, with the file and without it; until somebody who
    may run commands there says that the machine is right."""
    host = start("up", mix)
    session = ask(host, "RedeemInvitation", code=str(host.ready["notes"][0]).rpartition(" ")[2]).json()
    token = session["accessToken"]["token"]
    organisation = ask(host, "CreateOrganisation", token, name="Exempelby", kind="ORGANISATION_KIND_MUNICIPALITY")
    assert organisation.status_code == 200, organisation.text
    invited = ask(host, "InvitePerson", token, organisationId=organisation.json()["id"], role="ROLE_COORDINATOR")
    assert invited.status_code == 200, invited.text
    clock = FileClock(tmp_path / "var" / "clock")
    clock.advance(MONTH)
    eventually(lambda: noted(tmp_path) >= int(time.time() * 1e6) + MONTH - 60_000_000)

    def nothing_lives(host: Host) -> None:
        assert ask(host, "CreateOrganisation", token, name="Again", kind="ORGANISATION_KIND_SCHOOL").status_code == 401
        assert ask(host, "RedeemInvitation", code=invited.json()["code"]).status_code in (400, 404)

    nothing_lives(host)
    assert host.stop() == 0
    (tmp_path / "var" / "clock").write_text("0\n")
    host = start("up", mix)
    assert any("29 days behind" in note for note in host.ready["notes"])
    assert "mewe_clock_behind_seconds 2.5" in httpx.get(f"{host.http}/metrics").text
    assert any("behind" in note for note in httpx.get(f"{host.http}/readyz").json()["notes"])
    nothing_lives(host)
    in_use = mewe("clock", "accept", mix)
    assert in_use.returncode == 2
    assert "mix.toml" in in_use.stderr
    assert host.stop() == 0

    (tmp_path / "var" / "clock-seen").unlink()
    host = start("up", mix)
    nothing_lives(host)
    assert host.stop() == 0

    accepted = mewe("clock", "accept", mix)
    assert accepted.returncode == 0, accepted.stderr
    assert mewe("audit", "acts", mix).stdout.count("command=clock accept") == 2, "also when it was refused"
    host = start("up", mix)
    assert not any("behind" in note for note in host.ready["notes"])
    assert ask(host, "CreateOrganisation", token, name="Again", kind="ORGANISATION_KIND_SCHOOL").status_code == 200
    assert host.stop() == 0
