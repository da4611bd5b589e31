"""A patient's resources, read into the facts of the core."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from adapter.clinical.model import BoneRecord, Rejected
from adapter.input.wire_json import Json
from adapter.read_only import read_only
from mappings.inbound.chapters import ReadingBasis, RecordFacts, chapters
from mappings.inbound.config import RecordReading
from mappings.inbound.demographics import PatientContext, born, patient_context, sex
from mappings.inbound.demographics import patient_refusals as patient_problems
from mappings.inbound.densitometry.vfa import assessment
from mappings.inbound.former_records import left_behind
from mappings.inbound.fractures.fracture_history import energies
from mappings.inbound.fractures.fracture_traces import traces
from mappings.inbound.gaps import NO_GAPS, Gaps, unread, with_gaps
from mappings.inbound.medical_history.problem_list import problems
from mappings.inbound.resources.compartment import Compartment, sort_out
from mappings.inbound.resources.datatypes import obj
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.refusals import for_human
from mappings.inbound.subjects import MeasurementSubject, by_subject


@read_only
class Reading:
    """One patient as read.

    ``sources`` are the versioned references of everything used. ``needs_human`` is the part of
    ``record.rejected`` that a human has to look at; ``foreign`` counts resources that were
    refused as another patient's.
    """

    patient: PatientContext
    record: BoneRecord
    sources: tuple[str, ...] = ()
    needs_human: tuple[Rejected, ...] = ()
    foreign: int = 0


def read_record(
    patient: Json,
    resources: Iterable[Json],
    config: RecordReading,
    *,
    on: date,
    gaps: Gaps = NO_GAPS,
    former: Mapping[str, Iterable[Json]] = MappingProxyType({}),
) -> Reading:
    """Read one patient's resources as of ``on``.

    ``gaps`` says of which types more may be on the server, ``former`` holds by patient what stands at
    patients who were merged into this one.

    Never raises for any JSON: what cannot be used is in ``record.rejected`` with its reason. The order of
    ``resources`` makes no difference, and neither does a resource that comes twice.
    """
    body = obj(patient)
    context = patient_context(body, config.test_labels)
    chart = sort_out(context.id, resources, config.base_url)
    elsewhere, more = left_behind(former, config, on)
    gaps = {kind: frozenset({*more.get(kind, ()), *gaps.get(kind, ())}) for kind in sorted({*more, *gaps})}
    asked = {*unread(gaps)}
    beside = (*elsewhere, *chart.rejected, *patient_problems(body, context.evidence), *asked)
    record, used = _record(chart, context, config, on, beside)
    human = tuple(r for r in record.rejected if for_human(r) or r in asked)
    record = with_gaps(record) if gaps else record
    return Reading(context, record, _sources(record, context, used), human, chart.foreign)


def _record(
    chart: Compartment, context: PatientContext, config: RecordReading, on: date, refused: Iterable[Rejected]
) -> tuple[BoneRecord, tuple[str, ...]]:
    """The record with what was ``refused`` beside its chapters, and sources that no field can carry."""
    birth, year_only = born(context)
    basis, odd = reading_basis_of(chart, by_subject(chart, config), birth, config, on)
    read = tuple(chapters(basis))
    facts: RecordFacts = {}
    for chapter in read:
        facts |= chapter.facts
    record = BoneRecord(
        sex=sex(context),
        birth_date=birth,
        birth_year_only=year_only,
        rejected=_in_order([*refused, *odd, *[refusal for chapter in read for refusal in chapter.rejected]]),
        evidence=tuple([it for chapter in read for it in chapter.evidence]),
        days=tuple([day for chapter in read for day in chapter.days]),
        **facts,
    )
    return record, tuple(source for chapter in read for source in chapter.sources)


def reading_basis_of(
    chart: Compartment,
    measured: Mapping[MeasurementSubject, Sequence[Measurement]],
    birth: date | None,
    config: RecordReading,
    on: date,
) -> tuple[ReadingBasis, tuple[Rejected, ...]]:
    """What the chapters are read from, and the assessments of vertebrae that were refused."""
    vfa, refused = assessment(measured[MeasurementSubject.VFA], on)
    found = problems(chart, energies(measured[MeasurementSubject.ANSWER], on), birth, on)
    told_elsewhere = traces(chart, found.fractures, vfa)
    found = replace(found, rejected=(*found.rejected, *told_elsewhere)) if told_elsewhere else found
    return ReadingBasis(chart, measured, found, vfa, config, on), refused


def _sources(record: BoneRecord, context: PatientContext, used: tuple[str, ...]) -> tuple[str, ...]:
    """Every reference that a fact of the record rests on, the patient included."""
    facts = (
        *record.t_scores,
        *record.fractures.items,
        *record.conditions.items,
        *record.medicines.items,
        *record.allergies,
        *record.labs,
        *record.low_bone_signs,
        *(f for f in (record.vfa, record.frax) if f is not None),
    )
    named = {
        context.evidence,
        *[fact.evidence for fact in facts],
        *[ref for _, ref in record.evidence],
        *used,
    }
    return tuple(sorted(named - {""}))


def _in_order(refused: Iterable[Rejected]) -> tuple[Rejected, ...]:
    """Each once, in an order that does not depend on how they were found."""
    return tuple(
        sorted(
            set(refused),
            key=lambda r: (
                r.concerns,
                r.reason,
                r.evidence,
                r.site or "",
                r.side or "",
                r.on or date.min,
                r.about,
            ),
        )
    )
