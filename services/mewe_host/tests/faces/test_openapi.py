"""The description of the API is a valid one, and says what the authors of the contracts say."""

import json
from typing import Any

import pytest
from mewe_host.faces.openapi import document
from mewe_host.parts import Guard
from mewe_host.wire.contracts import Contracts
from openapi_spec_validator import OpenAPIV31SpecValidator

SAY = "/mewe.parrots.v1.ParrotService/Say"


@pytest.fixture
def described(contracts: Contracts, parrot: Guard) -> dict[str, Any]:
    """The document of the parrots' contract."""
    found: dict[str, Any] = json.loads(document(contracts, parrot.methods, title="Parrots", version="1.2.3"))
    return found


def test_the_document_is_valid(described: dict[str, Any]) -> None:
    """It is OpenAPI 3.1, by an independent judge."""
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []


def test_every_unary_method_is_described_and_streams_are_named(described: dict[str, Any]) -> None:
    """A method has its path, its comment, its request and its answer; a stream is said to be there."""
    assert set(described["paths"]) == {SAY, "/mewe.parrots.v1.ParrotService/Hear"}
    post = described["paths"][SAY]["post"]
    assert (post["summary"], post["description"]) == (
        "Tells a parrot something.",
        "Tells a parrot something.\nIt says it back.",
    )
    assert post["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/mewe.parrots.v1.SayRequest"
    }
    assert "/mewe.parrots.v1.ParrotService/Listen" in described["info"]["description"]
    assert described["tags"] == [{"name": "mewe.parrots.v1.ParrotService", "description": "Parrots say what they are told."}]


def test_fields_carry_their_comments_and_types(described: dict[str, Any]) -> None:
    """A field goes by its JSON name; a 64-bit number is a text; an enum lists its values with what they mean."""
    schemas = described["components"]["schemas"]
    properties = schemas["mewe.parrots.v1.SayRequest"]["properties"]
    assert properties["requestId"] == {"type": "string", "description": "A fresh id."}
    assert properties["number"]["format"] == "int64"
    assert properties["mood"] == {"$ref": "#/components/schemas/mewe.parrots.v1.Mood", "description": "How."}
    mood = schemas["mewe.parrots.v1.Mood"]
    assert mood["enum"] == ["MOOD_CALM", "MOOD_LOUD"]
    assert mood["description"] == "How it is said.\nMOOD_CALM: Quietly.\nMOOD_LOUD: For all to hear."
