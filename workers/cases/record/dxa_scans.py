"""Scans of a case as Observations: T-scores by LOINC code and body site, and the VFA with its graded vertebrae."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mappings.codes import LOINC, SNOMED
from mappings.inbound.intake.intake_questions import VFA, VFA_NONE, VFA_VERTEBRA_UNSPECIFIED
from workers.cases.case_table import Json, NotCovered
from workers.cases.record.fact_codes import codeable, local, vertebrae
from workers.cases.record.fact_values import CaseDays, only, word
from workers.cases.record.resources import observation, quantity, sided


@dataclass(frozen=True, slots=True)
class ScanSite:
    """How a site is coded: LOINC without a side, LOINC per side, and the body site that narrows it."""

    code: str
    by_side: Mapping[str, str] = field(default_factory=dict)
    body_site: str | None = None


FEMUR = {"left": "80948-3", "right": "80947-5"}
FOREARM = {"left": "80944-2", "right": "80943-4"}

PLACES: Mapping[str, ScanSite] = {
    "lumbar_spine": ScanSite("38267-1", body_site="122496007"),
    "femoral_neck": ScanSite("38263-0", FEMUR, "29627003"),
    "total_hip": ScanSite("38264-8", {"left": "80946-7", "right": "80945-9"}),
    "femur_region_unknown": ScanSite("38263-0", FEMUR),
    "single_vertebra": ScanSite("38267-1", body_site="66794005"),  # L1, unless the case gives another level
    "radius_33": ScanSite("38265-5", FOREARM, "47728000"),
    "forearm": ScanSite("38265-5", FOREARM),
    "calcaneus": ScanSite("38266-3", {"left": "80950-9", "right": "80949-1"}),
    "humerus": ScanSite("85390-3", {"left": "85389-5", "right": "85388-7"}),
}
T_SCORE_UNIT = "{T-score}"


def t_scores(scans: Any, _: CaseDays) -> Iterator[Json]:
    """One Observation per T-score, status and date as the case gives them."""
    for number, scan in enumerate(scans):
        only(scan, "t_scores[]", {"site", "side", "level", "value", "value_string", "unit", "date", "status"})
        place = PLACES.get(word(scan.get("site")))
        if place is None:
            raise NotCovered(f"t_scores[].site: {scan.get('site')}")
        yield observation(
            f"t-score-{number}",
            codeable(LOINC, place.by_side.get(word(scan.get("side")), place.code)),
            scan.get("date"),
            status=scan.get("status", "final"),
            bodySite=_body_site(place, scan),
            **_value(scan),
        )


def _body_site(place: ScanSite, scan: Mapping[str, Any]) -> Json | None:
    """The side is post-coordinated only where no LOINC code carries it."""
    side = None if place.by_side else scan.get("side")
    level = scan.get("level")
    if level and level not in vertebrae():
        raise NotCovered(f"t_scores[].level: {level}")
    bone = vertebrae()[level] if level else place.body_site
    return sided(bone, side) if bone else None


def _value(scan: Mapping[str, Any]) -> Json:
    if "value_string" in scan:
        return {"valueString": str(scan["value_string"])}
    if isinstance(scan.get("value"), str):
        return {"valueString": scan["value"]}
    if scan.get("value") is None:
        return {}
    return {"valueQuantity": quantity(scan["value"], scan.get("unit") or T_SCORE_UNIT)}


def vfa(assessment: Any, stage: CaseDays) -> Iterator[Json]:
    """One Observation when it was performed; without graded vertebrae its value says none."""
    only(assessment, "vfa", {"performed", "fractures", "date"})
    if assessment.get("performed", True) is not True:
        return
    graded = [_vertebra(one) for one in assessment.get("fractures") or ()]
    found = {"component": graded} if graded else {"valueCodeableConcept": local(VFA_NONE)}
    yield observation("vfa", local(VFA), assessment.get("date", stage.scanned), **found)


def _vertebra(graded: Any) -> Json:
    only(graded, "vfa.fractures[]", {"level", "grade"})
    level = graded.get("level")
    code = (
        codeable(SNOMED, vertebrae()[level])
        if level in vertebrae()
        else local(level or VFA_VERTEBRA_UNSPECIFIED)
    )
    return {"code": code, "valueCodeableConcept": local(f"genant-{graded.get('grade')}")}
