"""A call of CDS Hooks about a made patient, and what is proposed for her."""

from datetime import date
from uuid import UUID

from adapter.input.wire_json import Json, JsonValue
from mappings import pathways, texts
from mappings.handover.institution import Institution
from mappings.handover.propose import Proposal
from mappings.inbound import ReadingConfig
from tests.made_resources import a_gp, a_low_egfr, a_patient, a_t_score
from workers.assessment.record_assessment import proposal_of, record_of

ON = date(2026, 11, 20)


CALL = UUID("d1577c69-dfbe-44ad-ba6d-3e05e953b2ea")


INSTITUTION = Institution("here", "1", pathways.load("antonius"), ReadingConfig(), texts.load("en"))


ATC = "http://www.whocc.no/atc"


# Everything that antonius asks about before a drug is firm stands in the case
# table; here one order is enough.
EGFR = a_low_egfr("p1")


def proposal(*resources: Json, patient: Json | None = None) -> Proposal:
    given = [patient or a_patient("p1"), a_gp(), *resources]
    return proposal_of(record_of(given, INSTITUTION, ON), INSTITUTION, ON)


def score(value: object, **changes: JsonValue) -> Json:
    return a_t_score("p1", value, effectiveDateTime="2026-11-10", **changes)


def an_order(code: str, system: str = ATC, **more: JsonValue) -> Json:
    concept = {"coding": [{"system": system, "code": code}], **more}
    return {
        "resourceType": "MedicationRequest",
        "id": "o1",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": concept,
    }
