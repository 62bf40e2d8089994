"""``mewe eval federate-country``, ``federate-hub``, ``federate-key``: a plan over countries, each in a process of its own."""

import re
import tomllib
from collections.abc import Generator, Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from mewe_core.kit.checks import is_identifier
from mewe_core.kit.commands import Answer, Argument, Asked, Command, CommandFault, Given, Hear, Talk, Tell

from mewe_eval.analysis.plans import PlanFaults, ReadPlan, read_plan
from mewe_eval.analysis.shaping import tables
from mewe_eval.analysis.table import NoSuchColumn, TableUnreadable
from mewe_eval.commands.checking import text_of
from mewe_eval.commands.federating import CODE, SHOWN, code_of
from mewe_eval.federation.agreement import FEWEST_COUNTRIES, Home
from mewe_eval.federation.messages import MessageRefused
from mewe_eval.federation.parts import HUB, Meeting, country_part, hub_part
from mewe_eval.federation.rounds import signed_by

_HEXADECIMAL = re.compile("[0-9a-f]{64}")


def of_a_country(asked: Asked) -> Talk:
    """A country's part: its table is read here, and never leaves. Raises CommandFault."""
    plan, table = _plan(asked), asked.one("COUNTRY")
    code, parties = code_of(table.word), _parties(asked)
    key = _key(asked)
    if code not in parties:
        raise CommandFault(f"{table.word}: {code} is none of the parties; allowed: {', '.join(parties)}, before the ending")
    if key.public_key().public_bytes_raw() != parties[code].public_bytes_raw():
        raise CommandFault(
            f"--key: this is not the key of {code} that the parties have; allowed: its own, or tell them the new one"
        )
    try:
        home = Home(code, tables(plan.plan, table.content or b""))
    except (TableUnreadable, NoSuchColumn) as fault:
        raise CommandFault(f"{table.word}, {fault}") from None
    meeting = _meeting(asked, plan, parties)

    def part() -> Generator[Tell | Hear, Mapping[str, str], Answer]:
        try:
            yield from country_part(meeting, home, key.sign)
        except (PlanFaults, MessageRefused) as fault:
            raise _ended(fault) from None
        return Answer(f"{code} has done its part; the hub has what was found.\n")

    return Talk(meeting.id, code, part())


def of_the_hub(asked: Asked) -> Talk:
    """The hub's part: it reads totals over all countries, and shows what was found. Raises CommandFault."""
    meeting = _meeting(asked, _plan(asked), _parties(asked))

    def part() -> Generator[Tell | Hear, Mapping[str, str], Answer]:
        try:
            found = yield from hub_part(meeting)
        except (PlanFaults, MessageRefused) as fault:
            raise _ended(fault) from None
        return Answer(SHOWN[asked.form](found))

    return Talk(meeting.id, HUB, part())


def new_key(asked: Asked) -> Answer:
    """A country's key, and the line of it for the parties. Raises CommandFault where there is a file already."""
    code, file = asked.one("CODE").word, asked.one("KEY")
    if not CODE.fullmatch(code):
        raise CommandFault(f"{code}: this is no country's code; allowed: two capital letters, such as SE, or SE-AB")
    if file.content is not None:
        raise CommandFault(f"{file.word}: there is such a file already; a key is never written over")
    key = Ed25519PrivateKey.generate()
    line = f'{code} = "{key.public_key().public_bytes_raw().hex()}"\n'
    return Answer(line, kept={"KEY": f"{key.private_bytes_raw().hex()}\n".encode()})


def _plan(asked: Asked) -> ReadPlan:
    plan = asked.one("PLAN")
    try:
        return read_plan(plan.content or b"")
    except PlanFaults as fault:
        raise CommandFault(*(f"{plan.word}, {line}" for line in fault.lines)) from None


def _needed(asked: Asked, name: str, about: str) -> Given:
    given = asked.option(name)
    if given is None:
        raise CommandFault(f"--{name.lower()} is missing: {about}")
    return given


def _parties(asked: Asked) -> Mapping[str, Ed25519PublicKey]:
    """The countries' public keys, by code in order. Raises CommandFault with everything that is wrong."""
    given = _needed(asked, "PARTIES", "the file with every country's public key")
    try:
        read = tomllib.loads(text_of(given))
    except tomllib.TOMLDecodeError as fault:
        raise CommandFault(f"{given.word}: this is not TOML: {fault}") from None
    faults = [
        f'{given.word}: {code}: allowed: a country\'s code = "64 hexadecimal digits", as `mewe eval federate-key` shows it'
        for code, key in read.items()
        if not CODE.fullmatch(code) or not isinstance(key, str) or not _HEXADECIMAL.fullmatch(key)
    ]
    if len(read) < FEWEST_COUNTRIES:
        faults.append(f"{given.word}: {len(read)} countries; allowed: at least {FEWEST_COUNTRIES}")
    if len({str(key) for key in read.values()}) < len(read):
        faults.append(f"{given.word}: two countries have one key; allowed: a key of its own for each")
    if faults:
        raise CommandFault(*faults)
    return {code: Ed25519PublicKey.from_public_bytes(bytes.fromhex(read[code])) for code in sorted(read)}


def _key(asked: Asked) -> Ed25519PrivateKey:
    given = _needed(asked, "KEY", "the file with this country's key")
    text = text_of(given).strip()
    if not _HEXADECIMAL.fullmatch(text):
        raise CommandFault(f"{given.word}: this is no key; allowed: a file that `mewe eval federate-key` made")
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))


def _meeting(asked: Asked, plan: ReadPlan, parties: Mapping[str, Ed25519PublicKey]) -> Meeting:
    named = _needed(asked, "MEETING", "a name for this time, the same for all, and never used before").word
    if not is_identifier(named):
        raise CommandFault(f"--meeting {named}: allowed: 1 to 64 letters, digits, - or _")

    def verify(code: str, said: bytes, signature: bytes) -> bool:
        return signed_by(parties[code], said, signature)

    return Meeting(named, plan, tuple(parties), verify)


def _ended(fault: PlanFaults | MessageRefused) -> CommandFault:
    lines = fault.lines if isinstance(fault, PlanFaults) else (f"{fault}; begin again under another name",)
    return CommandFault(*lines)


_PLAN = Argument("PLAN", "The plan, in TOML (docs/analysis.md): the same for all, to the byte.")
_TOGETHER = (
    Argument("PARTIES", "Every country's public key, in TOML.", option=True),
    Argument("MEETING", "A name for this time, the same for all, and never used before.", word=True, option=True),
)

FEDERATE_COUNTRY = Command(
    "federate-country",
    "A country's part of a plan over countries, each in a process of its own: its rows stay here.",
    of_a_country,
    (
        _PLAN,
        Argument("COUNTRY", "This country's table, as CSV, called after its code: SE.csv."),
        Argument("KEY", "The file with this country's key (federate-key).", option=True),
        *_TOGETHER,
    ),
    meets=True,
)
FEDERATE_HUB = Command(
    "federate-hub",
    "The hub's part of a plan over countries: it reads totals, and shows what was found.",
    of_the_hub,
    (_PLAN, *_TOGETHER),
    tuple(SHOWN),
    meets=True,
)
FEDERATE_KEY = Command(
    "federate-key",
    "Make the key that a country signs its part with, and show the line of it for everybody's file of parties.",
    new_key,
    (
        Argument("CODE", "The country: SE, SE-AB.", word=True),
        Argument("KEY", "The file to keep it in, which must not be there yet.", named=True),
    ),
)
