"""What each country of the study runs: one mix, but for the country."""

from importlib import resources
from pathlib import Path

_PURPOSES = ("take_part", "chat", "evaluation")
_CONSENT = """
[[features.people.consent.participation]]
country = "{country}"
purpose = "{purpose}"
age_from = {least}
age_to = {most}
who = "{who}"
source = "example for trying out"
checked_on = 2026-11-22
"""
_MIX = """
country = "{country}"
languages = ["en"]
demo = true
[features.people.consent]
time_zone = "Europe/Stockholm"
{consent}
[features.programme]
[features.safety]
lines_accepted_by = "the demo: nobody has verified the telephone numbers"
[features.eval]
follow_up = false
protocols = ['''
{protocol}''']
sign_offs = [
  {{ instrument = "phq-9", by = "the demo", age_from = 14, age_to = 17, signed_on = 2026-01-01, valid_until = 2099-01-01 }},
]
[http]
address = "127.0.0.1:0"
[grpc]
address = "127.0.0.1:0"
[database]
url = "sqlite:var/demo/data"
[nats]
folder = "var/demo/nats"
[keys]
folder = "var/demo/keys"
[clock]
file = "var/demo/clock"
[log]
file = "var/demo/mewe.log"
"""

OLD_ENOUGH = 15
"""The age from which one says yes oneself, in the example of these mixes."""


def protocol() -> str:
    """The document of the study."""
    return (resources.files("mewe_demo.study") / "protocol.toml").read_text("utf-8")


def mix_of(country: str, folder: Path) -> Path:
    """Write a country's mix to a folder."""
    decides = ((0, OLD_ENOUGH - 1, "guardian"), (OLD_ENOUGH, 17, "self"))
    consent = "".join(
        _CONSENT.format(country=country, purpose=purpose, least=least, most=most, who=who)
        for purpose in _PURPOSES
        for least, most, who in decides
    )
    file = folder / f"{country}.toml"
    file.write_text(_MIX.format(country=country, consent=consent, protocol=protocol()))
    return file
