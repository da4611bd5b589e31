"""Where a T-score was measured: from its code, its body site, the institution's own codes, and last its label.

A body site may narrow what the code says (femur to femoral neck, spine to one vertebra) but never contradict it.
LOINC has no code for the femoral neck: a femur code without a region is the femur, region unknown.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from adapter.clinical.model import Side, Site
from mappings.codes import SNOMED, AnyCode, Snomed
from mappings.inbound.config import ReadingConfig
from mappings.inbound.resources.codings import concept
from mappings.inbound.resources.datatypes import objs
from mappings.inbound.resources.observations import Measurement
from mappings.valuesets import concept_map, table

FOREARM_CODE = ("http://loinc.org", "38265-5")
_LATERALITY = "272741003"
_SIDES = {"7771000": Side.LEFT, "24028007": Side.RIGHT}
_NARROWS: Mapping[Site, frozenset[Site]] = {
    Site.LUMBAR_SPINE: frozenset({Site.SINGLE_VERTEBRA, Site.OTHER}),
    Site.FEMUR_REGION_UNKNOWN: frozenset({Site.FEMORAL_NECK, Site.TOTAL_HIP, Site.OTHER}),
    Site.TOTAL_HIP: frozenset({Site.FEMORAL_NECK, Site.OTHER}),
    Site.FOREARM: frozenset({Site.RADIUS_33, Site.OTHER}),
}
_FEMUR_LABELS = (
    (re.compile(r"neck|collum|femurhals|heuphals", re.IGNORECASE), Site.FEMORAL_NECK),
    (re.compile(r"\b(total|totaal|totale)\b", re.IGNORECASE), Site.TOTAL_HIP),
)
_VERTEBRA = re.compile(r"\bL[1-5]\b", re.IGNORECASE)


class Contradiction(ValueError):
    """Two codes of one T-score name places that cannot both be true."""


class UnknownPlace(ValueError):
    """The body site is coded, but no concept map knows the code."""


@dataclass(frozen=True, slots=True)
class ScoreSite:
    """A site as far as it is known; ``assumed`` when not a standard code but a setting or a label says it."""

    site: Site
    side: Side | None = None
    level: str | None = None
    assumed: bool = False


def coded_place(measured: Measurement, config: ReadingConfig) -> ScoreSite | None:
    """The place in the T-score's code, or ``None`` when it is not the code of a T-score; raises Contradiction."""
    places = [p for c in measured.code.codes if (p := _of_code(c, config))]
    if not places:
        return None
    if any(table("dxa").lookup(c) for c in measured.code.codes):  # a BMD or Z-score code beside it
        raise Contradiction
    return reduce(_both, places)


def place(measured: Measurement, coded: ScoreSite, config: ReadingConfig) -> ScoreSite:
    """The coded place, narrowed by body site or label; raises Contradiction or UnknownPlace."""
    side = body_side(measured.body_site)
    if side and coded.side and side is not coded.side:
        raise Contradiction
    coded = replace(coded, side=coded.side or side)
    named, label = _body_place(measured.body_site), _label(measured)
    if named is None:
        return _by_label(_assumed_forearm(measured, coded, config), label)
    try:
        found = _both(coded, named)
    except Contradiction:
        found = _both(_assumed_forearm(measured, coded, config), named)
    return _by_label(found, label)


def _of_code(code: AnyCode, config: ReadingConfig) -> ScoreSite | None:
    own = config.local_t_scores.get((code.system, code.key))
    if own:
        return ScoreSite(own[0], own[1])
    target = concept_map("t-score-codes").get((code.system, code.key))
    return (
        ScoreSite(Site(target.code.replace("-", "_")), _SIDES.get(target.also.get("laterality", "")))
        if target
        else None
    )


def _assumed_forearm(measured: Measurement, coded: ScoreSite, config: ReadingConfig) -> ScoreSite:
    meant = config.forearm_code_site
    if meant is None or not any((c.system, c.key) == FOREARM_CODE for c in measured.code.codes):
        return coded
    return ScoreSite(meant, coded.side, assumed=True)


def _both(a: ScoreSite, b: ScoreSite) -> ScoreSite:
    if a.site is not b.site and b.site not in _NARROWS.get(a.site, ()):
        if a.site not in _NARROWS.get(b.site, ()):
            raise Contradiction
        a, b = b, a  # now b is the narrower one
    if (a.side and b.side and a.side is not b.side) or (a.level and b.level and a.level != b.level):
        raise Contradiction
    return ScoreSite(b.site, a.side or b.side, b.level or a.level, a.assumed or b.assumed)


def body_side(value: Any) -> Side | None:
    """Laterality as a qualifier, inside a post-coordinated code, or in an extension beside it."""
    sides = {s for s in (*_sides(concept(value).codes), *_extension_sides(value)) if s}
    if len(sides) > 1:
        raise Contradiction
    return next(iter(sides), None)


def _body_place(value: Any) -> ScoreSite | None:
    """The coded body site; ``None`` when it has no code or its only code is a side."""
    said = concept(value)
    named = [c for c in said.codes if (c.system, c.key) not in {(SNOMED, side) for side in _SIDES}]
    if not named:
        if said.broken:
            raise UnknownPlace
        return None
    targets = [t for c in named if (t := concept_map("body-sites").get((c.system, c.key)))]
    if not targets:
        raise UnknownPlace
    return reduce(
        _both, [ScoreSite(Site(t.code.replace("-", "_")), None, t.also.get("level")) for t in targets]
    )


def _sides(codes: Iterable[AnyCode]) -> list[Side | None]:
    found = [_SIDES.get(c.key) for c in codes]
    return found + [_SIDES.get(c.refinement.get(_LATERALITY, "")) for c in codes if isinstance(c, Snomed)]


def _extension_sides(value: Any) -> list[Side | None]:
    """Laterality beside the body site, as the Dutch zib AnatomicalLocation carries it."""
    extensions = objs(value.get("extension")) if isinstance(value, dict) else []
    return [_SIDES.get(c.key) for e in extensions for c in concept(e.get("valueCodeableConcept")).codes]


def _label(measured: Measurement) -> str:
    return f"{measured.code.text} {concept(measured.body_site).text}"


def _by_label(found: ScoreSite, label: str) -> ScoreSite:
    """What only the label of code or body site says: the femur's region, or that it is one vertebra."""
    if found.site is Site.FEMUR_REGION_UNKNOWN:
        meant = {site for pattern, site in _FEMUR_LABELS if pattern.search(label)}
        return replace(found, site=meant.pop(), assumed=True) if len(meant) == 1 else found
    levels = {level.upper() for level in _VERTEBRA.findall(label)}
    if found.site is Site.LUMBAR_SPINE and len(levels) == 1:
        return replace(found, site=Site.SINGLE_VERTEBRA, level=levels.pop())
    return found
