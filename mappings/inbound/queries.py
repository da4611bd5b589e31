"""Which searches bring everything that reading needs for a batch of patients.

They ask broadly, and reading sorts: a code of a T-score is looked for in the Observation and in its
components (``combo-code``), and without its system, so that an OID, https or no system at all is seen too;
reports come by code and by category; and of the months for which evidence counts every result of imaging or
the laboratory, examination and vital sign comes along, for what no code finds, and whatever has no day at
all, which no search for days finds. Of scans and of visits that have a reason only what tells of them is
asked for. Only standard R4 parameters are used. Observations by code are one search, since ``system|`` stands
for all codes of our own, so that each address stays below the 8 KB that many servers allow for fifty
patients. ``_include`` comes last: a server that cannot do it is asked without
(`workers/review/searches/includes.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from mappings.codes import INTAKE
from mappings.inbound.config import ReadingConfig
from mappings.inbound.densitometry.reports import IMAGING
from mappings.inbound.questionnaire.patient_questions import question_of
from mappings.valuesets import concept_map, table

_BY_CODE = ("vfa", "lab", "frax", "body", "symptom")
_DENSITY = ("dxa", "report", "score")
# observation-category
_OBSERVED = ",".join(("vital-signs,procedure,exam,laboratory", *IMAGING))
_REPORTED = ",".join(IMAGING)
# An order of an injection that was given, goes on, rests or was stopped; our own proposals are drafts.
_ORDERED = "active,on-hold,completed,revoked"
# Searched by patient alone: their lists must come whole, since text-only entries count too (C-56).
_WHOLE = (
    "Condition",
    "Procedure",
    "Device",
    "AllergyIntolerance",
    "FamilyMemberHistory",
    "RiskAssessment",
    "List",
    "Flag",
    "DetectedIssue",
    "QuestionnaireResponse",
)
# `date=ge...` finds nothing without a date, and R4 lets Observation.effective[x] be absent.
UNDATED = ("date:missing", "true")
# Says what is so without it. HAPI 8.8 looks at `_elements` within a batch only where `_summary` stands beside
# it (https://github.com/hapifhir/hapi-fhir/issues/6169).
WHOLE_OTHERWISE = ("_summary", "false")
# Their series and their participants are many, and tell nothing of bone.
_PARTS: Mapping[str, str] = {
    "ImagingStudy": "status,subject,started,modality,description,procedureCode",
    "Encounter": "status,subject,period,reasonCode,reasonReference",
}
# A reason in words only is found by no search for reasons, so of the last years all visits come along.
_CODED_REASON = ("reason-code:missing", "false")
_INCLUDES = {
    "MedicationRequest": ("MedicationRequest:medication",),
    "MedicationStatement": ("MedicationStatement:medication",),
    "MedicationAdministration": ("MedicationAdministration:medication",),
    "MedicationDispense": ("MedicationDispense:medication",),
    "DiagnosticReport": ("DiagnosticReport:result",),
    "Observation": ("Observation:has-member",),
}


@dataclass(frozen=True, slots=True)
class Query:
    """One search by standard R4 parameters; ``news``: a new match alone is a reason to look again."""

    type: str
    params: list[tuple[str, str]]
    news: bool = True


def queries(ids: Sequence[str], config: ReadingConfig, since: date | None = None) -> tuple[Query, ...]:
    """The about fifty searches for these patients; ``since`` a day for what no code finds.

    The caller leaves out a type that the server does not know.
    """
    patients = ",".join(ids)
    own = (*config.local_t_scores, *config.local_laboratory)
    local = {f"{system}|{code}" if system else code for system, code in own}
    return (
        Query("Patient", [("_id", patients)]),
        _query("Observation", patients, ("combo-code", _code_list(_codes() | local))),
        _query("DiagnosticReport", patients, ("code", _code_list(_bare("report", "imaging")))),
        _query("DiagnosticReport", patients, ("category", _REPORTED)),
        _query("DocumentReference", patients, ("type", _DOCUMENTS)),
        *_recent(patients, since),
        _query("MedicationRequest", patients),
        _query("MedicationStatement", patients),
        _query("MedicationAdministration", patients),
        _query("MedicationDispense", patients),
        _query("ServiceRequest", patients, ("status", _ORDERED)),
        *(_query(kind, patients) for kind in _WHOLE),
        # R4 has no parameter ``patient`` for it.
        Query("AdverseEvent", [("subject", ",".join(f"Patient/{id_}" for id_ in ids))]),
        _in_part("ImagingStudy", patients),
        _in_part("Encounter", patients, _CODED_REASON),
        *((_in_part("Encounter", patients, _from(since)),) if since else ()),
        _query("Appointment", patients),
        _query("Communication", patients, ("status", "completed")),
    )


def _query(kind: str, patients: str, *more: tuple[str, str], news: bool = True) -> Query:
    includes = [("_include", path) for path in _INCLUDES.get(kind, ())]
    return Query(kind, [("patient", patients), *more, *includes], news)


def _in_part(kind: str, patients: str, *about: tuple[str, str]) -> Query:
    elements = ("_elements", _PARTS[kind])
    return Query(kind, [("patient", patients), *about, elements, WHOLE_OTHERWISE], news=False)


def _recent(patients: str, since: date | None) -> tuple[Query, ...]:
    """All of the last years and all without a day; where no day is given, the results by category."""
    about = ("patient", patients)
    if since is None:
        return (Query("Observation", [about, NARROWER["Observation"]], news=False),)
    days = (_from(since), UNDATED)
    return tuple(Query(kind, [about, when], news=False) for when in days for kind in NARROWER)


def _from(day: date) -> tuple[str, str]:
    return "date", f"ge{day}"


def is_wide(params: Iterable[tuple[str, str]]) -> bool:
    """Whether a search asks for all of a type, by days or undated, which not every server answers."""
    held = [*params]
    whole = not any(name == "_elements" for name, _ in held)
    return whole and _asks_for(held) in ({"patient", "date"}, {"patient", UNDATED[0]})


def is_of_missing(params: Iterable[tuple[str, str]]) -> bool:
    """Whether a search asks what lacks an element, or has it, which not every server answers."""
    return any(name.endswith(":missing") for name in _asks_for(params))


def _asks_for(params: Iterable[tuple[str, str]]) -> set[str]:
    return {name for name, _ in params if not name.startswith("_")}


def _code_list(codes: Iterable[str]) -> str:
    return ",".join(sorted(codes))


@cache
def _codes() -> frozenset[str]:
    """Every Observation code that is read: bone density bare, ours by their system, others in full."""
    listed = {pair for subject in _BY_CODE for pair in table(subject).codes()} | set(question_of())
    full = {f"{system}|{code}" for system, code in listed if system != INTAKE}
    scores = {code for _, code in concept_map("t-score-codes")}
    return frozenset({f"{INTAKE}|"} | full | scores | _bare(*_DENSITY))


@cache
def _bare(*subjects: str) -> frozenset[str]:
    """Codes without their system: LOINC, SNOMED CT and CPT are told apart by their shape."""
    return frozenset(code for subject in subjects for _, code in table(subject).codes())


_DOCUMENTS = _code_list(_bare("report", "imaging"))
# What is asked for within the same days of a server that refuses to be asked for all: several
# demand a code or a category.
NARROWER: Mapping[str, tuple[str, str]] = {
    "Observation": ("category", _OBSERVED),
    "DiagnosticReport": ("category", _REPORTED),
    "DocumentReference": ("type", _DOCUMENTS),
}
