"""Scans of a case as Observations: T-scores by LOINC code and body site, and VFA with graded vertebrae."""

from collections.abc import Iterator, Sequence

from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.codes import SNOMED
from mappings.inbound.questionnaire.patient_questions import VFA, VFA_NONE, VFA_VERTEBRA_UNSPECIFIED
from mappings.valuesets import Target
from workers.authoring.cases.case_table import UncoveredCase
from workers.authoring.cases.record.fact_codes import case_names, concept_of, local_concept, vertebrae
from workers.authoring.cases.record.fact_values import CaseDays, name_of, require_parts
from workers.authoring.cases.record.resources import observation, quantity, sided_code


def t_scores(scans: Sequence[ReadOnlyJson], _: CaseDays) -> Iterator[Json]:
    """One Observation per T-score, status and date as the case gives them."""
    for number, scan in enumerate(scans):
        require_parts(
            scan, "t_scores[]", {"site", "side", "level", "value", "value_string", "unit", "date", "status"}
        )
        site = case_names("scan").get(name_of(scan.get("site")))
        if site is None:
            raise UncoveredCase(f"t_scores[].site: {scan.get('site')}")
        yield observation(
            f"t-score-{number}",
            concept_of(site.system, site.also.get(name_of(scan.get("side")), site.code)),
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
        raise UncoveredCase(f"t_scores[].level: {level}")
    bone = vertebrae()[level] if level else site.also.get("body-site")
    return sided_code(bone, side) if bone else None


def _value(site: Target, scan: ReadOnlyJson) -> Json:
    if "value_string" in scan:
        return {"valueString": str(scan["value_string"])}
    if isinstance(scan.get("value"), str):
        return {"valueString": scan["value"]}
    if scan.get("value") is None:
        return {}
    return {"valueQuantity": quantity(scan["value"], scan.get("unit") or site.also["unit"])}


def vfa(vertebral: ReadOnlyJson, days: CaseDays) -> Iterator[Json]:
    """One Observation when it was performed; without graded vertebrae its value says none."""
    require_parts(vertebral, "vfa", {"performed", "fractures", "date"})
    if vertebral.get("performed", True) is not True:
        return
    graded = [_vertebra(fracture) for fracture in vertebral.get("fractures") or ()]
    found = {"component": graded} if graded else {"valueCodeableConcept": local_concept(VFA_NONE)}
    yield observation("vfa", local_concept(VFA), vertebral.get("date", days.scanned), **found)


def _vertebra(graded: ReadOnlyJson) -> Json:
    require_parts(graded, "vfa.fractures[]", {"level", "grade"})
    level = graded.get("level")
    code = (
        concept_of(SNOMED, vertebrae()[level])
        if level in vertebrae()
        else local_concept(level or VFA_VERTEBRA_UNSPECIFIED)
    )
    return {"code": code, "valueCodeableConcept": local_concept(f"genant-{graded.get('grade')}")}
