"""Who decides about what somebody wrote: every case there is."""

from itertools import product

import pytest
from mewe_chat.checks import chain
from mewe_chat.checks.shipped import CHECKS
from mewe_chat.errors import MessageGone
from mewe_chat.model import MessageState
from mewe_chat.moderation import rules
from mewe_chat.moderation.errors import LeadersMessage, OwnCase
from mewe_chat.moderation.rules import ActKind
from mewe_core.kit.access import Held, Role, Scope, ScopeKind, Standing
from mewe_core.kit.errors import Failure
from mewe_core.kit.message_checks import Audience
from mewe_core.kit.testing import BEGINNING

ON_MESSAGES = (ActKind.HIDDEN, ActKind.RESTORED, ActKind.REMOVED)


def refusal(act: ActKind, actor: str, author: str, *, author_leads: bool) -> type[Failure] | None:
    """Why a leader may not; None if they may."""
    try:
        rules.may_moderate(act, actor, author, author_leads=author_leads)
    except (OwnCase, LeadersMessage) as refused:
        return type(refused)
    return None


@pytest.mark.parametrize(("act", "own", "author_leads"), list(product(ON_MESSAGES, (True, False), (True, False))))
def test_nobody_judges_in_their_own_case_nor_removes_what_their_equal_wrote(
    act: ActKind, own: bool, author_leads: bool
) -> None:
    """Own: never. Another leader's: hidden and shown again. A participant's: everything."""
    expected: type[Failure] | None = None
    if own:
        expected = OwnCase
    elif author_leads and act is ActKind.REMOVED:
        expected = LeadersMessage
    assert refusal(act, "lena", "lena" if own else "lars", author_leads=author_leads) == expected


@pytest.mark.parametrize(("state", "act"), list(product(MessageState, ActKind)))
def test_a_message_goes_from_state_to_state_by_four_ways_and_no_other(state: MessageState, act: ActKind) -> None:
    """What was deleted, removed or erased comes back by no act, and what is visible is not restored."""
    ways = {
        (MessageState.VISIBLE, ActKind.HIDDEN): MessageState.HIDDEN,
        (MessageState.VISIBLE, ActKind.REMOVED): MessageState.REMOVED,
        (MessageState.HIDDEN, ActKind.RESTORED): MessageState.VISIBLE,
        (MessageState.HIDDEN, ActKind.REMOVED): MessageState.REMOVED,
    }
    if (state, act) in ways:
        assert rules.becomes(state, act) is ways[state, act]
    else:
        with pytest.raises(MessageGone):
            rules.becomes(state, act)


@pytest.mark.parametrize(
    ("roles", "participant"),
    list(product(((), (Role.PARTICIPANT,), (Role.LEADER,), (Role.PARTICIPANT, Role.LEADER)), (None, "", "ada"))),
)
def test_which_checks_look_depends_on_who_writes_for_whom(roles: tuple[Role, ...], participant: str | None) -> None:
    """At leaders none; at everybody else all where peers read, and those for people in danger where leaders alone do."""
    held = tuple(Held(role, ScopeKind.GROUP, "oak", BEGINNING, None) for role in roles)
    standing = Standing(Scope(ScopeKind.GROUP, "oak", participant=participant), held)
    names = [one.name for one in chain.asked(standing, CHECKS)]
    if roles == (Role.LEADER,):
        assert names == []
    elif participant is None:
        assert names == ["crisis-words", "contact-details", "links"]
    else:
        assert names == ["crisis-words"]
    assert chain.audience(standing) is (Audience.PEERS if participant is None else Audience.LEADERS)


@pytest.mark.parametrize(("role", "kind", "scope"), list(product(Role, ScopeKind, ("oak", "elm"))))
def test_only_a_role_in_that_very_group_leads_it_or_takes_part(role: Role, kind: ScopeKind, scope: str) -> None:
    """Also one that has ended."""
    held = (Held(role, kind, scope, BEGINNING, BEGINNING),)
    here = kind is ScopeKind.GROUP and scope == "oak"
    assert rules.leads(held, "oak") is (here and role is Role.LEADER)
    assert rules.took_part(held, "oak", BEGINNING) is (here and role is Role.PARTICIPANT)
    assert not rules.took_part(held, "oak", BEGINNING.add(seconds=-1))
