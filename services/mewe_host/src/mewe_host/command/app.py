"""What one may say after ``mewe``; each command is a few lines that lend the work to the host."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from mewe_host.command.audit_app import audit
from mewe_host.command.nats_app import nats

app = App(
    name="mewe",
    help="Run MEWE: group support for young carers, care in partnership.",
    version_flags=("--version",),
    help_format="plaintext",
    suppress_keyboard_interrupt=False,
)
events = App(name="events", help="Events that could not be taken in: list them, and drive them again.")
app.command(events)
app.command(audit)
keys = App(name="keys", help="The keys that seal what people say: list them, and rotate them.")
app.command(keys)
clock = App(name="clock", help="The time that a deployment goes by.")
app.command(clock)
app.command(nats)
privacy = App(name="privacy", help="What is held about persons: the register, exports, erasures, retention, receipts.")
app.command(privacy)
new = App(name="new", help="Begin something of one's own.")
app.command(new)

Http = Annotated[str | None, Parameter(help="Where the HTTP face listens, in place of the mix's http.address.")]
Grpc = Annotated[str | None, Parameter(help="Where the gRPC face listens, in place of the mix's grpc.address.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Show each step as a line of JSON, for programs.")]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help="In a form for machines.")]
DryRun = Annotated[bool, Parameter(negative="", help="Only say what would go.")]
Split = Annotated[bool, Parameter(negative="", help="Give each feature a process of its own.")]


@app.default
def overview() -> int:
    """Print a short help."""
    app.help_print([])
    return 0


@app.command
def up(mix: str | None = None, *, http: Http = None, grpc: Grpc = None, split: Split = False, json: Json = False) -> int:
    """Run every feature of a mix on this machine, with all it needs: databases, NATS, both faces.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program; everything there is, if none is named.
    """
    from mewe_host.command import starting

    return starting.up(mix, http=http, grpc=grpc, split=split, json=json)


@app.command
def serve(mix: str, *feature: str, http: Http = None, grpc: Grpc = None, json: Json = False) -> int:
    """Run some features of a mix in this process; databases and NATS are there already.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    feature
        The features to run; all of the mix, if none is named.
    """
    from mewe_host.command import starting

    return starting.serve(mix, feature, http=http, grpc=grpc, json=json)


@app.command
def check(mix: str | None = None) -> int:
    """Say everything that is wrong with a mix, or what it would run.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    """
    from mewe_host.command import looking

    return looking.check(mix)


@app.command
def plugins() -> int:
    """List the plugins that are installed, and what each brings."""
    from mewe_host.command import looking

    return looking.plugins()


@app.command
def migrate(mix: str | None = None) -> int:
    """Bring the databases of a mix up to this version of the program.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    """
    from mewe_host.command import keeping

    return keeping.migrate(mix)


@events.command
def parked(mix: str | None = None) -> int:
    """List the events that were put aside.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    """
    from mewe_host.command import keeping

    return keeping.parked(mix)


@events.command
def redrive(mix: str, feature: str, area: str, aggregate: str) -> int:
    """Take in again what was put aside of one aggregate.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    feature
        The feature that could not take it in.
    area
        The feature that told it.
    aggregate
        The id it belongs to, as ``mewe events parked`` shows it.
    """
    from mewe_host.command import keeping

    return keeping.redrive(mix, feature, area, aggregate)


@keys.command(name="list")
def list_(mix: str) -> int:
    """List the master keys and how many data keys each wraps.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    """
    from mewe_host.command import keys

    return keys.listed(mix)


@keys.command
def new_master(mix: str) -> int:
    """Make a new master key, to be copied to every machine before ``rotate`` puts it in use.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    """
    from mewe_host.command import keys

    return keys.new_master(mix)


@keys.command
def public(mix: str, *, to: Annotated[Path | None, Parameter(help="Write it to this file.")] = None) -> int:
    """Print the public signing keys, those of now and those before, for whoever verifies receipts of erasures (JWK Set).

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    """
    from mewe_host.command import publishing

    return publishing.public(mix, to=to)


@keys.command
def new_signing(mix: str) -> int:
    """Make a new signing key; hosts take it at their next start. What the old one signed for the audit stays verified.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    """
    from mewe_host.command import keys

    return keys.new_signing(mix)


@keys.command
def rotate(mix: str, *, data_keys: Annotated[bool, Parameter(negative="", help="Make new data keys too.")] = False) -> int:
    """Wrap every data key under a new master key and destroy the old one; hosts may run meanwhile. May be repeated.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    """
    from mewe_host.command import keys

    return keys.rotate(mix, data_keys=data_keys)


@clock.command
def accept(mix: str) -> int:
    """Go by the machine's clock again after it was ahead by mistake; no host may run meanwhile.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    """
    from mewe_host.command import clock

    return clock.accept(mix)


@privacy.command
def register(mix: str | None = None, *, to: Path | None = None, json: AsJson = False) -> int:
    """Print what is held about persons, why, how long, and what erasing them does.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    to
        The file to write, in place of printing.
    """
    from mewe_host.command import privacy as commands

    return commands.write_register(mix, as_json=json, to=to)


@privacy.command
def export(mix: str, person: str, *, to: Path, language: str = "en") -> int:
    """Write everything that is held about a person: export.json for machines, export.html for people.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    person
        The person's id.
    to
        The folder to write.
    language
        In which language the page is: en or sv.
    """
    from mewe_host.command import privacy as commands

    return commands.export(mix, person, to=to, language=language)


@privacy.command
def erase(mix: str, person: str, *, to: Path | None = None) -> int:
    """Erase a person in every feature at once, and give the signed receipt. There is no way back.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    person
        The person's id.
    to
        The file for the receipt, in place of printing it.
    """
    from mewe_host.command import privacy as commands

    return commands.erase(mix, person, to=to)


@privacy.command
def retention(mix: str, *, dry_run: DryRun = False) -> int:
    """Remove what has been held longer than its declaration promises.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    """
    from mewe_host.command import privacy as commands

    return commands.retention(mix, dry_run=dry_run)


@privacy.command(name="verify")
def verify_receipt(mix: str, receipt: Path) -> int:
    """Say whether the receipt of an erasure is as it was signed: leaves with 0 if so, with 1 if not.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    receipt
        The file of the receipt.
    """
    from mewe_host.command import privacy as commands

    return commands.verify(mix, receipt)


@app.command
def healthcheck(mix: str | None = None, *, http: Http = None) -> int:
    """Ask a running host whether it takes calls: leaves with 0 if so, with 1 if not.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    """
    from mewe_host.command import looking

    return looking.healthcheck(mix, http=http)


@app.command
def demo(*, split: Split = False, study: Annotated[Path | None, Parameter(negative=())] = None) -> int:
    """Play a whole programme through the public API, on a database of its own; months take seconds.

    Parameters
    ----------
    study
        Play a study over two countries instead, and keep its reports in this folder, which is made.
    """
    from importlib.util import find_spec

    if find_spec("mewe_demo.story") is None:
        from mewe_host.running.steps import Refusal

        raise Refusal(f"The demo is not installed here. Install it: {Path(sys.executable).name} -m pip install mewe-demo")
    import gc
    from importlib import import_module

    gc.enable()
    if study is not None:
        return int(import_module("mewe_demo.study.story").play(study))
    return int(import_module("mewe_demo.story").play(split=split))


@new.command
def feature(name: str, *, into: Path | None = None) -> int:
    """Begin a feature outside this repository: a folder that can be installed, tested and named in a mix at once.

    Parameters
    ----------
    name
        What mixes call it: lower-case letters, digits and single _.
    into
        The folder to write; mewe_<name> here, if none is named.
    """
    from mewe_host.command.new_feature import new_feature

    folder = new_feature(name, into)
    sys.stdout.write(
        f"{folder} is a feature that works. To try it:\n"
        f"  cd {folder}\n"
        f"  {Path(sys.executable).name} -m pip install -e .\n"
        f"  {Path(sys.executable).name} -m pytest\n"
        f"  mewe up mix.toml\n"
    )
    return 0
