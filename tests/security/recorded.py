"""What the audit of a deployment holds, read beside it."""

import sqlite3
from contextlib import closing, suppress
from urllib.parse import quote

from mewe_host.desk.audit import Audit
from mewe_host.identity.keys import FileKeys

from tests.security.cast import HOLDS, SIGNED_OUT, Scene
from tests.security.contract import Rpc, contracts
from tests.security.deployment import PATIENCE
from tests.security.policy import Rule
from tests.security.trying import RULES, called, told
from tests.waiting import eventually

OPEN = frozenset(
    {
        "ConsentService/ListConsentTexts",
        "HelpService/ListHelpLines",
        "ModerationService/ListChecks",
        "PasskeyService/GetPasskeySignInOptions",
        "PeopleService/GetRefreshChallenge",
        "PrivacyService/GetErasure",  # whoever was erased holds the only secret that opens it; nobody else is left to be named
        "StaffSignInService/BeginStaffSignIn",
        "StaffSignInService/ListStaffIssuers",
    }
)
"""What everybody may read, signed in or not, and nobody is recorded for: it speaks of nobody else. Written by hand."""

Access = tuple[str, str, str]
"""Who (by pseudonym), which call, and what became of it."""


def reads() -> dict[str, Rpc]:
    """Every RPC that reads, by service and name, as its descriptor says; streams are among them."""
    known = {_name(rule) for rule in RULES}
    named = {path.rpartition(".")[2]: one for path, one in contracts().items() if one.reads}
    return {name: one for name, one in named.items() if name in known}


def open_to_everybody() -> set[str]:
    """Those of them that the policy opens to everybody, whatever is asked for."""
    return {*reads()} - {_name(rule) for rule in RULES if rule.may != "everybody"}


def accesses(scene: Scene) -> tuple[set[Access], set[str]]:
    """Have somebody who may and somebody who may not ask for each read that is not open.

    What is to be recorded of it, and which reads were answered to nobody.
    """
    audit = Audit(FileKeys.of(scene.country.here.keys, "SE"))
    closed = {name: rpc for name, rpc in reads().items() if name not in OPEN}
    expected, unanswered = set[Access](), set(closed)
    for rule in RULES:
        if _name(rule) not in closed:
            continue
        here = [who for who in HOLDS if who not in SIGNED_OUT and who in scene.people]
        may = sorted((who for who in here if rule.lets(who)), key=lambda who: rule.tells(who) != "OK")[:1]
        others = [who for who in here if not rule.lets(who)][:1]
        for who, outcome in (*((one, rule.tells(one)) for one in may), *((one, "NOT_FOUND") for one in others)):
            if _asked(scene, rule, who) == outcome:
                recorded = "READ" if outcome == "OK" else outcome
                expected.add((audit.pseudonym(scene.people[who].id), closed[_name(rule)].path, recorded))
                unanswered -= {_name(rule)} if rule.lets(who) else set()
    return expected, unanswered


def missing(scene: Scene, expected: set[Access]) -> set[Access]:
    """What is not recorded a while after it was done."""
    with suppress(TimeoutError):
        eventually(lambda: expected <= _recorded(scene), PATIENCE)
    return expected - _recorded(scene)


def _asked(scene: Scene, rule: Rule, who: str) -> str:
    rpc = scene.country.rpc(rule.name)
    values = rule.requests(rpc, scene, who)[0]
    return told(called(scene, scene.country.quick, rpc, scene.tokens[who]["good"], values))


def _recorded(scene: Scene) -> set[Access]:
    found = set[Access]()
    for database in (scene.country.here.folder / "var" / "data").glob("*.db"):
        with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True, timeout=10)) as file:
            found.update(file.execute("SELECT DISTINCT caller_id, method, outcome FROM kit_audit"))
    return found


def _name(rule: Rule) -> str:
    return f"{rule.service}/{rule.name}"
