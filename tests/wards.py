"""Patients on a FHIR server, and a runtime beside it: plain functions with defaults."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from adapter.fhir import FhirClient
from adapter.fhir.bundles import Entry
from adapter.input.wire_json import Json, JsonValue
from workers.host.clock import Clock, system_clock
from workers.ledger import reviews
from workers.queue.bootstrap import set_up
from workers.queue.runtime import Runtime
from workers.review.review_outcome import ReviewOutcome
from workers.settings.all_settings import Settings
from workers.settings.setting_variables import variable
from workers.settings.settings_loader import load_settings

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
T_SCORE = {"unit": "{T-score}", "system": "http://unitsofmeasure.org", "code": "{T-score}"}


def settings_for(base_url: str, **given: Any) -> Settings:
    """Settings for one test: in memory, in English, without waiting."""
    plain = {"ledger_url": "sqlite://", "language": "en", "site": "test", "threads": "1", "clock_margin": "0"}
    values = plain | {"fhir_base_url": base_url} | {name: str(value) for name, value in given.items()}
    return load_settings({variable(name): value for name, value in values.items()})


def a_runtime(base_url: str, clock: Clock = system_clock, **given: Any) -> Runtime:
    """Everything that a process works with; to be used as a context."""
    return set_up(settings_for(base_url, **given), clock)


def a_gp(key: str = "gp") -> Json:
    """A GP whom a letter can reach."""
    return {"resourceType": "Practitioner", "id": key, "name": [{"text": "Dr Example"}]}


def a_patient(key: str, gp: str | None = "gp", **changes: JsonValue) -> Json:
    """A woman of 69 with a GP."""
    named = {"generalPractitioner": [{"reference": f"Practitioner/{gp}"}]} if gp else {}
    plain = {"resourceType": "Patient", "id": key, "gender": "female", "birthDate": "1957-03-04"}
    return plain | named | changes


def a_t_score(patient: str, value: JsonValue = -2.7, **changes: JsonValue) -> Json:
    """A T-score of the lumbar spine."""
    return {
        "resourceType": "Observation",
        "id": f"{patient}-spine",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "38267-1"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": "2025-05-12",
        "valueQuantity": {"value": value, **T_SCORE},
    } | changes


def a_hip_fracture(patient: str, **changes: JsonValue) -> Json:
    """A broken hip, its energy not recorded."""
    hip = {"system": SNOMED, "code": "263225007", "display": "Fracture of proximal femur"}
    return {
        "resourceType": "Condition",
        "id": f"{patient}-hip",
        "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "code": {"coding": [hip]},
        "onsetDateTime": "2025-04-01",
    } | changes


def admitted(base_url: str, resources: Iterable[Json]) -> None:
    """Put resources on a server under their own ids."""
    with FhirClient(base_url) as client:
        client.transaction([Entry("PUT", f"{it['resourceType']}/{it['id']}", it) for it in resources])


def reviewed(runtime: Runtime, *patients: str) -> list[ReviewOutcome]:
    """The outcomes of reviewing these patients now, through the ledger as a worker does it."""
    reviews.request_reviews(runtime.ledger, patients, runtime.clock())
    return runtime.review(patients)


def written_for(base_url: str, patient: str) -> dict[str, list[Json]]:
    """What is on the server about a patient by our hand, by type."""
    with FhirClient(base_url) as client:
        asked = [(kind, [("subject", f"Patient/{patient}")], None) for kind in ("CarePlan", "Communication")]
        found = client.batch_searches([*asked, ("Task", [("patient", f"Patient/{patient}")], None)])
    return {
        kind: result.matches
        for kind, result in zip(("CarePlan", "Communication", "Task"), found, strict=True)
    }


def versions_of(written: dict[str, list[Json]]) -> dict[str, str]:
    """`Type/id` to version."""
    return {
        f"{it['resourceType']}/{it['id']}": it["meta"]["versionId"]
        for held in written.values()
        for it in held
    }


def after(clock: Clock, **later: float) -> Clock:
    """The same clock, put forward."""
    return lambda: clock() + timedelta(**later)
