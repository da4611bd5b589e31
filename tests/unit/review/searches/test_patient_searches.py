"""What is asked about a batch of patients, and that an answer about anybody else is none."""

from collections.abc import Iterable

import pytest

from adapter.fhir.capabilities import Capabilities
from adapter.fhir.search import pairs
from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.inbound import queries
from tests.servers.without_http import BASE
from tests.unit.handover.plan_in_memory import NOON
from tests.unit.review.hospital_in_memory import HospitalInMemory, reading_institution
from workers.review.searches.includes import Search
from workers.review.searches.patient_searches import offered, own_searches, plan_of, record_searches

HERE = reading_institution()
SILENT = Capabilities.parse({})


def declaring(**types: Iterable[str]) -> Capabilities:
    resource = [{"type": kind, "interaction": [{"code": it} for it in held]} for kind, held in types.items()]
    return Capabilities.parse({"rest": [{"mode": "server", "resource": resource}]})


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (SILENT, True),  # silence is no "no"
        (declaring(Flag=["search-type"]), True),
        (declaring(Flag=[]), True),  # no list of what can be done
        (declaring(Flag=["read"]), False),
        (declaring(Condition=["search-type"]), False),  # a list of types, and it is not in it
    ],
)
def test_only_what_a_server_says_it_has_not_is_left_out(known: Capabilities, expected: bool) -> None:
    assert offered(known, "Flag") is expected


def test_everything_that_reading_knows_is_asked_for_of_all_at_once() -> None:
    asked = list(record_searches(["a", "b"], SILENT, HERE, NOON.date()))

    since = HERE.record_reading.uncoded_since(NOON.date())
    assert [(it.type, it.params) for it in queries(["a", "b"], HERE.reading, since)] == [
        (kind, params) for kind, params, _ in asked
    ]
    assert all(any("a" in value and "b" in value for _, value in pairs(params)) for _, params, _ in asked)


def test_what_the_server_does_not_offer_is_not_asked_for() -> None:
    known = declaring(Patient=["search-type"], Condition=["search-type"], Flag=["read"])

    asked = [kind for kind, *_ in record_searches(["a"], known, HERE, NOON.date())]

    assert set(asked) == {"Patient", "Condition"}


def about(kind: str, whose: str) -> Json:
    who = {"reference": whose}
    return {"resourceType": kind, "id": "x", **dict.fromkeys(("subject", "patient", "for"), who)}


@pytest.mark.parametrize(
    ("whose", "expected"),
    [
        ("Patient/a", True),
        (f"{BASE}/Patient/b", True),
        ("Patient/c", False),
        ("https://elsewhere.test/fhir/Patient/a", False),
        ("Group/a", False),
    ],
)
@pytest.mark.parametrize("kind", ["Condition", "Observation", "CarePlan", "Communication", "Task"])
def test_only_what_is_about_one_of_them_is_taken(kind: str, whose: str, expected: bool) -> None:
    searches: list[Search] = [
        *record_searches(["a", "b"], SILENT, HERE, NOON.date()),
        *own_searches(["a", "b"], SILENT, HERE),
    ]
    accepts = [accept for of, _, accept in searches if of == kind and accept]

    assert [it(about(kind, whose)) for it in accepts] == [expected] * len(accepts) != []


def test_a_patient_is_taken_by_id() -> None:
    (accept,) = (it for kind, _, it in record_searches(["a"], SILENT, HERE, NOON.date()) if kind == "Patient")

    assert accept is not None
    assert [accept({"resourceType": "Patient", "id": it}) for it in ("a", "b")] == [True, False]


@pytest.mark.parametrize("own_ids", [True, False])
def test_all_that_we_wrote_is_found_again(own_ids: bool) -> None:
    hospital = HospitalInMemory(institution=reading_institution(update_create=own_ids))
    (outcome,) = hospital.review()
    asked = list(own_searches(["p"], hospital.client.capabilities(), hospital.institution))

    found = {
        f"{it['resourceType']}/{it['id']}"
        for result in hospital.client.batch_searches(asked)
        for it in result.matches
    }

    kept = {it for it in outcome.written if not it.startswith("Provenance")}
    assert kept <= found
    assert any(it.startswith("Device/") for it in found)


def test_steps_are_looked_for_where_the_server_has_them_and_the_rest_always() -> None:
    kinds = [kind for kind, *_ in own_searches(["a"], declaring(ServiceRequest=["search-type"]), HERE)]

    assert kinds == ["CarePlan", "Communication", "Task", "ServiceRequest", "DocumentReference", "Device"]


def test_each_patient_has_one_plan_of_each_site_and_pathway() -> None:
    elsewhere, otherwise = reading_institution(site="there"), reading_institution()

    assert plan_of("a", HERE) == plan_of("a", otherwise)
    assert len({plan_of("a", HERE), plan_of("b", HERE), plan_of("a", elsewhere)}) == 3
    plans = dict(pairs(next(iter(own_searches(["a"], SILENT, HERE)))[1]))["identifier"]
    assert f"{PLAN_KEY}|{plan_of('a', HERE)}" in plans.split(",")
