"""Each rule of conformance catches the fault it is there for."""

from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest
from attrs import field, frozen
from mewe_core.kit import conformance
from mewe_core.kit.access import Role, Scope, ScopeKind, anyone, member, signed_in
from mewe_core.kit.checks import identifier
from mewe_core.kit.conformance import Conformance, readme_faults
from mewe_core.kit.database import Database
from mewe_core.kit.errors import Conflict, Failure
from mewe_core.kit.events import Event, Hears, Published
from mewe_core.kit.feature import Feature, Rpc, Start
from mewe_core.kit.personal import Basis, Erasure, Personal, PersonalData, holds_nothing
from mewe_core.kit.ports import Follow, Sealing, Work
from mewe_core.kit.testing import OAK, Stage
from sqlalchemy import Column, DateTime, MetaData, Table, Text, bindparam, insert, select

TABLES = MetaData()
LEAF = Table("tree_leaf", TABLES, Column("id", Text, primary_key=True), Column("group_id", Text, nullable=False))
OF_GROUP = select(LEAF.c.id).where(LEAF.c.group_id == bindparam("group_id")).order_by(LEAF.c.id)
EVERY = select(LEAF.c.id).order_by(LEAF.c.id)
ADD = insert(LEAF)


@frozen
class LeafGrown(Event):
    """A leaf has grown."""

    leaf_id: str


@frozen
class LeafNamed(Event):
    """A leaf got a name: text, which no event may hold."""

    leaf_id: str
    name: str


class Withered(Conflict):
    """The leaf is dry."""

    reason = "TREE_WITHERED"
    sentence = "The leaf is dry."


class AlsoWithered(Conflict):
    """Takes the reason of another."""

    reason = "TREE_WITHERED"
    sentence = "The leaf is dry, too."


class NoneOfTheFive(Failure):
    """Subclasses none of the five."""

    reason = "TREE_FELLED"
    sentence = "The tree is gone."


@frozen
class ListLeavesRequest:
    """Ask for the leaves of a group."""

    group_id: str = field(validator=identifier)


@frozen
class ListLeavesResponse:
    """The ids of leaves."""

    leaves: tuple[str, ...]


async def the_group(database: Database, request: ListLeavesRequest) -> Scope:
    """The group."""
    return Scope(ScopeKind.GROUP, request.group_id)


async def grow(request: ListLeavesRequest, work: Work) -> ListLeavesResponse:
    """Grow a leaf."""
    await work.database.execute(ADD, id=work.new_id(), group_id=request.group_id)
    return ListLeavesResponse(())


async def list_leaves(request: ListLeavesRequest, work: Work) -> ListLeavesResponse:
    """The leaves of a group."""
    return ListLeavesResponse(tuple(await work.database.all(OF_GROUP, str, group_id=request.group_id)))


async def list_every_leaf(request: ListLeavesRequest, work: Work) -> ListLeavesResponse:
    """The leaves of all groups, whoever asks."""
    return ListLeavesResponse(tuple(await work.database.all(EVERY, str)))


async def page_of_all(database: Database, sealing: Sealing, topic: str, after: int, limit: int) -> Sequence[tuple[int, str]]:
    """The leaves of all groups."""
    return list(enumerate(await database.all(EVERY, str), start=1))[after : after + limit]


async def watch_leaves(request: ListLeavesRequest, work: Work) -> Follow[ListLeavesResponse]:
    """Follow the leaves of all groups."""
    return Follow("leaves", 0, page_of_all)  # type: ignore[arg-type]


async def undocumented(request: ListLeavesRequest, work: Work) -> ListLeavesResponse:  # noqa: D103
    return ListLeavesResponse(())


async def says_little(request: object, work: Work) -> None:
    """Names no classes."""


async def start_once(work: Work) -> str | None:
    """Cannot be started twice."""
    await work.database.execute(ADD, id="root", group_id="")
    return None


async def start_quietly(work: Work) -> str | None:  # noqa: D103
    return None


async def hear_quietly(event: LeafGrown, work: Work) -> None:  # noqa: D103
    return None


MEMBERS = member(scope=the_group, roles=(Role.LEADER,))
GROW = Rpc(grow, MEMBERS)
TREE = Feature(
    name="tree",
    package="tree",
    version="1",
    summary="Leaves.",
    rpcs=(GROW, Rpc(list_leaves, MEMBERS)),
    tables=TABLES,
    personal=holds_nothing(TABLES),
    events=(Published(LeafGrown, aggregate="leaf_id", meaning="A leaf has grown."),),
    errors=(Withered,),
)
OTHER_TABLES = MetaData()
Table("leaf", OTHER_TABLES, Column("id", Text, primary_key=True))
TIMED_TABLES = MetaData()
Table("tree_time", TIMED_TABLES, Column("at", DateTime))
ALIEN = attrs.evolve(TREE, name="wood")


class OfTree(Conformance):
    """A tree with a leaf in one group."""

    def furnish(self, stage: Stage) -> None:
        """A leaf of the oak."""
        stage.gather(OAK)
        stage.call(grow, ListLeavesRequest(OAK.group_id), by="lena")


def held(feature: Feature, config: pytest.Config, *needed: Feature) -> OfTree:
    """A feature held up to the rules."""
    rules = OfTree()
    rules.hold((*needed, feature), config)
    return rules


RULES = [name for name in dir(Conformance) if name.startswith("test_")]
HERE = {"test_a_host_could_serve_it", "test_its_readme_says_what_it_holds_about_a_person_and_for_how_long"}


@pytest.mark.parametrize("rule", sorted(set(RULES) - HERE))
def test_a_feature_as_it_should_be_passes(rule: str, pytestconfig: pytest.Config) -> None:
    """No rule finds fault with it."""
    getattr(held(TREE, pytestconfig), rule)()


FAULTS: list[tuple[str, Feature]] = [
    ("test_it_says_what_it_is", attrs.evolve(TREE, summary="Leaves")),
    ("test_it_says_what_it_is", attrs.evolve(TREE, version="")),
    (
        "test_every_rpc_has_a_rule_and_a_handler_that_says_what_it_takes_and_gives",
        attrs.evolve(TREE, rpcs=(Rpc(undocumented, MEMBERS),)),
    ),
    (
        "test_every_rpc_has_a_rule_and_a_handler_that_says_what_it_takes_and_gives",
        attrs.evolve(TREE, rpcs=(Rpc(says_little, signed_in()),)),
    ),
    (
        "test_every_rpc_has_a_rule_and_a_handler_that_says_what_it_takes_and_gives",
        attrs.evolve(TREE, rpcs=(Rpc(grow, None),)),  # type: ignore[arg-type]
    ),
    ("test_everything_that_is_run_says_what_it_does", attrs.evolve(TREE, starts=(Start(start_quietly),))),
    ("test_everything_that_is_run_says_what_it_does", attrs.evolve(TREE, hears=(Hears(LeafGrown, hear_quietly),))),
    (
        "test_its_events_hold_no_text",
        attrs.evolve(TREE, events=(Published(LeafNamed, aggregate="leaf_id", meaning="A leaf got a name."),)),
    ),
    ("test_its_events_hold_no_text", attrs.evolve(TREE, events=(Published(LeafGrown, aggregate="leaf_id", meaning=" "),))),
    (
        "test_its_events_hold_no_text",
        attrs.evolve(TREE, events=(Published(LeafGrown, aggregate="tree_id", meaning="A leaf has grown."),)),
    ),
    ("test_its_errors_are_among_the_five_and_have_reasons_of_their_own", attrs.evolve(TREE, errors=(Withered, AlsoWithered))),
    ("test_its_errors_are_among_the_five_and_have_reasons_of_their_own", attrs.evolve(TREE, errors=(NoneOfTheFive,))),
    ("test_every_column_is_declared", attrs.evolve(TREE, personal=PersonalData(impersonal=frozenset({"tree_leaf.id"})))),
    ("test_its_columns_hold_what_every_database_keeps_alike", attrs.evolve(TREE, tables=OTHER_TABLES)),
    ("test_its_columns_hold_what_every_database_keeps_alike", attrs.evolve(TREE, tables=TIMED_TABLES)),
    ("test_it_can_be_started_again", attrs.evolve(TREE, starts=(Start(start_once),))),
    (
        "test_nobody_gets_in_without_signing_in",
        attrs.evolve(TREE, rpcs=(Rpc(list_leaves, attrs.evolve(MEMBERS, signed_in=False)),)),
    ),
    (
        "test_a_stranger_finds_no_foreign_row_in_any_list",
        attrs.evolve(TREE, rpcs=(GROW, Rpc(list_every_leaf, signed_in()))),
    ),
    ("test_a_stranger_finds_no_foreign_row_in_any_list", attrs.evolve(TREE, rpcs=(GROW, Rpc(list_leaves, anyone())))),
    ("test_a_stranger_finds_no_foreign_row_in_any_list", attrs.evolve(TREE, rpcs=(GROW, Rpc(watch_leaves, signed_in())))),
]


@pytest.mark.parametrize(("rule", "feature"), FAULTS)
def test_a_planted_fault_is_found(rule: str, feature: Feature, pytestconfig: pytest.Config) -> None:
    """The rule that is there for it fails."""
    with pytest.raises((AssertionError, ValueError, TypeError, Failure)):
        getattr(held(feature, pytestconfig), rule)()


def test_an_empty_list_proves_nothing(pytestconfig: pytest.Config) -> None:
    """A feature whose lists nobody has filled is told to fill them."""
    rules = Conformance()
    rules.hold((TREE,), pytestconfig)
    with pytest.raises(AssertionError, match="furnish"):
        rules.test_a_stranger_finds_no_foreign_row_in_any_list()


def test_a_list_that_is_open_to_all_is_said_to_be(pytestconfig: pytest.Config) -> None:
    """Naming its handler lets it pass."""

    class Open(OfTree):
        open_lists = ("list_every_leaf",)

    rules = Open()
    rules.hold((attrs.evolve(TREE, rpcs=(GROW, Rpc(list_every_leaf, signed_in()))),), pytestconfig)
    rules.test_a_stranger_finds_no_foreign_row_in_any_list()


def test_a_reason_belongs_to_one_feature(pytestconfig: pytest.Config) -> None:
    """The reason of a feature that is needed cannot be taken."""
    with pytest.raises(AssertionError, match="TREE_WITHERED"):
        held(
            TREE, pytestconfig, attrs.evolve(TREE, name="wood", errors=(AlsoWithered,))
        ).test_its_errors_are_among_the_five_and_have_reasons_of_their_own()


PERSONAL = PersonalData(
    personal=(
        Personal(
            "tree_leaf",
            ("id",),
            found_by="id",
            purpose="Shade.",
            basis=Basis.CONSENT,
            retention_days=30,
            erasure=Erasure.DELETE_ROW,
            forgotten_by="Autumn.",
        ),
    )
)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (None, ["there is no README.md, in the package or beside its src"]),
        ("Leaves.", ["README.md does not name tree_leaf", "README.md does not name 30"]),
        ("`tree_leaf`, for a month", ["README.md does not name 30"]),
        ("`tree_leaf`, for 30 days", []),
    ],
)
def test_a_readme_says_what_is_held_and_for_how_long(
    text: str | None, missing: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the package's ``src``; every table with something personal, and its days."""
    name = f"tree_{tmp_path.name}"
    package = tmp_path / "src" / name
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    if text is not None:
        (tmp_path / "README.md").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    assert readme_faults(attrs.evolve(TREE, package=name, personal=PERSONAL)) == missing


def test_a_host_has_a_say() -> None:
    """What a host's plugin finds wrong fails the feature."""

    class Host:
        @pytest.hookimpl
        def pytest_mewe_faults(self, feature: Feature) -> list[str]:
            return ["it has no contract"] if feature.name == "tree" else []

    manager = pytest.PytestPluginManager()
    manager.add_hookspecs(conformance.Hooks)
    config = pytest.Config(manager)
    rules = held(TREE, config)
    with pytest.raises(AssertionError, match="install mewe-host"):
        rules.test_a_host_could_serve_it()
    manager.register(Host())
    with pytest.raises(AssertionError, match="it has no contract"):
        rules.test_a_host_could_serve_it()
    held(ALIEN, config).test_a_host_could_serve_it()
