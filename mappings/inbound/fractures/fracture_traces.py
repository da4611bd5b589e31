"""Fractures without a Condition: an operation, the reason of an order or a visit, or an image shows them.

None of these makes a fracture. It is named where the record holds none that it can be of: the list of
fractures is then not whole, and a human looks. Of reports only the spine counts, by a code of the conclusion
or in its words: a broken limb is treated and recorded, while a vertebra that collapsed is often seen on an
image that was made for something else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from adapter.clinical.model import Fracture, FractureSite, Reason, Rejected, Standing, Vfa
from mappings.inbound.densitometry.report_text import concluded, holds_no_file
from mappings.inbound.densitometry.reports import of_imaging
from mappings.inbound.fractures.fracture_history import is_fracture
from mappings.inbound.indications.reasons import has_reason, reason_unread, reasons
from mappings.inbound.medical_history.screening import (
    denies_fracture,
    lost_concept,
    mends_fracture,
    speaks_of_broken_vertebra,
    speaks_of_fracture,
    speaks_of_spine,
    tells_of_past_fracture,
    words_of,
)
from mappings.inbound.resources.codings import CONCEPTS, Concept, concept_of, concepts, in_words, resembles
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import choice, has_letter, obj, text
from mappings.inbound.resources.dates import effective, first_day, performed
from mappings.inbound.resources.measurement_kind import categories_of
from mappings.inbound.resources.observations import standing
from mappings.inbound.resources.refusals import FRACTURE
from mappings.inbound.resources.resource_status import status_unread

_NOT_DONE = frozenset({"preparation", "not-done", "entered-in-error"})
_NEVER = frozenset({"draft", "cancelled", "intended", "entered-in-error"})
_REFERRING = ("ServiceRequest", "MedicationRequest", "MedicationStatement")
_OF_SPINE = frozenset({FractureSite.VERTEBRA, FractureSite.UNSPECIFIED})
# An operation follows its fracture within days, or within months where the bone did not heal (C-73).
_SAME = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class _Trace:
    """A resource that tells of a fracture, or may: its day, and whether the fracture is of the spine."""

    evidence: str
    on: date | None
    of_spine: bool
    reason: Reason = Reason.FRACTURE_LIKE


def traces(chart: Compartment, fractures: Iterable[Fracture], vfa: Vfa | None) -> tuple[Rejected, ...]:
    """Each trace of a fracture that is not on record."""
    found = (*_operations(chart), *_referrals(chart), *_visits(chart), *_reports(chart), *_findings(chart))
    if not found:
        return ()
    held = tuple(fractures)
    spine_known = bool(vfa and vfa.fractures)
    return tuple(
        Rejected(it.reason, FRACTURE, it.evidence, on=it.on)
        for it in found
        if not (it.of_spine and spine_known) and not any(_can_be(fracture, it) for fracture in held)
    )


def _can_be(fracture: Fracture, trace: _Trace) -> bool:
    """Whether it tells of this one; a collapsed vertebra is seen as long as its owner lives."""
    if trace.of_spine:
        return fracture.site in _OF_SPINE
    return trace.on is None or fracture.on is None or abs(fracture.on - trace.on) <= _SAME


def _operations(chart: Compartment) -> Iterator[_Trace]:
    for entry in chart.of("Procedure"):
        said = (entry.code, *reasons(entry, chart))
        if text(entry.body.get("status")) not in _NOT_DONE and any(map(_tells_of_fracture, said)):
            yield _Trace(
                entry.evidence,
                performed(entry.body),
                any(speaks_of_broken_vertebra(words_of(concept)) for concept in said),
            )


def _referrals(chart: Compartment) -> Iterator[_Trace]:
    """Reasons for a medicine, a DXA, or what may be one of them: those for an X-ray are mostly questions.

    Of something else a reason counts that speaks of the time after a fracture.
    """
    for entry in [it for kind in _REFERRING for it in chart.of(kind)]:
        if not has_reason(entry) or text(entry.body.get("status")) in _NEVER:
            continue
        said = reasons(entry, chart)
        something_else = words_of(entry.code) and not entry.code.names("report")
        if something_else:
            said = tuple(concept for concept in said if tells_of_past_fracture(words_of(concept)))
        of_spine = any(speaks_of_broken_vertebra(words_of(concept)) for concept in said)
        if any(map(_tells_of_fracture, said)):
            yield _Trace(entry.evidence, None, of_spine)
        # Of a medicine it is named as a condition.
        elif entry.body["resourceType"] == "ServiceRequest" and reason_unread(entry):
            yield _Trace(entry.evidence, None, of_spine, reason=Reason.UNREADABLE)


def _visits(chart: Compartment) -> Iterator[_Trace]:
    """Why somebody came or was admitted; a reason that asks is no answer."""
    for entry in chart.of("Encounter"):
        if text(entry.body.get("status")) in _NEVER:
            continue
        period = obj(entry.body.get("period"))
        on = first_day(period.get("start") or period.get("end"))
        told = [it for it in reasons(entry, chart) if _tells_of_fracture(it) and "?" not in words_of(it)]
        if told:
            of_spine = any(speaks_of_broken_vertebra(words_of(remark)) for remark in told)
            yield _Trace(entry.evidence, on, of_spine)
        elif reason := _unread(entry):
            yield _Trace(entry.evidence, on, of_spine=False, reason=reason)


def _unread(visit: SourceResource) -> Reason | None:
    """Why a visit may have been for another reason than it seems."""
    if visit.body.get("modifierExtension"):
        return Reason.MODIFIER_EXTENSION
    return Reason.UNREADABLE if reason_unread(visit) or status_unread(visit.body) else None


@lru_cache(CONCEPTS)
def _tells_of_fracture(said: Concept) -> bool:
    words = words_of(said)
    told = speaks_of_fracture(words) and not denies_fracture(words)
    return is_fracture(said) or told or mends_fracture(words)


def _reports(chart: Compartment) -> Iterator[_Trace]:
    for entry in chart.of("DiagnosticReport"):
        if standing(entry.body) is Standing.WITHDRAWN:
            continue
        days = effective(entry.body)
        on = days.first if days else first_day(entry.body.get("issued"))
        if _sees_broken_vertebra(entry):
            yield _Trace(entry.evidence, on, of_spine=True)
        elif _has_unreadable_conclusion(entry):
            yield _Trace(entry.evidence, on, of_spine=True, reason=Reason.UNREADABLE)


def _findings(chart: Compartment) -> Iterator[_Trace]:
    """What an image showed, as a result of its own; of the spine, a value without words may be anything."""
    for entry in chart.of("Observation"):
        kind, value = choice(entry.body, "value")
        if (
            (kind == "Quantity" and isinstance(value, dict))
            or entry.code.ours
            or "imaging" not in categories_of(entry.body)
            or standing(entry.body) is Standing.WITHDRAWN
        ):
            continue
        days = effective(entry.body)
        on = days.first if days else None
        said = concept_of(value) if kind == "CodeableConcept" else in_words(text(value))
        if FractureSite.VERTEBRA.value in said.names("fracture") or speaks_of_broken_vertebra(words_of(said)):
            yield _Trace(entry.evidence, on, of_spine=True)
        elif kind == "String" and not words_of(said) and _may_be_of_spine(entry.code):
            yield _Trace(entry.evidence, on, of_spine=True, reason=Reason.UNREADABLE)


def _may_be_of_spine(code: Concept) -> bool:
    """Whether a result of an image names the spine, or no place at all."""
    return speaks_of_spine(words_of(code)) or resembles(code, "imaging")


def _sees_broken_vertebra(report: SourceResource) -> bool:
    said = concepts(report.body.get("conclusionCode"))
    coded = {name for concept in said for name in concept.names("fracture")}
    written = (*concluded(report.body), *(words_of(concept) for concept in said))
    return FractureSite.VERTEBRA.value in coded or any(map(speaks_of_broken_vertebra, written))


def _has_unreadable_conclusion(report: SourceResource) -> bool:
    """Whether imaging has a conclusion or file without a readable word or code; laboratories use numbers."""
    if not of_imaging(report.body, report.code):
        return False
    written = report.body.get("conclusion")
    wordless = bool(written) and not has_letter(written)
    return wordless or lost_concept(report.body.get("conclusionCode")) or holds_no_file(report.body)
