"""What people does: one coroutine an RPC."""

from collections.abc import Callable
from typing import TypeVar

from attrs import asdict, evolve
from whenever import Instant

from mewe_core.kit import paging, texts
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.earlier import closed_before
from mewe_core.kit.errors import NotFound, SignedOut
from mewe_core.kit.ports import Work
from mewe_core.kit.standing import SessionEnded, SigningKeyPublished, StandingChanged
from mewe_core.kit.values import columns, micros
from mewe_core.kit.words import normalised
from mewe_core.people import codes, model, rules, session_store, sessions, store
from mewe_core.people.errors import AlreadySignedIn, CodeNotGood, LastNational, RoleHeld, TooManyWrongCodes
from mewe_core.people.events import PersonInvited
from mewe_core.people.guesses import store as guesses
from mewe_core.people.guesses.rules import is_looked_at
from mewe_core.people.model import PeopleSettings
from mewe_core.people.returning.store import open_return
from mewe_core.people.session_rules import Way
from mewe_core.people.way_in import can_act

CODE = "people.invitation.code"
LATEST = 2**63 - 1

T = TypeVar("T")

Grants = tuple[tuple[model.RoleGrant, ...], str]
"""A page of role grants and the token for the next."""


async def redeem_invitation(request: model.RedeemInvitationRequest, work: Work) -> model.DeviceSession:
    """Turn a code into a device session, once. It waits to be confirmed; that of the country's first person does not.

    Raises CodeNotGood, after the same work whatever is wrong with the code, which is counted; TooManyWrongCodes, whatever
    the code, when so many were wrong just now that not every attempt is looked at.
    """
    wrong = await guesses.wrong(work.database, work.now)
    if not is_looked_at(wrong, work.settings(PeopleSettings).most_wrong_codes, work.ids.secret(1)[0]):
        raise TooManyWrongCodes
    digest = work.keys.digest(CODE, codes.read(request.code, work.caller.country).encode())
    invitation = await store.redeem(work.database, digest, work.now)
    if invitation is None:
        await guesses.count(work.database, work.now)
        raise CodeNotGood
    hours = rules.SHARED_DEVICE_HOURS if request.shared_device else None
    if invitation.organisation_id is None:
        if not await work.database.execute(store.PERSON_SIGNS_IN, which=invitation.person_id, now=work.now):
            raise CodeNotGood
        await give_role_of(work, invitation)
        return await sessions.begin(work, invitation.person_id, Way.CODE, hours=hours, device_key=request.device_key)
    return await sessions.begin_waiting(work, invitation.person_id, invitation.id, hours=hours, device_key=request.device_key)


async def refresh_session(request: model.RefreshSessionRequest, work: Work) -> model.AccessToken:
    """A new access token; the session ends later from now on. Raises SessionOver, NotYetConfirmed."""
    return await sessions.refresh(work, request.session_token, request.proof)


async def list_device_sessions(request: model.ListDeviceSessionsRequest, work: Work) -> model.ListDeviceSessionsResponse:
    """One's own device sessions that are neither ended nor expired, newest first."""
    most = paging.size(request.page_size)
    before_id, before = id_and_moment("device_sessions", request.page_token, LATEST)
    rows = await work.database.all(
        session_store.SESSIONS_OF,
        session_store.KeptSession,
        me=_me(work),
        now=work.now,
        before=before,
        before_id=before_id,
        most=most + 1,
    )
    shown = [(one, await sessions.last_moment(work, one)) for one in rows[:most]]
    current = work.caller.session_id
    return model.ListDeviceSessionsResponse(
        tuple(
            model.DeviceSessionSummary(
                one.id, one.create_time, one.refresh_time, min(one.expire_time, last), one.id == current, last
            )
            for one, last in shown
            if last > work.now
        ),
        following("device_sessions", rows, most, lambda last: f"{last.id}/{micros(last.create_time)}"),
    )


async def end_device_session(request: model.EndDeviceSessionRequest, work: Work) -> model.EndDeviceSessionResponse:
    """End one of one's own device sessions; one that has ended stays as it is. Raises NotFound."""
    session = await work.database.first(
        session_store.SESSION_OF, session_store.KeptSession, which=request.device_session_id, me=_me(work)
    )
    if session is None:
        raise NotFound
    if await work.database.execute(session_store.END_SESSION, which=session.id, now=work.now):
        work.emit(SessionEnded(session_id=session.id, ended_at=work.now))
    return model.EndDeviceSessionResponse()


async def end_other_device_sessions(
    request: model.EndOtherDeviceSessionsRequest, work: Work
) -> model.EndOtherDeviceSessionsResponse:
    """End all of one's own device sessions but the one that asks."""
    await sessions.end_others(work, _me(work), work.caller.session_id or "")
    return model.EndOtherDeviceSessionsResponse()


async def get_me(request: model.GetMeRequest, work: Work) -> model.Me:
    """Who one is, the roles in organisations and the country that one holds now, and whether one is to come back."""
    grants = await work.database.all(store.GRANTS_OF, model.RoleGrant, me=_me(work), now=work.now)
    there = await open_return(work.database, _me(work), work.now)
    closed = await closed_before(work.database, _me(work))
    signed_out = await session_store.signed_out(work.database, _me(work))
    return model.Me(_me(work), tuple(grants), None if there is None else there.ask_time, closed, signed_out)


async def create_organisation(request: model.CreateOrganisationRequest, work: Work) -> model.Organisation:
    """Make an organisation."""
    organisation = model.Organisation(work.new_id(), request.name, request.kind, work.now)
    await work.database.execute(store.ADD_ORGANISATION, **columns(organisation))
    return organisation


async def get_organisation(request: model.GetOrganisationRequest, work: Work) -> model.Organisation:
    """One organisation. Raises NotFound."""
    organisation = await store.organisation(work.database, request.organisation_id)
    if organisation is None:
        raise NotFound
    return organisation


async def list_organisations(request: model.ListOrganisationsRequest, work: Work) -> model.ListOrganisationsResponse:
    """The organisations that one holds a role in, or all for the competence centre, by name."""
    most = paging.size(request.page_size)
    after_id, after_name = _position("organisations", request.page_token)
    rows = await work.database.all(
        store.ORGANISATIONS_OF,
        model.Organisation,
        me=_me(work),
        now=work.now,
        country=work.caller.country,
        after_name=after_name,
        after_id=after_id,
        most=most + 1,
    )
    token = following("organisations", rows, most, lambda last: f"{last.id}/{last.name}")
    return model.ListOrganisationsResponse(tuple(rows[:most]), token)


async def invite_person(request: model.InvitePersonRequest, work: Work) -> model.Invitation:
    """A one-time code for a new person, or for one of the organisation who has redeemed none; their older codes end.

    A device of theirs that waits to be confirmed waits no longer.

    Raises NotFound for a person of another organisation, AlreadySignedIn, RoleNotYours, and Invalid for a role of groups, or
    a role together with a group.
    """
    if request.role is not None:
        rules.may_give(request.role, work.standing)
        rules.no_group_with_a_role(request.group_id)
    if request.person_id is None:
        person = store.Person(work.new_id(), request.organisation_id, work.now, None)
        await work.database.execute(store.ADD_PERSON, **columns(person))
        work.emit(PersonInvited(person_id=person.id, organisation_id=request.organisation_id))
    else:
        person = await _person_of(work, request.organisation_id, request.person_id)
        if person.sign_in_time is not None:
            raise AlreadySignedIn
        await work.database.execute(session_store.END_WAITING, whose=person.id, now=work.now)
    return await make_code(work, person, request.role, request.valid_hours, group_id=request.group_id)


async def withdraw_invitation(request: model.WithdrawInvitationRequest, work: Work) -> model.WithdrawInvitationResponse:
    """Take back a code. Raises CodeNotGood if it was used, withdrawn or had expired."""
    if not await work.database.execute(store.WITHDRAW_INVITATION, which=request.invitation_id, now=work.now):
        raise CodeNotGood
    return model.WithdrawInvitationResponse()


async def grant_role(request: model.GrantRoleRequest, work: Work) -> model.RoleGrant:
    """Give a person of the organisation a role from now on.

    Raises NotFound for a person of another organisation, RoleHeld, RoleNotYours, and Invalid for a role of groups or an end
    in the past.
    """
    rules.may_give(request.role, work.standing)
    rules.still_to_come(request.until, work.now)
    person = await _person_of(work, request.organisation_id, request.person_id)
    kind, scope_id = rules.held_in(request.role, request.organisation_id, work.caller.country)
    if await store.holds(work.database, person.id, request.role, scope_id, work.now):
        raise RoleHeld
    return await _give(work, person.id, request.role, kind, scope_id, until=request.until)


async def end_role(request: model.EndRoleRequest, work: Work) -> model.RoleGrant:
    """End a role now; one that has ended stays as it is. Raises NotFound, and LastNational if nobody would be left."""
    grant = await store.grant(work.database, request.role_grant_id)
    if grant is None:
        raise NotFound
    if grant.until is not None and grant.until <= work.now:
        return grant
    if grant.role is Role.NATIONAL:
        others = await work.database.first(store.OTHER_NATIONALS, int, country=grant.scope_id, besides=grant.id)
        if not others:
            raise LastNational
    ended = evolve(grant, until=work.now)
    await work.database.execute(store.END_GRANT, which=grant.id, now=work.now)
    work.emit(StandingChanged(**asdict(ended, recurse=False)))
    return ended


async def list_role_grants(request: model.ListRoleGrantsRequest, work: Work) -> model.ListRoleGrantsResponse:
    """Who holds or held a role in an organisation, oldest first."""
    position = (request.page_size, request.page_token)
    return model.ListRoleGrantsResponse(*await _grants_in(work, ScopeKind.ORGANISATION, request.organisation_id, *position))


async def list_national_role_grants(
    request: model.ListNationalRoleGrantsRequest, work: Work
) -> model.ListNationalRoleGrantsResponse:
    """Who acts or acted for the whole country, oldest first."""
    position = (request.page_size, request.page_token)
    return model.ListNationalRoleGrantsResponse(*await _grants_in(work, ScopeKind.COUNTRY, work.caller.country, *position))


async def publish_signing_key(work: Work) -> None:
    """At each start: tell the key that this host's access tokens are verified with, unless it was told before.

    One that was replaced is retired: the last tokens that it signed stay good for as long as a token lives, and no longer.
    """
    key = work.keys.public_key()
    for old in work.keys.retired_keys():
        if await work.database.first(store.KEY_TOLD, int, which=old.id):
            work.emit(SigningKeyPublished(key_id=old.id, x=old.x, y=old.y, until=rules.access_ends(work.now)))
    if not await work.database.first(store.KEY_TOLD, int, which=key.id):
        work.emit(SigningKeyPublished(key_id=key.id, x=key.x, y=key.y, until=None))


async def open_way_in(work: Work) -> str | None:
    """At each start where nobody of the competence centre can sign in: a fresh code for somebody who then can.

    For the first of them; and for somebody new, once the last session of the last of them is over and they have no passkey and
    no issuer. The codes of earlier starts end. Returns the line that says how to sign in.
    """
    settings = work.settings(PeopleSettings)
    if await can_act(work.database, work.caller.country, work.now, settings):
        return None
    person = store.Person(work.new_id(), None, work.now, None)
    person = evolve(person, id=await store.way_in(work.database, work.caller.country, person))
    invitation = await make_code(work, person, Role.NATIONAL, valid_hours=0)
    return texts.say(__package__, settings.language, "first-sign-in", code=invitation.code, hours=settings.invitation_hours)


async def _person_of(work: Work, organisation_id: str, person_id: str) -> store.Person:
    """Somebody whom this organisation invited; for all others, NotFound."""
    person = await work.database.first(store.PERSON_BY_ID, store.Person, which=person_id)
    if person is None or person.organisation_id != organisation_id:
        raise NotFound
    return person


async def make_code(
    work: Work, person: store.Person, role: Role | None, valid_hours: int, *, group_id: str | None = None
) -> model.Invitation:
    """The one code of a person that is good; those before it end."""
    code = codes.code(work.ids.secret(codes.RANDOM_BYTES))
    kept = store.KeptInvitation(
        id=work.new_id(),
        person_id=person.id,
        organisation_id=person.organisation_id,
        role=role,
        group_id=group_id,
        code_digest=work.keys.digest(CODE, normalised(code).encode()),
        create_time=work.now,
        expire_time=rules.code_ends(work.now, valid_hours, work.settings(PeopleSettings)),
        redeem_time=None,
        withdraw_time=None,
    )
    await work.database.execute(store.WITHDRAW_INVITATIONS_OF, whose=person.id, now=work.now)
    await work.database.execute(store.ADD_INVITATION, **columns(kept))
    return model.Invitation(kept.id, person.id, code, kept.expire_time, codes.link(code, work.caller.country))


async def give_role_of(work: Work, invitation: store.KeptInvitation) -> None:
    """The role that came with an invitation, if any, holds from now on."""
    if invitation.role is None:
        return
    kind, scope_id = rules.held_in(invitation.role, invitation.organisation_id, work.caller.country)
    if not await store.holds(work.database, invitation.person_id, invitation.role, scope_id, work.now):
        await _give(work, invitation.person_id, invitation.role, kind, scope_id, until=None)


async def _give(
    work: Work, person_id: str, role: Role, kind: ScopeKind, scope_id: str, *, until: Instant | None
) -> model.RoleGrant:
    grant = model.RoleGrant(work.new_id(), person_id, role, kind, scope_id, work.now, until)
    await work.database.execute(store.ADD_GRANT, **columns(grant))
    work.emit(StandingChanged(**asdict(grant, recurse=False)))
    return grant


async def _grants_in(work: Work, kind: ScopeKind, scope_id: str, page_size: int, page_token: str) -> Grants:
    most = paging.size(page_size)
    list_name = f"role_grants in {scope_id}"
    after_id, after = id_and_moment(list_name, page_token, 0)
    rows = await work.database.all(
        store.GRANTS_IN, model.RoleGrant, kind=kind, scope=scope_id, after=after, after_id=after_id, most=most + 1
    )
    token = following(list_name, rows, most, lambda last: f"{last.id}/{micros(last.since)}")
    return tuple(rows[:most]), token


def _me(work: Work) -> str:
    if work.caller.person_id is None:
        raise SignedOut
    return work.caller.person_id


def following(list_name: str, rows: list[T], most: int, position: Callable[[T], str]) -> str:
    """The token behind the last row that is shown, if there is one more."""
    return paging.token(list_name, position(rows[most - 1])) if len(rows) > most else ""


def _position(list_name: str, page_token: str) -> tuple[str, str]:
    """The id and the sorting key that a page starts behind."""
    position = paging.after(list_name, page_token, "")
    row_id, _, key = str(position).partition("/")
    return row_id, key


def id_and_moment(list_name: str, page_token: str, start: int) -> tuple[str, int]:
    """The id and the moment in microseconds that a page starts behind."""
    row_id, key = _position(list_name, page_token)
    if not page_token:
        return row_id, start
    if not (key.isascii() and key.isdigit() and int(key) <= LATEST):
        raise paging.not_of_this_list()
    return row_id, int(key)
