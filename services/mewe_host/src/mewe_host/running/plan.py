"""What one process is to run."""

from pathlib import Path

import attrs
from attrs import frozen
from mewe_core.kit.feature import Feature

from mewe_host.mix import Mix, Mounted
from mewe_host.mix.model import Listening
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
    """The same with other addresses, so that several processes can run one mix. Raises MixFaults if one is no address."""
    mix = mounted.mix
    if http is not None:
        mix = attrs.evolve(mix, http=_listening(http, "--http"))
    if grpc is not None:
        mix = attrs.evolve(mix, grpc=_listening(grpc, "--grpc"))
    return attrs.evolve(mounted, mix=mix)


def _listening(address: str, option: str) -> Listening:
    return structured({"address": address}, Listening, file="the command line", key=option)
