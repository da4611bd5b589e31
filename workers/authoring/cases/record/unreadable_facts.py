"""Measurements, answers and acts that nobody can read: they exist on the day of deciding."""

from collections.abc import Iterator, Sequence

from adapter.input.wire_json import Json
from mappings.codes import BASE
from mappings.inbound.questionnaire.patient_questions import QUESTIONS
from workers.authoring.cases.case_table import UncoveredCase
from workers.authoring.cases.record.fact_codes import concept_of, local_concept, named_concept
from workers.authoring.cases.record.fact_values import CaseDays, name_of
from workers.authoring.cases.record.measurements import LABS, MEASURES
from workers.authoring.cases.record.resources import SUBJECT, observation, resource

_ILLEGIBLE = "\u2318?"
_MEASURED = frozenset({*LABS, *MEASURES})
_ASKED = {question.code.replace("-", "_"): question.code for question in QUESTIONS} | {"vfa": "vfa"}
_OPERATION = "procedures"


def unreadable_resources(names: Sequence[str], days: CaseDays) -> Iterator[Json]:
    """One resource for each name of a measurement, an answer, or an operation."""
    for name in map(name_of, names):
        yield _unreadable_fact(name, days)


def _unreadable_fact(name: str, days: CaseDays) -> Json:
    key = f"unreadable-{name}"
    if name in _MEASURED:
        return observation(key, named_concept("measurement", name), days.as_of, valueString=_ILLEGIBLE)
    if name in _ASKED:
        return observation(key, local_concept(_ASKED[name]), days.as_of, valueString=_ILLEGIBLE)
    if name == _OPERATION:
        unknown = concept_of(f"{BASE}/CodeSystem/illegible", "x")
        return resource("Procedure", key, status="completed", code=unknown, subject=SUBJECT)
    raise UncoveredCase(f"unreadable[]: {name}")
