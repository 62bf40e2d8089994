"""What may become of a concern, who is told of it when, and whom it is never brought to: every case there is."""

from itertools import permutations, product
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as draw
from mewe_core.kit.access import Held, Role, ScopeKind
from mewe_core.kit.errors import Invalid
from mewe_core.safety import rules
from mewe_core.safety.duty import ALWAYS
from mewe_core.safety.errors import ConcernClosed, NotAcknowledged
from mewe_core.safety.events import ConcernState
from mewe_core.safety.model.contacts import KeptContact
from mewe_core.safety.model.settings import SafetySettings
from mewe_core.safety.rules import Act, Circle, Due, Reachable
from whenever import Date, Instant

NOW = Instant.from_utc(2026, 9, 1, 14)
SETTINGS = SafetySettings()
RAISED, ACKNOWLEDGED, HANDED_OVER, CLOSED = ConcernState
ACKNOWLEDGE, HAND_OVER, CLOSE = Act


def contact(key: str, place: int = 1, **other: Any) -> KeptContact:
    """A contact of a group, on duty day and night, whose person is called as it is."""
    flat = tuple(number for one in ALWAYS for number in (one.weekday, one.from_minute, one.to_minute))
    kept = KeptContact(
        id=key,
        circle_kind=ScopeKind.GROUP,
        circle_id="oak",
        organisation_id="school",
        place=place,
        person_id=key,
        sealed_alert=b"",
        language="en",
        time_zone="Europe/Stockholm",
        duty=flat,
        stands_in_for_id=None,
        first_date=None,
        last_date=None,
        test_time=None,
        confirm_time=None,
        end_time=None,
    )
    return evolve(kept, **other)


def there(*names: str, on: Instant | None = None) -> tuple[Reachable, ...]:
    """People a concern may be brought to."""
    return tuple(Reachable(one, one, on) for one in names)


@pytest.mark.parametrize(
    ("state", "act", "expected"),
    [
        (RAISED, ACKNOWLEDGE, ACKNOWLEDGED),
        (RAISED, HAND_OVER, HANDED_OVER),
        (RAISED, CLOSE, NotAcknowledged),
        (ACKNOWLEDGED, ACKNOWLEDGE, ACKNOWLEDGED),
        (ACKNOWLEDGED, HAND_OVER, HANDED_OVER),
        (ACKNOWLEDGED, CLOSE, CLOSED),
        (HANDED_OVER, ACKNOWLEDGE, HANDED_OVER),
        (HANDED_OVER, HAND_OVER, HANDED_OVER),
        (HANDED_OVER, CLOSE, CLOSED),
        (CLOSED, ACKNOWLEDGE, ConcernClosed),
        (CLOSED, HAND_OVER, ConcernClosed),
        (CLOSED, CLOSE, ConcernClosed),
    ],
)
def test_a_concern_goes_its_way_and_no_other(state: ConcernState, act: Act, expected: object) -> None:
    """Every state with every act; what is closed stays closed, and nobody closes what nobody took on."""
    if isinstance(expected, ConcernState):
        assert rules.becomes(state, act) is expected
    else:
        with pytest.raises((ConcernClosed, NotAcknowledged)) as refused:
            rules.becomes(state, act)
        assert refused.type is expected


@pytest.mark.parametrize("state", ConcernState)
def test_only_what_is_closed_is_closed(state: ConcernState) -> None:
    """The rule that notes and cards ask."""
    if state is CLOSED:
        with pytest.raises(ConcernClosed):
            rules.not_closed(state)
    else:
        rules.not_closed(state)


@pytest.mark.parametrize("role", Role)
def test_adults_are_who_has_a_role_of_an_adult_there_and_now(role: Role) -> None:
    """Not in another place, not before, not after, and in no other role."""
    adult = role in (Role.LEADER, Role.SUPERVISOR, Role.COORDINATOR, Role.NATIONAL)
    held = Held(role, ScopeKind.GROUP, "oak", NOW, NOW.add(hours=1))
    assert rules.is_adult([held], {"oak", "school"}, NOW) is adult
    assert not rules.is_adult([held], {"elm"}, NOW)
    assert not rules.is_adult([held], {"oak"}, NOW.subtract(seconds=1))
    assert not rules.is_adult([held], {"oak"}, NOW.add(hours=1))
    assert not rules.is_adult([], {"oak"}, NOW)


def test_nobody_is_nobody_to_keep_it_from() -> None:
    """Unknown people are not a person."""
    assert rules.kept_from("ada", None, "lena") == {"ada", "lena"}
    assert rules.kept_from(None, None) == frozenset()


NAMES = ("lena", "lars", "karin", "nils")


@given(
    group=draw.lists(draw.sampled_from(NAMES), max_size=3),
    organisation=draw.lists(draw.sampled_from(NAMES), max_size=3),
    country=draw.lists(draw.sampled_from(NAMES), max_size=3),
    never=draw.frozensets(draw.sampled_from(NAMES)),
    told=draw.frozensets(draw.sampled_from(NAMES)),
)
def test_everybody_is_told_once_from_near_to_far_and_nobody_who_must_not(
    group: list[str], organisation: list[str], country: list[str], never: frozenset[str], told: frozenset[str]
) -> None:
    """Whoever is there is in exactly one step; those of ``never`` in none; a step is never empty; each contact comes alone."""
    steps = rules.steps(Circle(there(*group), there(*organisation), there(*country)), never)
    named = [one.person_id for step in steps for one in step]
    everybody = [*group, *organisation, *country]
    assert named == [one for n, one in enumerate(everybody) if one not in never and one not in everybody[:n]]
    assert all(steps)
    alone = {one for one in group if one not in never}
    assert all(len(step) == 1 for step in steps if step[0].person_id in alone)
    following = rules.next_step(steps, told)
    left = [one for one in named if one not in told]
    assert [one.person_id for one in following] == left[: len(following)]
    assert bool(following) is bool(left)


def test_organisation_and_country_are_told_as_one_step_each() -> None:
    """Contacts of a group come one after the other, those around it together."""
    steps = rules.steps(Circle(there("lena", "lars"), there("karin", "kia"), there("nils", "nina")), ())
    assert [[one.person_id for one in step] for step in steps] == [["lena"], ["lars"], ["karin", "kia"], ["nils", "nina"]]


def test_who_was_told_of_a_step_is_not_told_again() -> None:
    """The rest of it comes first, then the next."""
    steps = (there("karin", "kia"), there("nils"))
    assert rules.next_step(steps, {"karin"}) == there("kia")
    assert rules.next_step(steps, {"karin", "kia"}) == there("nils")
    assert rules.next_step(steps, {"karin", "kia", "nils"}) == ()


@pytest.mark.parametrize("order", list(permutations((None, 0, 3))))
def test_who_is_on_duty_first_comes_first(order: tuple[int | None, ...]) -> None:
    """Now before later, later before not known."""
    moments = {None: (), 0: ALWAYS[1:2], 3: ALWAYS[3:4]}
    made = [
        contact(f"{hours}", place, duty=tuple(n for one in moments[hours] for n in (one.weekday, 0, 1440)))
        for place, hours in enumerate(order, start=1)
    ]
    assert [one.person_id for one in rules.reachable(made, NOW)] == ["0", "3", "None"]


def test_of_two_on_duty_the_first_place_comes_first() -> None:
    """Both day and night: it stays as they were named."""
    assert [one.contact_id for one in rules.reachable([contact("b"), contact("a", 2)], NOW)] == ["b", "a"]


DAY = Date(2026, 9, 1)


@pytest.mark.parametrize(
    ("first", "last", "stands"),
    [(0, 0, True), (-3, 0, True), (0, 3, True), (-3, -1, False), (1, 3, False)],
)
def test_a_substitute_stands_in_on_their_dates(first: int, last: int, *, stands: bool) -> None:
    """Both dates included, on the clocks of the contact."""
    substitute = contact("sub", stands_in_for_id="lena", first_date=DAY.add(days=first), last_date=DAY.add(days=last))
    standing = rules.on_their_day([contact("lena"), contact("lars", 2), substitute], {"lena", "lars", "sub"}, NOW)
    assert [one.id for one in standing] == ["sub" if stands else "lena", "lars"]


def test_the_date_is_that_of_the_contacts_time_zone() -> None:
    """At 22:30 UTC it is tomorrow in Stockholm in summer."""
    late = Instant.from_utc(2026, 9, 1, 22, 30)
    tomorrow = DAY.add(days=1)
    substitute = contact("sub", stands_in_for_id="lena", first_date=tomorrow, last_date=tomorrow)
    assert [one.id for one in rules.on_their_day([contact("lena"), substitute], {"lena", "sub"}, late)] == ["sub"]


@pytest.mark.parametrize("adults", [frozenset(), {"lena"}, {"sub"}, {"lena", "sub"}])
def test_whoever_is_no_adult_there_does_not_stand(adults: frozenset[str]) -> None:
    """A substitute who is none leaves the place to the contact; a contact who is none leaves it to the substitute."""
    substitute = contact("sub", stands_in_for_id="lena", first_date=DAY, last_date=DAY)
    standing = rules.on_their_day([substitute, contact("lena")], adults, NOW)
    expected = ["sub"] if "sub" in adults else ["lena"] if "lena" in adults else []
    assert [one.id for one in standing] == expected


def test_places_stand_in_order_and_a_stray_substitute_in_none() -> None:
    """Whoever stands in without dates, or for nobody who is there, does not stand."""
    stray = contact("stray", stands_in_for_id="gone", first_date=DAY, last_date=DAY)
    dateless = contact("dateless", stands_in_for_id="lena")
    half = contact("half", stands_in_for_id="lars", first_date=DAY)
    other = contact("other", stands_in_for_id="lars", last_date=DAY)
    adults = {"stray", "dateless", "half", "other", "lena", "lars"}
    found = rules.on_their_day([stray, dateless, half, other, contact("lars", 2), contact("lena")], adults, NOW)
    assert [one.id for one in found] == ["lena", "lars"]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [((), 0), ((None,), 0), ((None, 3), 3), ((2, 3), 2), ((0, 9), 0), ((12,), 12), ((13,), 12), ((90,), 12)],
)
def test_the_clock_begins_on_duty_but_never_after_the_longest_wait(hours: tuple[int | None, ...], expected: int) -> None:
    """Where nobody's duty is known it begins now."""
    step = [Reachable(f"{n}", None, None if one is None else NOW.add(hours=one)) for n, one in enumerate(hours)]
    assert rules.clock_begins(step, NOW, SETTINGS) == NOW.add(hours=expected)
    known = [one for one in hours if one is not None]
    assert rules.first_look(step) == (NOW.add(hours=min(known)) if known else None)


@pytest.mark.parametrize(("state", "reminded", "anybody"), list(product(ConcernState, (True, False), (True, False))))
def test_what_is_due_follows_from_where_it_stands(state: ConcernState, *, reminded: bool, anybody: bool) -> None:
    """A reminder, then the next; once somebody has it a reminder from time to time; what is nobody's goes on at once."""
    expected = {
        RAISED: (NOW.add(minutes=30), Due.ESCALATE) if reminded else (NOW.add(minutes=15), Due.REMIND),
        ACKNOWLEDGED: (NOW.add(hours=24 * 7), Due.FOLLOW_UP),
        HANDED_OVER: (NOW.add(hours=24 * 7), Due.FOLLOW_UP),
        CLOSED: None,
    }[state]
    assert rules.due(state, NOW, SETTINGS, reminded=reminded) == expected
    if expected is not None:
        assert rules.now_due(state, reminded=reminded, anybody=anybody) is (expected[1] if anybody else Due.ESCALATE)


@pytest.mark.parametrize(
    ("standing", "protected"),
    [
        ((), False),
        ((("lena", 1, True),), False),
        ((("lena", 1, True), ("lars", 2, True)), True),
        ((("lena", 1, True), ("lars", 2, False)), False),
        ((("lena", 1, False), ("lars", 2, False)), False),
        ((("lena", 1, True), ("lena", 2, True)), False),
        ((("lena", 1, True), ("lars", 1, True)), False),
        ((("lena", 1, True), ("lars", 2, True), ("karin", 2, False)), True),
    ],
)
def test_a_group_is_protected_by_two_different_adults_whose_alerts_came(
    standing: tuple[tuple[str, int, bool], ...], *, protected: bool
) -> None:
    """One is not enough, nor one twice, nor one of whom nobody tried it."""
    made = [contact(who, place, confirm_time=NOW if tested else None) for who, place, tested in standing]
    assert rules.is_protected(made) is protected


def test_what_is_said_of_telephone_numbers_names_them() -> None:
    """Nothing if all is well; else what to do, with the names of the settings."""
    assert rules.lines_fault("SE", ["112"], []) == ""
    assert rules.lines_fault("SE", ["112", "116 111", "112"], ["116 111", "112"]) == (
        "these telephone numbers of SE were not verified, or not lately: 116 111, 112; verify them and name them under "
        "features.safety.lines with verified_on and verified_by, or name under lines_accepted_by who answers for it"
    )
    assert rules.lines_fault("SE", [], []) == (
        "no emergency number and no helpline is known for SE; name them under features.safety.lines, each with its source, "
        "verified_on and verified_by, or name under lines_accepted_by who answers for starting without"
    )


@pytest.mark.parametrize(("remind", "escalate", "good"), [(15, 16, True), (15, 15, False), (15, 14, False)])
def test_the_next_is_told_after_the_reminder(remind: int, escalate: int, *, good: bool) -> None:
    """Settings that would turn the two around are refused."""
    if good:
        SafetySettings(remind_minutes=remind, escalate_minutes=escalate)
        return
    with pytest.raises(Invalid):
        SafetySettings(remind_minutes=remind, escalate_minutes=escalate)
