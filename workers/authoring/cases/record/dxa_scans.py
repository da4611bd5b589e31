"""Scans of a case as Observations: T-scores by LOINC code and body site, and VFA with graded vertebrae."""

from collections.abc import Iterator, Sequence

from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.codes import SNOMED
from mappings.inbound.questionnaire.patient_questions import VFA, VFA_NONE, VFA_VERTEBRA_UNSPECIFIED
from mappings.valuesets import Target
from workers.authoring.cases.case_table import NotCovered
from workers.authoring.cases.record.fact_codes import case_names, codeable, local, vertebrae
from workers.authoring.cases.record.fact_values import CaseDays, only, word
from workers.authoring.cases.record.resources import observation, quantity, sided


def t_scores(scans: Sequence[ReadOnlyJson], _: CaseDays) -> Iterator[Json]:
    """One Observation per T-score, status and date as the case gives them."""
    for number, scan in enumerate(scans):
        only(scan, "t_scores[]", {"site", "side", "level", "value", "value_string", "unit", "date", "status"})
        site = case_names("scan").get(word(scan.get("site")))
        if site is None:
            raise NotCovered(f"t_scores[].site: {scan.get('site')}")
        yield observation(
            f"t-score-{number}",
            codeable(site.system, site.also.get(word(scan.get("side")), site.code)),
            scan.get("date"),
            status=scan.get("status", "final"),
            bodySite=_body_site(site, scan),
            **_value(site, scan),
        )


def _body_site(site: Target, scan: ReadOnlyJson) -> Json | None:
    """The side is post-coordinated only where no LOINC code carries it."""
    side = None if "left" in site.also else scan.get("side")
    level = scan.get("level")
    if level and level not in vertebrae():
        raise NotCovered(f"t_scores[].level: {level}")
    bone = vertebrae()[level] if level else site.also.get("body-site")
    return sided(bone, side) if bone else None


def _value(site: Target, scan: ReadOnlyJson) -> Json:
    if "value_string" in scan:
        return {"valueString": str(scan["value_string"])}
    if isinstance(scan.get("value"), str):
        return {"valueString": scan["value"]}
    if scan.get("value") is None:
        return {}
    return {"valueQuantity": quantity(scan["value"], scan.get("unit") or site.also["unit"])}


def vfa(assessment: ReadOnlyJson, stage: CaseDays) -> Iterator[Json]:
    """One Observation when it was performed; without graded vertebrae its value says none."""
    only(assessment, "vfa", {"performed", "fractures", "date"})
    if assessment.get("performed", True) is not True:
        return
    graded = [_vertebra(fracture) for fracture in assessment.get("fractures") or ()]
    found = {"component": graded} if graded else {"valueCodeableConcept": local(VFA_NONE)}
    yield observation("vfa", local(VFA), assessment.get("date", stage.scanned), **found)


def _vertebra(graded: ReadOnlyJson) -> Json:
    only(graded, "vfa.fractures[]", {"level", "grade"})
    level = graded.get("level")
    code = (
        codeable(SNOMED, vertebrae()[level])
        if level in vertebrae()
        else local(level or VFA_VERTEBRA_UNSPECIFIED)
    )
    return {"code": code, "valueCodeableConcept": local(f"genant-{graded.get('grade')}")}
