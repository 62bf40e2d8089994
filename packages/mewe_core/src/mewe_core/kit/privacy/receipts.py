"""Receipts: what a feature signs, and the one document that a person keeps.

Both are signed with ES256, so that whoever has the country's published public keys can verify them, with no secret and without
asking anybody. What is signed is the JSON of what is said, its keys sorted, without spaces, in UTF-8; docs/keys.md shows a
program that verifies a receipt with nothing of the platform.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen
from whenever import Instant

from mewe_core.kit.ports import Keys
from mewe_core.kit.privacy.rules import Outcome

ANSWER = "privacy answer"
RECEIPT = "privacy receipt"
KIND = "mewe.erasure-receipt.v1"


@frozen
class Answer:
    """What one feature answers for: the keys that it destroyed, and what became of its rows.

    ``key_id``: the public key that the signature is verified with.
    """

    area: str
    erased_at: Instant
    keys: int
    outcomes: tuple[Outcome, ...]
    key_id: str
    signature: str


def signed_answer(erasure_id: str, area: str, at: Instant, destroyed: int, outcomes: Sequence[Outcome], keys: Keys) -> Answer:
    """A feature's answer, signed with the country's key of now."""
    said = _said(erasure_id, area, at.format_iso(), destroyed, [_outcome(one) for one in outcomes])
    return Answer(area, at, destroyed, tuple(outcomes), keys.public_key().id, keys.sign(ANSWER, said))


def is_signed(erasure_id: str, answer: Answer, keys: Keys) -> bool:
    """Whether an answer is as its feature signed it."""
    rows = [_outcome(one) for one in answer.outcomes]
    said = _said(erasure_id, answer.area, answer.erased_at.format_iso(), answer.keys, rows)
    return keys.verified(ANSWER, said, answer.key_id, answer.signature)


def _said(erasure_id: object, area: object, at: object, destroyed: object, rows: object) -> bytes:
    return _bytes([erasure_id, area, at, destroyed, rows])


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
                "key": one.key_id,
                "signature": one.signature,
            }
            for one in told
        ],
        "key": keys.public_key().id,
    }
    return {**document, "signature": keys.sign(RECEIPT, _bytes(document))}


def verified(document: object, keys: Keys) -> str | None:
    """What is wrong with a receipt, in a sentence; None: it is as it was signed, and so is what each feature says in it."""
    if not isinstance(document, dict) or document.get("kind") != KIND:
        return "this is no receipt of an erasure"
    rest = {name: value for name, value in document.items() if name != "signature"}
    if not _is_good(RECEIPT, _bytes(rest), document, keys):
        return "it was changed after it was signed, or signed with other keys"
    for one in document["features"]:
        said = _said(document["erasure"], one["feature"], one["erased"], one["keys_destroyed"], one["rows"])
        if not _is_good(ANSWER, said, one, keys):
            return f"what it says of {one['feature']} is not what {one['feature']} signed"
    return None


def _is_good(purpose: str, said: bytes, signed: Mapping[str, object], keys: Keys) -> bool:
    key_id, signature = signed.get("key"), signed.get("signature")
    return isinstance(key_id, str) and isinstance(signature, str) and keys.verified(purpose, said, key_id, signature)


def _outcome(one: Outcome) -> dict[str, str | int | None]:
    until = None if one.until is None else one.until.format_iso()
    return {"table": one.table, "done": one.done.value, "rows": one.rows, "rule": one.rule, "until": until}


def _bytes(said: object) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
