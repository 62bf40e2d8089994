"""Receipts: what a feature signs, and the one document that a person keeps. Whoever has the country's keys can verify it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from hmac import compare_digest
from typing import Any

from attrs import frozen
from whenever import Instant

from mewe_core.kit.events import Hexadecimal
from mewe_core.kit.ports import Keys
from mewe_core.kit.privacy.rules import Outcome

_ANSWER = "privacy answer"
_RECEIPT = "privacy receipt"
KIND = "mewe.erasure-receipt.v1"


@frozen
class Answer:
    """What one feature answers for: the keys that it destroyed, and what became of its rows."""

    area: str
    erased_at: Instant
    keys: int
    outcomes: tuple[Outcome, ...]
    signature: str


def signed_answer(erasure_id: str, area: str, at: Instant, destroyed: int, outcomes: Sequence[Outcome], keys: Keys) -> Answer:
    """A feature's answer, under the country's key."""
    return Answer(area, at, destroyed, tuple(outcomes), _sign(erasure_id, area, at, destroyed, outcomes, keys))


def is_signed(erasure_id: str, answer: Answer, keys: Keys) -> bool:
    """Whether an answer is as its feature signed it."""
    wanted = _sign(erasure_id, answer.area, answer.erased_at, answer.keys, answer.outcomes, keys)
    return compare_digest(wanted, answer.signature)


def _sign(erasure_id: str, area: str, at: Instant, destroyed: int, outcomes: Sequence[Outcome], keys: Keys) -> Hexadecimal:
    said = [erasure_id, area, at.format_iso(), destroyed, [_outcome(one) for one in outcomes]]
    return Hexadecimal(keys.digest(_ANSWER, _bytes(said)))


def receipt(
    erasure_id: str,
    person_id: str,
    country: str,
    decided_at: Instant,
    answers: Iterable[Answer],
    keys: Keys,
) -> Mapping[str, Any]:
    """The document: what every feature did, what stays and under which rule, and one signature for all of it."""
    told = sorted(answers, key=lambda one: one.area)
    rows = [one for answer in told for one in answer.outcomes]
    document: dict[str, Any] = {
        "kind": KIND,
        "erasure": erasure_id,
        "person": person_id,
        "country": country,
        "decided": decided_at.format_iso(),
        "completed": max((one.erased_at for one in told), default=decided_at).format_iso(),
        "held": "something" if rows or any(one.keys for one in told) else "nothing",
        "features": [
            {
                "feature": one.area,
                "erased": one.erased_at.format_iso(),
                "keys_destroyed": one.keys,
                "rows": [_outcome(outcome) for outcome in one.outcomes],
                "signature": one.signature,
            }
            for one in told
        ],
    }
    return {**document, "signature": keys.digest(_RECEIPT, _bytes(document))}


def verified(document: object, keys: Keys) -> str | None:
    """What is wrong with a receipt, in a sentence; None: it is as it was signed."""
    if not isinstance(document, dict) or document.get("kind") != KIND:
        return "this is no receipt of an erasure"
    signature = document.get("signature")
    rest = {name: value for name, value in document.items() if name != "signature"}
    if not isinstance(signature, str) or not compare_digest(keys.digest(_RECEIPT, _bytes(rest)), signature):
        return "it was changed after it was signed, or signed with other keys"
    return None


def _outcome(one: Outcome) -> dict[str, str | int | None]:
    until = None if one.until is None else one.until.format_iso()
    return {"table": one.table, "done": one.done.value, "rows": one.rows, "rule": one.rule, "until": until}


def _bytes(said: object) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
