"""The public keys of a country, as others get them: what was signed can be verified with them for as long as anybody likes."""

import json
import sys
from pathlib import Path

from mewe_core.kit.ports import PublicKey

from mewe_host.command.auditing import require_keys
from mewe_host.identity.signing import key_set
from mewe_host.mix import found, mount
from mewe_host.running.opening import kept_keys
from mewe_host.running.refusing import refusing
from mewe_host.running.steps import Refusal


def public(mix: str, *, to: Path | None) -> int:
    """Print or write the public signing keys as a JWK Set (RFC 7517), the one in use first. Nothing in it is secret."""
    mounted = mount(found(mix))
    require_keys(mounted)
    with refusing(mounted.file):
        keys = kept_keys(mounted.mix)
    there: list[PublicKey] = [keys.public_key(), *reversed(keys.retired_keys())]
    text = json.dumps(key_set(there), indent=1) + "\n"
    if to is None:
        sys.stdout.write(text)
        return 0
    try:
        to.write_text(text, "utf-8")
    except OSError as fault:
        raise Refusal(f"{to} cannot be written: {fault.strerror}") from fault
    return 0
