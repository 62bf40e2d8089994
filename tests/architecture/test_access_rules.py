"""What no access rule of any feature may say."""

import pytest
from mewe_core.kit.access import Role
from mewe_core.kit.feature import Feature
from mewe_core.kit.plugins import installed, load

FEATURES = load(tuple(sorted(installed())))[0]


@pytest.mark.parametrize("feature", FEATURES, ids=lambda one: one.name)
def test_no_rule_names_guardians(feature: Feature) -> None:
    """They consent where the law asks for it, and see no content at all."""
    assert [rpc.method for rpc in feature.rpcs if Role.GUARDIAN in rpc.access.roles] == []


@pytest.mark.parametrize("feature", FEATURES, ids=lambda one: one.name)
def test_nothing_is_in_the_way_of_what_is_always_open(feature: Feature) -> None:
    """A rule that refuses nobody asks for no role, no scope, no consent and no sign-in."""
    rules = {rpc.method: rpc.access for rpc in feature.rpcs if rpc.access.always}
    asks = {
        method: rule
        for method, rule in rules.items()
        if rule.signed_in or rule.roles or rule.own or rule.scope or rule.country or rule.consent or rule.earlier
    }
    assert asks == {}


def test_help_and_reporting_are_always_open() -> None:
    """Every door of its own is there."""
    always = {rpc.method for feature in FEATURES for rpc in feature.rpcs if rpc.access.always}
    there = {rpc.method for feature in FEATURES for rpc in feature.rpcs}
    assert always == {"AskForHelp", "AskToTalk", "ReportMessage"} & there
