"""Load exactly the named plugins, refuse the rest."""

import re
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

import pluggy
from attrs import evolve

from mewe_core.kit import hookspecs
from mewe_core.kit.commands import Command
from mewe_core.kit.faults import PluginFault as PluginFault
from mewe_core.kit.feature import Brought, Feature
from mewe_core.kit.message_checks import MessageCheck
from mewe_core.kit.texts import FALLBACK, say


def installed() -> dict[str, EntryPoint]:
    """The plugins that are installed, by name; none of them is loaded."""
    return {point.name: point for point in entry_points(group=hookspecs.PROJECT)}


def load(names: tuple[str, ...]) -> tuple[tuple[Feature, ...], Brought]:
    """The features of the named plugins, each after those it needs, and what else they bring, together.

    Raises PluginFault if one is not installed, cannot be imported, answers no known hook, or needs a feature not named; and for
    two checks of one name.
    """
    manager = _registered(names)
    features = {name: _feature(manager, name) for name in names}
    programmes = tuple(text for texts in manager.hook.mewe_programmes() for text in texts)
    checks = _checks([one for several in manager.hook.mewe_message_checks() for one in several])
    return _in_order({name: one for name, one in features.items() if one is not None}), Brought(programmes, checks)


def brought(name: str) -> Feature | None:
    """The feature of one plugin, whatever it needs; None if it brings something else. Raises PluginFault as ``load`` does."""
    return _feature(_registered((name,)), name)


def commands(name: str) -> tuple[Command, ...]:
    """What one plugin adds to the command line. Raises PluginFault as ``load`` does, and for two commands of one name."""
    found = [one for several in _registered((name,)).hook.mewe_commands() for one in several]
    names = [one.name for one in found]
    if twice := sorted({one for one in names if names.count(one) > 1}):
        raise PluginFault(f'the plugin "{name}" has two commands called "{twice[0]}"')
    return tuple(found)


def _registered(names: tuple[str, ...]) -> pluggy.PluginManager:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    there = installed()
    for name in names:
        if name not in there:
            allowed = ", ".join(sorted(there)) or "none"
            raise PluginFault(f'there is no plugin "{name}" here; installed: {allowed}')
        try:
            manager.register(there[name].load(), name=name)
        except Exception as fault:
            raise PluginFault(f'the plugin "{name}" cannot be loaded: {type(fault).__name__}: {fault}') from fault
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as fault:
        what = str(fault).split(" in plugin ")[0]
        raise PluginFault(f'the plugin "{manager.get_name(fault.plugin)}" has a hook that does not exist: {what}') from fault
    return manager


def _feature(manager: pluggy.PluginManager, name: str) -> Feature | None:
    module = manager.get_plugin(name)
    others = [one for other, one in manager.list_name_plugin() if other != name]
    answers = manager.subset_hook_caller("mewe_feature", remove_plugins=others)()
    if not answers:
        if manager.get_hookcallers(module):
            return None
        raise PluginFault(f'the plugin "{name}" answers no hook')
    feature: Feature = answers[0]
    if feature.name != name:
        raise PluginFault(f'the plugin "{name}" calls its feature "{feature.name}"; the two names must be the same')
    return evolve(feature, events=feature.tells)


def _checks(answers: Iterable[object]) -> tuple[MessageCheck, ...]:
    """The checks of all plugins: those for people in danger first, then by their order."""
    checks = list[MessageCheck]()
    for one in answers:
        if not isinstance(one, MessageCheck):
            raise PluginFault(f"mewe_message_checks answers {type(one).__name__}, which is no MessageCheck")
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", one.name):
            raise PluginFault(f'the check "{one.name}" needs a name of lower-case letters, digits and dashes')
        if any(other.name == one.name for other in checks):
            raise PluginFault(f'there are two checks called "{one.name}"')
        try:
            say(one.package, FALLBACK, f"check-{one.name}")
        except (KeyError, OSError, ModuleNotFoundError):
            raise PluginFault(
                f'the check "{one.name}" has no sentence check-{one.name} in {one.package}/locale/en.ftl'
            ) from None
        checks.append(one)
    return tuple(sorted(checks, key=lambda one: (not one.crisis, one.order, one.name)))


def _in_order(features: dict[str, Feature]) -> tuple[Feature, ...]:
    for feature in features.values():
        for need in feature.needs:
            if need not in features:
                raise PluginFault(f'the feature "{feature.name}" needs "{need}", which the mix does not name')
    ordered: list[Feature] = []
    waiting = dict(features)
    while waiting:
        ready = [one for one in waiting.values() if not set(one.needs) & waiting.keys()]
        if not ready:
            raise PluginFault(f"these features need each other in a circle: {', '.join(sorted(waiting))}")
        ordered += ready
        for one in ready:
            del waiting[one.name]
    return tuple(ordered)
