"""What the chat cannot promise to keep to itself: its words, and who has read them."""

from mewe_core.kit import texts
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Work

from mewe_chat import member_store
from mewe_chat.errors import LimitChanged
from mewe_chat.model import (
    AcknowledgeLimitOfConfidentialityRequest,
    AcknowledgeLimitOfConfidentialityResponse,
    GetLimitOfConfidentialityRequest,
    LimitOfConfidentiality,
)
from mewe_chat.settings import Deployed

REVIEWED: frozenset[str] = frozenset()
"""The languages in which somebody who speaks them has reviewed our words."""

_PACKAGE, _KEY = "mewe_chat", "limit-of-confidentiality"


def limit(deployed: Deployed, language: str) -> LimitOfConfidentiality:
    """The words in a language, or the plain form of it, or else in the first language of the deployment that there is."""
    wanted = [tag for one in (language, *deployed.brought.languages, texts.FALLBACK) for tag in (one, one.split("-")[0])]
    own = {one.language: one for one in deployed.settings.limit_texts}
    if own:
        said = next((own[tag] for tag in wanted if tag in own), deployed.settings.limit_texts[0])
        return LimitOfConfidentiality(deployed.limit_version, said.language, said.text, said.reviewed)
    there = texts.languages(_PACKAGE)
    found = next(tag for tag in wanted if tag in there)
    return LimitOfConfidentiality(deployed.limit_version, found, texts.say(_PACKAGE, found, _KEY), found in REVIEWED)


async def get_limit_of_confidentiality(request: GetLimitOfConfidentialityRequest, work: Work) -> LimitOfConfidentiality:
    """The limit of confidentiality of a room, in a language."""
    return limit(work.settings(Deployed), request.language)


async def acknowledge_limit_of_confidentiality(
    request: AcknowledgeLimitOfConfidentialityRequest, work: Work
) -> AcknowledgeLimitOfConfidentialityResponse:
    """Keep that the caller has read a version. Raises LimitChanged if another is shown by now."""
    if work.caller.person_id is None:
        raise NotFound
    shown = work.settings(Deployed).limit_version
    if request.version != shown:
        raise LimitChanged
    await member_store.acknowledge(work.database, request.room_id, work.caller.person_id, shown, work.now)
    return AcknowledgeLimitOfConfidentialityResponse(shown)
