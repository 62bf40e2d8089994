"""Requests and answers of people, as the contract has them."""

from enum import StrEnum

from attrs import field, frozen, validators
from whenever import Instant

from mewe_core.kit import paging
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.checks import between, few, given, identifier, text
from mewe_core.people.consent_settings import ConsentSettings
from mewe_core.people.devices.model import DeviceKey, DeviceProof
from mewe_core.people.oidc.settings import StaffIssuer
from mewe_core.people.passkeys.settings import PasskeySettings

_request_id = identifier
_page_token = text(paging.LONGEST, least=0)


class OrganisationKind(StrEnum):
    """What an organisation is."""

    MUNICIPALITY = "municipality"
    SCHOOL = "school"
    CARE = "care"
    ASSOCIATION = "association"
    FAITH = "faith"
    OTHER = "other"


@frozen
class RedeemInvitationRequest:
    """Turn a code into a device session. ``code``: words as they were shown or read aloud, or what a QR code says, at most
    200 characters. ``shared_device``: others use it too, so that it is signed out after some hours."""

    request_id: str = field(validator=_request_id)
    code: str = field(validator=text(200), repr=False)
    shared_device: bool = False
    device_key: DeviceKey | None = None


@frozen
class AccessToken:
    """What a call is made with, for five minutes."""

    token: str = field(repr=False)
    expire_time: Instant


@frozen
class DeviceSession:
    """A device session, told once to the device that made it. ``session_token``: 256 random bits, URL-safe base64.

    Without an access token it waits to be confirmed by somebody who is shown its ``words``.
    """

    id: str
    person_id: str
    session_token: str = field(repr=False)
    access_token: AccessToken | None
    expire_time: Instant
    words: str | None = field(repr=False)


@frozen
class RefreshSessionRequest:
    """Ask for a new access token with the secret of the session, and ``proof`` of the device's key if it is bound to one."""

    request_id: str = field(validator=_request_id)
    session_token: str = field(validator=text(200), repr=False)
    proof: DeviceProof | None = None


@frozen
class ListDeviceSessionsRequest:
    """One's own device sessions. ``page_size``: at most 200; 0 means 50."""

    page_size: int = 0
    page_token: str = field(default="", validator=_page_token)


@frozen
class DeviceSessionSummary:
    """One of one's own device sessions; ``current`` is the one that asks.

    ``last_time``: it ends then, however much it is used.
    """

    id: str
    create_time: Instant
    refresh_time: Instant
    expire_time: Instant
    current: bool
    last_time: Instant


@frozen
class ListDeviceSessionsResponse:
    """A page of device sessions, newest first."""

    device_sessions: tuple[DeviceSessionSummary, ...]
    next_page_token: str


@frozen
class EndDeviceSessionRequest:
    """End one of one's own device sessions."""

    request_id: str = field(validator=_request_id)
    device_session_id: str = field(validator=identifier)


@frozen
class EndDeviceSessionResponse:
    """It is ended."""


@frozen
class EndOtherDeviceSessionsRequest:
    """End all of one's own device sessions but the one that asks."""

    request_id: str = field(validator=_request_id)


@frozen
class EndOtherDeviceSessionsResponse:
    """They are ended."""


@frozen
class GetMeRequest:
    """Ask who one is."""


@frozen
class RoleGrant:
    """A role that a person holds in an organisation or in the country, from ``since`` to ``until`` (None: open)."""

    id: str
    person_id: str
    role: Role
    scope_kind: ScopeKind
    scope_id: str
    since: Instant
    until: Instant | None


@frozen
class Me:
    """Who one is: the pseudonymous id, and the roles in organisations and the country that hold now.

    ``return_ask_time``: somebody has said then that one has lost one's device, and a new one is to come (it can be refused).
    ``closed_before``: one came back on this device, and what one kept before is closed until it is opened with an adult.
    ``signed_out_time``: somebody of the staff ended all one's device sessions then; it is told for a month.
    """

    person_id: str
    role_grants: tuple[RoleGrant, ...]
    return_ask_time: Instant | None
    closed_before: Instant | None
    signed_out_time: Instant | None


@frozen
class Organisation:
    """An organisation that runs groups."""

    id: str
    name: str
    kind: OrganisationKind
    create_time: Instant


@frozen
class CreateOrganisationRequest:
    """Make an organisation. ``name``: its public name, 1 to 200 characters."""

    request_id: str = field(validator=_request_id)
    name: str = field(validator=text(200))
    kind: OrganisationKind


@frozen
class GetOrganisationRequest:
    """Ask for one organisation."""

    organisation_id: str = field(validator=identifier)


@frozen
class ListOrganisationsRequest:
    """The organisations that one holds a role in. ``page_size``: at most 200; 0 means 50."""

    page_size: int = 0
    page_token: str = field(default="", validator=_page_token)


@frozen
class ListOrganisationsResponse:
    """A page of organisations, by name."""

    organisations: tuple[Organisation, ...]
    next_page_token: str


@frozen
class InvitePersonRequest:
    """Make a code for a new person, or for one who has not signed in. ``valid_hours``: 1 to 168; 0: as the settings say.
    ``group_id``: whose leaders may confirm the person, who then joins it; not together with a role."""

    request_id: str = field(validator=_request_id)
    organisation_id: str = field(validator=identifier)
    person_id: str | None = field(default=None, validator=given(identifier))
    role: Role | None = None
    valid_hours: int = field(default=0, validator=between(0, 168))
    group_id: str | None = field(default=None, validator=given(identifier))


@frozen
class Invitation:
    """A one-time code for one person; ``code`` (and ``link``, the same for a QR code) is told here once and kept nowhere."""

    id: str
    person_id: str
    code: str = field(repr=False)
    expire_time: Instant
    link: str = field(repr=False)


@frozen
class WithdrawInvitationRequest:
    """Take back a code that nobody has redeemed."""

    request_id: str = field(validator=_request_id)
    invitation_id: str = field(validator=identifier)


@frozen
class WithdrawInvitationResponse:
    """It is withdrawn."""


@frozen
class GrantRoleRequest:
    """Give a person of the organisation a role in it, or the national one in the country; ``until`` None: open."""

    request_id: str = field(validator=_request_id)
    organisation_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    role: Role
    until: Instant | None = None


@frozen
class EndRoleRequest:
    """End a role now."""

    request_id: str = field(validator=_request_id)
    role_grant_id: str = field(validator=identifier)


@frozen
class ListRoleGrantsRequest:
    """Who holds or held a role in an organisation. ``page_size``: at most 200; 0 means 50."""

    organisation_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = field(default="", validator=_page_token)


@frozen
class ListNationalRoleGrantsRequest:
    """Who acts or acted for the whole country. ``page_size``: at most 200; 0 means 50."""

    page_size: int = 0
    page_token: str = field(default="", validator=_page_token)


@frozen
class ListRoleGrantsResponse:
    """A page of role grants, oldest first."""

    role_grants: tuple[RoleGrant, ...]
    next_page_token: str


@frozen
class ListNationalRoleGrantsResponse:
    """A page of role grants, oldest first."""

    role_grants: tuple[RoleGrant, ...]
    next_page_token: str


@frozen(kw_only=True)
class PeopleSettings:
    """Settings of the feature people, from the mix.

    ``invitation_hours``: how long a code is good unless the invitation says otherwise; 1 to 168.
    ``session_days``: a device is signed out when it has not been used for so long; 1 to 365. Longer than the three months
    between the last session of a group and its follow-up, or half the group has to be invited anew.
    ``longest_days``: however much it is used, one signs in again after so long; 30 to 730. Longer than a whole run of a group.
    ``staff_days``: the same for whoever holds a role of the staff and signed in with a passkey or at an issuer; 1 to 90.
    ``staff_sign_in``: ``passkey``, or ``code``. With the former, where passkeys are set up, a session of the staff that began
    with a code alone lives ``staff_code_hours`` (1 to 720) unless a passkey is registered in it.
    ``most_devices``: how many sessions a person may have; at the next sign-in the one unused the longest ends; 2 to 50.
    ``most_wrong_codes``: when more were wrong in ten minutes, only one attempt in eight is looked at; at least 100.
    ``erasure_hours``: how long an erasure can be undone, together with an adult, before everything is destroyed; 0 to 720.
    ``language``: in which the line about the first sign-in is written; ``en`` or ``sv``.
    ``consent``: who decides in this country, as far as the deployment knows, and on which ground data are held.
    ``passkeys``: where they are good; none are offered without it. ``issuers``: where staff sign in, at most 20.
    """

    invitation_hours: int = field(default=72, validator=[validators.instance_of(int), validators.ge(1), validators.le(168)])
    session_days: int = field(default=180, validator=[validators.instance_of(int), validators.ge(1), validators.le(365)])
    longest_days: int = field(default=365, validator=[validators.instance_of(int), validators.ge(30), validators.le(730)])
    staff_days: int = field(default=7, validator=[validators.instance_of(int), validators.ge(1), validators.le(90)])
    staff_sign_in: str = field(default="passkey", validator=validators.in_(("passkey", "code")))
    staff_code_hours: int = field(default=72, validator=[validators.instance_of(int), validators.ge(1), validators.le(720)])
    most_devices: int = field(default=10, validator=[validators.instance_of(int), validators.ge(2), validators.le(50)])
    most_wrong_codes: int = field(default=10_000, validator=[validators.instance_of(int), validators.ge(100)])
    erasure_hours: int = field(default=72, validator=[validators.instance_of(int), validators.ge(0), validators.le(720)])
    language: str = field(default="en", validator=validators.in_(("en", "sv")))
    consent: ConsentSettings = field(factory=ConsentSettings)
    passkeys: PasskeySettings | None = None
    issuers: tuple[StaffIssuer, ...] = field(default=(), validator=few(20))

    @property
    def asks_staff_for_a_passkey(self) -> bool:
        """Whether a code alone keeps nobody of the staff signed in for long: only where they can make a passkey."""
        return self.staff_sign_in == "passkey" and self.passkeys is not None
