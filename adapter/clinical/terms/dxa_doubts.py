"""Terms about doubts of a scan: refused, contradictory, too old, or measuring less than an earlier one."""

from collections.abc import Mapping

from adapter.clinical.case import UNREAD, PatientOnDay, Term, evidence_of
from adapter.clinical.kinds import HIP_SITES
from adapter.clinical.model import (
    BoneDensity,
    Certainty,
    ConditionKind,
    LowBoneSign,
    Reason,
    Rejected,
    Site,
    TScore,
)
from adapter.clinical.quantities import Unit
from adapter.clinical.study import NO_STUDY, REPLACEABLE, T_SCORE
from adapter.clinical.terms.dxa import lowest, scores, vertebra_on_vfa

# What shows that a scan was made, and not that anybody saw a T-score of it.
NO_SCORE = frozenset({Reason.REPORT_ONLY, Reason.DENSITY_ONLY, Reason.Z_SCORE_ONLY, Reason.MEMBER_MISSING})


def _sign_suspect(case: PatientOnDay) -> bool:
    """A high positive score that does not fit the rest (C-05, C-64); it is queried, never flipped."""
    limits, scores = case.parameters["sign_suspect"], case.study.scores
    if not scores:
        return False
    highest, lowest = scores[-1].value, scores[0].value
    apart = (
        len(scores) > 1 and highest >= limits["at_or_above"] and lowest <= limits["other_site_at_or_below"]
    )
    treated = highest >= limits["at_or_above"] and bool(case.courses)
    clue = highest > limits["beside_a_clue_above"] and _clue_of_low_bone(case)
    return apart or treated or clue or bool(_low_densities(case))


def _low_densities(case: PatientOnDay) -> list[BoneDensity | Rejected]:
    """Densities that are, or may be, too low for the high score beside them at the same site."""
    if not case.record.densities and not case.record.rejected:
        return []
    high = case.parameters["sign_suspect"]["beside_a_clue_above"]
    scores = [s for s in case.study.shown if s.value > high]
    unread = [r for r in case.record.rejected if r.concerns == "density" and r.reason not in NO_STUDY]
    return [
        *(d for d in case.record.densities if any(_contradicts(d, s, case) for s in scores)),
        *(r for r in unread if any(_beside(r, s, case) for s in scores)),
    ]


def _contradicts(density: BoneDensity, score: TScore, case: PatientOnDay) -> bool:
    limits = case.parameters["density_contradicts_at_most_g_cm2"]
    sites = HIP_SITES if density.site is Site.FEMUR_REGION_UNKNOWN else (density.site,)
    limit = min([limits[site] for site in sites if site in limits], default=None)
    return limit is not None and density.g_cm2 <= limit and _beside(density, score, case)


def _beside(density: BoneDensity | Rejected, score: TScore, case: PatientOnDay) -> bool:
    """Whether a density is, or may be, of the same study, site and side as a score."""
    apart = abs((density.on - score.on).days) if density.on else 0
    sites = (
        HIP_SITES if density.site is Site.FEMUR_REGION_UNKNOWN else (density.site, Site.FEMUR_REGION_UNKNOWN)
    )
    one_site = density.site is None or score.site in sites
    one_side = density.side is None or score.side is None or density.side is score.side
    return one_site and one_side and apart <= case.parameters["one_study_within_days"]


def _clue_of_low_bone(case: PatientOnDay) -> bool:
    """Whatever else says that the bone is low: a diagnosis, a fragility fracture, the report itself."""
    diagnosis = any(
        c.certainty is Certainty.CONFIRMED for c in case.conditions.get(ConditionKind.OSTEOPOROSIS, ())
    )
    broken = any(f.low_energy is not False for f in case.fractures) or vertebra_on_vfa(case)
    return diagnosis or broken or bool(_low_signs(case)) or _problem_unread(case)


def _problem_unread(case: PatientOnDay) -> bool:
    """A problem that nobody could read may be a diagnosis or a fracture (C-70)."""
    return any(refusal.concerns in UNREAD["fractures"] for refusal in case.refused)


def _low_signs(case: PatientOnDay) -> list[LowBoneSign]:
    """What calls the bone low in the deciding study, later, or on a day that nobody knows."""
    start = case.study.on
    signs = case.record.low_bone_signs
    days = case.parameters["one_study_within_days"]
    return [sign for sign in signs if not (sign.on and start) or (start - sign.on).days <= days]


def _lower_elsewhere(case: PatientOnDay) -> list[TScore]:
    """Lower scores of recent studies at decisive sites that the deciding study leaves out (C-62)."""
    least, earlier = lowest(case), case.study.earlier
    if least is None or not earlier:
        return []
    measured = {s.site for s in case.study.scores}
    return [s for s in earlier if s.site not in measured and s.value < least and case.recent(s.on, "dxa")]


def _unread_elsewhere(case: PatientOnDay) -> list[Rejected]:
    """Refused scores of recent studies before the deciding one, at sites that this one leaves out (C-62)."""
    start, measured = case.study.on, {s.site for s in case.study.scores}
    return [
        r
        for r in case.record.rejected
        if r.concerns == T_SCORE
        and r.reason not in NO_STUDY
        and r.site not in measured
        and (r.site is None or r.site in case.parameters["decisive_sites"])
        and start is not None
        and r.on is not None
        and r.on < start
        and case.recent(r.on, "dxa")
    ]


def _refused_earlier(case: PatientOnDay) -> list[Rejected]:
    """Refused scores of earlier studies at decisive sites; a report without a score tells of none (C-50)."""
    start, decisive = case.study.on, case.parameters["decisive_sites"]
    if start is None:
        return []
    known = {(s.on, s.site, s.side) for s in case.study.earlier}
    return [
        r
        for r in case.record.rejected
        if r.concerns == T_SCORE
        and r.reason not in NO_STUDY | NO_SCORE
        and (r.site is None or r.site in decisive)
        and r.on is not None
        and r.on < start
        and not (r.reason in REPLACEABLE and (r.on, r.site, r.side) in known)
    ]


def _unread_beside(case: PatientOnDay) -> list[Rejected]:
    """Refused scores without a day, or of a day so near that they may belong to the deciding study."""
    study = case.study
    return [
        r for r in study.unusable if study.scores and r.reason not in NO_STUDY | NO_SCORE and r.on != study.on
    ]


def _may_conflict(case: PatientOnDay) -> list[Rejected]:
    """Refused scores that may contradict one that was read (C-50).

    They are of its site, side and day, or of no known site.
    """
    study = case.study
    return [
        r
        for r in study.unusable
        if r.reason not in NO_STUDY | NO_SCORE
        and r.on in {study.on, None}
        and any(
            r.site in {s.site, None} and (r.side is None or s.side in {None, r.side}) for s in study.scores
        )
    ]


def _refused_term(*reasons: Reason) -> Term:
    return Term(
        lambda c: any(r.reason in reasons for r in c.study.unusable),
        lambda c: evidence_of(r for r in c.study.unusable if r.reason in reasons),
        f"a T-score was refused: {', '.join(reasons)}",
    )


TERMS: Mapping[str, Term] = {
    "sign_suspect": Term(
        _sign_suspect,
        lambda c: scores(c) + evidence_of(_low_densities(c)),
        "a high positive score that does not fit the rest",
    ),
    "newer_study_unreadable": Term(
        lambda c: bool(c.study.newer),
        lambda c: evidence_of(c.study.newer),
        "a study after all readable ones (C-62)",
    ),
    "newer_study_on": Term(
        lambda c: max([r.on for r in c.study.newer if r.on], default=None),
        lambda c: evidence_of(c.study.newer),
        "its day",
    ),
    "dxa_outdated": Term(
        lambda c: c.study.on is not None and not c.recent(c.study.on, "dxa"),
        scores,
        "too old for today (C-60)",
    ),
    "study_on": Term(lambda c: c.study.on, scores, "the day of the deciding study"),
    "study_day_guessed": Term(
        lambda c: any(s.earliest for s in c.study.scores) or bool(_unread_beside(c)),
        lambda c: scores(c) + evidence_of(_unread_beside(c)),
        "it, or a score that cannot be read, may be part of another study (C-61)",
    ),
    "lower_at_another_site": Term(
        lambda c: bool(_lower_elsewhere(c)),
        lambda c: evidence_of(_lower_elsewhere(c)),
        "an earlier study measured a lower value at a site that the deciding one leaves out (C-62)",
    ),
    "earlier_score_unread": Term(
        lambda c: bool(_unread_elsewhere(c)),
        lambda c: evidence_of(_unread_elsewhere(c)),
        "a recent earlier study may have measured a site that the deciding one leaves out, and cannot be read",
    ),
    "earlier_score_refused": Term(
        lambda c: bool(_refused_earlier(c)),
        lambda c: evidence_of(_refused_earlier(c)),
        "an earlier T-score at a site that decides cannot be read",
    ),
    "lower_value": Term(
        lambda c: min([s.value for s in _lower_elsewhere(c)], default=None),
        lambda c: evidence_of(_lower_elsewhere(c)),
        "that value",
        unit=Unit.STANDARD_DEVIATIONS,
    ),
    "called_low": Term(
        lambda c: bool(_low_signs(c)),
        lambda c: evidence_of(_low_signs(c)),
        "a report, an interpretation or a density calls the bone low",
    ),
    "called_osteoporosis": Term(
        lambda c: any(sign.osteoporosis for sign in _low_signs(c)),
        lambda c: evidence_of(sign for sign in _low_signs(c) if sign.osteoporosis),
        "a report calls it osteoporosis",
    ),
    "t_score_may_conflict": Term(
        lambda c: bool(_may_conflict(c)),
        lambda c: scores(c) + evidence_of(_may_conflict(c)),
        "a value of the same site and day cannot be read",
    ),
    "t_score_unusable": Term(
        lambda c: bool(c.study.unusable),
        lambda c: evidence_of(c.study.unusable),
        "a decisive site has no valid value",
    ),
    "t_score_not_numeric": _refused_term(Reason.NON_NUMERIC),
    "t_score_unit_wrong": _refused_term(Reason.UNIT_MISMATCH),
}
