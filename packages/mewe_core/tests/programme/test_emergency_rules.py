"""Who may break the glass, for how long, and when not: every case there is."""

from itertools import product

import pytest
from mewe_core.kit.access import Caller, Held, Role, Scope, ScopeKind
from mewe_core.kit.errors import Failure, Invalid
from mewe_core.programme.emergency import rules
from mewe_core.programme.errors import EmergencyReadingEnded, EmergencyReadingOpen, NoSecondPerson
from whenever import Instant, TimeDelta

NOW = Instant.from_utc(2026, 9, 1, 14)
OAK = Scope(ScopeKind.GROUP, "oak", "school")
PLACES = {ScopeKind.GROUP: "oak", ScopeKind.ORGANISATION: "school", ScopeKind.COUNTRY: "SE"}


@pytest.mark.parametrize(("minutes", "expected"), [(0, 60), (1, 1), (59, 59), (60, 60), (-1, None), (61, None)])
def test_a_reading_lasts_as_asked_within_what_the_deployment_has(minutes: int, expected: int | None) -> None:
    """0 stands for the most."""
    if expected is not None:
        assert rules.lasts(minutes, 60) == TimeDelta(minutes=expected)
        return
    with pytest.raises(Invalid) as refused:
        rules.lasts(minutes, 60)
    assert [(one.path, one.rule) for one in refused.value.fields] == [("minutes", "a number from 0 to 60")]


STOPPED = (None, NOW, NOW.subtract(hours=24).add(seconds=1), NOW.subtract(hours=24))


@pytest.mark.parametrize(("is_open", "stopped", "seconds"), list(product((True, False), STOPPED, ((), ("nils",)))))
def test_a_reading_begins_if_somebody_else_will_know(
    *, is_open: bool, stopped: Instant | None, seconds: tuple[str, ...]
) -> None:
    """Not twice at once, not for a day after it was stopped, not alone."""
    expected: type[Failure] | None = None
    if is_open:
        expected = EmergencyReadingOpen
    elif stopped in STOPPED[1:3]:
        expected = EmergencyReadingEnded
    elif not seconds:
        expected = NoSecondPerson
    if expected is None:
        rules.may_begin(is_open=is_open, stopped=stopped, seconds=seconds, now=NOW)
        return
    with pytest.raises(expected):
        rules.may_begin(is_open=is_open, stopped=stopped, seconds=seconds, now=NOW)


@pytest.mark.parametrize(("role", "kind"), list(product(Role, PLACES)))
def test_a_reading_goes_on_while_the_role_that_let_it_begin_is_held(role: Role, kind: ScopeKind) -> None:
    """In the group or around it, at that moment; never by somebody unknown, and in another place not at all."""
    good = role in (Role.COORDINATOR, Role.SUPERVISOR, Role.NATIONAL)
    reader = Caller("karin", "session", "SE")
    held = Held(role, kind, PLACES[kind], NOW, NOW.add(hours=1))
    assert rules.may_go_on(reader, OAK, (held,), NOW) is good
    assert not rules.may_go_on(reader, OAK, (held,), NOW.add(hours=1))
    assert not rules.may_go_on(reader, OAK, (), NOW)
    assert not rules.may_go_on(Caller(None, None, "SE"), OAK, (held,), NOW)
    elsewhere = Scope(ScopeKind.GROUP, "elm", "other")
    assert rules.may_go_on(reader, elsewhere, (held,), NOW) is (good and kind is ScopeKind.COUNTRY)
