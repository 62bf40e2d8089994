"""The RPCs of consent, each with its access rule."""

from typing import Never

from mewe_core.kit.access import Role, anyone, member, nationally, signed_in
from mewe_core.kit.feature import Job, Rpc, Start
from mewe_core.people.confirming.store import of_person
from mewe_core.people.consents import guardians, handlers, links, reckoning, store

_LEADER_OR_COORDINATOR = member(scope=of_person, roles=(Role.LEADER, Role.COORDINATOR))
_COORDINATOR = (Role.COORDINATOR,)

RPCS: tuple[Rpc[Never, object], ...] = (
    Rpc(handlers.list_consent_texts, anyone()),
    Rpc(handlers.publish_consent_text, nationally(roles=(Role.NATIONAL,))),
    Rpc(handlers.get_my_consents, signed_in()),
    Rpc(handlers.set_my_birth_date, signed_in()),
    Rpc(handlers.give_consent, signed_in()),
    Rpc(handlers.withdraw_consent, signed_in()),
    Rpc(handlers.raise_objection, signed_in()),
    Rpc(handlers.take_back_objection, signed_in()),
    Rpc(guardians.get_person_consents, _LEADER_OR_COORDINATOR),
    Rpc(guardians.list_group_consents, member(scope=store.of_group, roles=(Role.LEADER,))),
    Rpc(guardians.list_organisation_consents, member(scope=store.of_organisation, roles=_COORDINATOR)),
    Rpc(guardians.record_birth_date, _LEADER_OR_COORDINATOR),
    Rpc(guardians.add_guardian, _LEADER_OR_COORDINATOR),
    Rpc(guardians.record_guardian_consent, _LEADER_OR_COORDINATOR),
    Rpc(guardians.record_guardian_withdrawal, _LEADER_OR_COORDINATOR),
    Rpc(guardians.record_one_guardian, member(scope=store.of_person, roles=_COORDINATOR)),
    Rpc(guardians.end_one_guardian, member(scope=store.of_exception, roles=_COORDINATOR)),
    Rpc(links.make_consent_link, _LEADER_OR_COORDINATOR),
    Rpc(links.open_consent_link, anyone()),
    Rpc(links.answer_consent_link, anyone()),
    Rpc(guardians.record_guardian_request, member(scope=store.of_person, roles=_COORDINATOR)),
    Rpc(guardians.answer_guardian_request, member(scope=store.of_request, roles=_COORDINATOR)),
    Rpc(guardians.list_guardian_requests, member(scope=store.of_organisation, roles=_COORDINATOR)),
)

STARTS = (Start(reckoning.learn_table),)
JOBS = (Job(reckoning.ask_again),)
