"""Certificates: requests and answers of TrainingService."""

from enum import StrEnum

from attrs import field, frozen
from whenever import Date, Instant

from mewe_core.kit.checks import identifier


class WithdrawalReason(StrEnum):
    """Why a certificate was withdrawn."""

    GIVEN_IN_ERROR = "given_in_error"
    ASKED_BY_HOLDER = "asked_by_holder"
    MAY_NOT_LEAD = "may_not_lead"


@frozen
class Certificate:
    """A certificate. ``last_date`` is the last day on which it is valid (None: for ever)."""

    id: str
    person_id: str
    programme_id: str
    programme_version: int
    organisation_id: str
    issuer_id: str
    issue_date: Date
    last_date: Date | None
    withdraw_time: Instant | None
    withdrawal_reason: WithdrawalReason | None


@frozen
class IssueCertificateRequest:
    """Give a participant of a training group its certificate."""

    request_id: str = field(validator=identifier)
    membership_id: str = field(validator=identifier)


@frozen
class WithdrawCertificateRequest:
    """Take a certificate back, from now on."""

    request_id: str = field(validator=identifier)
    certificate_id: str = field(validator=identifier)
    reason: WithdrawalReason


@frozen
class ListCertificatesRequest:
    """Ask for the certificates that an organisation gave."""

    organisation_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = ""


@frozen
class ListCertificatesResponse:
    """A page of certificates, oldest first; ``next_page_token`` is empty on the last."""

    certificates: tuple[Certificate, ...]
    next_page_token: str


@frozen
class ListMyCertificatesRequest:
    """Ask for one's own certificates."""

    page_size: int = 0
    page_token: str = ""


@frozen
class ListMyCertificatesResponse:
    """A page of certificates, oldest first; ``next_page_token`` is empty on the last."""

    certificates: tuple[Certificate, ...]
    next_page_token: str
