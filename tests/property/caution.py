"""How careful an outcome is, and in what another one is less careful."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from adapter.clinical import Decision, Pathway, decide
from adapter.clinical.decision import Category, TreatmentDecision
from adapter.input.wire_json import Json
from mappings.inbound import Reading, ReadingConfig, RecordReading, read_record
from mappings.outbound import Subject, WriteContext
from mappings.outbound.resources.human_tasks import REASONS

PLAIN = {Category.OSTEOPOROSIS: 0, Category.OSTEOPENIA: 1, Category.NORMAL: 2}
URGENT = ("urgent_contact",)
CONTRADICTION = "duplicate_conflict"
ORDER = {"study_day_uncertain", "lower_value_at_another_site"}
# Outputs that ask by themselves: for the scan to be clarified, or for the day of
# the last dose or of the first.
ASKS = {"dxa_result_clarification", "last_dose_unknown", "anabolic_start_unknown"}
# Whoever is asked about a recipient is not asked about the patient's bones.
ABOUT_THE_RECORD = [reason for reason in REASONS if reason != "no_general_practitioner"]


@dataclass(frozen=True, slots=True)
class Stance:
    """What an outcome reassures of, what it proposes without condition, and what it asks."""

    reassurance: int | None  # a plain class; None where there is none, or where it is doubted
    decision: TreatmentDecision
    firm: frozenset[str]
    questions: frozenset[str]
    asks_a_human: bool
    urgent: bool
    studies_differ: bool  # what decides rests on which study is the later one
    scores_contradict: bool  # two values for one site and day


def stance(patient: Json, resources: list[Json], config: ReadingConfig, pathway: Pathway, on: date) -> Stance:
    """Read and decide."""
    return stance_of(
        read_record(patient, resources, RecordReading.of(config, pathway.core), on=on), pathway, on
    )


def stance_of(reading: Reading, pathway: Pathway, on: date) -> Stance:
    """Decide on what was read."""
    decision = decide(reading.record, pathway, on)
    doubts: tuple[str, ...] = getattr(decision.classification, "doubts", ())
    activities = {it.code for it in decision.activities}
    asked = ASKS & {*activities, *(it.code for it in decision.flags)}
    return Stance(
        reassurance=None if doubts else PLAIN.get(decision.classification.category),
        decision=decision.treatment.decision,
        firm=frozenset(it.code for it in decision.treatment.options if it.firm),
        questions=frozenset(decision.unknown),
        asks_a_human=_asks(reading, decision) or bool(asked),
        studies_differ=not ORDER.isdisjoint(it.code for it in decision.flags),
        scores_contradict=CONTRADICTION in {it.code for it in decision.flags},
        urgent=any(it.startswith(URGENT) for it in activities),
    )


def _asks(reading: Reading, decision: Decision) -> bool:
    subject = Subject(reading.patient.reference, reading.sources, reading.needs_human, reading.foreign)
    context = WriteContext("property", "property", f"{decision.on}T12:00:00Z")
    return any(REASONS[reason](subject, decision, context) for reason in ABOUT_THE_RECORD)


def goes_on_unasked(before: Stance, after: Stance) -> bool:
    """Whether a drug goes on that was for a clinician to decide about, without a question to anybody."""
    went = (before.decision, after.decision) == (
        TreatmentDecision.CLINICIAN_DECIDES,
        TreatmentDecision.CONTINUE,
    )
    return went and not after.asks_a_human


def less_careful(before: Stance, after: Stance) -> Iterator[str]:
    """In what the second outcome is more reassuring, firmer, or asks for less than the first."""
    if after.reassurance is not None and (
        before.reassurance is None or after.reassurance > before.reassurance
    ):
        yield f"class: {before.reassurance} -> {after.reassurance}"
    if after.decision is TreatmentDecision.NONE is not before.decision:
        yield f"decision: {before.decision} -> none"
    if goes_on_unasked(before, after):
        yield "decision: clinician_decides -> continue, and nobody is asked"
    if firmer := after.firm - before.firm:
        yield f"firm: {', '.join(sorted(firmer))}"
    # A class that is lost takes its questions along: then a human is asked about what took it.
    if len(after.questions) < len(before.questions) and not after.asks_a_human:
        yield f"no longer asked: {', '.join(sorted(before.questions - after.questions))}"
    if before.asks_a_human and not after.asks_a_human:
        yield "nobody is asked any more"
    if before.urgent and not (after.urgent or after.asks_a_human):
        yield "no longer urgent, and nobody is asked"
