"""What an access rule may refuse with stands in the contract, at the RPC: who writes a client reads that, not the rule."""

import re
from pathlib import Path
from typing import Never

import pytest
from mewe_core.kit.errors import ConsentMissing, StillClosed
from mewe_core.kit.feature import Rpc
from mewe_core.kit.plugins import installed, load

PROTO = Path(__file__).parents[2] / "proto"
FEATURES = load(tuple(sorted(installed())))[0]
RPCS: dict[str, Rpc[Never, object]] = {f"{one.name}.{rpc.method}": rpc for one in FEATURES for rpc in one.rpcs}
_COMMENTED = re.compile(r"((?:^ *//.*\n)*)^ *rpc (\w+)\(", re.MULTILINE)


def comments() -> dict[str, str]:
    """What the contract says of each RPC of a feature."""
    found = {}
    for file in PROTO.glob("mewe/*/v1/*_service.proto"):
        for comment, name in _COMMENTED.findall(file.read_text()):
            found[f"{file.parts[-3]}.{name}"] = comment
    return found


@pytest.mark.parametrize("name", sorted(RPCS))
def test_an_rpc_names_what_its_rule_refuses_with(name: str) -> None:
    """A rule that asks for consent, or is about what was kept earlier, says so; and no other does for it."""
    rule, said = RPCS[name].access, comments()[name]
    assert (ConsentMissing.reason in said) == (rule.consent is not None)
    assert StillClosed.reason in said or not rule.earlier


def test_there_are_rules_of_both_kinds() -> None:
    """Something was held to it."""
    assert sum(one.access.consent is not None for one in RPCS.values()) >= 4
    assert any(one.access.earlier for one in RPCS.values())
