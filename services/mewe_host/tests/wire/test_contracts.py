"""The contracts of a mix stand together in one pool; what does not fit stops the start with a sentence."""

from collections.abc import Callable

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from mewe_core.kit.feature import Feature
from mewe_core.kit.personal import holds_nothing
from mewe_host.wire.assembling import assemble
from mewe_host.wire.contracts import Contracts, WireFault, contracts_of
from sqlalchemy import MetaData

Compile = Callable[[str, str], FileDescriptorSet]

FIRST = 'syntax = "proto3"; package mewe.first.v1; message A { string id = 1; }'
LATER = 'syntax = "proto3"; package mewe.first.v1; message A { string id = 1; string more = 2; }'


def _feature(package: str) -> Feature:
    tables = MetaData()
    return Feature(
        name="somewhere", package=package, version="1", summary="None.", tables=tables, personal=holds_nothing(tables)
    )


def test_the_contract_of_the_kit_is_always_there() -> None:
    """The messages of the kit's own events can be found without any feature."""
    assert contracts_of([]).message("mewe.kit.v1.StandingChanged").DESCRIPTOR.full_name == "mewe.kit.v1.StandingChanged"


def test_a_message_that_nobody_has_is_named(letters: Contracts) -> None:
    """Asking for what no contract has is a WireFault with the name."""
    with pytest.raises(WireFault, match=r"no contract has the message mewe.letters.v1.Parcel"):
        letters.message("mewe.letters.v1.Parcel")


def test_a_package_without_a_contract_is_named() -> None:
    """A feature whose package holds no contract stops the start, with the file's name."""
    with pytest.raises(WireFault, match=r"^feature somewhere: the package mewe_host has no contract.binpb$"):
        assemble([_feature("mewe_host")])


def test_the_area_that_owns_a_file_has_the_last_word(compile_contract: Compile) -> None:
    """A copy that another feature brings along does not replace the owner's file, whichever comes first."""
    owner, copy = compile_contract(LATER, "first"), compile_contract(FIRST, "first")
    for sets in ({"first": owner, "second": copy}, {"second": copy, "first": owner}):
        assert set(Contracts(sets).message("mewe.first.v1.A").DESCRIPTOR.fields_by_name) == {"id", "more"}


def test_a_file_that_nobody_brings_is_named(letters: Contracts, compile_contract: Compile) -> None:
    """A set that was made without its imports stops the start, with both files' names."""
    alone = FileDescriptorSet(file=[file for file in letters.sources.values() if "letters" in file.name])
    with pytest.raises(WireFault, match=r"letters.proto: no contract brings google/protobuf/timestamp.proto"):
        Contracts({"letters": alone})


def test_two_files_that_declare_the_same_are_named(compile_contract: Compile) -> None:
    """Two features that declare one message stop the start, with the name of the file that came second."""
    one = compile_contract(FIRST, "first")
    other = FileDescriptorSet()
    other.CopyFrom(one)
    other.file[0].name = "mewe/other/v1/other.proto"
    with pytest.raises(WireFault, match=r"^mewe/other/v1/other.proto does not fit the other contracts"):
        Contracts({"first": one, "other": other})
