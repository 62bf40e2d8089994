"""The feature people: who somebody is here, and which roles they hold in organisations and in the country."""

from mewe_core import people
from mewe_core.kit.access import Role, anyone, member, nationally, signed_in
from mewe_core.kit.events import Hears
from mewe_core.kit.feature import Feature, Job, Rpc, Start
from mewe_core.kit.hookspecs import hookimpl
from mewe_core.kit.privacy.telling import PersonErased, RowsErased
from mewe_core.people import handlers, once, store
from mewe_core.people.confirming import handlers as confirming
from mewe_core.people.confirming.store import of_list, of_person
from mewe_core.people.consents import rpcs as consents
from mewe_core.people.devices import handlers as devices
from mewe_core.people.errors import ERRORS
from mewe_core.people.events import EVENTS
from mewe_core.people.model import PeopleSettings
from mewe_core.people.oidc import handlers as oidc
from mewe_core.people.passkeys import handlers as passkeys
from mewe_core.people.personal import PERSONAL_DATA
from mewe_core.people.privacy import handlers as privacy
from mewe_core.people.returning import handlers as returning
from mewe_core.people.returning.store import of_returns
from mewe_core.people.signing_out import handlers as signing_out
from mewe_core.people.signing_out.store import of_anybody

COORDINATES = (Role.COORDINATOR, Role.NATIONAL)
CONFIRMS = (Role.LEADER, Role.COORDINATOR, Role.NATIONAL)


@hookimpl
def mewe_feature() -> Feature:
    """Identity, device sessions, organisations, roles."""
    return Feature(
        name="people",
        package=people.__name__,
        version="1",
        summary="Pseudonymous persons, one-time invitations, device sessions, organisations and roles in them.",
        tables=store.METADATA,
        personal=PERSONAL_DATA,
        events=EVENTS,
        errors=ERRORS,
        settings=PeopleSettings,
        starts=(Start(handlers.publish_signing_key), Start(handlers.open_way_in), *consents.STARTS),
        hears=(
            Hears(RowsErased, privacy.hear_rows_erased),
            Hears(PersonErased, privacy.hear_person_erased),
        ),
        jobs=(Job(once.forget_spent), *consents.JOBS, Job(privacy.decide_erasures), Job(privacy.complete_erasures)),
        rpcs=(
            Rpc(handlers.redeem_invitation, anyone()),
            Rpc(handlers.refresh_session, anyone()),
            Rpc(handlers.list_device_sessions, signed_in()),
            Rpc(handlers.end_device_session, signed_in()),
            Rpc(handlers.end_other_device_sessions, signed_in()),
            Rpc(signing_out.end_sessions_of_person, member(scope=of_anybody, roles=CONFIRMS)),
            Rpc(handlers.get_me, signed_in()),
            Rpc(handlers.create_organisation, nationally(roles=(Role.NATIONAL,))),
            Rpc(handlers.get_organisation, member(scope=store.organisation_named, roles=store.BELONGS)),
            Rpc(handlers.list_organisations, signed_in()),
            Rpc(handlers.invite_person, member(scope=store.organisation_named, roles=COORDINATES)),
            Rpc(confirming.confirm_person, member(scope=of_person, roles=CONFIRMS)),
            Rpc(confirming.list_waiting_persons, member(scope=of_list, roles=CONFIRMS)),
            Rpc(returning.ask_for_return, member(scope=of_person, roles=CONFIRMS)),
            Rpc(returning.agree_to_return, member(scope=of_person, roles=CONFIRMS)),
            Rpc(returning.get_return, member(scope=of_person, roles=CONFIRMS)),
            Rpc(returning.list_returns, member(scope=of_returns, roles=COORDINATES)),
            Rpc(returning.refuse_return, signed_in()),
            Rpc(returning.ask_to_reopen, signed_in()),
            Rpc(returning.reopen_earlier, member(scope=of_person, roles=CONFIRMS)),
            Rpc(handlers.withdraw_invitation, member(scope=store.organisation_of_invitation, roles=COORDINATES)),
            Rpc(handlers.grant_role, member(scope=store.organisation_named, roles=COORDINATES)),
            Rpc(handlers.end_role, member(scope=store.scope_of_grant, roles=COORDINATES)),
            Rpc(handlers.list_role_grants, member(scope=store.organisation_named, roles=COORDINATES)),
            Rpc(handlers.list_national_role_grants, nationally(roles=(Role.NATIONAL,))),
            *consents.RPCS,
            Rpc(privacy.erase_me, signed_in()),
            Rpc(privacy.get_erasure, anyone()),
            Rpc(privacy.undo_erasure, member(scope=of_person, roles=CONFIRMS)),
            Rpc(privacy.allow_export, signed_in()),
            Rpc(devices.get_refresh_challenge, anyone()),
            Rpc(passkeys.get_passkey_registration_options, signed_in()),
            Rpc(passkeys.register_passkey, signed_in()),
            Rpc(passkeys.list_passkeys, signed_in()),
            Rpc(passkeys.remove_passkey, signed_in()),
            Rpc(passkeys.get_passkey_sign_in_options, anyone()),
            Rpc(passkeys.sign_in_with_passkey, anyone()),
            Rpc(oidc.list_staff_issuers, anyone()),
            Rpc(oidc.begin_staff_sign_in, anyone(), prepare=oidc.prepare_begin),
            Rpc(oidc.finish_staff_sign_in, anyone(), prepare=oidc.prepare_finish),
        ),
    )
