"""Where a T-score was measured: from its code, body site, the institution's codes, and last its label.

A body site may narrow what the code says (femur to femoral neck, spine to one vertebra) but never contradict
it. LOINC has no code for the femoral neck: a femur code without a region is the femur, region unknown. Codes
beat words: a label tells only what no code does, and a body site that is in words only is flagged as assumed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from typing import assert_never

from adapter.clinical.kinds import HIP_SITES
from adapter.clinical.model import Side, Site
from mappings.codes import LOINC, SNOMED
from mappings.inbound.config import ReadingConfig
from mappings.inbound.densitometry import words
from mappings.inbound.densitometry.laterality import SIDES, sides_named
from mappings.inbound.densitometry.vertebrae import level, numbered_site, vertebrae
from mappings.inbound.resources.codings import CONCEPTS, Concept, concept_of
from mappings.inbound.resources.observations import Measurement
from mappings.valuesets import concept_map, members

FOREARM_CODES = members("generic-t-score-code")
CENTRAL = frozenset({*HIP_SITES, Site.LUMBAR_SPINE})
# LOINC names femur, hip and spine as a whole; only body sites name the femoral neck and single vertebrae. So
# a body site may go from the whole to a part; one that goes the other way contradicts the code.
_NARROWS: Mapping[Site, frozenset[Site]] = {
    Site.LUMBAR_SPINE: frozenset({Site.SINGLE_VERTEBRA}),
    Site.FEMUR_REGION_UNKNOWN: frozenset({Site.FEMORAL_NECK, Site.TOTAL_HIP, Site.OTHER}),
    Site.TOTAL_HIP: frozenset({Site.FEMORAL_NECK, Site.OTHER}),
    Site.FOREARM: frozenset({Site.RADIUS_33, Site.OTHER}),
}


class Contradiction(ValueError):
    """Two codes of one T-score name sites that cannot both be true."""


class UnknownSite(ValueError):
    """The body site is coded, but no concept map knows the code."""


@dataclass(frozen=True, slots=True)
class ScoreSite:
    """A site as far as it is known; ``assumed`` when a setting or a label says it, and no standard code."""

    site: Site
    side: Side | None = None
    level: str | None = None
    assumed: bool = False
    open: bool = False  # a generic code: the body site must say where


def coded_site(measured: Measurement, config: ReadingConfig) -> ScoreSite | None:
    """The site in the T-score's code, ``None`` when it is no code of a T-score; raises Contradiction."""
    sites = [*(p for c in measured.code.written if (p := _local(c, config))), *_by_code(measured.code)]
    if not sites:
        return None
    # Which of the two the number is, nobody can tell: -1.2 is a T-score as well as a Z-score, and
    # 0.9 a T-score as well as g/cm².
    if measured.code.names("dxa"):  # a BMD or Z-score code beside it
        raise Contradiction
    return reduce(_both, sites)


def score_site(measured: Measurement, coded: ScoreSite, config: ReadingConfig) -> ScoreSite:
    """The coded site, narrowed by body site or label; raises Contradiction or UnknownSite."""
    side = body_side(measured.body_site)
    if side and coded.side and side is not coded.side:
        raise Contradiction
    if side and not coded.side:
        coded = replace(coded, side=side)
    named, label = _body_site(measured.body_site), _label(measured)
    if named is None:
        found = _narrowed(_assumed_forearm(measured, coded, config), concept_of(measured.body_site).label)
        found = _by_label(found, label)
        if found.site is Site.FEMUR_REGION_UNKNOWN and not (_tells_nothing(measured.body_site) or side):
            raise UnknownSite  # somebody wrote which part it is, and nobody can read it
        return found
    try:
        found = _both(coded, named)
    except Contradiction:
        found = _both(_assumed_forearm(measured, coded, config), named)
    return _by_label(found, label, coded=not named.assumed)


@lru_cache(CONCEPTS)
def bmd_site(code: Concept) -> ScoreSite | None:
    """The site of a code of bone mineral density, or of a T-score that is spelled in a way of its own.

    The forearm's number names no site here: it is used for any T-score.
    """
    sites = _by_number("bmd-codes", code)
    sites += [
        p
        for _, written in code.written
        if (LOINC, key := _bare(written)) not in FOREARM_CODES and (p := _mapped("t-score-codes", LOINC, key))
    ]
    return sites[0] if sites else None


def _by_number(name: str, code: Concept) -> list[ScoreSite]:
    """The sites of the numbers of LOINC in it, in whatever system."""
    return [p for _, key in code.written if (p := _mapped(name, LOINC, key))]


@lru_cache(CONCEPTS)
def spelled_as_t_score(code: Concept) -> bool:
    """Whether a code is the number of a T-score, in any system, or that number with a suffix in LOINC."""
    return any(
        _mapped("t-score-codes", LOINC, key if system != LOINC else _bare(key))
        for system, key in code.written
    )


def named_site(measured: Measurement) -> tuple[Site | None, Side | None]:
    """As much of the site as code, body site or words tell, for a result that cannot be used.

    Where they disagree it is taken for the one that can decide; a femur without its region has no site.
    """
    label = label_of(measured)
    try:
        named = _body_site(measured.body_site)
    except (Contradiction, UnknownSite):
        named = None
    found = named or bmd_site(measured.code) or next(iter(_by_number("z-score-codes", measured.code)), None)
    # Code and words were seen to disagree in both directions (a femur code labelled as the spine). A refused
    # result only warns, so the reading that warns of more is taken.
    sites = [it for it in (found.site if found else None, words.site(label)) if it]
    site = next((it for it in sites if it in CENTRAL), sites[0] if sites else None)
    if site is Site.FEMUR_REGION_UNKNOWN:
        site = None  # it may be the part that decides
    elif site in (None, Site.LUMBAR_SPINE) and not named:
        site = numbered_site(label) or site or _part_that_decides_nothing(label)
    return site, (found.side if found else None) or words.side(label)


def _part_that_decides_nothing(label: str) -> Site | None:
    """A part of a hip that nobody diagnoses by, without a word for the hip."""
    return Site.OTHER if words.region(label) is Site.OTHER else None


def _bare(written: str) -> str:
    """A LOINC number without what a house has put behind it: ``80946-7-0`` or ``80946-7_L`` is 80946-7."""
    # Seen in public repositories: a house that needs codes of its own hangs suffixes on the number of LOINC,
    # one for each side or series. LOINC's numbers end with one check digit: what follows is no part of them.
    found = re.match(r"[0-9]{1,7}-[0-9](?![0-9])", written)
    return found[0] if found else ""


def _local(written: tuple[str, str], config: ReadingConfig) -> ScoreSite | None:
    own = config.local_t_scores.get(written)
    if own is None:
        return None
    return ScoreSite(own[0], own[1]) if own[0] else ScoreSite(Site.OTHER, own[1], open=True)


@lru_cache(CONCEPTS)
def is_score_code(code: Concept) -> bool:
    """Whether a code is one of T-scores, and not of another number of a scan."""
    return any((c.system, c.key) in concept_map("t-score-codes") for c in code.codes)


@lru_cache(CONCEPTS)
def _by_code(code: Concept) -> tuple[ScoreSite, ...]:
    return tuple(p for c in code.codes if (p := _mapped("t-score-codes", c.system, c.key)))


def _mapped(name: str, system: str, key: str) -> ScoreSite | None:
    target = concept_map(name).get((system, key))
    if target is None:
        return None
    side = SIDES.get((SNOMED, target.also.get("laterality", "")))
    return ScoreSite(Site(target.code.replace("-", "_")), side, target.also.get("level"))


def _assumed_forearm(measured: Measurement, coded: ScoreSite, config: ReadingConfig) -> ScoreSite:
    meant = config.forearm_code_site
    if meant is None or not any((c.system, c.key) in FOREARM_CODES for c in measured.code.codes):
        return coded
    return ScoreSite(meant, coded.side, assumed=True)


def _both(a: ScoreSite, b: ScoreSite) -> ScoreSite:
    if a.open or b.open:
        shut, other = (b, a) if a.open else (a, b)
        return replace(shut, side=shut.side or other.side)
    if a.site is not b.site and b.site not in _NARROWS.get(a.site, ()):
        if a.site not in _NARROWS.get(b.site, ()):
            raise Contradiction
        a, b = b, a  # now b is the narrower one
    if (a.side and b.side and a.side is not b.side) or (a.level and b.level and a.level != b.level):
        raise Contradiction
    return ScoreSite(b.site, a.side or b.side, b.level or a.level, a.assumed or b.assumed)


def body_side(value: object) -> Side | None:
    """Laterality as a qualifier, inside a post-coordinated code, or in an extension beside it."""
    sides = sides_named(value)
    if len(sides) > 1:
        raise Contradiction
    return next(iter(sides), None)


def side_of(value: object) -> Side | None:
    """The side of a body site: laterality, a code of one side, or its words; raises Contradiction."""
    said = concept_of(value)
    mapped = {p.side for c in said.codes if (p := _mapped("body-sites", c.system, c.key)) and p.side}
    return body_side(value) or (mapped.pop() if len(mapped) == 1 else None) or words.side(said.label)


def _body_site(value: object) -> ScoreSite | None:
    """The coded body site; ``None`` when it has no code or its only code is a side."""
    said = concept_of(value)
    named = [c for c in said.codes if (c.system, c.key) not in SIDES]
    sites = [p for c in named if (p := _mapped("body-sites", c.system, c.key))]
    if sites:
        return reduce(_both, sites)
    if not named and not said.broken:
        return None
    if (site := words.site(said.label)) is None:
        raise UnknownSite
    # A code that nobody here knows, and its words.
    return ScoreSite(site, words.side(said.label), assumed=True)


def _tells_nothing(value: object) -> bool:
    """Whether there is no body site at all, or one that only names the femur."""
    return not value or words.site(concept_of(value).label) is Site.FEMUR_REGION_UNKNOWN


def _narrowed(found: ScoreSite, label: str) -> ScoreSite:
    """Narrowed by a body site in words only; where they contradict the code, the code stands, flagged."""
    site = words.site(label)
    if site is None:
        return found
    try:
        narrowed = _both(found, ScoreSite(site))
    except Contradiction:
        if site in CENTRAL and found.site not in CENTRAL:  # what may decide must not be put aside by a code
            raise
        return replace(found, assumed=True)
    return replace(narrowed, assumed=found.assumed or found.open or narrowed.site is not found.site)


def label_of(measured: Measurement) -> str:
    """All words of code and body site, and the house codes, which often are words too."""
    return f"{_label(measured)} {measured.code.house}"


def _label(measured: Measurement) -> str:
    return f"{measured.code.label} {concept_of(measured.body_site).label}"


def _by_label(found: ScoreSite, label: str, *, coded: bool = False) -> ScoreSite:
    """What only the label of code or body site says: part of the hip, side, and which vertebrae."""
    if found.open:
        if (site := words.site(label)) is None:
            raise UnknownSite
        found = ScoreSite(site, found.side, assumed=True)
    if found.site not in CENTRAL | {Site.SINGLE_VERTEBRA} and not (coded or found.assumed):
        found = _narrowed(found, label)
    return _of_region(found, label, coded=coded)


def _of_region(found: ScoreSite, label: str, *, coded: bool) -> ScoreSite:
    """The same site, narrowed to what the words say of the part of the hip, the vertebrae and the side."""
    part, numbers = words.region(label), vertebrae(label)
    match found.site:
        case Site.FEMUR_REGION_UNKNOWN if part:
            found = replace(found, site=part, assumed=True)
        case Site.TOTAL_HIP if part and not coded and part is not Site.TOTAL_HIP:
            found = replace(found, site=part, assumed=True)
        case Site.LUMBAR_SPINE if words.names_lateral(label):
            found = replace(found, site=Site.OTHER)
        case Site.LUMBAR_SPINE if len(numbers) == 1 and not coded:
            return replace(found, site=Site.SINGLE_VERTEBRA, level=level(numbers))
        case Site.LUMBAR_SPINE | Site.SINGLE_VERTEBRA:
            return found if found.level or len(numbers) < 2 else replace(found, level=level(numbers))
        case Site.FEMUR_REGION_UNKNOWN | Site.FEMORAL_NECK | Site.TOTAL_HIP | Site.RADIUS_33:
            pass
        case Site.FOREARM | Site.CALCANEUS | Site.HUMERUS | Site.OTHER:
            pass
        case unreachable:
            assert_never(unreachable)
    side = found.side or words.side(label)
    return found if side is found.side else replace(found, side=side)
