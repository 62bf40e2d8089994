"""Who may: every role, in every scope, in every relation to what is asked for, at every moment."""

from itertools import product

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as draw
from mewe_core.kit.access import (
    Access,
    Caller,
    Held,
    Purpose,
    Role,
    Scope,
    ScopeKind,
    Standing,
    always,
    anyone,
    may,
    member,
    nationally,
    signed_in,
    waits_for_consent,
)
from mewe_core.kit.database import Database
from mewe_core.kit.strategies import moments, standings
from whenever import Instant

NOW = Instant.from_utc(2026, 9, 1, 14)
ADA = Caller("ada", "device", "SE")
NOBODY = Caller(None, None, "SE")

GROUP_OAK = Scope(ScopeKind.GROUP, "oak", organisation_id="north")
GROUP_ELM = Scope(ScopeKind.GROUP, "elm", organisation_id="south")
GROUP_ALONE = Scope(ScopeKind.GROUP, "alone")
NORTH = Scope(ScopeKind.ORGANISATION, "north")
SOUTH = Scope(ScopeKind.ORGANISATION, "south")
SWEDEN = Scope(ScopeKind.COUNTRY, "SE")
WORRY = Scope(ScopeKind.CONCERN, "worry", organisation_id="north")
OF_BO = Scope(ScopeKind.PERSON, "bo", organisation_id="north", owner_id="bo")

RELATIONS = [
    # what is held, where; what is asked for; whether the one reaches the other
    (ScopeKind.GROUP, "oak", GROUP_OAK, True),
    (ScopeKind.GROUP, "oak", GROUP_ELM, False),
    (ScopeKind.GROUP, "oak", GROUP_ALONE, False),
    (ScopeKind.GROUP, "oak", NORTH, False),
    (ScopeKind.GROUP, "oak", SWEDEN, False),
    (ScopeKind.GROUP, "north", NORTH, False),
    (ScopeKind.GROUP, "north", GROUP_OAK, False),
    (ScopeKind.GROUP, "SE", SWEDEN, False),
    (ScopeKind.ORGANISATION, "north", GROUP_OAK, True),
    (ScopeKind.ORGANISATION, "north", GROUP_ELM, False),
    (ScopeKind.ORGANISATION, "north", GROUP_ALONE, False),
    (ScopeKind.ORGANISATION, "north", NORTH, True),
    (ScopeKind.ORGANISATION, "north", SOUTH, False),
    (ScopeKind.ORGANISATION, "north", SWEDEN, False),
    (ScopeKind.ORGANISATION, "oak", GROUP_OAK, False),
    (ScopeKind.ORGANISATION, "alone", GROUP_ALONE, False),
    (ScopeKind.ORGANISATION, "SE", SWEDEN, False),
    (ScopeKind.COUNTRY, "SE", GROUP_OAK, True),
    (ScopeKind.COUNTRY, "SE", GROUP_ALONE, True),
    (ScopeKind.COUNTRY, "SE", SOUTH, True),
    (ScopeKind.COUNTRY, "SE", SWEDEN, True),
    (ScopeKind.COUNTRY, "NL", GROUP_OAK, False),
    (ScopeKind.COUNTRY, "NL", NORTH, False),
    (ScopeKind.COUNTRY, "NL", SWEDEN, False),
    (ScopeKind.COUNTRY, "NL", Scope(ScopeKind.COUNTRY, "NL"), False),
    (ScopeKind.COUNTRY, "oak", GROUP_OAK, False),
    (ScopeKind.COUNTRY, "north", NORTH, False),
    (ScopeKind.CONCERN, "worry", WORRY, True),
    (ScopeKind.CONCERN, "other", WORRY, False),
    (ScopeKind.GROUP, "oak", WORRY, False),
    (ScopeKind.GROUP, "worry", WORRY, False),
    (ScopeKind.ORGANISATION, "north", WORRY, False),
    (ScopeKind.COUNTRY, "SE", WORRY, False),
    (ScopeKind.PERSON, "bo", OF_BO, True),
    (ScopeKind.PERSON, "ada", OF_BO, False),
    (ScopeKind.ORGANISATION, "north", OF_BO, False),
    (ScopeKind.COUNTRY, "SE", OF_BO, False),
    (ScopeKind.CONCERN, "oak", GROUP_OAK, False),
    (ScopeKind.PERSON, "north", NORTH, False),
    (ScopeKind.PERSON, "SE", SWEDEN, False),
]

TIMES = [
    (NOW, None, True),
    (NOW.subtract(hours=1), None, True),
    (NOW.subtract(hours=1), NOW.add(microseconds=1), True),
    (NOW.add(microseconds=1), None, False),
    (NOW.subtract(hours=1), NOW, False),
    (NOW.subtract(hours=2), NOW.subtract(hours=1), False),
    (NOW, NOW, False),
]


async def somewhere(database: Database, request: object) -> Scope | None:
    """A resolver; ``may`` is given what it found."""
    return None


def test_a_role_opens_what_asks_for_it_where_it_reaches_while_it_holds() -> None:
    """All roles x all roles asked for x all relations x all times: let in if, and only if, all four fit."""
    wrong = []
    for (kind, held_in, scope, reaches), (since, until, holds), held, asked in product(RELATIONS, TIMES, Role, Role):
        one = Held(held, kind, held_in, since, until)
        let_in = may(member(scope=somewhere, roles=(asked,)), ADA, scope, (one,), NOW) is not None
        if let_in != (reaches and holds and held is asked):
            wrong.append((one, asked, scope))
    assert wrong == []


def test_a_national_rule_opens_only_for_a_role_in_the_country_of_the_caller() -> None:
    """All roles x all roles asked for x all places x all times; a role in a group or organisation is never enough."""
    wrong = []
    places = {(kind, held_in) for kind, held_in, _, _ in RELATIONS}
    for (kind, held_in), (since, until, holds), held, asked in product(places, TIMES, Role, Role):
        one = Held(held, kind, held_in, since, until)
        let_in = may(nationally(roles=(asked,)), ADA, None, (one,), NOW) is not None
        if let_in != (kind is ScopeKind.COUNTRY and held_in == "SE" and holds and held is asked):
            wrong.append((one, asked))
    assert wrong == []


def test_a_national_rule_ignores_any_other_scope() -> None:
    """Even when a scope is handed over, the rule is about the country; combined with a resolver it opens for nobody."""
    in_north = Held(Role.NATIONAL, ScopeKind.ORGANISATION, "north", NOW, None)
    in_country = Held(Role.NATIONAL, ScopeKind.COUNTRY, "SE", NOW, None)
    rule = nationally(roles=(Role.NATIONAL,))
    assert may(rule, ADA, NORTH, (in_north,), NOW) is None
    assert may(rule, ADA, NORTH, (in_country,), NOW) == Standing(SWEDEN, (in_country,))
    assert may(evolve(rule, scope=somewhere), ADA, NORTH, (in_country,), NOW) is None


def test_a_national_rule_without_roles_opens_for_nobody() -> None:
    """Leaving the roles out is a mistake that shuts, not one that opens."""
    assert may(nationally(roles=()), ADA, None, (Held(Role.NATIONAL, ScopeKind.COUNTRY, "SE", NOW, None),), NOW) is None


@pytest.mark.parametrize(
    "rule", [signed_in(), nationally(roles=tuple(Role)), member(scope=somewhere, roles=tuple(Role), own=True)]
)
def test_nobody_is_let_in_where_somebody_is_asked_for(rule: Access[object]) -> None:
    """Without a caller every rule but ``anyone`` refuses, whatever is held and whoever owns it."""
    held = tuple(Held(role, ScopeKind.COUNTRY, "SE", NOW, None) for role in Role)
    assert may(rule, NOBODY, GROUP_OAK, held, NOW) is None


@pytest.mark.parametrize("caller", [ADA, NOBODY])
def test_anyone_is_anyone(caller: Caller) -> None:
    """A rule for anyone lets everybody in, with the standing they have in the country."""
    assert may(anyone(), caller, None, (), NOW) == Standing(SWEDEN, ())


def test_whoever_is_signed_in_stands_in_the_country() -> None:
    """A rule for those signed in asks for no role, and tells which they hold in the country."""
    national = Held(Role.NATIONAL, ScopeKind.COUNTRY, "SE", NOW, None)
    leader = Held(Role.LEADER, ScopeKind.GROUP, "oak", NOW, None)
    assert may(signed_in(), ADA, None, (leader, national), NOW) == Standing(SWEDEN, (national,))


def test_no_scope_lets_nobody_in() -> None:
    """A resolver that found nothing refuses whoever asks, the highest role included."""
    national = Held(Role.NATIONAL, ScopeKind.COUNTRY, "SE", NOW, None)
    assert may(member(scope=somewhere, roles=tuple(Role), own=True), ADA, None, (national,), NOW) is None


@pytest.mark.parametrize(
    ("owner", "own", "let_in"), [("ada", True, True), ("ada", False, False), ("bo", True, False), (None, True, False)]
)
def test_the_person_it_is_about_is_let_in_where_the_rule_says_so(owner: str | None, own: bool, let_in: bool) -> None:
    """``own`` opens for the owner of the scope, and for no one else."""
    standing = may(member(scope=somewhere, own=own), ADA, evolve(GROUP_OAK, owner_id=owner), (), NOW)
    assert (standing is not None) == let_in
    assert standing is None or standing.is_owner


def test_since_when_is_the_earliest_of_the_roles_asked_for() -> None:
    """Of several roles that hold now, the first one counts; without a name, any role does."""
    early, late = NOW.subtract(hours=9), NOW.subtract(hours=2)
    held = (Held(Role.LEADER, ScopeKind.GROUP, "oak", late, None), Held(Role.PARTICIPANT, ScopeKind.GROUP, "oak", early, None))
    standing = Standing(GROUP_OAK, held)
    assert (standing.since(), standing.since(Role.LEADER), standing.since(Role.NATIONAL)) == (early, late, None)


@given(draw.lists(standings(draw.sampled_from(["oak", "elm", "north", "south", "SE", "NL"])), max_size=6), moments())
def test_more_standing_never_takes_a_right_away_and_none_gives_one(held: list[Held], now: Instant) -> None:
    """Whoever is let in with some roles is let in with more of them; with none of those that hold now, never."""
    rule = member(scope=somewhere, roles=(Role.LEADER, Role.COORDINATOR))
    whole = may(rule, ADA, GROUP_OAK, tuple(held), now)
    for one in held:
        if may(rule, ADA, GROUP_OAK, (one,), now) is not None:
            assert whole is not None
    if not any(one.at(now) and one.role in (Role.LEADER, Role.COORDINATOR) for one in held):
        assert whole is None


def test_a_rule_says_exactly_what_it_was_made_of() -> None:
    """What each maker leaves out is the most that shuts."""
    nothing = Access[object](
        signed_in=True, roles=frozenset(), own=False, scope=None, country=False, always=False, consent=None
    )
    roles = (Role.LEADER, Role.PARTICIPANT)
    assert anyone() == evolve(nothing, signed_in=False)
    assert always() == evolve(nothing, signed_in=False, always=True)
    assert signed_in() == nothing
    assert nationally(roles=roles) == evolve(nothing, roles=frozenset(roles), country=True)
    assert member(scope=somewhere) == evolve(nothing, scope=somewhere)
    assert member(scope=somewhere, roles=roles, own=True, consent=Purpose.CHAT) == evolve(
        nothing, scope=somewhere, roles=frozenset(roles), own=True, consent=Purpose.CHAT
    )
    assert (anyone().signed_in, anyone().always, anyone().country, anyone().own) == (False, False, False, False)
    assert (signed_in().signed_in, signed_in().own, signed_in().country, signed_in().always) == (True, False, False, False)
    assert (always().signed_in, always().always) == (False, True)
    assert (member(scope=somewhere).signed_in, member(scope=somewhere).own) == (True, False)
    assert (nationally(roles=roles).signed_in, nationally(roles=roles).own) == (True, False)


@pytest.mark.parametrize("caller", [ADA, NOBODY])
def test_nobody_is_refused_what_is_always_open(caller: Caller) -> None:
    """Whoever calls, whatever they hold or held: help and reporting let them in."""
    over = Held(Role.PARTICIPANT, ScopeKind.GROUP, "oak", NOW.subtract(hours=2), NOW.subtract(hours=1))
    assert may(always(), caller, None, (), NOW) == Standing(SWEDEN, ())
    assert may(always(), caller, None, (over,), NOW) == Standing(SWEDEN, ())


def test_a_standing_knows_its_owner_and_its_scope() -> None:
    """Somebody else's own thing stays theirs, and what the rule is about is what the standing is in."""
    rule = member(scope=somewhere, own=True)
    bo = Caller("bo", "device", "SE")
    assert may(rule, bo, OF_BO, (), NOW) == Standing(OF_BO, (), is_owner=True)
    assert may(rule, ADA, OF_BO, (), NOW) is None
    assert may(evolve(rule, own=False), bo, OF_BO, (), NOW) is None
    shared = may(signed_in(), ADA, GROUP_OAK, (), NOW)
    assert shared == Standing(GROUP_OAK, (), is_owner=False)


def test_consent_is_waited_for_by_those_who_are_in_as_participants_alone() -> None:
    """All sets of two roles held x asked for x owning x each purpose or none."""
    wrong: list[object] = []
    pairs = [(one, other) for one in Role for other in Role]
    for held, asked, own, purpose in product(pairs, pairs, (False, True), (None, *Purpose)):
        rule = member(scope=somewhere, roles=asked, own=own, consent=purpose)
        standing = Standing(GROUP_OAK, tuple(Held(role, ScopeKind.GROUP, "oak", NOW, None) for role in held), is_owner=False)
        lets_in = set(held) & set(asked)
        waits = purpose is not None and lets_in <= {Role.PARTICIPANT}
        if waits_for_consent(rule, standing) != waits:
            wrong.append((held, asked, own, purpose))
        if waits_for_consent(rule, evolve(standing, is_owner=True)) != (waits and not own):
            wrong.append((held, asked, own, purpose, "owner"))
    assert wrong == []


def test_a_rule_that_asks_for_something_nowhere_opens_for_nobody() -> None:
    """Roles, or owning, without a resolver of the scope: a mistake that shuts."""
    national = (Held(Role.NATIONAL, ScopeKind.COUNTRY, "SE", NOW, None),)
    for wrong in (evolve(signed_in(), roles=frozenset(Role)), evolve(signed_in(), own=True)):
        assert may(wrong, ADA, None, national, NOW) is None
        assert may(wrong, ADA, evolve(NORTH, owner_id="ada"), national, NOW) is None


@pytest.mark.parametrize("participant", [None, "", "ada", "bo"])
@pytest.mark.parametrize("person", [None, "", "ada", "bo"])
@pytest.mark.parametrize(("role", "kind"), list(product(Role, ScopeKind)))
def test_where_one_participant_is_named_no_other_is_one(
    participant: str | None, person: str | None, role: Role, kind: ScopeKind
) -> None:
    """What somebody holds as a participant reaches such a scope only if it names them; what others hold reaches it as ever."""
    around = {ScopeKind.GROUP: "oak", ScopeKind.ORGANISATION: "north", ScopeKind.COUNTRY: "SE"}
    held = (Held(role, kind, around.get(kind, "oak"), NOW, None),)
    caller, rule = Caller(person, "device", "SE"), member(scope=somewhere, roles=tuple(Role))
    everybodys = may(rule, caller, GROUP_OAK, held, NOW)
    named = may(rule, caller, evolve(GROUP_OAK, participant=participant), held, NOW)
    shut_out = role is Role.PARTICIPANT and participant is not None and (participant == "" or participant != person)
    assert (named is None) == (everybodys is None or shut_out)
