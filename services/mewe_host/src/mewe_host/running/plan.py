"""What one process is to run."""

import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen
from mewe_core.kit.feature import Feature

from mewe_host.mix import Fault, Mix, MixFaults, Mounted
from mewe_host.mix.model import Listening, from_environment
from mewe_host.mix.reading import reached_by_others
from mewe_host.mix.structure import structured


@frozen
class Plan:
    """A mix, the features of it that this process serves, and whether it brings along what they need (``mewe up``)."""

    mounted: Mounted
    serving: tuple[Feature, ...]
    brings_all: bool

    @property
    def mix(self) -> Mix:
        """The mix."""
        return self.mounted.mix

    @property
    def file(self) -> str:
        """The mix's file, as messages name it."""
        return self.mounted.file

    @property
    def nats_folder(self) -> Path:
        """Where an embedded NATS server keeps everything, and leaves its address."""
        return Path(self.mix.nats.folder)

    @property
    def names(self) -> tuple[str, ...]:
        """The features served here."""
        return tuple(one.name for one in self.serving)


def elsewhere(mounted: Mounted, *, http: str | None, grpc: str | None) -> Mounted:
    """The same with other addresses, so that several processes can run one mix.

    Raises MixFaults if one is no address, or may not be one of this mix.
    """
    mix = mounted.mix
    if http is not None:
        mix = attrs.evolve(mix, http=_listening(http, "--http"))
    if grpc is not None:
        mix = attrs.evolve(mix, grpc=_listening(grpc, "--grpc"))
    if wrong := reached_by_others(mix, mounted.file):
        raise MixFaults(*wrong)
    return _tried_out(attrs.evolve(mounted, mix=mix))


def secrets(mounted: Mounted, serving: tuple[Feature, ...]) -> None:
    """See that the variables are set that the features served here name (keys ending in ``_env``). Raises MixFaults."""
    allowed = "a variable that holds it: set it before the start, or leave the key out where nothing is kept secret"
    wrong = [
        Fault(mounted.file, key, f"the variable {named} is not set", allowed)
        for feature in serving
        for key, named in _variables(mounted.mix.features.get(feature.name, {}), f"features.{feature.name}")
        if from_environment(named) is None
    ]
    if wrong:
        raise MixFaults(*wrong)


def _variables(value: object, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _variables(inner, f"{key}.{name}")
    elif isinstance(value, list):
        for nth, inner in enumerate(value):
            yield from _variables(inner, f"{key}[{nth}]")
    elif isinstance(value, str) and key.endswith("_env"):
        yield key, value


def _tried_out(mounted: Mounted) -> Mounted:
    """The same, with a port that is free now where the issuer for trying out is to be on any: it has to know its address.

    What the settings of the features say of that address follows.
    """
    mix = mounted.mix
    if not mix.trial_issuer or mix.http.port != 0:
        return mounted
    host = mix.http.address.rpartition(":")[0]
    here = f"{host}:{_kept_port(mix.http.host)}"
    settings = {name: _replaced(one, f"http://{host}:0", f"http://{here}") for name, one in mounted.settings.items()}
    return attrs.evolve(mounted, mix=attrs.evolve(mix, http=Listening(here)), settings=settings)


def _kept_port(host: str) -> int:
    """A port that is free now, and for some time only to who asks for it by its number.

    A connection to it is closed from this side: until it is forgotten (TIME_WAIT, a minute on Linux), no system gives the
    port to whoever asks for any.
    """
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as free:
        address = free.getsockname()
        with socket.create_connection(address[:2]) as near:
            far, _ = free.accept()
            far.close()
            near.recv(1)
    return int(address[1])


def _replaced(value: Any, start: str, here: str) -> Any:
    """Settings with texts that begin otherwise."""
    if isinstance(value, str):
        rest = value.removeprefix(start)
        return here + rest if rest != value and rest[:1] in ("", "/") else value
    if type(value) is tuple:
        return tuple(_replaced(one, start, here) for one in value)
    if attrs.has(type(value)):
        fresh = {one.alias: _replaced(getattr(value, one.name), start, here) for one in attrs.fields(type(value)) if one.init}
        changed = {name: one for name, one in fresh.items() if one != getattr(value, name, None)}
        return attrs.evolve(value, **changed) if changed else value
    return value


def _listening(address: str, option: str) -> Listening:
    return structured({"address": address}, Listening, file="the command line", key=option)
