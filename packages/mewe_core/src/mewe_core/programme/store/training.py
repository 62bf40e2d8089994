"""Certificates: statements."""

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.sql import Executable
from whenever import Instant

from mewe_core.kit.database import Database
from mewe_core.kit.values import columns
from mewe_core.programme.model.kept import KeptCertificate
from mewe_core.programme.model.training import Certificate
from mewe_core.programme.store.tables import CERTIFICATE

_TOLD = tuple(one for one in CERTIFICATE.c if one.name not in ("membership_id", "create_time"))
_BEHIND = or_(
    CERTIFICATE.c.create_time > bindparam("after_time"),
    (CERTIFICATE.c.create_time == bindparam("after_time")) & (CERTIFICATE.c.id > bindparam("after_id")),
)

ADD_CERTIFICATE: Executable = insert(CERTIFICATE)
ONE_CERTIFICATE: Executable = select(*_TOLD).where(CERTIFICATE.c.id == bindparam("certificate_id"))
WITHDRAW: Executable = (
    update(CERTIFICATE)
    .where(CERTIFICATE.c.id == bindparam("key"))
    .values(withdraw_time=bindparam("new_withdraw_time"), withdrawal_reason=bindparam("new_withdrawal_reason"))
)
CERTIFICATES_OF_PERSON: Executable = select(*_TOLD).where(
    CERTIFICATE.c.person_id == bindparam("person_id"), CERTIFICATE.c.programme_id == bindparam("programme_id")
)
CERTIFICATES_OF_MEMBERSHIP: Executable = select(*_TOLD).where(
    CERTIFICATE.c.membership_id == bindparam("membership_id"), CERTIFICATE.c.withdraw_time.is_(None)
)
CERTIFICATES_OF_ORGANISATION: Executable = (
    select(*_TOLD, CERTIFICATE.c.create_time)
    .where(CERTIFICATE.c.organisation_id == bindparam("organisation_id"), _BEHIND)
    .order_by(CERTIFICATE.c.create_time, CERTIFICATE.c.id)
    .limit(bindparam("limit"))
)
MY_CERTIFICATES: Executable = (
    select(*_TOLD, CERTIFICATE.c.create_time)
    .where(CERTIFICATE.c.person_id == bindparam("person_id"), _BEHIND)
    .order_by(CERTIFICATE.c.create_time, CERTIFICATE.c.id)
    .limit(bindparam("limit"))
)


async def add(database: Database, certificate: Certificate, membership_id: str, now: Instant) -> None:
    """Keep a certificate, and for which membership it was given. Raises Conflict if there is one that is not withdrawn."""
    await database.execute(ADD_CERTIFICATE, **columns(certificate), membership_id=membership_id, create_time=now)


async def withdraw(database: Database, certificate: Certificate) -> None:
    """Keep that a certificate was withdrawn."""
    await database.execute(
        WITHDRAW,
        key=certificate.id,
        new_withdraw_time=certificate.withdraw_time,
        new_withdrawal_reason=certificate.withdrawal_reason,
    )


async def certificate(database: Database, certificate_id: str) -> Certificate | None:
    """One certificate."""
    return await database.first(ONE_CERTIFICATE, Certificate, certificate_id=certificate_id)


async def of_person(database: Database, person_id: str, programme_id: str) -> list[Certificate]:
    """Every certificate that a person was given for a training, good or not."""
    return await database.all(CERTIFICATES_OF_PERSON, Certificate, person_id=person_id, programme_id=programme_id)


async def of_membership(database: Database, membership_id: str) -> list[Certificate]:
    """Certificates that were given for a membership and not withdrawn."""
    return await database.all(CERTIFICATES_OF_MEMBERSHIP, Certificate, membership_id=membership_id)


async def of_organisation(
    database: Database, organisation_id: str, after: tuple[Instant, str], limit: int
) -> list[KeptCertificate]:
    """An organisation's certificates behind a place in the list, oldest first."""
    return await database.all(
        CERTIFICATES_OF_ORGANISATION,
        KeptCertificate,
        organisation_id=organisation_id,
        after_time=after[0],
        after_id=after[1],
        limit=limit,
    )


async def mine(database: Database, person_id: str, after: tuple[Instant, str], limit: int) -> list[KeptCertificate]:
    """A person's certificates behind a place in the list, oldest first."""
    return await database.all(
        MY_CERTIFICATES, KeptCertificate, person_id=person_id, after_time=after[0], after_id=after[1], limit=limit
    )
