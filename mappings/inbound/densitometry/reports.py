"""DXA reports and panels: which resources are one, what their words say, and which results are missing."""

from collections.abc import Iterator
from datetime import tzinfo
from functools import lru_cache

from adapter.clinical.model import Standing
from adapter.input.wire_json import ReadOnlyJson
from mappings.codes import ICD10, ICPC, INTAKE, SNOMED
from mappings.inbound.densitometry import words
from mappings.inbound.densitometry.low_bone import calls_it_low, calls_it_osteoporosis, tells_low_density
from mappings.inbound.densitometry.report_text import concluded, files_of, lost_words, told
from mappings.inbound.resources.codings import (
    CONCEPTS,
    Concept,
    concept_of,
    concepts,
    resembles,
    says_nothing,
)
from mappings.inbound.resources.compartment import Compartment, SourceResource, contained
from mappings.inbound.resources.datatypes import has_letter_or_digit, listed, obj, objs, reference, text
from mappings.inbound.resources.dates import PossibleDays
from mappings.inbound.resources.measurement_kind import categories_of
from mappings.inbound.resources.observations import days_of, standing
from mappings.valuesets import categories, coding

_MEMBERS = {"DiagnosticReport": "result", "Observation": "hasMember"}
_DIAGNOSES = frozenset({SNOMED, INTAKE}) | ICD10 | ICPC
IMAGING = (*sorted(categories("imaging")), coding("category-radiology")["code"])
_LOW_BONE_MASS = frozenset({"osteoporosis", "osteopenia"})


def dxa_reports(chart: Compartment) -> tuple[SourceResource, ...]:
    """Reports, panels and documents of a DXA, not withdrawn: by code, by words or by their conclusion.

    What carries an extension that changes its meaning is one of them: it cannot be read, so it is named.
    """
    reports = [e for kind in ("DiagnosticReport", "DocumentReference") for e in chart.of(kind) if _is_dxa(e)]
    panels = [e for e in chart.of("Observation") if _is_panel(e.code)]
    return tuple([e for e in (*reports, *panels) if _stands(e)])


def days_of_report(report: SourceResource, zone: tzinfo) -> PossibleDays | None:
    """When it is about; a document is about its period, else it is known by the day it was written."""
    body = report.body
    if body["resourceType"] == "DocumentReference":
        period = obj(body.get("context")).get("period")
        body = {"effectivePeriod": period, "issued": body.get("date")}
    return days_of(body, (), zone)[0]


def missing_members(chart: Compartment, report: SourceResource) -> bool:
    """Whether it names a result that did not come along."""
    here = {e.location for e in chart.of("Observation")}
    here |= {f"#{e.body['id']}" for e in contained(report, "Observation")}
    known = {
        identifier for e in chart.of("Observation") for identifier in _identifiers(e.body.get("identifier"))
    }
    named = listed(report.body.get(_MEMBERS.get(report.body["resourceType"], "")))
    return any(
        not _is_here(reference(link), here) and known.isdisjoint(_identifiers([obj(link).get("identifier")]))
        for link in named
    )


def _identifiers(held: object) -> set[tuple[str, str]]:
    pairs = ((text(it.get("system")), text(it.get("value"))) for it in objs(held))
    return {pair for pair in pairs if pair[1]}


def calls_low(body: ReadOnlyJson) -> bool:
    """Whether a report calls the bone density low, by code or in words."""
    return bool(_coded(body) & _LOW_BONE_MASS) or any(map(calls_it_low, _conclusions(body)))


def calls_osteoporosis(body: ReadOnlyJson) -> bool:
    """Whether it calls it osteoporosis."""
    return "osteoporosis" in _coded(body) or any(map(calls_it_osteoporosis, _conclusions(body)))


def _coded(body: ReadOnlyJson) -> set[str]:
    return {name for concept in concepts(body.get("conclusionCode")) for name in concept.names("condition")}


def _conclusions(body: ReadOnlyJson) -> tuple[str, ...]:
    return (*concluded(body), *(concept.label for concept in concepts(body.get("conclusionCode"))))


def unreadable_conclusion(body: ReadOnlyJson) -> bool:
    """Whether nobody can read its conclusion: no words, or a code of an unknown system without words."""
    if lost_words(body):
        return True
    return any(not _says_something(conclusion) for conclusion in listed(body.get("conclusionCode")))


def _says_something(element: object) -> bool:
    said = concept_of(element)
    return bool(said.label) or any(c.system in _DIAGNOSES for c in said.codes)


def _is_here(name: str, here: set[str]) -> bool:
    return name in here or any(name.endswith(f"/{location}") for location in here)


@lru_cache(CONCEPTS)
def _is_panel(code: Concept) -> bool:
    return resembles(code, "report") and not resembles(code, "vfa")


def _is_dxa(entry: SourceResource) -> bool:
    kind = entry.body["resourceType"]
    held = entry.body.get("type") if kind == "DocumentReference" else entry.body.get("code")
    said = concept_of(held) if kind == "DocumentReference" else entry.code
    if resembles(said, "report"):
        return True
    if kind == "DocumentReference" and _is_unnamed(held, entry.body.get("description")):
        return True  # nobody can read what it is
    titles = (said.label, *_titles(entry.body))
    if any(map(words.speaks_of_density, titles)) or any(map(words.calls_itself_t_score, titles)):
        return True
    imaging = of_imaging(entry.body, said)
    if imaging and lost_words(entry.body):
        return True
    tells = told(entry.body) if imaging else (text(entry.body.get("conclusion")),)
    return any(words.calls_itself_t_score(tell) or tells_low_density(tell) for tell in tells)


def _is_unnamed(kind: object, description: object) -> bool:
    """Whether a type or a description is there in which nobody can read a code or a word."""
    said = concept_of(kind)
    untyped = not says_nothing(kind) and not (said.written or said.label)
    return untyped or bool(description and not has_letter_or_digit(description))


def of_imaging(body: ReadOnlyJson, said: Concept) -> bool:
    """Whether its files may be of a scan: it says so, or does not say what it is a report of."""
    kinds = categories_of(body)
    return resembles(said, "imaging") or not kinds or not kinds.isdisjoint(IMAGING)


def _titles(body: ReadOnlyJson) -> Iterator[str]:
    """What a document is called, and the files in it or in a report."""
    yield text(body.get("description"))
    yield from (text(file.get("title")) for file in files_of(body))


def _stands(entry: SourceResource) -> bool:
    if entry.body["resourceType"] == "DocumentReference":
        return text(entry.body.get("status")) not in {"superseded", "entered-in-error"}
    return standing(entry.body) is not Standing.WITHDRAWN
