"""``mewe keys``: what it lists, and a rotation beside a running host."""

import shutil
import sys
from pathlib import Path

from .conftest import Run, Start

KMS = "import sys; b = sys.stdin.buffer.read(); sys.stdout.buffer.write(bytes(255 - x for x in b))"


def test_keys_are_rotated_beside_a_running_host(mix: Path, mewe: Run, start: Start, tmp_path: Path) -> None:
    """A new master, listed, put in use, the old one destroyed; the host goes on and starts again with it."""
    host = start("up", mix)
    listed = mewe("keys", "list", mix)
    assert listed.returncode == 0, listed.stderr
    assert "people" in listed.stdout
    made = mewe("keys", "new-master", mix)
    assert "masters/2.key" in made.stdout.replace("\n", "")
    done = mewe("keys", "rotate", mix, "--data-keys")
    assert done.returncode == 0, done.stderr
    assert "Master 2 is in use" in done.stdout
    assert "Destroyed here: master 1" in done.stdout
    assert [file.name for file in (tmp_path / "var" / "keys" / "masters").iterdir()] == ["2.key"]
    assert host.stop() == 0
    assert start("up", mix).stop() == 0
    done = mewe("keys", "rotate", mix)
    assert "Master 3 is in use" in done.stdout


def test_a_key_management_service_that_is_named_later_takes_over(mix: Path, mewe: Run, start: Start, tmp_path: Path) -> None:
    """After the next rotation every secret of the folder is wrapped, and a host without the service does not start."""
    start("up", mix).stop()
    plain = mix.read_text()
    program = tmp_path / "kms.py"
    program.write_text(KMS)
    mix.write_text(f'{plain}\n[keys]\nkms_command = ["{sys.executable}", "{program}"]\n')
    done = mewe("keys", "rotate", mix)
    assert "country.key is wrapped now" in done.stdout, done.stderr
    assert "signing.pem is wrapped now" in done.stdout
    assert "wrapped" in mewe("keys", "list", mix).stdout
    assert start("up", mix).stop() == 0
    mix.write_text(plain)
    refused = mewe("up", mix)
    assert refused.returncode == 2
    assert "mix.toml, keys.kms_command:" in refused.stderr
    assert "Allowed" in refused.stderr


def test_without_keys_nothing_is_made(mix: Path, mewe: Run, tmp_path: Path) -> None:
    """A folder that was lost is not begun anew by a look at it."""
    for command in ("list", "new-master", "rotate"):
        refused = mewe("keys", command, mix)
        assert refused.returncode == 2
        assert "keys.folder: no keys are in" in refused.stderr
    assert not (tmp_path / "var").exists()


def test_a_lost_master_is_said_plainly(mix: Path, mewe: Run, start: Start, tmp_path: Path) -> None:
    """The host names the file that has to be restored."""
    start("up", mix).stop()
    shutil.rmtree(tmp_path / "var" / "keys" / "masters")
    refused = mewe("up", mix)
    assert refused.returncode == 2
    assert "masters/1.key is not the master key" in refused.stderr
