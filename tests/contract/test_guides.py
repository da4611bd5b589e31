"""Steps as requests, and guides, on real servers: read back as ours, and valid and truly claimed for HAPI."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import orjson
import pytest
import requests

from adapter.input.wire_json import Json
from mappings.outbound import Action, Draft
from mappings.outbound.guides.profiles import PROFILES, claimed, load_profile
from mappings.outbound.ids import CONTENT_FINGERPRINT
from mappings.outbound.resources.handover_task import handover_task
from mappings.outbound.server.server_view import DraftStanding, ServerView
from tests.contract.hospital import HEADERS, Hospital, errors
from tests.factories import a_decision, an_activity
from tests.unit.outbound.resources.test_requests import RICH, every_step
from tests.unit.outbound.server_in_memory import CONTEXT, asked

MODES = pytest.mark.parametrize("update_create", [True, False], ids=["our ids", "its ids"])
CLINIC: Json = {
    "type": "Organization",
    "identifier": {"system": "http://fhir.nl/fhir/NamingSystem/ura", "value": "1"},
}


@pytest.fixture
def hospital(fhir_server: str, unique_id: Callable[[str], str]) -> Hospital:
    return Hospital(fhir_server, unique_id("patient"))


@pytest.fixture
def hapi_hospital(hapi: str, unique_id: Callable[[str], str]) -> Hospital:
    return Hospital(hapi, unique_id("patient"))


@MODES
def test_a_second_review_of_a_referring_plan_finds_its_steps_unchanged(
    hospital: Hospital, update_create: bool
) -> None:
    drawn = hospital.drawn(RICH, "scp")
    hospital.review(drawn, update_create=update_create)
    before = hospital.existing()

    second = hospital.review(drawn, update_create=update_create)

    assert {it.action for it in second} == {Action.UNCHANGED}
    assert hospital.existing() == before
    assert {it.partition("/")[0] for it in before} >= {
        "ServiceRequest",
        "MedicationRequest",
        "CommunicationRequest",
    }


@MODES
def test_a_step_that_is_dropped_is_taken_back_on_the_server(hospital: Hospital, update_create: bool) -> None:
    hospital.review(hospital.drawn(RICH, "scp"), update_create=update_create)

    hospital.review(hospital.drawn(a_decision(activities=()), "scp"), update_create=update_create)

    statuses = {
        it["status"] for it in hospital.existing().values() if it["resourceType"] == "CommunicationRequest"
    }
    assert statuses == {"revoked"}


@MODES
def test_the_plan_points_to_its_steps_wherever_the_server_put_them(
    hospital: Hospital, update_create: bool
) -> None:
    hospital.review(hospital.drawn(RICH, "scp"), update_create=update_create)

    existing = hospital.existing()
    (plan,) = (it for it in existing.values() if it["resourceType"] == "CarePlan")
    assert {it["reference"]["reference"] for it in plan["activity"]} <= set(existing)


@pytest.mark.parametrize("name", PROFILES)
def test_what_a_guide_changes_is_recognised_as_ours_when_read_back(hospital: Hospital, name: str) -> None:
    drawn = hospital.drawn(a_decision(), name)
    hospital.review(drawn, update_create=True)

    server = ServerView(hospital.existing(), {})
    standings = {draft.type: server.standing(draft) for draft in drawn.content()}
    assert set(standings.values()) == {DraftStanding.SAME}
    assert server.existing[drawn.plan_location].get("meta", {}).get("profile", []) == list(
        filter(None, [load_profile(name).claims.get("CarePlan")])
    )


def test_the_mark_of_our_content_survives_every_server(hospital: Hospital) -> None:
    hospital.review(hospital.drawn(RICH, "scp"), update_create=True)

    for resource in hospital.existing().values():
        systems = [it["system"] for it in resource["identifier"]]
        assert CONTENT_FINGERPRINT in systems


def test_hapi_finds_no_error_in_any_step_of_any_pathway(hapi_hospital: Hospital) -> None:
    drawn = hapi_hospital.drawn(every_step(), "scp")
    made = [replace(it, resource=it.resource | {"meta": {}}) for it in drawn.content()]

    assert len(drawn.requests) > 50
    assert {it.location: found for it in made if (found := errors(hapi_hospital.base, _bare(it)))} == {}


def _bare(draft: Draft) -> Json:
    return {name: value for name, value in draft.resource.items() if name != "meta"}


# --- claims, by constraints written from the published guides and not from our own tables -------------------

SCP, IHE, BE = (
    "http://santeonnl.github.io/shared-care-planning/StructureDefinition",
    "http://ihe.net/fhir/StructureDefinition",
    "https://www.ehealth.fgov.be/standards/fhir",
)
MUST: Json = {"min": 1}
R4 = "http://hl7.org/fhir/StructureDefinition"


def only(kind: str) -> Json:
    return {"type": [{"code": "Reference", "targetProfile": [f"{R4}/{kind}"]}]}


GUIDES: Mapping[str, tuple[str, Mapping[str, Json]]] = {
    f"{SCP}/SCPCareplan": (
        "CarePlan",
        {
            "contained": {"min": 1, "max": "1", "type": [{"code": "CareTeam"}]},
            "category": {
                "patternCodeableConcept": {
                    "coding": [{"system": "http://snomed.info/sct", "code": "135411000146103"}]
                }
            },
            "author": MUST | only("PractitionerRole"),
            "careTeam": {"min": 1, "max": "1"},
        },
    ),
    f"{SCP}/SCPTask": (
        "Task",
        {
            "for": MUST | only("Patient"),
            "requester.identifier": MUST,
            "requester.identifier.system": MUST,
            "requester.identifier.value": MUST,
            "owner.identifier": MUST,
            "owner.identifier.system": MUST,
            "owner.identifier.value": MUST,
        },
    ),
    f"{IHE}/IHE_DCP_CarePlan": (
        "CarePlan",
        {
            "identifier": MUST,
            "category": MUST,
            "category.coding.system": {"fixedUri": "http://snomed.info/sct"},
            "description": MUST,
            "period": MUST,
            "period.start": MUST,
            "author": MUST,
            "addresses": MUST,
            "goal": MUST,
        },
    ),
    # goals have to be be-goals, for which a person must have expressed them: so none is to be there
    f"{BE}/patient-care/StructureDefinition/be-care-plan": ("CarePlan", {"goal": {"max": "0"}}),
    f"{BE}/core/StructureDefinition/be-communication": (
        "Communication",
        {"subject": MUST, "sender": MUST, "payload.content[x]": {"maxLength": 320}},
    ),
}


@pytest.fixture(scope="module")
def guided(hapi: str) -> str:
    """HAPI with the constraints of all guides."""
    for number, (url, (kind, rules)) in enumerate(GUIDES.items()):
        definition = {
            "resourceType": "StructureDefinition",
            "id": f"guide-{number}",
            "url": url,
            "name": f"Guide{number}",
            "status": "draft",
            "fhirVersion": "4.0.1",
            "kind": "resource",
            "abstract": False,
            "type": kind,
            "baseDefinition": f"{R4}/{kind}",
            "derivation": "constraint",
            "differential": {"element": list(_elements(kind, rules))},
        }
        answer = requests.put(
            f"{hapi}/StructureDefinition/guide-{number}",
            data=orjson.dumps(definition),
            headers=HEADERS,
            timeout=60,
        )
        assert answer.status_code in (200, 201), answer.text
    return hapi


def _elements(kind: str, rules: Mapping[str, Json]) -> Iterator[Json]:
    for path, rule in rules.items():
        yield {"id": f"{kind}.{path}", "path": f"{kind}.{path}", **rule}


def claims(hospital: Hospital, name: str) -> list[Json]:
    """Everything that claims a guide."""
    drawn = hospital.drawn(a_decision(activities=(an_activity("dxa_request"),)), name)
    written = [*drawn.content()]
    if name == "scp":
        assert drawn.plan is not None
        task = handover_task(drawn.plan.resource, drawn.communications[0].resource, CLINIC, CONTEXT.now)
        written.append(claimed(load_profile(name), task, hospital.known)[0])
    return [it.resource for it in written if it.resource.get("meta", {}).get("profile")]


@pytest.mark.parametrize(("name", "count"), [("ihe-dcp", 1), ("scp", 2), ("be", 2)])
def test_hapi_finds_every_claim_true(guided: str, hapi_hospital: Hospital, name: str, count: int) -> None:
    made = claims(hapi_hospital, name)

    assert len(made) == count
    assert {it["meta"]["profile"][0] for it in made} <= set(GUIDES)
    assert [found for it in made if (found := errors(guided, it))] == []


@pytest.mark.parametrize("url", GUIDES)
def test_hapi_would_have_found_a_false_claim(guided: str, hapi_hospital: Hospital, url: str) -> None:
    """A resource as it is written without any guide claims each of them falsely."""
    kind = GUIDES[url][0]
    plain = hapi_hospital.drawn(a_decision())
    gone = replace(plain.communications[0], resource=_without(plain.communications[0].resource, "sender"))
    nobody = [
        it
        for it in (plain.plan, gone, asked(plain, "plan_edited_by_human"))
        if it is not None and it.type == kind
    ]

    (false,) = (it.resource | {"meta": {"profile": [url]}} for it in nobody)
    assert errors(guided, false) != []


def _without(resource: Json, name: str) -> Json:
    return {key: value for key, value in resource.items() if key != name}
