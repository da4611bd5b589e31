"""T-scores: a listed code, a site, a plain number without unit, a date; all else is refused with a reason.

A T-score never comes from text, from a Z-score or BMD code, or from a number with a unit of mass per
area. Of a refused one the site, side and date are kept where known, so that the core can say which
site has no valid value (C-50, C-52). What calls itself a T-score under a code that nobody mapped is
refused too, and so never lost.
"""

from datetime import date
from functools import lru_cache

from adapter.clinical.kinds import HIP_SITES
from adapter.clinical.model import Reason, Rejected, Site, Standing, TScore
from mappings.codes import LOINC
from mappings.inbound.config import ReadingConfig
from mappings.inbound.densitometry import words
from mappings.inbound.densitometry.low_bone import calls_it_low
from mappings.inbound.densitometry.sites import (
    CENTRAL,
    Contradiction,
    ScoreSite,
    UnknownSite,
    bmd_site,
    coded_site,
    is_score_code,
    label_of,
    named_site,
    score_site,
    spelled_as_t_score,
)
from mappings.inbound.densitometry.values import says_t_score, t_value, value_problem
from mappings.inbound.densitometry.vertebrae import vertebrae
from mappings.inbound.resources.codings import (
    CONCEPTS,
    Concept,
    concept_of,
    concepts,
    resembles,
    says_nothing,
)
from mappings.inbound.resources.datatypes import (
    REFERENCE,
    has_letter,
    listed,
    number,
    obj,
    objs,
    reference,
    text,
)
from mappings.inbound.resources.measurement_kind import MeasurementKind
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.refusals import T_SCORE
from mappings.valuesets import categories, concept_map

SCANNED = categories("scanned")
# No T-score of bone is above, whatever happened to its decimal sign; those of tests are from 20 to 80.
_OF_BONE = 10
# Subjects whose codes say what an Observation is, so that words in it are about something else.
_OTHER_SUBJECTS = ("lab", "frax", "vfa", "body", "symptom")


def may_be_t_score(kind: MeasurementKind) -> bool:
    """Whether it can be a T-score, or what calls itself one, whatever its value is."""
    code, label = kind.code, kind.label
    if kind.sited or is_score_code(code) or code.names("dxa") or not _says_what_it_is(code):
        return True
    return words.label_names_t_score(label) and words.site(label) is not None


def t_score(result: Measurement, config: ReadingConfig, on: date) -> TScore | Rejected | None:
    """The T-score in a measurement, why it is refused, or ``None`` when it never was one."""
    try:
        coded = coded_site(result, config)
        if coded is None:
            return _unmapped(result)
        where = score_site(result, coded, config)
    except Contradiction:
        meant = bmd_site(result.code)  # of places that cannot both be true, the one that may decide
        return _refusal(Reason.CODES_DISAGREE, result, meant if meant and meant.site in CENTRAL else None)
    except UnknownSite:
        return _refusal(Reason.NO_SITE, result)
    if result.grouped and result.value[1] is None and not result.problem(on):
        return None  # its components or members carry the values
    reason = result.problem(on) or _method_problem(result) or value_problem(result)
    if reason or result.on is None:
        return _refusal(reason or Reason.NO_DATE, result, where)
    trust = result.standing or Standing.PRELIMINARY
    return TScore(
        where.site, t_value(result), result.on, where.side, trust, where.level, where.assumed, result.evidence,
        report=_report(result), prosthesis=where.site in HIP_SITES and words.names_prosthesis(label_of(result)),
    )  # fmt: skip


def _method_problem(result: Measurement) -> Reason | None:
    """Why it may be no DXA score, as its code says: another method, or one that nobody can read."""
    # T-scores by QCT or ultrasound are not equivalent to those by DXA, and the classes of the WHO do not
    # apply to them (ISCD Official Positions 2023, QCT and QUS).
    method = result.body.get("method")
    held = result.body.get("device")
    device = _device(result)
    if words.names_other_method(f"{concept_of(method).label} {result.code.label} {device}"):
        return Reason.CODES_DISAGREE
    lost = reference(held).startswith("#") and not device.strip()
    unread = lost or _is_unreadable(method) or (held is not None and not REFERENCE & obj(held).keys())
    return Reason.UNREADABLE if unread else None


def _device(result: Measurement) -> str:
    """The name of the device: in the reference to it, or in the one inside the result or its panel."""
    held = obj(result.body.get("device"))
    bodies = (result.body, *(group.body for group in result.groups))
    inside = [
        resource
        for body in bodies
        for resource in objs(body.get("contained"))
        if f"#{resource.get('id')}" == reference(held)
    ]
    names = [text(name.get("name")) for device in inside for name in objs(device.get("deviceName"))]
    return " ".join(
        (text(held.get("display")), *names, *(concept_of(device.get("type")).label for device in inside))
    )


def _refusal(reason: Reason, result: Measurement, where: ScoreSite | None = None) -> Rejected:
    site, side = (where.site, where.side) if where else named_site(result)
    if site is Site.FEMUR_REGION_UNKNOWN:
        site = None  # it may be the part that decides
    return Rejected(reason, T_SCORE, result.evidence, site, side, result.on)


def _unmapped(result: Measurement) -> Rejected | None:
    """A result that calls itself a T-score, or is spelled like one, and has no code that can be relied on."""
    if result.grouped and result.value[1] is None:
        return None
    withdrawn = result.standing is Standing.WITHDRAWN
    if is_density(result):
        return None if withdrawn else _density_problem(result)
    label = label_of(result)
    if _says_what_it_is(result.code) and not (words.label_names_t_score(label) and words.site(label)):
        return None
    named = (
        result.code.names("score") or says_t_score(obj(result.value[1])) or words.label_names_t_score(label)
    )
    spelled = spelled_as_t_score(result.code) or (
        bmd_site(result.code) is not None and words.site(label) is not None
    )
    density = words.label_names_density(label) and _below_zero(result) and not _is_share(result)
    doubtful = _nameless(result) or _part_of_scan(result, label)
    if not (named or spelled or density or doubtful) or _another_scale(result, label):
        return None
    unlisted = Reason.UNKNOWN_CODE if result.code.written else Reason.UNCODED
    return _refusal(Reason.WITHDRAWN if withdrawn else unlisted, result)


@lru_cache(CONCEPTS)
def _says_what_it_is(code: Concept) -> bool:
    """Whether its code says what it is: any of LOINC does, and what is no T-score under a listed one."""
    return any(c.system == LOINC for c in code.codes) or any(map(code.names, _OTHER_SUBJECTS))


def _is_share(result: Measurement) -> bool:
    """Whether it counts per cent: a change since the last scan."""
    value = obj(result.value[1])
    return "%" in {text(value.get("code")), text(value.get("unit"))}


def _nameless(result: Measurement) -> bool:
    """An imaging result with a house code, without words: its number may be a T-score, or it has none."""
    # A house code tells nothing to anybody else. A number of imaging that could be the deciding score is
    # named rather than passed over, and a human looks at it once.
    can_be = value_problem(result) is None or result.value[1] is None
    return not result.code.label and bool(result.categories & SCANNED) and can_be


def _part_of_scan(result: Measurement, label: str) -> bool:
    """A part of a DXA panel that names spine or hip and no unit, with a number that a T-score can be."""
    panel = any(resembles(group.code, "report") and group.body.get("component") for group in result.groups)
    region = words.site(label) in CENTRAL or len(vertebrae(label)) > 1
    bare = panel and region and not obj(result.value[1]).get("unit")
    return bare and not words.label_names_density(label) and value_problem(result) is None


def _another_scale(result: Measurement, label: str) -> bool:
    """Whether it may be a questionnaire's or test's T-score (mean 50): such a number, no word of bone."""
    value = number(obj(result.value[1]).get("value"))
    bone = words.site(label) or words.label_names_density(label) or spelled_as_t_score(result.code)
    return value is not None and value > _OF_BONE and not bone


def _density_problem(result: Measurement) -> Rejected | None:
    """A bone density that counts standard deviations, or is below zero, or that nobody can read."""
    if _looks_like_t_score(result):
        return _refusal(Reason.CODES_DISAGREE, result)
    if not result.grouped and number(obj(result.value[1]).get("value")) is None:
        return _refusal(Reason.UNREADABLE, result)
    return None


def is_density(result: Measurement) -> bool:
    """Whether its code is one of bone density or of a Z-score."""
    return bool(result.code.names("dxa"))


def _looks_like_t_score(result: Measurement) -> bool:
    # A mass per area is never below zero: T-scores were seen under the codes of density.
    density = any((c.system, c.key) in concept_map("bmd-codes") for c in result.code.codes)
    return says_t_score(obj(result.value[1])) or (density and _below_zero(result))


def _below_zero(result: Measurement) -> bool:
    value = number(obj(result.value[1]).get("value"))
    return value is not None and value < 0


def coded_as_t_score(result: Measurement) -> bool:
    """Whether its code is one of T-scores."""
    return is_score_code(result.code)


def is_panel(result: Measurement) -> bool:
    """Whether its code is one of a whole DXA."""
    return bool(result.code.names("report"))


def marked_low(result: Measurement) -> bool:
    """Whether the sender itself marked it as low, by code or in words; what resembles its code warns too."""
    marks = concepts(result.body.get("interpretation"))
    return any(calls_it_low(mark.label) or resembles(mark, "mark") for mark in marks)


def mark_unread(result: Measurement) -> bool:
    """Whether the sender marked it in a way that nobody can read."""
    return any(map(_is_unreadable, listed(result.body.get("interpretation"))))


def _is_unreadable(said: object) -> bool:
    """Whether a concept is there, and neither a code nor a word in it."""
    return not says_nothing(said) and not concept_of(said).codes and not has_letter(concept_of(said).label)


def _report(result: Measurement) -> str:
    """The report or panel that names it; the first by reference where there are several."""
    return min((group.evidence for group in result.groups), default="")
