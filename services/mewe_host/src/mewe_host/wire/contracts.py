"""The contracts of the features, in one descriptor pool of the host's own."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files

from google.protobuf.descriptor import Descriptor, FileDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from mewe_core.kit.feature import Feature

KIT = ("kit", "mewe_core.kit")
"""The contract that every feature may stand on: its area and the package that holds it."""

FILE_NAME = "contract.binpb"


class WireFault(Exception):
    """The features and their contracts do not fit together; ``problems`` names feature, class and field of each misfit."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class Contracts:
    """Descriptors and message classes of all features of a mix, with the comments of their authors."""

    def __init__(self, sets: Mapping[str, FileDescriptorSet]) -> None:
        """From descriptor sets by area. Where sets bring the same file, that of the area it belongs to counts.

        Raises WireFault if a file needs what no set brings.
        """
        self._pool = DescriptorPool()
        self._classes: dict[str, type[Message]] = {}
        self.sources: Mapping[str, FileDescriptorProto] = _by_owner(sets)
        problems = [problem for name in self.sources if (problem := self._add(name)) is not None]
        if problems:
            raise WireFault(sorted(set(problems)))

    def _add(self, name: str) -> str | None:
        if self._known(name):
            return None
        source = self.sources.get(name)
        if source is None:
            return f"no contract brings {name}"
        for dependency in source.dependency:
            problem = self._add(dependency)
            if problem is not None:
                return f"{name}: {problem}"
        bare = FileDescriptorProto()
        bare.CopyFrom(source)
        bare.ClearField("source_code_info")
        try:
            self._pool.Add(bare)
            self._pool.FindFileByName(name)
        except (TypeError, KeyError) as fault:
            return f"{name} does not fit the other contracts: {fault}"
        return None

    def _known(self, name: str) -> bool:
        try:
            self._pool.FindFileByName(name)
        except KeyError:
            return False
        return True

    @property
    def pool(self) -> DescriptorPool:
        """The descriptors of all contracts."""
        return self._pool

    def files(self) -> list[FileDescriptor]:
        """Every file, in the order of their names."""
        return [self._pool.FindFileByName(name) for name in sorted(self.sources)]

    def services(self, area: str) -> list[ServiceDescriptor]:
        """The services of ``mewe.<area>.v1``."""
        package = f"mewe.{area}.v1"
        return [service for file in self.files() if file.package == package for service in file.services_by_name.values()]

    def descriptor(self, full_name: str) -> Descriptor | None:
        """A message's descriptor; None if no contract has it."""
        try:
            return self._pool.FindMessageTypeByName(full_name)
        except KeyError:
            return None

    def message(self, full_name: str) -> type[Message]:
        """A message's class. Raises WireFault if no contract has it."""
        if full_name not in self._classes:
            descriptor = self.descriptor(full_name)
            if descriptor is None:
                raise WireFault([f"no contract has the message {full_name}"])
            self._classes[full_name] = GetMessageClass(descriptor)
        return self._classes[full_name]


def contracts_of(features: Iterable[Feature]) -> Contracts:
    """The contracts of these features and the kit's. Raises WireFault if one is missing, malformed or does not fit."""
    sets: dict[str, FileDescriptorSet] = {}
    problems: list[str] = []
    for area, package in (KIT, *((feature.name, feature.package) for feature in features)):
        try:
            sets[area] = FileDescriptorSet.FromString(files(package).joinpath(FILE_NAME).read_bytes())
        except (FileNotFoundError, ModuleNotFoundError):
            problems.append(f"feature {area}: the package {package} has no {FILE_NAME}")
        except DecodeError:
            problems.append(f"feature {area}: {FILE_NAME} of {package} is no descriptor set")
    if problems:
        raise WireFault(problems)
    return Contracts(sets)


def _by_owner(sets: Mapping[str, FileDescriptorSet]) -> dict[str, FileDescriptorProto]:
    chosen: dict[str, FileDescriptorProto] = {}
    for area, one in sets.items():
        for file in one.file:
            if file.name not in chosen or file.package == f"mewe.{area}.v1":
                chosen[file.name] = file
    return chosen
