"""A damaged document is found out by the rule that it breaks."""

from copy import deepcopy
from typing import Any

import pytest

from adapter.input.wire_json import Json, JsonValue
from mappings.documents import broken
from tests.unit.documents.opened_documents import (
    bundle,
    first,
)


def _without(document: Json, name: str) -> Json:
    del document[name]
    return document


def _entry(document: Json, **changes: JsonValue) -> Json:
    document["entry"][-1] |= changes
    return document


def _composition(document: Json, **changes: JsonValue) -> Json:
    first(document).update(changes)
    return document


STRAY: Json = {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Device", "id": "1"}}


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (lambda it: {**it, "type": "collection"}, "document-type"),
        (lambda it: _entry(it, fullUrl=it["entry"][0]["fullUrl"]), "bdl-7"),
        (lambda it: _entry(it, fullUrl="http://x/Device/1/_history/2"), "bdl-8"),
        (lambda it: {**it, "identifier": {"value": "1"}}, "bdl-9"),
        (lambda it: _without(it, "timestamp"), "bdl-10"),
        (lambda it: {**it, "entry": it["entry"][::-1]}, "bdl-11"),
        (lambda it: _composition(it, section=[{"title": "x"}]), "cmp-1"),
        (lambda it: _composition(it, custodian={"reference": "Organization/1"}), "dangling"),
        (lambda it: {**it, "entry": [*it["entry"], STRAY]}, "unreached"),
        (lambda it: {**it, "entry": [e for e in it["entry"] if e["resource"]["resourceType"] != "Patient"]}, "one-patient"),
        (lambda it: _composition(it, status="final"), "attested"),
        (lambda it: _composition(it, status="amended", attester=[{}]), "attested"),
        (lambda it: _composition(it, attester=[{}]), "attested"),
        (lambda it: _composition(it, status="entered-in-error"), "attested"),
    ],
)  # fmt: skip
def test_a_damaged_document_is_found_out(damage: Any, rule: str) -> None:
    assert rule in broken(damage(deepcopy(bundle())))
