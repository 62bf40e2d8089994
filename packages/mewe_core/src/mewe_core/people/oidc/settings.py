"""What a deployment says about issuers of identities."""

import re
from ipaddress import ip_address

from attrs import field, frozen

from mewe_core.kit.access import Role
from mewe_core.kit.checks import between, given, identifier, text
from mewe_core.kit.errors import Field, Invalid

FOR_STAFF = (Role.SUPERVISOR, Role.COORDINATOR, Role.EDITOR, Role.RESEARCHER, Role.NATIONAL)
"""Roles that may come from a claim. Participants and guardians are never staff; leaders are named by those who coordinate."""


_WORD = re.compile(r"[\x21-\x7e]{1,200}")
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[A-Za-z0-9.-]+))(:[0-9]{1,5})?(/[A-Za-z0-9._~/%-]*)?"
)


def is_protected(address: str) -> bool:
    """Whether an address is https, or http on this machine alone (for trying out); without user, query and fragment."""
    found = _ADDRESS.fullmatch(address)
    return found is not None and (found["scheme"] == "https" or _is_this_machine(found["six"] or found["host"]))


@frozen(kw_only=True)
class ClaimedRole:
    """Who has ``value`` in ``claim`` (or among its values) holds ``role``, in an organisation by its id.

    The national role holds in the country, without an organisation. ``claim`` may be a path, such as "realm_access.roles".
    """

    claim: str = field(validator=text(200))
    value: str = field(validator=text(200))
    role: Role = field()
    organisation: str | None = field(default=None, validator=given(identifier))

    @role.validator
    def _is_for_staff(self, _: object, role: Role) -> None:
        if role not in FOR_STAFF:
            rule = "supervisor, coordinator, editor, researcher or national: no other role can come from an issuer"
            raise Invalid(Field("role", rule))

    @organisation.validator
    def _is_where_it_holds(self, _: object, organisation: str | None) -> None:
        if (organisation is None) != (self.role is Role.NATIONAL):
            raise Invalid(Field("organisation", "the id of an organisation, for every role but the national one"))


@frozen(kw_only=True)
class StaffIssuer:
    """Where staff sign in. ``client_secret_env`` names the environment variable with the secret; none for a public client.

    ``redirect_uri``: where the app takes them up again; registered at the issuer. ``hours``: how long its roles hold after a
    sign-in, 1 to 168, and the longest that a session lives which began there.

    What is asked of how somebody signed in there: ``require_acr``: one of these classes; ``require_amr``: each of these methods
    (such as "mfa"); ``max_age_minutes``: not longer ago, 1 to 10080. Nothing is asked without them, and whatever the issuer
    does not say counts as not so.
    """

    issuer: str = field()
    client_id: str = field(validator=text(200))
    client_secret_env: str | None = field(default=None)
    redirect_uri: str = field()
    roles: tuple[ClaimedRole, ...] = field()
    hours: int = field(default=12, validator=between(1, 168))
    require_acr: tuple[str, ...] = field(default=())
    require_amr: tuple[str, ...] = field(default=())
    max_age_minutes: int | None = field(default=None, validator=given(between(1, 10_080)))

    @issuer.validator
    @redirect_uri.validator
    def _is_address(self, attribute: "object", address: str) -> None:
        if len(address) > 500 or not is_protected(address):
            name = str(getattr(attribute, "name", ""))
            raise Invalid(Field(name, "an https address without query, or http on 127.0.0.1, ::1 or localhost"))

    @client_secret_env.validator
    def _is_variable(self, _: object, name: str | None) -> None:
        if name is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,99}", name):
            raise Invalid(Field("client_secret_env", "the name of an environment variable"))

    @require_acr.validator
    @require_amr.validator
    def _are_words(self, attribute: "object", words: tuple[str, ...]) -> None:
        if len(words) > 20 or not all(_WORD.fullmatch(one) for one in words):
            raise Invalid(Field(str(getattr(attribute, "name", "")), "at most 20 words without spaces"))

    @roles.validator
    def _are_some(self, _: object, roles: tuple[ClaimedRole, ...]) -> None:
        if not 1 <= len(roles) <= 500:
            raise Invalid(Field("roles", "1 to 500 roles, each by a claim and a value"))


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
