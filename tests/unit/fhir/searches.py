"""A search for the Observations of one patient, and pages that answer it."""

from adapter.input.wire_json import Json
from tests.unit.fhir.server import Answer, searchset

ASKED = {"subject": "Patient/p1", "code": ["a", "b"]}


SELF = "http://any/r4/Observation?subject=Patient%2Fp1&code=a&code=b&_count=100"


def of_p1(resource: Json) -> bool:
    return bool(resource["subject"]["reference"] == "Patient/p1")


def ids(resources: list[Json]) -> list[str]:
    return [resource["id"] for resource in resources]


def page(*resources: object, **links: str) -> Answer:
    return Answer(200, searchset(*resources, **links))
