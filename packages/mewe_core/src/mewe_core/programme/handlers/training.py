"""Certificates: TrainingService."""

from attrs import evolve
from whenever import Instant

from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Work
from mewe_core.programme import errors, rules
from mewe_core.programme.events import CertificateIssued, CertificateWithdrawn
from mewe_core.programme.handlers.subject import group_here, membership_here, page, person, programme_of
from mewe_core.programme.model.kept import KeptCertificate
from mewe_core.programme.model.training import (
    Certificate,
    IssueCertificateRequest,
    ListCertificatesRequest,
    ListCertificatesResponse,
    ListMyCertificatesRequest,
    ListMyCertificatesResponse,
    WithdrawCertificateRequest,
)
from mewe_core.programme.store import sessions, training


async def issue_certificate(request: IssueCertificateRequest, work: Work) -> Certificate:
    """Give a participant of a training group its certificate, dated today in the group's time zone.

    Raises NoCertificate, MembershipEnded, TrainingNotDone, TooFewSessions, CertificateHeld.
    """
    group = await group_here(work)
    membership = await membership_here(work, request.membership_id)
    programme = await programme_of(work, group)
    marks = await sessions.attendance_in_group(work.database, group.id)
    attended = sum(1 for one in marks if one.membership_id == membership.id and one.attendance in rules.THERE)
    given = await training.of_membership(work.database, membership.id)
    rule = rules.may_certify(programme, group, membership, attended, given)
    today = work.now.to_tz(group.time_zone).date()
    certificate = Certificate(
        id=work.new_id(),
        person_id=membership.person_id,
        programme_id=programme.id,
        programme_version=programme.version,
        organisation_id=group.organisation_id,
        issuer_id=person(work),
        issue_date=today,
        last_date=None if rule.valid_months is None else today.add(months=rule.valid_months),
        withdraw_time=None,
        withdrawal_reason=None,
    )
    await training.add(work.database, certificate, membership.id, work.now)
    work.emit(CertificateIssued(certificate.id, certificate.person_id, certificate.organisation_id))
    return certificate


async def withdraw_certificate(request: WithdrawCertificateRequest, work: Work) -> Certificate:
    """Take a certificate back, from now on. Raises CertificateIsWithdrawn."""
    certificate = await training.certificate(work.database, request.certificate_id)
    if certificate is None:
        raise NotFound
    if certificate.withdraw_time is not None:
        raise errors.CertificateIsWithdrawn
    withdrawn = evolve(certificate, withdraw_time=work.now, withdrawal_reason=request.reason)
    await training.withdraw(work.database, withdrawn)
    work.emit(CertificateWithdrawn(withdrawn.id, withdrawn.person_id, withdrawn.organisation_id))
    return withdrawn


def _place(one: KeptCertificate) -> tuple[Instant, str]:
    return one.create_time, one.id


async def list_certificates(request: ListCertificatesRequest, work: Work) -> ListCertificatesResponse:
    """Certificates that an organisation gave, oldest first. Raises Invalid for a page token of another list."""
    found, following = await page(
        f"certificates {request.organisation_id}",
        request.page_size,
        request.page_token,
        lambda after, limit: training.of_organisation(work.database, request.organisation_id, after, limit),
        _place,
    )
    return ListCertificatesResponse(tuple(one.told() for one in found), following)


async def list_my_certificates(request: ListMyCertificatesRequest, work: Work) -> ListMyCertificatesResponse:
    """The caller's own certificates, oldest first. Raises Invalid for a page token of another list."""
    found, following = await page(
        "my certificates",
        request.page_size,
        request.page_token,
        lambda after, limit: training.mine(work.database, person(work), after, limit),
        _place,
    )
    return ListMyCertificatesResponse(tuple(one.told() for one in found), following)
