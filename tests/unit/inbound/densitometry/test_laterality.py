"""The sides that a body site names, in whichever of three ways; two of them contradict each other."""

import pytest

from adapter.clinical.model import Side
from adapter.input.wire_json import Json
from mappings.codes import SNOMED
from mappings.inbound.densitometry.laterality import sides_named

LEFT: Json = {"system": SNOMED, "code": "7771000"}
RIGHT: Json = {"system": SNOMED, "code": "24028007"}
HIP: Json = {"system": SNOMED, "code": "29836001"}


def beside(*codings: Json) -> Json:
    return {"extension": [{"url": "x", "valueCodeableConcept": {"coding": [it]}} for it in codings]}


@pytest.mark.parametrize(
    ("site", "sides"),
    [
        ({"coding": [HIP, LEFT]}, {Side.LEFT}),
        ({"coding": [{"system": SNOMED, "code": "29836001:272741003=24028007"}]}, {Side.RIGHT}),
        ({"coding": [HIP], **beside(RIGHT)}, {Side.RIGHT}),
        ({"coding": [LEFT], **beside(RIGHT)}, {Side.LEFT, Side.RIGHT}),
        ({"coding": [HIP]}, set()),
        ({"coding": [{"system": "https://other", "code": "7771000"}]}, set()),
        ({"extension": "x"}, set()),
        (None, set()),
        ([], set()),
    ],
)
def test_every_side_that_is_named_is_found(site: object, sides: set[Side]) -> None:
    assert sides_named(site) == sides
