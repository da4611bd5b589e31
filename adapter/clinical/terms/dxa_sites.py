"""Terms about where a scan measured: a region left out, an unnamed part, a prosthesis or metal in the way."""

from collections.abc import Mapping

from adapter.clinical.case import PatientOnDay, Term, evidence_of
from adapter.clinical.kinds import HIP_SITES
from adapter.clinical.model import Procedure, Side, Site, TScore
from adapter.clinical.quantities import Unit
from adapter.clinical.terms.dxa import scores


def _never_measured(*sites: Site) -> Term:
    """Whether no study of this patient measured a region, while the deciding one has others (C-62)."""

    def value(case: PatientOnDay) -> bool:
        every = case.record.t_scores
        return bool(case.study.scores) and not any(s.site in sites for s in every) and not case.study.unusable

    return Term(value, scores, f"no study measured {', '.join(sites)}")


REPLACED = {
    Procedure.HIP_REPLACEMENT_LEFT: Side.LEFT,
    Procedure.HIP_REPLACEMENT_RIGHT: Side.RIGHT,
    Procedure.HIP_REPLACEMENT: None,
}


def _prosthetic(case: PatientOnDay) -> list[TScore]:
    """Hip scores of the deciding study at a side where a prosthesis is, or may be."""
    sides = {REPLACED[p] for p in case.record.procedures if p in REPLACED}

    def may_be(score: TScore) -> bool:
        return bool(sides) and (None in sides or score.side is None or score.side in sides)

    return [s for s in case.study.scores if s.prosthesis or (s.site in HIP_SITES and may_be(s))]


def _spine_beside_metal(case: PatientOnDay) -> list[TScore]:
    """Scores of the lumbar spine in the deciding study of a patient with metal there."""
    metal = Procedure.LUMBAR_FIXATION in case.record.procedures
    return [s for s in case.study.scores if metal and s.site is Site.LUMBAR_SPINE]


def _unnamed_femur(case: PatientOnDay) -> list[TScore]:
    """Scores of a femur without its part, too late to be surely of another study than the deciding one."""
    start, days = case.study.on, case.parameters["one_study_within_days"]
    return [
        s
        for s in case.record.t_scores
        if s.site is Site.FEMUR_REGION_UNKNOWN and start is not None and (start - s.on).days <= days
    ]


TERMS: Mapping[str, Term] = {
    "hip_measured": Term(
        lambda c: any(s.site in HIP_SITES for s in c.study.scores),
        scores,
        "the deciding study has a value of the hip",
    ),
    "hip_never_measured": _never_measured(*HIP_SITES),
    "spine_never_measured": _never_measured(Site.LUMBAR_SPINE),
    "unnamed_femur_t": Term(
        lambda c: min([s.value for s in _unnamed_femur(c)], default=None),
        lambda c: evidence_of(_unnamed_femur(c)),
        "lowest score of a femur whose part nobody names, of the deciding study or later",
        unit=Unit.STANDARD_DEVIATIONS,
    ),
    "spine_may_hold_metal": Term(
        lambda c: bool(_spine_beside_metal(c)),
        lambda c: evidence_of(_spine_beside_metal(c)) + c.noted("procedures"),
        "metal in the lumbar spine is on record, and the spine was measured",
    ),
    "hip_may_be_prosthesis": Term(
        lambda c: bool(_prosthetic(c)),
        lambda c: evidence_of(_prosthetic(c)) + c.noted("procedures"),
        "a measured hip",
    ),
    "deciding_hip_may_be_prosthesis": Term(
        lambda c: c.study.deciding in _prosthetic(c),
        lambda c: evidence_of(_prosthetic(c)) + c.noted("procedures"),
        "the hip that decides",
    ),
}
