"""What signing in at an issuer does: one coroutine an RPC, and what is asked of the issuer before it."""

from collections.abc import Mapping

from attrs import asdict, evolve, field, frozen
from whenever import Instant

from mewe_core.kit.access import ScopeKind
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Work
from mewe_core.kit.preparing import NotVouched, Preparing, Registered
from mewe_core.kit.standing import StandingChanged
from mewe_core.kit.values import columns
from mewe_core.people import once, sessions
from mewe_core.people import store as people
from mewe_core.people.errors import StaffSignInRefused, StaffSignInTooWeak
from mewe_core.people.model import DeviceSession, PeopleSettings, RoleGrant
from mewe_core.people.oidc import model, rules, store
from mewe_core.people.oidc.settings import StaffIssuer
from mewe_core.people.privacy import store as erasures
from mewe_core.people.session_rules import Way

SUBJECT = "people.oidc.subject"


@frozen
class Vouched:
    """What an issuer says about somebody, and with what they came back."""

    issuer: StaffIssuer
    returned: rules.Returned
    subject: str = field(repr=False)
    claims: Mapping[str, object] = field(repr=False)


@frozen
class Address:
    """Where somebody goes, and the secret they come back with."""

    url: str = field(repr=False)
    secret: str = field(repr=False)


async def list_staff_issuers(request: model.ListStaffIssuersRequest, work: Work) -> model.ListStaffIssuersResponse:
    """Where staff sign in."""
    return model.ListStaffIssuersResponse(tuple(one.issuer for one in work.settings(PeopleSettings).issuers))


async def prepare_begin(request: model.BeginStaffSignInRequest, before: Preparing) -> Address:
    """Ask the issuer where it lets people in. Raises NotFound, Unavailable."""
    for one in before.settings(PeopleSettings).issuers:
        if one.issuer == request.issuer:
            begun = rules.begun(one.issuer, before.now, before.ids, before.keys)
            url = await before.issuers.address(_registered(one), begun.state, begun.nonce, begun.challenge, before.now)
            return Address(url, begun.secret)
    raise NotFound


async def begin_staff_sign_in(request: model.BeginStaffSignInRequest, work: Work) -> model.StaffSignIn:
    """Where to go to sign in at an issuer; nothing is kept. Raises NotFound, Unavailable."""
    prepared = work.prepared(Address)
    return model.StaffSignIn(prepared.url, prepared.secret)


async def prepare_finish(request: model.FinishStaffSignInRequest, before: Preparing) -> Vouched:
    """Ask the issuer for whom the code stands, if the state is good.

    Raises StaffSignInRefused, StaffSignInTooWeak, Unavailable.
    """
    issuers = before.settings(PeopleSettings).issuers
    found = rules.returned(request.state, request.secret, issuers, before.now, before.keys)
    if found is None:
        raise StaffSignInRefused
    issuer, returned = found
    if await before.read(lambda database: once.is_spent(returned.spent, database, before.keys)):
        raise StaffSignInRefused
    try:
        claims = await before.issuers.claims(_registered(issuer), request.code, returned.verifier, returned.nonce, before.now)
    except NotVouched:
        raise StaffSignInRefused from None
    subject = rules.subject(claims)
    if subject is None:
        raise StaffSignInRefused
    if not rules.is_strong_enough(claims, issuer, before.now):
        raise StaffSignInTooWeak
    return Vouched(issuer, returned, subject, claims)


async def finish_staff_sign_in(request: model.FinishStaffSignInRequest, work: Work) -> DeviceSession:
    """Sign in whoever the issuer vouches for, with the roles it says. Raises StaffSignInRefused.

    Somebody new without any role is refused; somebody known comes in, and the roles that are said no longer end now.
    """
    vouched = work.prepared(Vouched)
    if not await once.spend(vouched.returned.spent, vouched.returned.ends, work):
        raise StaffSignInRefused
    want = await _there(work, rules.wanted(vouched.claims, vouched.issuer, work.caller.country))
    digest = work.keys.digest(SUBJECT, f"{vouched.issuer.issuer}\n{vouched.subject}".encode())
    person_id = await _person(work, digest, want)
    await _set_roles(work, person_id, want, work.now.add(hours=vouched.issuer.hours))
    hours = vouched.issuer.hours
    return await sessions.begin(work, person_id, Way.ISSUER, most_hours=hours, device_key=request.device_key)


async def _there(work: Work, want: frozenset[rules.Wanted]) -> frozenset[rules.Wanted]:
    """Of the roles, those in organisations that there are."""
    there = set()
    for one in want:
        _, kind, scope_id = one
        if kind is not ScopeKind.ORGANISATION or await people.organisation(work.database, scope_id) is not None:
            there.add(one)
    return frozenset(there)


async def _person(work: Work, digest: str, want: frozenset[rules.Wanted]) -> str:
    """Who it is here; somebody new is made, if they have a role. Others of the same subject wait. Raises StaffSignInRefused."""
    if not await work.database.execute(store.SIGN_IN, which=digest, now=work.now):
        if not want:
            raise StaffSignInRefused
        fresh = work.new_id()
        kept = store.KeptIdentity(digest, fresh, work.now, work.now)
        if await work.database.execute(store.ADD_IDENTITY, **columns(kept)):
            home = min((scope_id for _, kind, scope_id in want if kind is ScopeKind.ORGANISATION), default=None)
            person = people.Person(fresh, home, work.now, work.now)
            await work.database.execute(people.ADD_PERSON, **columns(person))
    known = await work.database.first(store.IDENTITY_OF, store.KeptIdentity, which=digest)
    if known is None or await erasures.under_way(work.database, known.person_id):
        raise StaffSignInRefused
    return known.person_id


async def _set_roles(work: Work, person_id: str, want: frozenset[rules.Wanted], until: Instant) -> None:
    """Let the roles hold that are said, for the time given, and end those that came so and are said no longer."""
    held = await work.database.all(store.CLAIMED_OF, RoleGrant, whose=person_id, now=work.now)
    going_on, ending, beginning = rules.changes(held, want)
    for one in going_on:
        await _set_end(work, one, until)
    for one in ending:
        await _set_end(work, one, work.now)
    for role, kind, scope_id in sorted(beginning):
        if await people.holds(work.database, person_id, role, scope_id, work.now):
            continue
        grant = RoleGrant(work.new_id(), person_id, role, kind, scope_id, work.now, until)
        await work.database.execute(people.ADD_GRANT, **columns(grant))
        await work.database.execute(store.ADD_CLAIMED, role_grant_id=grant.id, person_id=person_id)
        work.emit(StandingChanged(**asdict(grant, recurse=False)))


async def _set_end(work: Work, grant: RoleGrant, until: Instant) -> None:
    await work.database.execute(store.SET_END, which=grant.id, at=until)
    work.emit(StandingChanged(**asdict(evolve(grant, until=until), recurse=False)))


def _registered(one: StaffIssuer) -> Registered:
    seconds = None if one.max_age_minutes is None else 60 * one.max_age_minutes
    return Registered(one.issuer, one.client_id, one.client_secret_env, one.redirect_uri, one.require_acr, seconds)
