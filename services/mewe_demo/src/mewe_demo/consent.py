"""Saying yes, in the demo and wherever a group is tried out: the texts, a guardian's paper, a young person's own word."""

from collections.abc import Sequence

from mewe.kit.v1.standing_pb2 import PURPOSE_CHAT, PURPOSE_TAKE_PART, Purpose
from mewe.people.v1 import consent_service_pb2 as consent
from mewe.people.v1 import guardian_service_pb2 as guardians
from mewe_client import Client
from whenever import Date

PURPOSES = (PURPOSE_TAKE_PART, PURPOSE_CHAT)
BORN = Date(2012, 1, 1)


def guardians_decide(*purposes: str) -> str:
    """Rows for the mix of a country that is only tried out: a guardian decides at every age. Nobody has verified them."""
    return "".join(
        f"""
[[features.people.consent.participation]]
country = "SE"
purpose = "{purpose}"
age_from = 0
who = "guardian"
source = "example for trying out"
checked_on = 2026-11-22
"""
        for purpose in purposes
    )


GUARDIANS_DECIDE = guardians_decide("take_part", "chat")
"""Such rows for taking part and the chat."""


async def informed(national: Client, purposes: Sequence[Purpose.ValueType] = PURPOSES) -> None:
    """See to it that there is a text about each purpose: taking part and the chat, if no others are named."""
    listed = await national.send(national.consent.ListConsentTexts, consent.ListConsentTextsRequest())
    for purpose in purposes:
        if not any(one.purpose == purpose for one in listed.consent_texts):
            text = consent.PublishConsentTextRequest(
                purpose=purpose,
                version=1,
                language="en",
                text="What we do together, who reads what you write, and your rights.",
            )
            await national.send(national.consent.PublishConsentText, text)


async def guardian_signs(by: Client, person_id: str, *, born: Date = BORN, signed_on: Date = BORN) -> None:
    """Record on paper a guardian's yes to everything that there is a text about, and when the young person was born."""
    birth = guardians.RecordBirthDateRequest(person_id=person_id, birth_date=born.format_iso())
    await by.send(by.guardians.RecordBirthDate, birth)
    guardian = await by.send(by.guardians.AddGuardian, guardians.AddGuardianRequest(person_id=person_id, label="the first"))
    for text_id in await _texts(by):
        paper = guardians.RecordGuardianConsentRequest(
            person_id=person_id, guardian_id=guardian.id, text_id=text_id, signed_on=signed_on.format_iso()
        )
        await by.send(by.guardians.RecordGuardianConsent, paper)


async def says_yes(young: Client, *, born: Date) -> None:
    """A young person who decides tells when they were born, and says yes to everything that there is a text about."""
    await young.send(young.consent.SetMyBirthDate, consent.SetMyBirthDateRequest(birth_date=born.format_iso()))
    for text_id in await _texts(young):
        await young.send(young.consent.GiveConsent, consent.GiveConsentRequest(text_id=text_id))


async def _texts(by: Client) -> list[str]:
    listed = await by.send(by.consent.ListConsentTexts, consent.ListConsentTextsRequest())
    return [one.id for one in listed.consent_texts]
