"""JSON means what protobuf says it means, and a fault in it is told by place."""

import json
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto
from hypothesis import given, settings
from hypothesis import strategies as st
from mewe_core.kit.errors import Field, Invalid
from mewe_host.faces import json_form
from mewe_host.wire.contracts import Contracts

NAMES = st.sampled_from(["requestId", "request_id", "text", "mood", "number", "other", "[a.b]", ""])
values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8) | st.sampled_from(["MOOD_LOUD", "1", "-0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


@given(value=st.dictionaries(NAMES, values, max_size=6) | values)
@settings(max_examples=400, deadline=None)
def test_any_json_is_a_message_or_invalid(contracts: Contracts, value: Any) -> None:
    """Whatever stands in a JSON text, reading it gives a message or Invalid, and never another error."""
    kind = contracts.message("mewe.parrots.v1.SayRequest")
    try:
        read = json_form.read(json.dumps(value).encode(), kind)
    except Invalid:
        return
    assert json_form.read(json_form.write(read), kind) == read


def test_both_spellings_of_a_name_are_read(contracts: Contracts) -> None:
    """A field goes by its JSON name and by its name in the contract, but not by both at once."""
    kind = contracts.message("mewe.parrots.v1.SayRequest")
    assert json_form.read(b'{"requestId":"r"}', kind) == json_form.read(b'{"request_id":"r"}', kind)


def test_a_fault_cannot_pretend_to_be_elsewhere(contracts: Contracts) -> None:
    """A value that looks like the parser's own words does not change which field is named."""
    kind = contracts.message("mewe.parrots.v1.SayRequest")
    with pytest.raises(Invalid) as caught:
        json_form.read(json.dumps({"mood": "x at SayRequest.Ada", "text": ""}).encode(), kind)
    assert caught.value.fields == (Field("mood", "a value of the type in the contract"),)
    assert "Ada" not in str(caught.value.fields)


@pytest.mark.parametrize("value", ["ten", 0.5, 2**70, "", [], {}])
def test_a_fault_in_a_list_names_its_entry(value: object) -> None:
    """Which entry of a list is wrong is told, also where the parser does not say it."""
    entries = [{"number": 1}, {"number": value}, {"number": value}]
    with pytest.raises(Invalid) as caught:
        json_form.read(json.dumps({"field": entries}).encode(), DescriptorProto)
    assert caught.value.fields == (Field("field[1].number", "a value of the type in the contract"),)
