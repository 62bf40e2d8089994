"""From a file to what a host can run: the mix, the features it names, and their settings."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import attrs
from attrs import field, frozen
from mewe_core.kit import plugins
from mewe_core.kit.events import Catalogue, catalogue
from mewe_core.kit.feature import Brought, Feature
from mewe_core.kit.tables import closest

from mewe_host.mix import in_the_clear
from mewe_host.mix.faults import Fault, MixFaults
from mewe_host.mix.model import DATABASE_URL, NATS_URL, SMTP_URL, AlertsSettings, Mix, from_environment
from mewe_host.mix.structure import structured


@frozen
class Mounted:
    """A mix and everything it names, loaded and checked. ``settings`` has what each feature's handlers work with,
    by the feature's name: what its ``configure`` makes of its section."""

    file: str
    mix: Mix
    features: tuple[Feature, ...]
    settings: Mapping[str, object] = field(repr=False)
    brought: Brought = field(repr=False)
    catalogue: Catalogue = field(repr=False)

    def only(self, names: tuple[str, ...]) -> tuple[Feature, ...]:
        """The named features in the order of the mix, all if none is named. Raises MixFaults for one the mix does not have."""
        there = [one.name for one in self.features]
        wrong = [
            Fault(self.file, f"features.{name}", "the mix does not name this feature", closest(name, there))
            for name in names
            if name not in there
        ]
        if wrong:
            raise MixFaults(*wrong)
        return tuple(one for one in self.features if not names or one.name in names)


def shipped() -> tuple[str, ...]:
    """The names of the mixes that come with this program."""
    return tuple(sorted(one.name.removesuffix(".toml") for one in files("mewe_host.mix").joinpath("shipped").iterdir()))


def found(named: str | None) -> Path:
    """The file of a mix: a path, or the name of a shipped one; ``everything`` if none is named. Raises MixFaults."""
    if named is not None and (Path(named).suffix == ".toml" or Path(named).exists()):
        return Path(named)
    name = named or "everything"
    if name not in shipped():
        raise MixFaults(Fault(name, "", "there is no such mix", f"the path of a .toml file, or one of {', '.join(shipped())}"))
    return Path(str(files("mewe_host.mix").joinpath("shipped", f"{name}.toml")))


def read(path: Path) -> Mix:
    """The mix in a file; no plugin is loaded. Raises MixFaults with everything that is wrong in it."""
    file = _shown(path)
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise MixFaults(Fault(file, "", "there is no such file", "the path of a .toml file that exists")) from None
    except OSError as fault:
        raise MixFaults(Fault(file, "", f"the file cannot be read ({fault.strerror})", "a file that you may read")) from None
    except UnicodeDecodeError:
        raise MixFaults(Fault(file, "", "the file is not UTF-8 text", "a text file in TOML")) from None
    except tomllib.TOMLDecodeError as fault:
        raise MixFaults(Fault(file, "", f"this is not TOML: {fault}", "a text file in TOML, see https://toml.io")) from None
    mix = _resolved(structured(table, Mix, file=file), file)
    faults = tuple(_faults(mix, file))
    if faults:
        raise MixFaults(*faults)
    return mix


def mount(path: Path) -> Mounted:
    """The mix in a file with its features loaded and their settings read. Raises MixFaults with everything that is wrong."""
    mix = read(path)
    file = _shown(path)
    there = plugins.installed()
    named = (*mix.features, *mix.plugins)
    wrong = [
        Fault(
            file,
            f"features.{name}" if name in mix.features else "plugins",
            f'"{name}" is not installed here',
            closest(name, there),
        )
        for name in named
        if name not in there
    ]
    if wrong:
        raise MixFaults(*wrong)
    try:
        features, brought = plugins.load(named)
        brought = attrs.evolve(brought, country=mix.country, languages=mix.languages)
    except plugins.PluginFault as fault:
        raise MixFaults(Fault(file, "features", str(fault), "features that are installed, each with those it needs")) from None
    names = {one.name for one in features}
    wrong = [
        Fault(
            file, f"features.{name}", f'the plugin "{name}" is no feature', 'plugins = ["' + name + '"], at the top of the file'
        )
        for name in mix.features
        if name not in names
    ]
    settings: dict[str, object] = {}
    for feature in features:
        try:
            table: Mapping[str, Any] = mix.features.get(feature.name, {})
            read_settings: object = structured(table, feature.settings, file=file, key=f"features.{feature.name}")
            settings[feature.name] = feature.configure(read_settings, brought)
        except MixFaults as fault:
            wrong += fault.faults
        except plugins.PluginFault as fault:
            wrong.append(Fault(file, f"features.{feature.name}", str(fault), "settings that fit what the plugins bring"))
    if wrong:
        raise MixFaults(*wrong)
    try:
        told = catalogue([(one.name, one.tells) for one in features])
    except ValueError as fault:
        raise MixFaults(
            Fault(file, "features", f"an event breaks the rules: {fault}", "features that pass their tests")
        ) from None
    return Mounted(file, mix, features, settings, brought, told)


def _resolved(mix: Mix, file: str) -> Mix:
    """The mix with the urls that stand in environment variables. Raises MixFaults for one that is not set."""
    faults: list[Fault] = []
    changes: dict[str, Any] = {}
    for section, allowed in (("database", DATABASE_URL), ("nats", NATS_URL)):
        settings = getattr(mix, section)
        if settings.url_env is None:
            continue
        url = from_environment(settings.url_env)
        try:
            if url is None:
                raise MixFaults(Fault(file, f"{section}.url_env", f"the variable {settings.url_env} is not set", allowed))
            kind = type(settings)
            table = attrs.asdict(settings, recurse=False) | {"url": url}
            table = {name: list(value) if isinstance(value, tuple) else value for name, value in table.items()}
            changes[section] = structured({k: v for k, v in table.items() if v is not None}, kind, file=file, key=section)
        except MixFaults as fault:
            faults += fault.faults
    if faults:
        raise MixFaults(*faults)
    return attrs.evolve(mix, **changes)


def _faults(mix: Mix, file: str) -> list[Fault]:
    """What only shows when keys are seen together."""
    wrong = [*reached_by_others(mix, file)]
    if not mix.nats.embedded and not mix.nats.monitoring:
        allowed = 'the monitoring address of each server, such as ["http://127.0.0.1:8222"]'
        wrong.append(Fault(file, "nats.monitoring", "nothing proves that the servers keep what they accept", allowed))
    wrong += in_the_clear.faults(mix, file)
    wrong += _alert_faults(mix.alerts, file)
    if mix.http.address == mix.grpc.address and mix.http.port != 0:
        wrong.append(Fault(file, "grpc.address", "this is the address of [http] too", "an address of its own"))
    wrong += [
        Fault(file, "plugins", f'"{name}" stands in [features.{name}] already', "plugins that are no features")
        for name in mix.plugins
        if name in mix.features
    ]
    return wrong


def reached_by_others(mix: Mix, file: str) -> list[Fault]:
    """What may stand in a mix for trying out alone, which nobody reaches from another machine."""
    if mix.demo and mix.http.is_loopback and mix.grpc.is_loopback:
        return []
    wrong: list[Fault] = []
    where = "only with demo = true and both addresses on 127.0.0.1, ::1 or localhost"
    if mix.clock.file is not None:
        allowed = f"a clock file {where}"
        wrong.append(Fault(file, "clock.file", "a real deployment takes the time from its machine", allowed))
    if mix.push.here:
        wrong.append(
            Fault(file, "push.here", "a device could have this host call programs of its own machine", f"here {where}")
        )
    if mix.trial_issuer:
        wrong.append(Fault(file, "trial_issuer", "it lets anybody in as anybody", f"trial_issuer {where}"))
    return wrong


def _alert_faults(alerts: AlertsSettings, file: str) -> list[Fault]:
    wrong: list[Fault] = []
    if alerts.smtp is not None and alerts.sender is None:
        wrong.append(Fault(file, "alerts.sender", "a mail server has to be told who writes", 'such as "mewe@example.org"'))
    if alerts.smtp is None:
        wrong += [
            Fault(file, f"alerts.{key}", "this is for a mail server, and none is named", SMTP_URL)
            for key in ("sender", "user_env", "password_env")
            if getattr(alerts, key) is not None
        ]
    if (alerts.user_env is None) != (alerts.password_env is None):
        key = "user_env" if alerts.user_env is None else "password_env"
        wrong.append(Fault(file, f"alerts.{key}", "a user has a password", "both alerts.user_env and alerts.password_env"))
    for key in ("user_env", "password_env"):
        named = getattr(alerts, key)
        if named is not None and from_environment(named) is None:
            wrong.append(Fault(file, f"alerts.{key}", f"the variable {named} is not set", "a variable that is set"))
    return wrong


def _shown(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
