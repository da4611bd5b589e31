"""Vertebral fracture assessment, in the shape that we define since neither LOINC nor SNOMED CT has one.

One Observation per assessment, code intake ``vfa`` (or LOINC 83051-3, 83014-1). Each vertebra that was graded
is one component: code the vertebra (intake ``T12``, or SNOMED CT L1 to L4; ``vertebra-unspecified`` when the
level is not known), value intake ``genant-0`` to ``genant-3``. Performed without any fracture:
valueCodeableConcept intake ``none``.
"""

from collections.abc import Iterable
from datetime import date

from adapter.clinical.model import Reason, Rejected, VertebralFracture, Vfa
from mappings.codes import INTAKE, AnyCode, LocalCode
from mappings.inbound.questionnaire.patient_questions import (
    GENANT,
    VERTEBRAE,
    VFA_NONE,
    VFA_VERTEBRA_UNSPECIFIED,
)
from mappings.inbound.resources.codings import concept_of
from mappings.inbound.resources.datatypes import objs
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.refusals import VFA
from mappings.valuesets import concept_map

_SOME_VERTEBRA = LocalCode(VFA_VERTEBRA_UNSPECIFIED)


def assessment(measured: Iterable[Measurement], on: date) -> tuple[Vfa | None, tuple[Rejected, ...]]:
    """The newest valid assessment and those that were refused."""
    read = [_vfa_or_refusal(result, on) for result in measured if result.code.names("vfa")]
    valid = [v for v in read if isinstance(v, Vfa)]
    refused = tuple({r for r in read if isinstance(r, Rejected)})
    newest = max(valid, key=lambda v: (v.on or date.min, len(v.fractures), v.evidence), default=None)
    return newest, refused


def _vfa_or_refusal(result: Measurement, on: date) -> Vfa | Rejected:
    reason = result.unusable(on)
    none = VFA_NONE in concept_of(result.value[1]).ours
    graded = _graded(result)
    if graded is None:
        reason = reason or Reason.UNKNOWN_CODE
    elif not none and not graded:
        reason = reason or Reason.NO_VALUE
    elif none and any(f.grade for f in graded):
        reason = reason or Reason.CODES_DISAGREE
    if reason or graded is None:
        return Rejected(reason or Reason.UNKNOWN_CODE, VFA, result.evidence, on=result.on)
    return Vfa(tuple(f for f in graded if f.grade), result.on, result.evidence)


def _graded(result: Measurement) -> list[VertebralFracture] | None:
    """The graded vertebrae in order, grade 0 included; ``None`` when one of them cannot be read."""
    found: list[VertebralFracture] = []
    for part in objs(result.body.get("component")):
        levels = [c for c in concept_of(part.get("code")).codes if level_of(c) or c == _SOME_VERTEBRA]
        if not levels:
            continue
        grade = _grade(part)
        if grade is None or part.get("modifierExtension"):
            return None
        found.append(VertebralFracture(grade, level_of(levels[0])))
    return sorted(found, key=lambda f: (f.level or "", f.grade))


def level_of(code: AnyCode) -> str | None:
    """The vertebra that a code names: our own, or a body site of the concept map."""
    if code.system == INTAKE:
        return code.key if code.key in VERTEBRAE else None
    target = concept_map("body-sites").get((code.system, code.key))
    return target.also.get("level") if target else None


def _grade(part: dict[str, object]) -> int | None:
    counted = part.get("valueInteger")
    if type(counted) is int and counted in GENANT.values():  # True is not a grade
        return counted
    grades = {GENANT[c] for c in concept_of(part.get("valueCodeableConcept")).ours if c in GENANT}
    return grades.pop() if len(grades) == 1 else None
