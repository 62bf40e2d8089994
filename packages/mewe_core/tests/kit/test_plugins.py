"""Exactly the named plugins are loaded, and a fault says which one and why."""

from collections.abc import Callable
from pathlib import Path

import pytest
from mewe_core.kit.feature import Brought
from mewe_core.kit.plugins import PluginFault, brought, installed, load

FEATURE = """
from mewe_core.kit.feature import Feature
from mewe_core.kit.hookspecs import hookimpl
from mewe_core.kit.personal import PersonalData
from sqlalchemy import MetaData

@hookimpl
def mewe_feature():
    nothing = dict(tables=MetaData(), personal=PersonalData())
    return Feature(name="{name}", package="x", version="1", summary="X.", needs={needs}, **nothing)
"""

PROGRAMMES = """
from mewe_core.kit.hookspecs import hookimpl

@hookimpl
def mewe_programmes():
    return ["id = 'one'", "id = 'two'"]
"""

Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Have a plugin installed: a module, and the entry point that names it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def installing(name: str, source: str) -> None:
        module = f"{name}_{tmp_path.name}"
        (tmp_path / f"{module}.py").write_text(source)
        facts = tmp_path / f"{name}-1.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (facts / "entry_points.txt").write_text(f"[mewe]\n{name} = {module}\n")

    return installing


def feature(name: str, *needs: str) -> str:
    """The source of a plugin that brings a feature."""
    return FEATURE.format(name=name, needs=needs)


def test_a_feature_comes_after_those_it_needs(install: Install) -> None:
    """In whatever order the mix names them."""
    install("leaf", feature("leaf", "branch", "root"))
    install("branch", feature("branch", "root"))
    install("root", feature("root"))
    features, _ = load(("leaf", "root", "branch"))
    assert [one.name for one in features] == ["root", "branch", "leaf"]


def test_what_is_installed_and_not_named_is_not_loaded(install: Install) -> None:
    """Its code is not even run."""
    install("root", feature("root"))
    install("thorn", "raise SystemExit('this ran')")
    assert "thorn" in installed()
    assert [one.name for one in load(("root",))[0]] == ["root"]


def test_programmes_come_from_any_plugin(install: Install) -> None:
    """Also from one that is no feature."""
    install("texts", PROGRAMMES)
    assert load(("texts",)) == ((), Brought(("id = 'one'", "id = 'two'")))
    assert brought("texts") is None


@pytest.mark.parametrize(
    ("name", "source", "words"),
    [
        ("thorn", "import nothing_like_that", 'the plugin "thorn" cannot be loaded: ModuleNotFoundError'),
        ("thorn", "1 / 0", 'the plugin "thorn" cannot be loaded: ZeroDivisionError'),
        ("thorn", "", 'the plugin "thorn" answers no hook'),
        ("thorn", feature("rose"), 'the plugin "thorn" calls its feature "rose"'),
        ("thorn", feature("thorn", "root"), 'the feature "thorn" needs "root", which the mix does not name'),
        (
            "thorn",
            "from mewe_core.kit.hookspecs import hookimpl\n\n@hookimpl\ndef mewe_featur():\n    pass\n",
            'the plugin "thorn" has a hook that does not exist',
        ),
        (
            "thorn",
            "from mewe_core.kit.hookspecs import hookimpl\n\n@hookimpl\ndef mewe_feature(colour):\n    pass\n",
            'the plugin "thorn"',
        ),
    ],
)
def test_a_plugin_that_cannot_be_used_is_named(install: Install, name: str, source: str, words: str) -> None:
    """One sentence for whoever wrote the mix."""
    install(name, source)
    with pytest.raises(PluginFault) as fault:
        load((name,))
    assert words in str(fault.value)
    assert "/" not in str(fault.value)


def test_a_plugin_that_is_not_there_is_named_with_those_that_are(install: Install) -> None:
    """So that a typing error is seen."""
    install("root", feature("root"))
    with pytest.raises(PluginFault, match=r'no plugin "roots" here; installed: .*root'):
        load(("roots",))


def test_features_that_need_each_other_are_named(install: Install) -> None:
    """There is no order in which a circle could be started."""
    install("hen", feature("hen", "egg"))
    install("egg", feature("egg", "hen"))
    with pytest.raises(PluginFault, match="need each other in a circle: egg, hen"):
        load(("hen", "egg"))
