"""A deployment of its own for a test: `mewe up` in a temporary folder, and everything that it writes down there."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from attrs import frozen
from mewe_host.running.clock import FileClock

PATIENCE = 60.0
HAS_CHAT = find_spec("mewe_chat") is not None
HAS_DIARY = find_spec("mewe_diary") is not None
HAS_EVAL = find_spec("mewe_eval") is not None
_MIX = """
country = "SE"
languages = ["en", "sv"]
demo = true
[features.people]
erasure_hours = {erasure_hours}
staff_code_hours = 168
passkeys = {{ rp_id = "localhost", origins = ["{origin}"] }}
[[features.people.consent.participation]]
country = "SE"
purpose = "take_part"
age_from = 0
who = "guardian"
source = "example for trying out"
checked_on = 2026-11-22
[[features.people.consent.participation]]
country = "SE"
purpose = "chat"
age_from = 0
who = "guardian"
source = "example for trying out"
checked_on = 2026-11-22
[[features.people.consent.participation]]
country = "SE"
purpose = "evaluation"
age_from = 0
who = "guardian"
source = "example for trying out"
checked_on = 2026-11-22
[features.programme.overlays.leader-training]
consent = true
[features.safety]
lines_accepted_by = "the tests"
remind_minutes = 1440
escalate_minutes = 2880
{notices}
{chat}
{diary}
{evaluation}
[http]
address = "127.0.0.1:0"
[grpc]
address = "127.0.0.1:0"
[keys]
folder = "var/keys"
[log]
file = "var/mewe.log"
[clock]
file = "var/clock"
[limits]
message_bytes = {largest}
{limits}
"""
PLENTY = """
calls_a_minute = 1_000_000
lists_a_minute = 1_000_000
streams_a_person = 1_000
"""
"""What one person may ask for here: a proof asks for more than anybody does by hand."""

ERASURE_HOURS = 24
"""How long an erasure can be undone here."""

ORIGIN = "http://localhost:8080"
"""Where passkeys are good."""

LARGEST = 64 * 1024
"""The most bytes that a request may have here."""

_PAGES = ("/", "/?lang=sv", "/metrics", "/healthz", "/readyz", "/openapi.json")


_EVALUATION = """
[features.eval]
protocols = ['''
id = "worries"
version = 1
title = { en = "Worries" }
question = "How are they?"
estimand = "The mean when they join."
ages = { least = 14, most = 17 }
arms.programme = { title = { en = "ME-WE" } }
waves.T0 = { title = { en = "Before" }, windows = [{ after = "joined", closes = 99 }] }
asked = [{ wave = "T0", instrument = "phq-9" }]
outcomes.total = { instrument = "phq-9", scale = "total" }
analysis = { model = "description", baseline = "T0" }
''', '''
id = "by-lot"
version = 1
title = { en = "By lot" }
question = "How are they, compared with those who wait?"
estimand = "The mean difference of those who answered."
arms.programme = { title = { en = "ME-WE" } }
arms.waiting = { title = { en = "Waiting" }, programme = false }
assignment = { unit = "person", ratio = { programme = 1, waiting = 1 } }
waves.T0 = { title = { en = "Before" }, windows = [{ after = "assigned", closes = 99 }] }
asked = [{ wave = "T0", instrument = "how-things-are" }]
outcomes.energy = { instrument = "how-things-are", item = "energy" }
analysis = { model = "description", baseline = "T0" }
''', '''
id = "not-yet"
version = 1
title = { en = "Not yet" }
question = "How are they afterwards?"
estimand = "The mean of those who answered."
arms.programme = { title = { en = "ME-WE" } }
waves.T0 = { title = { en = "Afterwards" }, windows = [{ after = "follow-up", closes = 99 }] }
asked = [{ wave = "T0", instrument = "how-things-are" }]
outcomes.energy = { instrument = "how-things-are", item = "energy" }
analysis = { model = "description", baseline = "T0" }
''']
sign_offs = [
  { instrument = "phq-9", by = "the tests", age_from = 14, age_to = 17, signed_on = 2026-01-01, valid_until = 2099-01-01 },
]
"""


class DoesNotRun(Exception):
    """The deployment did not start; the message holds what it said."""


@frozen
class Deployment:
    """What runs: where each area's gRPC face is, each process's HTTP face, what was said at the start, and the folder."""

    folder: Path
    addresses: Mapping[str, str]
    health: Sequence[str]
    code: str
    process: "subprocess.Popen[str]"

    @property
    def keys(self) -> Path:
        """The folder with the country's keys."""
        return self.folder / "var" / "keys"

    @property
    def clock(self) -> FileClock:
        """What time it is there; it can be moved on."""
        return FileClock(self.folder / "var" / "clock")

    def log(self) -> str:
        """Everything that was written down, by the host, its processes and its NATS server."""
        files = [one for one in self.folder.rglob("*") if one.suffix in (".log", ".errors", ".said") and one.is_file()]
        return "\n".join(one.read_text(errors="replace") for one in sorted(files))

    def pages(self) -> str:
        """What anybody can look at without a token: the first page, metrics, health, the description of the API."""
        return "\n".join(_read(address + page) for address in self.health for page in _PAGES)

    def is_ready(self) -> bool:
        """Whether every process runs and takes calls."""
        return self.process.poll() is None and all('"ok":true' in _read(f"{one}/readyz") for one in self.health)

    def faults(self) -> list[str]:
        """Lines of the log that speak of a fault in the program."""
        lines = self.log().splitlines()
        return [one for one in lines if "Traceback" in one or "call failed" in one or '"level": "error"' in one]


@contextmanager
def deployed(
    *, split: bool = False, database: str = "", limits: str = PLENTY, plugins: Sequence[str] = (), notices: bool = True
) -> Iterator[Deployment]:
    """Start one on fresh data, with a process for each feature if ``split``; stop it at the end. Raises DoesNotRun.

    ``database``: the URL of a database server, empty for files in the folder. ``limits``: lines of that section; empty: as the
    program comes. ``plugins``: what is named besides the features. ``notices``: whether anybody sends notices.
    """
    with tempfile.TemporaryDirectory(prefix="mewe-security-") as name:
        folder = Path(name)
        there = f'[database]\nurl = "{database}"\n' if database else ""
        chat = "[features.chat]" if HAS_CHAT else ""
        diary = "[features.diary]" if HAS_DIARY else ""
        told = "[features.notices]" if notices else ""
        evaluation = _EVALUATION if HAS_EVAL else ""
        (folder / "here.toml").write_text(
            (f"plugins = {json.dumps(list(plugins))}\n" if plugins else "")
            + _MIX.format(
                notices=told,
                chat=chat,
                diary=diary,
                evaluation=evaluation,
                largest=LARGEST,
                limits=limits,
                origin=ORIGIN,
                erasure_hours=ERASURE_HOURS,
            )
            + there
        )
        if database:
            migrate = [sys.executable, "-m", "mewe_host", "migrate", "here.toml"]
            subprocess.run(migrate, cwd=folder, check=True, capture_output=True)  # noqa: S603
        command = [sys.executable, "-m", "mewe_host", "up", "here.toml", "--json", *(["--split"] if split else [])]
        with (folder / "up.errors").open("w") as errors:
            process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True)  # noqa: S603
        try:
            yield _ready(process, folder)
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


def _ready(process: "subprocess.Popen[str]", folder: Path) -> Deployment:
    assert process.stdout is not None
    for line in process.stdout:
        said = json.loads(line)
        if said["step"] == "ready":
            return Deployment(folder, said["addresses"], said["health"], said["notes"][0].rsplit(": ", 1)[1], process)
    raise DoesNotRun((folder / "up.errors").read_text())


def _read(url: str) -> str:
    try:
        with urlopen(Request(url), timeout=PATIENCE) as answer:  # noqa: S310
            return f"{answer.headers}\n{answer.read().decode()}"
    except HTTPError as refused:
        with refused:
            return f"{refused.headers}\n{refused.read().decode()}"
