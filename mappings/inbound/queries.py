"""Which searches bring everything that reading needs for a batch of patients.

Only standard R4 parameters are used. Observations come in two searches, standard codes and our own, so that each address
stays below the 8 KB that many servers allow for fifty patients. ``_include`` comes last: a server that cannot do it can
be asked without.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from mappings.codes import INTAKE
from mappings.inbound.config import ReadingConfig
from mappings.inbound.intake.intake_questions import question_of
from mappings.valuesets import concept_map, intake_codes, table

BATCH = 50
_BY_CODE = ("vfa", "lab", "frax", "body")
# Searched by patient alone: their lists must come whole, since text-only entries count too (C-56).
_WHOLE = (
    "Condition",
    "Procedure",
    "AllergyIntolerance",
    "FamilyMemberHistory",
    "RiskAssessment",
    "List",
    "Flag",
)
_INCLUDES = {
    "MedicationRequest": ("MedicationRequest:medication",),
    "MedicationStatement": ("MedicationStatement:medication",),
    "DiagnosticReport": ("DiagnosticReport:result",),
    "Observation": ("Observation:has-member",),
}


@dataclass(frozen=True, slots=True)
class Query:
    """One search by standard R4 parameters."""

    type: str
    params: list[tuple[str, str]]


def queries(ids: Sequence[str], config: ReadingConfig) -> tuple[Query, ...]:
    """The searches for these patients (about fifty); a type that the server does not know is left out by the caller."""
    patients = ",".join(ids)
    local = {f"{system}|{code}" for system, code in config.local_t_scores}
    observed = _codes() | local
    return (
        Query("Patient", [("_id", patients)]),
        _query("Observation", patients, ("code", _joined(observed - _intake()))),
        _query("Observation", patients, ("code", _joined(_intake()))),
        _query(
            "DiagnosticReport",
            patients,
            ("code", _joined(f"{s}|{c}" for s, c in table("report").codes())),
        ),
        _query("MedicationRequest", patients),
        _query("MedicationStatement", patients),
        *(_query(kind, patients) for kind in _WHOLE),
        _query("Appointment", patients),
        _query("Communication", patients, ("status", "completed")),
    )


def _query(kind: str, patients: str, *more: tuple[str, str]) -> Query:
    includes = [("_include", path) for path in _INCLUDES.get(kind, ())]
    return Query(kind, [("patient", patients), *more, *includes])


def _joined(codes: Iterable[str]) -> str:
    return ",".join(sorted(codes))


@cache
def _codes() -> frozenset[str]:
    """Every code of an Observation that is read."""
    listed = {pair for subject in _BY_CODE for pair in table(subject).codes()}
    listed |= set(concept_map("t-score-codes")) | set(question_of())
    return frozenset(f"{system}|{code}" for system, code in listed) | _intake()


@cache
def _intake() -> frozenset[str]:
    """Our own codes that an Observation can have; answers and kinds of condition are not asked for."""
    asked = {code for system, code in question_of() if system == INTAKE}
    asked |= {code for system, code in table("symptom").codes() if system == INTAKE}
    asked |= {code for system, code in (*table("vfa").codes(), *table("lab").codes()) if system == INTAKE}
    asked |= {"no-known-conditions", "no-known-fractures", "no-known-medications"}
    asked |= {"calcium-portions", "fracture-energy", "adherence"}
    return frozenset(f"{INTAKE}|{code}" for code in asked & intake_codes())
