"""What an operator does leaves a record: each command about persons or keys is in the book of acts, and the audit covers it."""

import subprocess
from pathlib import Path

from .conftest import Run, Start
from .test_auditing import sign_in


def done(mewe: Run, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """A command that goes well."""
    ran = mewe(*arguments)
    assert (ran.returncode, ran.stderr) == (0, ""), ran
    return ran


def test_each_command_about_persons_or_keys_leaves_a_record(mix: Path, start: Start, mewe: Run, tmp_path: Path) -> None:
    """Who ran it, when, and about whom by pseudonym; before it does anything, and beside a running host too."""
    host = start("up", mix)
    person = str(sign_in(host)["personId"])
    done(mewe, "audit", "show", mix, "--person", person)
    assert host.stop() == 0
    done(mewe, "privacy", "export", mix, person, "--to", tmp_path / "out")
    done(mewe, "privacy", "retention", mix, "--dry-run")
    done(mewe, "privacy", "retention", mix)
    done(mewe, "keys", "list", mix)
    done(mewe, "keys", "new-master", mix)
    done(mewe, "keys", "rotate", mix)
    shown = done(mewe, "audit", "show", mix, "--person", person).stdout
    assert shown.count("operators: ") == 2
    assert "operators: 2 " in shown
    assert "command=audit show" in shown
    assert "command=privacy export" in shown
    done(mewe, "privacy", "erase", mix, person, "--to", tmp_path / "receipt")
    listed = done(mewe, "audit", "acts", mix).stdout
    ran = [line.partition("command=")[2].partition(" about=")[0] for line in listed.splitlines() if "command=" in line]
    assert ran == [
        "audit show",
        "privacy export",
        "privacy retention",
        "keys list",
        "keys new-master",
        "keys rotate",
        "audit show",
        "privacy erase",
    ]
    assert person not in listed
    assert len({line.rpartition("about=")[2] for line in listed.splitlines() if "about=" in line}) == 1
    assert start("up", mix).stop() == 0
    assert "Nothing is wrong." in done(mewe, "audit", "verify", mix).stdout

    acts_now = done(mewe, "audit", "acts", mix).stdout
    book = tmp_path / "var/audit-acts"
    lines = book.read_text().splitlines(keepends=True)
    copy = tmp_path / "copy of the acts"
    book.rename(copy)
    assert done(mewe, "audit", "acts", mix).stdout == ""
    assert done(mewe, "audit", "acts", mix, "--acts", copy).stdout == acts_now
    book.write_text("".join(lines[:-1]))
    verified = mewe("audit", "verify", mix)
    assert verified.returncode == 1
    assert "WRONG acts: cut off: it had 9 lines at" in verified.stdout
    book.write_text("".join((*lines[:2], *lines[3:])))
    assert mewe("audit", "acts", mix).returncode == 1


def test_what_cannot_be_entered_is_not_done(mix: Path, start: Start, mewe: Run, tmp_path: Path) -> None:
    """No export without a record of it."""
    host = start("up", mix)
    person = str(sign_in(host)["personId"])
    assert host.stop() == 0
    book = tmp_path / "var/audit-acts"
    book.unlink()
    book.mkdir()
    refused = mewe("privacy", "export", mix, person, "--to", tmp_path / "out")
    assert (refused.returncode, (tmp_path / "out").exists()) == (2, False)
    assert "the book of acts" in refused.stderr
