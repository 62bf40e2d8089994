"""What countries and the hub tell each other: canonical JSON, signed, bound to one round of one plan."""

import json
from collections.abc import Callable, Sequence
from enum import Enum
from typing import TypeAlias

from attrs import frozen

from mewe_eval.federation.masks import MODULUS, total
from mewe_eval.statistics.results import Vector

Sign: TypeAlias = Callable[[bytes], bytes]
"""A country's signature of some bytes."""

Verify: TypeAlias = Callable[[str, bytes, bytes], bool]
"""Whether a signature (third) of some bytes (second) is that of a country (first)."""


class Step(Enum):
    """The steps of a round, in their order; before it, what a country offers and whether it is ready."""

    OFFER = "offer"
    READY = "ready"
    KEY = "key"
    SIZES = "sizes"
    VOTE = "vote"
    SUMS = "sums"
    ESTIMATE = "estimate"


class MessageRefused(Exception):
    """A message is not what this step of this round waits for; the sentence names the country and the reason."""


@frozen
class Round:
    """One federated analysis. ``id``: never used before; ``plan`` and ``instruments``: SHA-256 of what all must have alike.

    ``largest``: the largest cluster that is provided for; ``names``: the columns of the model, the outcome last.
    """

    id: str
    plan: str
    instruments: str
    countries: tuple[str, ...]
    names: tuple[str, ...]
    largest: int = 60

    def context(self, step: Step) -> bytes:
        """What masks and signatures of a step are bound to."""
        said = [self.id, self.plan, self.instruments, list(self.countries), list(self.names), self.largest, step.value]
        return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


@frozen
class Message:
    """What a country tells in one step: ``body`` is JSON; ``signature`` is over it, the country and the round's context."""

    country: str
    step: Step
    body: str
    signature: bytes

    def to_text(self) -> str:
        """As it is carried from one process to another."""
        return json.dumps([self.country, self.step.value, self.body, self.signature.hex()], ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "Message":
        """The inverse. Raises MessageRefused for anything else."""
        try:
            match json.loads(text):
                case [str(country), str(step), str(body), str(signature)]:
                    return cls(country, Step(step), body, bytes.fromhex(signature))
        except (ValueError, RecursionError):
            pass
        raise MessageRefused("what was sent is no message of a round")


def signed(around: Round, country: str, step: Step, body: object, sign: Sign) -> Message:
    """A message of a country."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Message(country, step, text, sign(_said(around, country, step, text)))


def opened(message: Message, around: Round, step: Step, verify: Verify) -> object:
    """The body of a message that belongs here. Raises MessageRefused for a stranger, another step, round, plan or signer."""
    if message.country not in around.countries:
        raise MessageRefused(f"{message.country} is not one of the countries of this round: {', '.join(around.countries)}")
    if message.step is not step:
        raise MessageRefused(f'{message.country} sent its "{message.step.value}" where "{step.value}" is waited for')
    if not verify(message.country, _said(around, message.country, step, message.body), message.signature):
        raise MessageRefused(f"{message.country} did not sign this for this round, plan and instruments")
    body: object = json.loads(message.body)
    return body


def bodies_of(messages: Sequence[Message], around: Round, step: Step, verify: Verify) -> dict[str, object]:
    """The body of every country's message of a step, each once. Raises MessageRefused if one is missing or does not belong."""
    bodies = {one.country: opened(one, around, step, verify) for one in messages}
    if missing := [one for one in around.countries if one not in bodies]:
        raise MessageRefused(f'{missing[0]} has not sent its "{step.value}"')
    if len(messages) != len(bodies):
        raise MessageRefused(f'a country has sent its "{step.value}" twice')
    return bodies


def summed(messages: Sequence[Message], around: Round, step: Step, verify: Verify, length: int) -> Vector:
    """The total over all countries of what they sent masked in a step. Raises MessageRefused as ``bodies_of`` does."""
    bodies = bodies_of(messages, around, step, verify)
    return total([_numbers(country, body, length) for country, body in bodies.items()])


def totals_of(sizes: Sequence[Message], around: Round, verify: Verify) -> dict[int, int]:
    """How many clusters of each size all countries have together; whoever has every country's message can tell."""
    return {
        size: round(count) for size, count in enumerate(summed(sizes, around, Step.SIZES, verify, around.largest).tolist(), 1)
    }


def _numbers(country: str, body: object, length: int) -> list[int]:
    try:
        if isinstance(body, list) and len(body) == length and all(isinstance(one, str) for one in body):
            numbers = [int(one, 16) for one in body]
            if all(0 <= one < MODULUS for one in numbers):
                return numbers
    except ValueError:
        pass
    raise MessageRefused(f"{country} did not send {length} masked numbers")


def _said(around: Round, country: str, step: Step, text: str) -> bytes:
    return around.context(step) + b"\n" + country.encode() + b"\n" + text.encode()
