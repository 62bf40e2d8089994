"""Where an issuer's description may lead."""

import pytest
from mewe_host.identity import oidc


@pytest.mark.parametrize(
    ("place", "issuer", "good"),
    [
        ("https://login.town.example/token", "https://login.town.example", True),
        ("https://keys.town.example/jwks", "https://login.town.example", True),
        ("http://login.town.example/token", "https://login.town.example", False),
        ("http://127.0.0.1:8080/token", "https://login.town.example", False),
        ("http://login.town.example/token", "http://127.0.0.1:8080", False),
        ("http://[::1]:8080/token", "http://127.0.0.1:8080", True),
        ("http://localhost.evil.example/token", "http://localhost:8080", False),
        ("https://somebody@login.town.example/token", "https://login.town.example", False),
        ("https://login.town.example:port/token", "https://login.town.example", False),
        ("https:///token", "https://login.town.example", False),
        ("ftp://login.town.example/token", "https://login.town.example", False),
        ("https://login.town.example/" + "x" * 2000, "https://login.town.example", False),
        (None, "https://login.town.example", False),
    ],
)
def test_a_place_of_an_issuer_is_protected_or_on_this_machine(place: object, issuer: str, *, good: bool) -> None:
    """Codes and secrets go nowhere by plain HTTP, and an issuer elsewhere points at nothing on this machine without TLS."""
    assert oidc._may_ask(place, issuer) is good
