"""Every mixed model of a plan over several countries, in one process: each part with its own keys and sums."""

from collections.abc import Mapping
from uuid import uuid4

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from mewe_eval.analysis.found import Findings
from mewe_eval.analysis.plans import ReadPlan
from mewe_eval.federation.agreement import Agreement, agreement
from mewe_eval.federation.parts import Meeting, country_part, hub_part, in_one_process


def federated(plan: ReadPlan, tables: Mapping[str, bytes]) -> Findings:
    """Every mixed model of a plan over countries, each with its table (CSV) by its code.

    Where all agree, the figures are those of the one table that nobody has; where one does not, each country's own estimates
    are put together. A model that the data do not allow says so in its place. Raises PlanFaults as ``agreement`` does.
    """
    return carried_out(agreement(plan, tables))


def carried_out(agreed: Agreement) -> Findings:
    """What was agreed on, carried out: a round for each model, with keys of its own."""
    signing = {home.code: Ed25519PrivateKey.generate() for home in agreed.homes}
    public = {code: key.public_key() for code, key in signing.items()}

    def verify(code: str, said: bytes, signature: bytes) -> bool:
        return signed_by(public[code], said, signature)

    meeting = Meeting(uuid4().hex, agreed.plan, tuple(signing), verify)
    parts = {home.code: country_part(meeting, home, signing[home.code].sign) for home in agreed.homes}
    return in_one_process(parts, hub_part(meeting))


def signed_by(public: Ed25519PublicKey, said: bytes, signature: bytes) -> bool:
    """Whether a signature of some bytes was made with the private half of a key."""
    try:
        public.verify(signature, said)
    except InvalidSignature:
        return False
    return True
