"""The condition of a create finds what was made before: by its identifier, else by its tag."""

import pytest

from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.outbound.server.conditional_create import created_once

PLAN: Json = {
    "resourceType": "CarePlan",
    "id": "plan",
    "meta": {"profile": ["urn:x"]},
    "identifier": [{"system": PLAN_KEY, "value": "name"}],
}
TRAIL: Json = {"resourceType": "Provenance", "id": "trail", "meta": {"profile": ["urn:x"]}}
TAG = {"system": PLAN_KEY, "code": "trail"}


@pytest.mark.parametrize(
    ("resource", "condition", "meta"),
    [
        (PLAN, f"identifier={PLAN_KEY}|name", {"profile": ["urn:x"]}),
        (TRAIL, f"_tag={PLAN_KEY}|trail", {"profile": ["urn:x"], "tag": [TAG]}),
        ({**TRAIL, "meta": {}}, f"_tag={PLAN_KEY}|trail", {"tag": [TAG]}),
    ],
)
def test_the_name_stands_on_the_resource_and_in_the_condition(
    resource: Json, condition: str, meta: Json
) -> None:
    before = {**resource}
    content, found = created_once(resource, PLAN_KEY)

    assert (found, content["meta"]) == (condition, meta)
    assert "id" not in content
    assert resource == before
