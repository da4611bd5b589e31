"""The sixteen patients: what is known of each, and what happens between first review and kept letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from adapter.input.wire_json import Json, JsonValue, ReadOnlyJson
from mappings.handover.release.release_codes import release_concept
from mappings.outbound.vocabulary import output_concept as output
from workers.authoring.cases import WorkedCase

TODAY = date(2026, 11, 20)
SCANNED = "2026-11-10"


@dataclass(frozen=True, slots=True)
class Patient:
    """One story; ``changed``: facts that differ on a later day, after the first letter has gone."""

    letter: str  # of the alphabet, for a name
    pathway: str
    facts: ReadOnlyJson
    released: bool = False  # the letter is kept with the name of who released it, else as a proposal
    changed: ReadOnlyJson | None = None
    answer: tuple[ReadOnlyJson, ...] = ()  # what the clinician says with the release, as outputs of the Task
    beside: tuple[ReadOnlyJson, ...] = ()  # resources that the facts of a case have no word for

    def case(self, *, later: bool = False) -> WorkedCase:
        """As the record is on the first day, or on the later one."""
        more = dict(self.changed or {}) if later else {}
        on = date(2026, 12, 4) if later else TODAY
        return WorkedCase(f"golden-{self.letter}", self.pathway, on, {**self.facts, **more})


def scores(spine: float, neck: float, *, on: str = SCANNED, **how: JsonValue) -> list[Json]:
    return [
        {"site": site, "value": value, "date": on, **how}
        for site, value in (("lumbar_spine", spine), ("femoral_neck", neck))
    ]


def woman(age: int, spine: float, neck: float, **facts: JsonValue) -> Json:
    known = {"age_years": age, "sex": "female", "menopausal_status": "post"}
    return {**known, "t_scores": scores(spine, neck), **facts}


NONE_OF_THESE: ReadOnlyJson = {"conditions": [], "medications": [], "fractures": []}
NO_VFA_FRACTURE = {"performed": True, "fractures": []}

PATIENTS: Mapping[str, Patient] = MappingProxyType(
    {
        "normal": Patient("A", "antonius", woman(71, -0.6, -0.9, vfa=NO_VFA_FRACTURE, **NONE_OF_THESE)),
        "osteopenia-risk-factors": Patient(
            "B",
            "etz",
            woman(
                58, -1.4, -1.1,
                age_at_menopause=44,
                family_history=["mother_osteoporosis"],
                conditions=["rheumatoid_arthritis"],
                medications=[{"drug": "prednisolone", "status": "active", "start": "2026-01-05", "route": "oral"}],
                fractures=[],
                lifestyle={"smoker": True, "coffee_cups_per_day": 6},
            ),
        ),
        "osteoporosis-vertebra": Patient(
            "C",
            "antonius",
            woman(
                70, -2.9, -2.4,
                vfa={"performed": True, "fractures": [{"level": "T11", "grade": 2}]},
                appointments={"phone_appointment_fop": "2026-12-01"},
            ),
        ),
        "osteoporosis-drug-proposed": Patient(
            "D",
            "hvrt",
            woman(68, -2.8, -2.6, egfr_ml_min=75, exclusion_screen="negative", **NONE_OF_THESE),
            released=True,
        ),
        "option-chosen": Patient(
            "P",
            "hvrt",
            woman(68, -2.8, -2.6, egfr_ml_min=75, exclusion_screen="negative", **NONE_OF_THESE),
            released=True,
            answer=(
                {"type": release_concept("option_chosen", "en"), "valueCodeableConcept": output("risedronate", "en")},
                {"type": release_concept("note_for_letter", "en"), "valueString": "Twee keer gevallen; belt u mij bij twijfel."},
            ),
        ),
        "osteoporosis-on-drug": Patient(
            "E",
            "antonius_sneek",
            woman(70, -2.6, -2.0, medications=[{"drug": "alendronate", "status": "active", "start": "2026-06-01"}]),
        ),
        "physiotherapy": Patient("F", "fysio", woman(75, -2.7, -2.0, conditions=["kyphosis", "reduced_balance"])),
        "diagnosis-blocked": Patient(
            "G",
            "antonius",
            woman(66, -2.7, -2.1, vfa=NO_VFA_FRACTURE, fractures=[], conditions=["osteomalacia"], egfr_ml_min=75),
        ),
        "cannot-classify": Patient(
            "H",
            "antonius",
            {
                "age_years": 60, "sex": "female", "menopausal_status": "post",
                "t_scores": [{"site": "lumbar_spine", "value_string": "-2,6", "date": SCANNED}],
            },
        ),
        "fracture-under-treatment": Patient(
            "I",
            "hvrt",
            woman(
                72, -2.8, -2.6,
                egfr_ml_min=70,
                exclusion_screen="negative",
                medications=[{"drug": "alendronate", "status": "active", "start": "2024-03-01", "adherence": "good"}],
                fractures=[{"site": "vertebra", "date": "2026-10-20", "low_energy": True}],
            ),
        ),
        "denosumab-overdue": Patient(
            "J",
            "hvrt",
            woman(
                70, -2.8, -2.6,
                egfr_ml_min=70,
                exclusion_screen="negative",
                medications=[{"drug": "denosumab", "status": "active", "last_dose": "2026-03-25"}],
            ),
            released=True,
        ),
        "denosumab-stopped": Patient(
            "M",
            "hvrt",
            woman(
                68, -1.8, -1.6,
                vfa=NO_VFA_FRACTURE,
                egfr_ml_min=75,
                exclusion_screen="negative",
                conditions=[], fractures=[],
                medications=[{"drug": "denosumab", "status": "stopped", "start": "2021-02-10", "last_dose": "2026-02-10"}],
            ),
            released=True,
        ),
        "dxa-old": Patient(
            "N",
            "antonius",
            woman(80, -0.4, -0.6, vfa=NO_VFA_FRACTURE, **NONE_OF_THESE) | {"t_scores": scores(-0.4, -0.6, on="2008-05-06")},
        ),
        "dxa-without-t-score": Patient(
            "O",
            "antonius",
            woman(71, 0, 0, **NONE_OF_THESE) | {"t_scores": []},
            beside=(
                {
                    "resourceType": "DiagnosticReport",
                    "id": "dxa-report",
                    "status": "final",
                    "code": {"coding": [{"system": "http://loinc.org", "code": "83311-1"}]},
                    "effectiveDateTime": SCANNED,
                    "presentedForm": [{"contentType": "application/pdf", "url": "https://pacs.example.org/dxa.pdf"}],
                },
            ),
        ),
        "correction": Patient(
            "K",
            "antonius",
            woman(66, -2.6, -1.2, vfa=NO_VFA_FRACTURE, fractures=[{"site": "wrist", "date": "2026-09-15", "low_energy": True}]),
            released=True,
            changed={"t_scores": scores(-1.6, -1.2, status="amended")},
        ),
        "retraction": Patient(
            "L",
            "etz",
            woman(64, -2.7, -1.9, **NONE_OF_THESE),
            released=True,
            changed={"t_scores": scores(-2.7, -1.9, status="entered-in-error")},
        ),
    }
)  # fmt: skip
