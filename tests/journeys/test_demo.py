"""The story of one group is the same however it is deployed, and is made of what really happened."""

import asyncio
import io
import subprocess
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path

from mewe_demo.story import MISSING, Missing, told
from mewe_demo.telling import Tale, tell
from rich.console import Console

DIARY = ("a word of it no", "versions kept of an entry that both changed 2", "Mum slept. I went out.", "taken back NOT_FOUND")


def played(mix: str = "demo", *, split: bool = False, missing: Missing = MISSING) -> Tale:
    """The story on a deployment of its own."""
    return asyncio.run(told(lambda _: None, mix, split=split, missing=missing))


@cache
def in_one_process() -> str:
    """The story as `mewe demo` prints it."""
    return printed(played())


def printed(tale: Tale) -> str:
    """The tables as a terminal shows them."""
    console = Console(file=io.StringIO(), width=100, record=True)
    tell(tale, console)
    return console.export_text()


def test_one_process_tells_the_whole_story() -> None:
    """Seven sessions and a follow-up, one moved and one online; eight of ten start, one leaves and gets nothing after
    that; an unkind message is taken away, a word of crisis and a cry for help are answered; a diary moves to a second device;
    one has everything shown and is forgotten."""
    told_ = in_one_process()
    for line in ("2 certificates", "16:00*", "online", "7 of 7", "left", "started"):
        assert line in told_
    assert "reached everybody who stayed, once each yes" in " ".join(told_.split())
    assert "reached the one who left 9" in " ".join(told_.split())
    for line in ("hidden, removed", "116 111", "the other young people saw it no", "a concern was raised yes", *DIARY):
        assert line in " ".join(told_.split())
    assert "told, opened, acknowledged, noted" in told_
    assert "We have talked" in told_
    assert "SESSION_OVER" in told_
    assert "All was done after 72 hours." in told_
    assert "NOT_FOUND" in told_
    assert "ROOM_CLOSED" in told_


def test_a_process_for_each_feature_tells_the_same_story() -> None:
    """Split over real NATS, the tables are the same to the letter."""
    assert printed(played(split=True)) == in_one_process()


def test_postgresql_tells_the_same_story(postgresql_url: str, tmp_path: Path) -> None:
    """On PostgreSQL, migrated first, the tables are the same to the letter."""
    shipped = (files("mewe_host.mix") / "shipped" / "demo.toml").read_text()
    mix = tmp_path / "postgresql.toml"
    mix.write_text(shipped.replace('url = "sqlite:var/demo/data"', f'url = "{postgresql_url}"'))
    subprocess.run([sys.executable, "-m", "mewe_host", "migrate", str(mix)], check=True, capture_output=True, cwd=tmp_path)  # noqa: S603
    assert printed(played(str(mix))) == in_one_process()


def test_another_attendance_makes_another_story() -> None:
    """Somebody who stays away from one more session is seen in the session, in their row, and nowhere else."""
    before = in_one_process().splitlines()
    after = printed(played(missing=MISSING | {(1, 8)})).splitlines()
    changed = [(old.split(), new.split()) for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 2
    session, member = changed
    assert session[0][-4:-1] == ["8", "of", "8"]
    assert session[1][-4:-1] == ["7", "of", "8"]
    assert member[0][:3] == ["participant", "8", "•"]
    assert member[1][:3] == ["participant", "8", "–"]
