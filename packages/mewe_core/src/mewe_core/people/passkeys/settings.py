"""What a deployment says about passkeys."""

import re

from attrs import field, frozen

from mewe_core.kit.errors import Field, Invalid

_DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+)(:[0-9]{1,5})?")


@frozen(kw_only=True)
class PasskeySettings:
    """Where passkeys are good.

    ``rp_id``: the domain they belong to, such as "mewe.example"; it can never be changed without losing them all.
    ``origins``: where the app is served from, such as ["https://app.mewe.example"]: of that domain, and by HTTPS (or on
    localhost, for trying out).
    """

    rp_id: str = field()
    origins: tuple[str, ...] = field()

    @rp_id.validator
    def _is_domain(self, _: object, rp_id: str) -> None:
        if not _DOMAIN.fullmatch(rp_id):
            raise Invalid(Field("rp_id", 'a domain in lower case, such as "mewe.example"'))

    @origins.validator
    def _are_origins(self, _: object, origins: tuple[str, ...]) -> None:
        if not origins or not all(_is_of(self.rp_id, origin) for origin in origins):
            raise Invalid(Field("origins", 'origins of that domain by https, such as ["https://app.mewe.example"]'))


def _is_of(rp_id: str, origin: str) -> bool:
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        return False
    host = found["host"]
    return (host == rp_id or host.endswith(f".{rp_id}")) and (found["scheme"] == "https" or rp_id == "localhost")
