"""A pass to one's own data: given by people to whoever has shown the secret of their device, good at every feature."""

import base64
import binascii
import json

from attrs import frozen
from whenever import Instant

from mewe_core.kit.errors import PassNotGood
from mewe_core.kit.ports import Work
from mewe_core.kit.values import micros

MINUTES = 10
_PURPOSE = "privacy export pass"


@frozen
class Pass:
    """The pass, as its person is told it, and until when it is good."""

    text: str
    expires_at: Instant


def make_pass(person_id: str, work: Work) -> Pass:
    """A pass for a person, sealed under the country's key: no feature needs to be asked whether it is good."""
    until = work.now.add(minutes=MINUTES)
    sealed = work.keys.seal(_PURPOSE, json.dumps([person_id, micros(until)]).encode())
    return Pass(base64.urlsafe_b64encode(sealed).decode(), until)


def check_pass(text: str, work: Work) -> None:
    """Raises PassNotGood unless the caller has this pass and it is still good."""
    try:
        person_id, until = json.loads(work.keys.open(_PURPOSE, base64.urlsafe_b64decode(text)))
    except (ValueError, TypeError, binascii.Error):
        raise PassNotGood from None
    if person_id != work.caller.person_id or until <= micros(work.now):
        raise PassNotGood
