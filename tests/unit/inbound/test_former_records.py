from decimal import Decimal

import pytest

from adapter.clinical.model import Reason, Site
from adapter.input.wire_json import Json
from mappings.inbound import Reading, read_record
from mappings.inbound.former_records import former_ids
from tests.record_readings import a_record_reading
from tests.unit.inbound.made_records import ANNA, TODAY, answer, condition, medicine, snomed, t_score

OLD = {"reference": "Patient/old"}


def merged(*resources: Json) -> Reading:
    there = [resource | {"subject": OLD} for resource in resources]
    mine = [
        t_score(Decimal("-0.5"), "80946-7"),
        answer("no-known-conditions"),
        answer("no-known-medications"),
    ]
    return read_record(ANNA, mine, a_record_reading(), on=TODAY, former={"old": there})


@pytest.mark.parametrize(
    ("link", "ids"),
    [
        ({"type": "replaces", "other": {"reference": "Patient/old"}}, ("old",)),
        ({"type": "replaces", "other": {"reference": "https://fhir.example/r4/Patient/old"}}, ("old",)),
        ({"type": "replaced-by", "other": {"reference": "Patient/new"}}, ()),
        ({"type": "seealso", "other": {"reference": "Patient/b"}}, ()),
        ({"type": "replaces", "other": {"reference": "RelatedPerson/r"}}, ()),
        ({"type": "replaces", "other": {"identifier": {"value": "7"}}}, ()),
        ({"type": "replaces"}, ()),
    ],
)
def test_the_patients_that_were_merged_into_this_one(link: Json, ids: tuple[str, ...]) -> None:
    assert former_ids({"link": [link]}, "https://fhir.example/r4/") == ids


def test_a_t_score_at_a_merged_record_is_named_and_not_used() -> None:
    reading = merged(t_score(Decimal("-3.0"), id="theirs"))

    (refused,) = reading.record.rejected
    assert (refused.reason, refused.site) == (Reason.OTHER_RECORD, Site.LUMBAR_SPINE)
    assert refused.evidence.startswith("Observation/theirs")
    assert [score.value for score in reading.record.t_scores] == [Decimal("-0.5")]


@pytest.mark.parametrize(
    "resource", [condition(snomed("38341003")), medicine()], ids=["condition", "medicine"]
)
def test_anything_else_there_means_that_the_lists_here_are_not_whole(resource: Json) -> None:
    reading = merged(resource)

    assert (reading.record.conditions.complete, reading.record.medicines.complete) == (False, False)
    assert {r.reason for r in reading.needs_human} == {Reason.OTHER_RECORD}


def test_a_merge_by_itself_is_administration() -> None:
    assert (merged().record.rejected, merged().record.conditions.complete) == ((), True)
