"""Records that were merged into the patient's own: what still stands there is theirs, and is named, not used.

A server that merges two Patients need not move what was recorded about the first one. What was measured,
asked or told there is refused by name, each with what it is about and its day; of what a list is made of it
is enough to know that the list here is not whole.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from adapter.clinical.kinds import InputKind
from adapter.clinical.model import Reason, Rejected, TScore
from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.inbound.config import RecordReading
from mappings.inbound.densitometry.scans import densitometry
from mappings.inbound.densitometry.vfa import assessment
from mappings.inbound.fractures.fracture_traces import traces
from mappings.inbound.gaps import NO_GAPS, Gaps
from mappings.inbound.medical_history.body_measures import body_measures
from mappings.inbound.medical_history.events import flags
from mappings.inbound.medical_history.laboratory import labs, lost_labs
from mappings.inbound.medical_history.problem_list import ProblemList
from mappings.inbound.narratives import narratives
from mappings.inbound.questionnaire.habits import symptoms, unread_symptoms
from mappings.inbound.questionnaire.patient_answers import PatientAnswer, answers, unread_remarks
from mappings.inbound.resources.compartment import Compartment, sort_out
from mappings.inbound.resources.datatypes import objs, reference
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.refusals import ANSWER, BODY_MEASURE, FRACTURE, LAB, T_SCORE
from mappings.inbound.subjects import MeasurementSubject, by_subject

_LISTED = (
    "Condition",
    "Procedure",
    "AllergyIntolerance",
    "MedicationRequest",
    "MedicationStatement",
    "MedicationAdministration",
    "MedicationDispense",
    "ServiceRequest",
)


def former_ids(patient: ReadOnlyJson, base_url: str) -> tuple[str, ...]:
    """The ids of the patients on this server that were merged into this one."""
    merged = [link for link in objs(patient.get("link")) if link.get("type") == "replaces"]
    named = [reference(link.get("other")).removeprefix(f"{base_url.rstrip('/')}/") for link in merged]
    return tuple(sorted({name.partition("/")[2] for name in named if name.startswith("Patient/")}))


def left_behind(
    records: Mapping[str, Iterable[Json]], config: RecordReading, on: date
) -> tuple[tuple[Rejected, ...], Gaps]:
    """What stands at merged patients by name, and the types of which anything else does."""
    if not records:
        return (), NO_GAPS
    charts = [sort_out(former, resources, config.base_url) for former, resources in sorted(records.items())]
    refused = {it for chart in charts for it in (*_measured(chart, config, on), *_told(chart))}
    gaps = {kind: frozenset({Reason.OTHER_RECORD}) for kind in _LISTED if any(c.of(kind) for c in charts)}
    return tuple(refused), gaps


def _measured(chart: Compartment, config: RecordReading, on: date) -> Iterator[Rejected]:
    """Bone density, vertebrae, laboratory values, measures of the body, and answers."""
    measured = by_subject(chart, config)
    yield from _scores(chart, measured[MeasurementSubject.SCAN], config, on)
    spine, odd_spines = assessment(measured[MeasurementSubject.VFA], on)
    if spine and spine.fractures:
        yield Rejected(Reason.OTHER_RECORD, FRACTURE, spine.evidence, on=spine.on)
    values, odd_values = labs(measured[MeasurementSubject.LABORATORY], config, on)
    for lab in values:
        yield Rejected(Reason.OTHER_RECORD, LAB, lab.evidence, on=lab.on, about=lab.analyte)
    body, odd_measures = body_measures(measured[MeasurementSubject.BODY], on)
    yield from _named(BODY_MEASURE, body)
    told = measured[MeasurementSubject.ANSWER]
    given, odd_answers = answers(told, on)
    raised, odd_flags = flags(chart, on)
    yield from (*_named(ANSWER, given), *_named(ANSWER, raised))
    for _, evidence in symptoms((), told, on):
        yield Rejected(Reason.OTHER_RECORD, ANSWER, evidence)
    yield from (*unread_symptoms(told, on), *unread_remarks(told, on))
    yield from (*odd_spines, *odd_values, *lost_labs(chart), *odd_measures, *odd_answers, *odd_flags)


def _told(chart: Compartment) -> Iterator[Rejected]:
    """What reports, visits, questionnaires and alerts there tell in words."""
    yield from traces(chart, (), None)
    yield from narratives(chart, ProblemList(), ())


def _named(concerns: InputKind, found: Mapping[str, PatientAnswer]) -> Iterator[Rejected]:
    for fact, it in found.items():
        yield Rejected(Reason.OTHER_RECORD, concerns, it.evidence, on=it.on, about=fact)


def _scores(
    chart: Compartment, measured: Sequence[Measurement], config: RecordReading, on: date
) -> Iterator[Rejected]:
    found = densitometry(chart, measured, config, on)
    read: tuple[TScore | Rejected, ...] = (*found.scores, *found.rejected)
    for it in read:
        yield Rejected(Reason.OTHER_RECORD, T_SCORE, it.evidence, it.site, it.side, it.on)
