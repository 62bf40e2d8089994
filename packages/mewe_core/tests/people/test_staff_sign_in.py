"""Staff sign in where they work: what an issuer says becomes roles, and ends with it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from attrs import define, evolve, field
from mewe_core.kit.access import Role
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.kit.preparing import NotVouched, Registered
from mewe_core.kit.testing import Stage
from mewe_core.people import handlers as people
from mewe_core.people.errors import SessionOver, StaffSignInRefused, StaffSignInTooWeak
from mewe_core.people.model import DeviceSession, GetMeRequest, PeopleSettings, RefreshSessionRequest
from mewe_core.people.oidc import handlers, model
from mewe_core.people.oidc.rules import is_strong_enough
from mewe_core.people.oidc.settings import ClaimedRole, StaffIssuer
from mewe_core.people.plugin import mewe_feature
from mewe_core.people.store import PERSON
from sqlalchemy import func, select
from whenever import Instant

TOWN = "https://login.town.example"
CENTRE = ClaimedRole(claim="groups", value="centre", role=Role.NATIONAL)
SETTINGS = PeopleSettings(
    issuers=(StaffIssuer(issuer=TOWN, client_id="mewe", redirect_uri="https://app.mewe.example/in", roles=(CENTRE,)),)
)


@define
class Town:
    """An issuer in memory: it vouches for whoever is told, by codes that are good once."""

    claims_of: dict[str, Mapping[str, object]] = field(factory=dict)
    nonce: str = ""
    asked: list[str] = field(factory=list)

    async def address(self, at: Registered, state: str, nonce: str, challenge: str, now: Instant) -> str:
        """The state, to bring back."""
        self.nonce = nonce
        return state

    async def claims(self, at: Registered, code: str, verifier: str, nonce: str, now: Instant) -> Mapping[str, object]:
        """What it was told."""
        self.asked.append(at.issuer)
        if nonce != self.nonce or code not in self.claims_of:
            raise NotVouched
        return self.claims_of.pop(code)


@pytest.fixture
def town() -> Town:
    """The issuer."""
    return Town()


@pytest.fixture
def stage(town: Town) -> Iterator[Stage]:
    """People, with one issuer."""
    with Stage(mewe_feature(), settings=SETTINGS, issuers=town) as stage:
        yield stage


def begin(stage: Stage) -> model.StaffSignIn:
    """Begin."""
    return stage.call(handlers.begin_staff_sign_in, model.BeginStaffSignInRequest(TOWN))


def finish(stage: Stage, begun: model.StaffSignIn, code: str = "c", secret: str | None = None) -> DeviceSession:
    """Come back."""
    request = model.FinishStaffSignInRequest("r", begun.url, code, secret or begun.secret)
    return stage.call(handlers.finish_staff_sign_in, request)


def sign_in(stage: Stage, town: Town, *groups: str, sub: str = "somebody") -> DeviceSession:
    """The whole way."""
    town.claims_of["c"] = {"sub": sub, "groups": list(groups)}
    return finish(stage, begin(stage))


def roles(stage: Stage, person: str) -> list[Role]:
    """What somebody holds now."""
    return [one.role for one in stage.call(people.get_me, GetMeRequest(), by=person).role_grants]


def test_a_claim_becomes_a_role_for_twelve_hours(stage: Stage, town: Town) -> None:
    """The same person at the next sign-in, whose role then holds for longer; then it ends by itself."""
    first = sign_in(stage, town, "centre")
    assert roles(stage, first.person_id) == [Role.NATIONAL]
    stage.clock.advance(hours=11)
    assert sign_in(stage, town, "centre").person_id == first.person_id
    stage.clock.advance(hours=11)
    assert roles(stage, first.person_id) == [Role.NATIONAL]
    stage.clock.advance(hours=1)
    assert roles(stage, first.person_id) == []


def test_a_role_ends_when_it_is_said_no_longer(stage: Stage, town: Town) -> None:
    """At the next sign-in, which lets the person in without it."""
    person = sign_in(stage, town, "centre").person_id
    assert sign_in(stage, town).person_id == person
    assert roles(stage, person) == []


def test_somebody_new_without_a_role_is_refused(stage: Stage, town: Town) -> None:
    """Nobody is made of them."""
    with pytest.raises(StaffSignInRefused):
        sign_in(stage, town, "other", sub="guest")


def test_a_sign_in_is_finished_once_in_time_by_who_began_it(stage: Stage, town: Town) -> None:
    """A used or late state, another's secret, a state that was changed, another code: one refusal."""
    begun = begin(stage)
    town.claims_of["c"] = {"sub": "somebody", "groups": ["centre"]}
    other = begin(stage)
    for wrong in (model.StaffSignIn(begun.url[:-1] + ("A" if begun.url[-1] != "A" else "Q"), begun.secret), other):
        with pytest.raises(StaffSignInRefused):
            finish(stage, wrong, secret="x" * 43 if wrong is other else None)
    with pytest.raises(StaffSignInRefused):
        finish(stage, other, "another code")
    finish(stage, other)
    town.claims_of["c"] = {"sub": "somebody", "groups": ["centre"]}
    with pytest.raises(StaffSignInRefused):
        finish(stage, other)
    late = begin(stage)
    stage.clock.advance(minutes=10)
    with pytest.raises(StaffSignInRefused):
        finish(stage, late)
    assert "c" in town.claims_of, "the issuer was asked about a sign-in that is refused in any case"


def test_an_issuer_that_the_mix_does_not_name_is_not_there(stage: Stage) -> None:
    """Nobody is sent to an address that somebody else chose."""
    with pytest.raises(NotFound):
        stage.call(handlers.begin_staff_sign_in, model.BeginStaffSignInRequest("https://evil.example"))


def test_one_name_at_two_issuers_is_two_persons(town: Town) -> None:
    """And a state of one is not brought to the other: what follows from it is the first one's."""
    county = evolve(SETTINGS.issuers[0], issuer="https://login.county.example")
    with Stage(mewe_feature(), settings=evolve(SETTINGS, issuers=(*SETTINGS.issuers, county)), issuers=town) as stage:
        here = sign_in(stage, town, "centre").person_id
        town.claims_of["c"] = {"sub": "somebody", "groups": ["centre"]}
        begun = stage.call(handlers.begin_staff_sign_in, model.BeginStaffSignInRequest(county.issuer))
        assert finish(stage, begun).person_id != here
        assert town.asked == [TOWN, county.issuer]


def test_a_role_in_an_organisation_that_is_not_there_is_none(town: Town) -> None:
    """Somebody new who has no other is refused."""
    nowhere = evolve(CENTRE, role=Role.COORDINATOR, organisation="nowhere")
    settings = PeopleSettings(issuers=(evolve(SETTINGS.issuers[0], roles=(nowhere,)),))
    with Stage(mewe_feature(), settings=settings, issuers=town) as stage, pytest.raises(StaffSignInRefused):
        sign_in(stage, town, "centre")


@pytest.mark.parametrize("role", [Role.PARTICIPANT, Role.GUARDIAN, Role.LEADER, Role.CONTACT, Role.EMERGENCY_READER])
def test_no_other_role_can_come_from_a_claim(role: Role) -> None:
    """Such a mix is refused, with which roles can."""
    with pytest.raises(Invalid) as refused:
        ClaimedRole(claim="groups", value="x", role=role, organisation="o")
    assert "no other role can come from an issuer" in refused.value.fields[0].rule


NOW = Instant.from_utc(2026, 11, 22, 12)
AT = NOW.timestamp()
ASKS: dict[str, tuple[StaffIssuer, Mapping[str, object]]] = {
    "amr": (evolve(SETTINGS.issuers[0], require_amr=("mfa", "hwk")), {"amr": ["pwd", "hwk", "mfa"]}),
    "acr": (evolve(SETTINGS.issuers[0], require_acr=("high", "highest")), {"acr": "highest"}),
    "auth_time": (evolve(SETTINGS.issuers[0], max_age_minutes=10), {"auth_time": int(AT) - 600}),
}
"""By claim: an issuer of whom it is asked, and what is enough."""

TOO_WEAK: dict[str, tuple[object, ...]] = {
    "amr": (None, [], ["mfa"], ["hwk"], "mfa hwk", "mfa", {"mfa": 1, "hwk": 1}, [["mfa", "hwk"]], 7, True),
    "acr": (None, "", "low", "high highest", ["high"], {"high": 1}, 0, True),
    "auth_time": (None, "1", str(AT), True, [AT], AT - 661, AT + 61, 0, -1),
}


@pytest.mark.parametrize("asked", ASKS)
def test_what_an_issuer_does_not_say_is_not_so(asked: str) -> None:
    """Each of the three: enough where it is said as asked; refused where it is missing, another, or of another kind."""
    issuer, enough = ASKS[asked]
    assert is_strong_enough(enough, issuer, NOW)
    assert is_strong_enough({}, SETTINGS.issuers[0], NOW), "nothing is asked"
    assert not is_strong_enough({}, issuer, NOW)
    for said in TOO_WEAK[asked]:
        assert not is_strong_enough({asked: said}, issuer, NOW), said


def test_all_that_is_asked_has_to_be_said() -> None:
    """Two of three are not enough."""
    issuer = evolve(SETTINGS.issuers[0], require_amr=("mfa",), require_acr=("high",), max_age_minutes=1)
    whole = {"amr": ["mfa"], "acr": "high", "auth_time": AT}
    assert is_strong_enough(whole, issuer, NOW)
    for name in whole:
        assert not is_strong_enough({key: said for key, said in whole.items() if key != name}, issuer, NOW)


def test_who_signed_in_too_weakly_is_told_so(town: Town) -> None:
    """In words of its own, as the issuer vouches for them; nobody is made, and with more they are in."""
    settings = evolve(SETTINGS, issuers=(evolve(SETTINGS.issuers[0], require_amr=("mfa",)),))
    with Stage(mewe_feature(), settings=settings, issuers=town) as stage:
        with pytest.raises(StaffSignInTooWeak):
            sign_in(stage, town, "centre")
        assert stage.all(select(func.count()).select_from(PERSON), int) == [0]
        town.claims_of["c"] = {"sub": "somebody", "groups": ["centre"], "amr": ["pwd", "mfa"]}
        assert finish(stage, begin(stage)).person_id


CANNOT_BE_ASKED: tuple[dict[str, Any], ...] = (
    {"require_amr": ("m f a",)},
    {"require_acr": ("",)},
    {"max_age_minutes": 0},
    {"require_acr": ("a",) * 21},
)


@pytest.mark.parametrize("wrong", CANNOT_BE_ASKED)
def test_what_cannot_be_asked_is_refused_at_the_start(wrong: dict[str, Any]) -> None:
    """Words without spaces, twenty at most; a minute at least."""
    with pytest.raises(Invalid):
        evolve(SETTINGS.issuers[0], **wrong)


def test_a_session_of_an_issuer_ends_with_what_it_said(stage: Stage, town: Town) -> None:
    """After twelve hours, however much it is used: then one signs in there again."""
    session = sign_in(stage, town, "centre")
    request = RefreshSessionRequest("r", session.session_token)
    assert session.expire_time == stage.clock.now().add(hours=12)
    stage.clock.advance(hours=12, seconds=-0.000001)
    stage.call(people.refresh_session, request)
    stage.clock.advance(seconds=0.000001)
    with pytest.raises(SessionOver):
        stage.call(people.refresh_session, request)
