"""What every feature keeps to, as tests: a pytest plugin that comes with the kit.

A feature is held up to it by a file of its tests::

    class TestNotes(Conformance):
        feature = "notes"

        def furnish(self, stage: Stage) -> None:
            ...  # put something there, of people whom a stranger does not know

or, for a first look, by ``pytest --mewe-feature notes``. What only a host can tell (do contract and classes fit, do the
migrations make the tables) it asks of whoever answers the hook ``pytest_mewe_faults``; mewe_host does.
"""

from collections.abc import Callable, Iterable, Sequence
from inspect import getdoc, iscoroutinefunction
from pathlib import Path
from typing import Any, ClassVar, Never, cast, get_args, get_origin, get_type_hints

import attrs
import pytest
from sqlalchemy import BigInteger, Boolean, Float, Integer, LargeBinary, Text, select

from mewe_core.kit import errors, personal, plugins
from mewe_core.kit.access import Access, always, anyone
from mewe_core.kit.events import catalogue
from mewe_core.kit.examples import NoExample, example
from mewe_core.kit.feature import Brought, Feature, Rpc
from mewe_core.kit.ports import Follow, Work
from mewe_core.kit.records import STANDING
from mewe_core.kit.testing import ELM, OAK, STRANGER, Stage

KEPT = (Text, Integer, BigInteger, Boolean, Float, LargeBinary)


class Hooks:
    """What conformance asks of others."""

    @pytest.hookspec
    def pytest_mewe_faults(self, feature: Feature, needed: Sequence[Feature]) -> Sequence[str]:  # type: ignore[empty-body]
        """Whatever keeps a host from serving the feature, beside those that it needs (``needed`` holds it as well)."""


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Let others answer."""
    pluginmanager.add_hookspecs(Hooks)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--mewe-feature NAME``."""
    parser.addoption("--mewe-feature", metavar="NAME", help="hold an installed feature up to the kit's rules")


def pytest_configure(config: pytest.Config) -> None:
    """Collect this file as well, if a feature was named."""
    if config.getoption("--mewe-feature"):
        config.args.append(f"{Path(__file__)}::TestNamed")


def with_needed(name: str) -> tuple[tuple[Feature, ...], Brought]:
    """An installed feature and all that it needs, those first; and what else they bring. Raises PluginFault."""
    names, waiting = list[str](), [name]
    while waiting:
        feature = plugins.brought(waiting.pop())
        if feature is not None:
            names.append(feature.name)
            waiting += [need for need in feature.needs if need not in (*names, *waiting)]
    return plugins.load(tuple(names))


class Conformance:
    """The rules. ``feature`` is the name; ``settings`` an instance of its settings class where it has no defaults;
    ``open_lists`` names the handlers of lists that show the same to everybody who may call them."""

    feature: ClassVar[str] = ""
    settings: ClassVar[object | None] = None
    open_lists: ClassVar[tuple[str, ...]] = ()

    def furnish(self, stage: Stage) -> None:
        """Put something of others into every list. To be written by a feature that has lists."""

    def example(self, kind: type[Any], id_: str) -> Any:
        """A request that is well formed, and names ``id_`` wherever it names something."""
        return example(kind, id_)

    @pytest.fixture(autouse=True)
    def _loaded(self, pytestconfig: pytest.Config) -> None:
        needed, brought = with_needed(self.feature or str(pytestconfig.getoption("--mewe-feature")))
        self.hold(needed, pytestconfig, brought)

    def hold(self, needed: tuple[Feature, ...], config: pytest.Config, brought: Brought | None = None) -> None:
        """Take the last of the features to be held up to the rules; those before it are what it needs."""
        self.needed, self.it, self.config, self.brought = needed, needed[-1], config, brought or Brought()

    def stage(self) -> Stage:
        """A stage for the feature, furnished with nothing."""
        return Stage(self.it, settings=self.settings, programmes=self.brought.programmes, checks=self.brought.checks)

    def test_it_says_what_it_is(self) -> None:
        """Name, package, version and one sentence of summary."""
        assert self.it.package
        assert self.it.version
        assert self.it.summary.endswith("."), "the summary is a sentence"

    def test_every_rpc_has_a_rule_and_a_handler_that_says_what_it_takes_and_gives(self) -> None:
        """A coroutine, documented, from a request class and Work to an answer class or Follow of one."""
        assert [fault for rpc in self.it.rpcs for fault in handler_faults(rpc)] == []

    def test_everything_that_is_run_says_what_it_does(self) -> None:
        """Handlers of events and starts have a docstring."""
        run = [*(one.handler for one in self.it.hears), *(one.handler for one in self.it.starts)]
        assert [getattr(one, "__name__", one) for one in run if not getdoc(one)] == []

    def test_its_events_hold_no_text(self) -> None:
        """Ids, enums, whole numbers, booleans and moments; and each event has its aggregate and its meaning."""
        told = catalogue([(self.it.name, self.it.events)])
        assert [one.name for one in told.entries if not one.published.meaning.strip()] == []

    def test_its_errors_are_among_the_five_and_have_reasons_of_their_own(self) -> None:
        """A reason belongs to one error of one feature."""
        others = [*errors.KIT_FAILURES, *(error for one in self.needed if one is not self.it for error in one.errors)]
        assert {errors.kind(one) for one in self.it.errors} <= set(errors.KINDS)
        reasons = [error.reason for error in (*self.it.errors, *others)]
        assert sorted({one for one in reasons if reasons.count(one) > 1}) == []

    def test_every_column_is_declared(self) -> None:
        """Personal, with purpose, basis and retention; or impersonal."""
        assert personal.faults(self.it.personal, self.it.tables) == []

    def test_its_columns_hold_what_every_database_keeps_alike(self) -> None:
        """Text, whole numbers, floats, booleans and bytes, in tables that bear the feature's name."""
        assert [
            f"{table.name}.{column.name} is {column.type}"
            for table in self.it.tables.sorted_tables
            for column in table.columns
            if type(column.type) not in KEPT or not table.name.startswith(f"{self.it.name}_")
        ] == []

    def test_its_readme_says_what_it_holds_about_a_person_and_for_how_long(self) -> None:
        """Every table with something personal is named in it, with its retention in days."""
        assert readme_faults(self.it) == []

    def test_it_can_be_started_again(self) -> None:
        """Each host that starts runs the starts once more."""
        with self.stage() as stage:
            stage.start()
            stage.start()

    def test_nobody_gets_in_without_signing_in(self) -> None:
        """Every RPC refuses at the door but those for anyone, and those that nobody is refused."""
        with self.stage() as stage:
            for rpc in (rpc for rpc in self.it.rpcs if rpc.access not in (anyone(), always())):
                with pytest.raises(errors.SignedOut):
                    stage.call(_free(rpc), self.example(request_of(rpc), "nowhere"))

    def test_a_stranger_finds_no_foreign_row_in_any_list(self) -> None:
        """Whatever there is, and whatever is asked for: who belongs nowhere sees none of it, and somebody else does."""
        lists = [one for one in self.it.rpcs if one.handler.__name__.startswith(("list_", "watch_"))]
        with self.stage() as stage:
            self.furnish(stage)
            known = everything_named(stage)
            for rpc in (one for one in lists if one.handler.__name__ not in self.open_lists):
                requests = self._asking(rpc, known)
                assert not any(shows(stage, rpc, one, STRANGER) for one in requests), f"{rpc.method} shows a foreign row"
                seen = any(shows(stage, rpc, one, person) for one in requests for person in known)
                assert seen, f"nobody sees anything in {rpc.method}: furnish() has to put something there"

    def test_a_host_could_serve_it(self) -> None:
        """Contract and classes fit, the migrations make the tables. Wants a host to be installed, whose plugin knows."""
        hook = self.config.hook.pytest_mewe_faults
        assert hook.get_hookimpls(), "install mewe-host: it compares contract, classes and migrations"
        assert [fault for faults in hook(feature=self.it, needed=self.needed) for fault in faults] == []

    def _asking(self, rpc: Rpc[Never, object], known: Iterable[str]) -> list[object]:
        kind = request_of(rpc)
        names_something = any(one.name.endswith("_id") or one.name == "id" for one in attrs.fields(kind))
        return [self.example(kind, one) for one in known] if names_something else [self.example(kind, "nowhere")]


class TestNamed(Conformance):
    """The feature named on the command line."""


def _free(rpc: Rpc[Never, object]) -> Callable[[Any, Work], Any]:
    return cast("Callable[[Any, Work], Any]", rpc.handler)


def request_of(rpc: Rpc[Never, object]) -> type[Any]:
    """The class of an RPC's request, as its handler's first annotation says."""
    return cast("type[Any]", next(iter(get_type_hints(rpc.handler).values())))


def handler_faults(rpc: Rpc[Never, object]) -> list[str]:
    """What a handler does not say about itself."""
    name, hints = rpc.handler.__name__, list(get_type_hints(rpc.handler).items())
    found = []
    if not isinstance(cast(object, rpc.access), Access):
        found.append(f"{name} has no access rule")
    if not iscoroutinefunction(rpc.handler):
        found.append(f"{name} is no coroutine")
    if not getdoc(rpc.handler):
        found.append(f"{name} has no docstring")
    answer = hints[-1][1] if hints and hints[-1][0] == "return" else None
    answer = get_args(answer)[0] if get_origin(answer) is Follow else answer
    if len(hints) != 3 or not attrs.has(hints[0][1]) or hints[1][1] is not Work or not attrs.has(cast("type", answer)):
        found.append(f"{name} does not name an attrs class for its request, Work, and an attrs class for its answer")
    return found


def readme_faults(feature: Feature) -> list[str]:
    """What is missing in the README of a feature, which lies in its package or beside the package's ``src``."""
    from importlib.resources import files

    package = Path(str(files(feature.package)))
    found = next((one / "README.md" for one in (package, *package.parents[:2]) if (one / "README.md").is_file()), None)
    if found is None:
        return ["there is no README.md, in the package or beside its src"]
    text = found.read_text(encoding="utf-8")
    wanted = [(one.table, str(one.retention_days or one.table)) for one in feature.personal.personal]
    return [f"README.md does not name {word}" for words in wanted for word in words if word not in text]


def everything_named(stage: Stage) -> list[str]:
    """Every id that stands anywhere in the feature's tables, and everybody who holds a role."""
    named = {*stage.all(select(STANDING.c.person_id), str), *stage.all(select(STANDING.c.scope_id), str)}
    for table in stage.feature.tables.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Text) and (column.name == "id" or column.name.endswith("_id")):
                named |= {one for one in stage.all(select(column), str) if one}
    return sorted(named)


def shows(stage: Stage, rpc: Rpc[Never, object], request: object, person: str) -> bool:
    """Whether a list, or a stream so far, shows somebody anything at all."""
    try:
        if get_origin(get_type_hints(rpc.handler)["return"]) is Follow:
            return bool(stage.follow(_free(rpc), request, by=person))
        answer = stage.call(_free(rpc), request, by=person)
    except errors.Failure:
        return False
    return any(isinstance(value, tuple) and value for value in attrs.astuple(answer, recurse=False))


__all__ = ["ELM", "OAK", "STRANGER", "Conformance", "NoExample", "Stage"]
