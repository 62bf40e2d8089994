"""The page on keys names every key, purpose and module there is, and nothing else; what it promises of receipts is tried."""

import ast
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from attrs import frozen
from mewe_core.kit import records
from mewe_core.kit.plugins import installed, load
from mewe_core.kit.privacy import receipts
from mewe_core.kit.privacy.rules import Done, Outcome
from mewe_core.kit.testing import PlainKeys
from mewe_host.desk import requests
from mewe_host.desk.chain import Chain
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.signing import key_set
from whenever import Instant

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/keys.md"
SOURCES = sorted(one for one in ROOT.glob("*/*/src/mewe_*") if one.name != "mewe_contracts")
LIBRARIES = {"cryptography", "hmac", "hashlib", "joserfc", "webauthn"}
USES = {"digest", "seal", "sign"}
PUT_TOGETHER = {"mewe_host.desk.chain: self.purpose": Chain("FEATURE", PlainKeys()).purpose}
"""Purposes that are made once and remembered: what they come to."""

A_STAGE = {"mewe_core.kit.plain_keys"}
"""What stands for keys on a stage, and protects nothing."""


@frozen
class Use:
    """A call that needs a key of the country: what for, as the source says it, and where."""

    way: str
    purpose: str
    module: str


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the sources by its name, and what it says."""
    for source in SOURCES:
        for file in sorted(source.rglob("*.py")):
            name = ".".join(file.relative_to(source.parent).with_suffix("").parts).removesuffix(".__init__")
            if ".migrations." not in name:
                yield name, ast.parse(file.read_text())


def imported(tree: ast.Module) -> set[str]:
    """The libraries of cryptography that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(tree):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        found |= {one.partition(".")[0] for one in names}
    return found & LIBRARIES


def purpose(said: ast.expr, module: str) -> str:
    """What an argument comes to: a text, a constant, or a text with something in it that is written in capitals here."""
    if isinstance(said, ast.Constant):
        return str(said.value)
    if isinstance(said, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "FEATURE" for one in said.values)
    found: object = importlib.import_module(module)
    for name in ast.unparse(said).split("."):
        found = getattr(found, name, None)
    unread = f"{module}: {ast.unparse(said)}"
    return str(found) if isinstance(found, str) else PUT_TOGETHER.get(unread, unread)


@cache
def uses() -> frozenset[Use]:
    """Every call of something named keys that needs a purpose."""
    found = set()
    for module, tree in modules():
        for node in ast.walk(tree):
            if module in A_STAGE or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            whose = ast.unparse(node.func.value).rpartition(".")[2].lstrip("_")
            if node.func.attr in USES and whose == "keys" and node.args:
                found.add(Use(node.func.attr, purpose(node.args[0], module), module))
    return frozenset(found)


def table(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading of the page, without its head."""
    under = PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in under.splitlines() if line.startswith("| ")]
    return [[cell.strip().strip("`") for cell in row.strip("|").split(" | ")] for row in rows[2:]]


def test_every_key_is_told_whole() -> None:
    """Who has it, when it changes, how it is destroyed, what is lost with it: nothing is left out."""
    keys = table("The keys")
    assert {row[0].removesuffix("`").removeprefix("`") for row in keys} >= {
        "country.key",
        "signing.pem",
        "masters/N.key",
        "nats.key",
    }
    assert [row for row in keys if len(row) != 6 or not all(row)] == []


def test_every_purpose_of_data_keys_is_told() -> None:
    """By feature and purpose, as the declarations of what is installed say; those of the kit once."""
    features = load(tuple(installed()))[0]
    declared = {(one.sealed, feature.name) for feature in features for one in feature.personal.personal}
    kit = {one.sealed for one in records.PERSONAL_DATA.personal} | {requests.ANSWER}
    here = {"every feature", *(one.name for one in features)}
    told = [(row[0], row[1]) for row in table("What is sealed under data keys") if row[1] in here]
    assert sorted(told) == sorted(
        {(purpose, name) for purpose, name in declared if purpose is not None}
        | {(purpose, "every feature") for purpose in kit if purpose is not None}
    )


@pytest.mark.parametrize(
    ("way", "heading"),
    [
        ("digest", "What is hashed under a key of the country"),
        ("seal", "What is sealed under a key of the country"),
        ("sign", "What is signed"),
    ],
)
def test_every_use_of_the_countrys_keys_is_told(way: str, heading: str) -> None:
    """Under the purpose that the source gives, and no other; but those of a feature that this checkout leaves out."""
    left_out = {row[1] for row in table("What is sealed under data keys")} - set(installed())
    told = [row[0] for row in table(heading) if row[0].partition(".")[0] not in left_out]
    assert sorted(told) == sorted({one.purpose for one in uses() if one.way == way})


def test_a_use_that_cannot_be_read_is_found() -> None:
    """A purpose that is put together where the test cannot follow is not passed over."""
    assert [one for one in uses() if ": " in one.purpose] == []
    call = ast.parse("keys.seal(made_up(), b'')").body[0]
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    assert ": " in purpose(call.value.args[0], "mewe_host.desk.requests")


def test_cryptography_is_where_the_page_says() -> None:
    """Every module that imports it, and no other, is on the page with what for."""
    rows = table("Where cryptography is in the source")
    told = {row[0]: row[1] for row in rows if find_spec(row[0].partition(".")[0])}
    assert set(told) == {name for name, tree in modules() if imported(tree)}
    assert all(told.values())


def test_no_hash_is_weak() -> None:
    """SHA-256 and BLAKE2b alone, and nothing made at random by a source that can be guessed."""
    weak = {"md5", "sha1", "MD5", "SHA1", "ECB", "CBC", "TripleDES", "ARC4"}
    here = [(module, tree) for module, tree in modules() if module not in A_STAGE and imported(tree)]
    named = {
        (module, one.id if isinstance(one, ast.Name) else one.attr)
        for module, tree in here
        for one in ast.walk(tree)
        if isinstance(one, ast.Name | ast.Attribute)
    }
    assert [pair for pair in named if pair[1] in weak] == []


def test_anybody_can_verify_a_receipt_with_the_program_on_the_page(tmp_path: Path) -> None:
    """Signed by a feature with the key of before and by the country with that of now: verified with the public keys alone.

    A changed number, a part that its feature did not sign, and keys of another country are found out.
    """
    program = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]
    (tmp_path / "verify.py").write_text(program)
    now, rows = (
        Instant.from_utc(2026, 11, 22),
        (Outcome("chat_message", Done.CLEARED, 3), Outcome("år", Done.KEPT, 1, "plikt", None)),
    )
    before = FileKeys.of(tmp_path / "keys", "SE")
    early = receipts.signed_answer("e", "chat", now, 2, rows, before)
    with FileKeys.replaced_signing_key(tmp_path / "keys"):
        pass
    after = FileKeys.of(tmp_path / "keys", "SE")
    after.know([before.public_key()])
    late = receipts.signed_answer("e", "people", now, 1, (), after)
    assert early.key_id != late.key_id
    made = dict(receipts.receipt("e", "p" * 32, "SE", now, [early, late], after))
    assert receipts.verified(made, after) is None

    def tried(receipt: object, *public: FileKeys) -> bool:
        (tmp_path / "receipt.json").write_text(json.dumps(receipt, ensure_ascii=False), "utf-8")
        (tmp_path / "public.json").write_text(json.dumps(key_set([one.public_key() for one in public])))
        command = [sys.executable, "verify.py", "receipt.json", "public.json"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
        assert (done.stdout == "as it was signed\n") == (done.returncode == 0)
        return done.returncode == 0

    assert tried(made, before, after)
    assert not tried(made, after)
    assert not tried({**made, "held": "nothing"}, before, after)
    assert not tried({**made, "country": "SI"}, before, after)
    other = FileKeys.of(tmp_path / "other", "SE")
    forged = dict(receipts.receipt("e", "p" * 32, "SE", now, [late], other))
    assert not tried(forged, before, after)
    assert not tried({**forged, "key": after.public_key().id}, before, after)
    swapped = dict(receipts.receipt("another", "p" * 32, "SE", now, [early, late], after))
    assert not tried(swapped, before, after)
    assert receipts.verified(swapped, after) is not None
