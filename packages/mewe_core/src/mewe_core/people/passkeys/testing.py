"""An authenticator made of software, for tests: it makes passkeys and answers as the standard says, or as it is told to."""

import hashlib
import json
import struct
from typing import Any

import cbor2
from attrs import define, field
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from mewe_core.people.base64url import from_text, to_text

PRESENT, VERIFIED, ATTESTED = 1, 4, 64
ES256 = -7


@define
class Held:
    """A passkey on the authenticator."""

    id: bytes
    key: ec.EllipticCurvePrivateKey
    rp_id: str
    user: str
    count: int = 0


@define
class Authenticator:
    """What a browser and its authenticator do together, at ``origin``.

    ``flags`` and ``cross_origin``: what it says of itself; ``counts``: whether it counts its signatures; ``next_id``: what the
    next passkey is called.
    """

    origin: str
    flags: int = PRESENT | VERIFIED
    cross_origin: bool = False
    counts: bool = True
    rp_id: str | None = None
    next_id: bytes | None = None
    held: list[Held] = field(factory=list)

    def create(self, options: str) -> str:
        """Make a passkey: what ``navigator.credentials.create`` gives, as JSON."""
        asked: dict[str, Any] = json.loads(options)
        rp_id = self.rp_id or asked["rp"]["id"]
        one = Held(
            self.next_id or hashlib.sha256(f"{len(self.held)} {asked['challenge']}".encode()).digest(),
            ec.generate_private_key(ec.SECP256R1()),
            rp_id,
            asked["user"]["id"],
        )
        self.held.append(one)
        numbers = one.key.public_key().public_numbers()
        cose = {1: 2, 3: ES256, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(one.id)) + one.id + cbor2.dumps(cose)
        said = self._said("webauthn.create", asked["challenge"])
        made = {"fmt": "none", "attStmt": {}, "authData": self._data(rp_id, ATTESTED, one.count) + attested}
        return self._answer(one, {"clientDataJSON": to_text(said), "attestationObject": to_text(cbor2.dumps(made))})

    def get(self, options: str, passkey: int = -1) -> str:
        """Answer with a passkey: what ``navigator.credentials.get`` gives, as JSON."""
        asked: dict[str, Any] = json.loads(options)
        one = self.held[passkey]
        one.count += self.counts
        said = self._said("webauthn.get", asked["challenge"])
        data = self._data(self.rp_id or asked["rpId"], 0, one.count)
        signature = one.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        answer = {"clientDataJSON": said, "authenticatorData": data, "signature": signature}
        return self._answer(one, {**{name: to_text(value) for name, value in answer.items()}, "userHandle": one.user})

    def _said(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin}
        return json.dumps(said).encode()

    def _data(self, rp_id: str, more: int, count: int) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([self.flags | more]) + struct.pack(">I", count)

    def _answer(self, one: Held, response: dict[str, str]) -> str:
        name = to_text(one.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}})


def changed(credential: str, name: str, *, byte: int = -1) -> str:
    """The same answer with one bit of a part of it turned."""
    answer: dict[str, Any] = json.loads(credential)
    data = bytearray(from_text(answer["response"][name]))
    data[byte] ^= 1
    answer["response"][name] = to_text(bytes(data))
    return json.dumps(answer)
