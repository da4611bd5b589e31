"""Terms about the scan: the deciding T-score, doubts about it, earlier studies, VFA."""

import itertools
from decimal import Decimal

from adapter.clinical.case import Case, Evidence, Term, evidence_of, present
from adapter.clinical.classify import rounding_changes
from adapter.clinical.model import (
    Certainty,
    ConditionKind,
    LowBoneSign,
    Procedure,
    Reason,
    Side,
    Site,
    Standing,
    TScore,
    Vfa,
)
from adapter.clinical.study import T_SCORE

HIP = (Site.FEMORAL_NECK, Site.TOTAL_HIP, Site.FEMUR_REGION_UNKNOWN)
LUMBAR = ("L1", "L2", "L3", "L4")
VERTEBRA = Site.SINGLE_VERTEBRA


def scores(case: Case) -> Evidence:
    """The scores of the deciding study."""
    return evidence_of(case.study.shown)


def _lowest(case: Case) -> Decimal | None:
    return case.study.deciding.value if case.study.deciding else None


def _highest(case: Case) -> Decimal | None:
    return case.study.scores[-1].value if case.study.scores else None


def _earlier_lowest(case: Case) -> Decimal | None:
    return min([s.value for s in case.study.earlier], default=None)


def _elsewhere(case: Case) -> list[TScore]:
    decisive = case.parameters["decisive_sites"]
    return [s for s in case.record.t_scores if s.site not in decisive]


def _sign_suspect(case: Case) -> bool:
    """A high positive score that does not fit the rest (C-05, C-64); it is queried, never flipped."""
    limits, scores = case.parameters["sign_suspect"], case.study.scores
    if not scores:
        return False
    highest, lowest = scores[-1].value, scores[0].value
    apart = (
        len(scores) > 1 and highest >= limits["at_or_above"] and lowest <= limits["other_site_at_or_below"]
    )
    treated = highest >= limits["at_or_above"] and bool(case.courses)
    return apart or treated or (highest > limits["beside_a_clue_above"] and _clue_of_low_bone(case))


def _clue_of_low_bone(case: Case) -> bool:
    """Whatever else says that the bone is low: a diagnosis, a fragility fracture, the report itself."""
    diagnosis = any(
        c.certainty is Certainty.CONFIRMED for c in case.conditions.get(ConditionKind.OSTEOPOROSIS, ())
    )
    broken = any(f.low_energy is True for f in case.fractures) or vertebra_on_vfa(case)
    return diagnosis or broken or bool(_low_signs(case))


def vertebra_on_vfa(case: Case) -> bool:
    """A vertebra of a counting grade on VFA."""
    return any(grade in case.parameters["vfa_counting_grades"] for grade in _grades(case))


def _low_signs(case: Case) -> list[LowBoneSign]:
    """What calls the bone low in the deciding study, later, or on a day that nobody knows."""
    start = case.study.on
    signs = case.record.low_bone_signs
    days = int(case.parameters["one_study_within_days"])
    return [it for it in signs if not (it.on and start) or (start - it.on).days <= days]


def _lower_elsewhere(case: Case) -> list[TScore]:
    """Lower scores of recent studies at decisive sites that the deciding study leaves out (C-62)."""
    lowest, measured = _lowest(case), {s.site for s in case.study.scores}
    return [
        s
        for s in case.study.earlier
        if lowest is not None and s.site not in measured and s.value < lowest and case.recent(s.on, "dxa")
    ]


def _never_measured(*sites: Site) -> Term:
    """Of a region that no study of this patient measured, while another was (C-62)."""

    def value(case: Case) -> bool:
        every = case.record.t_scores
        return bool(case.study.scores) and not any(s.site in sites for s in every) and not case.study.unusable

    return Term(value, scores, f"no study measured {', '.join(sites)}")


REPLACED = {
    Procedure.HIP_REPLACEMENT_LEFT: Side.LEFT,
    Procedure.HIP_REPLACEMENT_RIGHT: Side.RIGHT,
    Procedure.HIP_REPLACEMENT: None,
}


def _prosthetic(case: Case) -> list[TScore]:
    """Hip scores of the deciding study at a side where a prosthesis is, or may be."""
    sides = {REPLACED[p] for p in case.record.procedures if p in REPLACED}

    def may_be(score: TScore) -> bool:
        return bool(sides) and (None in sides or score.side is None or score.side in sides)

    return [s for s in case.study.scores if s.prosthesis or (s.site in HIP and may_be(s))]


def _rounding_changes_class(case: Case) -> bool:
    score = case.study.deciding
    return score is not None and rounding_changes(score.value, case.parameters)


def _neighbours_differ(case: Case) -> bool:
    """Two neighbouring lumbar vertebrae more than the limit apart (GL-55)."""
    vertebrae = [s for s in case.study.shown if s.site is VERTEBRA]
    levels = {s.level: s.value for s in vertebrae if s.level in LUMBAR}
    if len(levels) < 2:
        return False
    pairs = itertools.pairwise(LUMBAR)
    limit = case.parameters["spine_artifact_difference_above"]
    return any(a in levels and b in levels and abs(levels[a] - levels[b]) > limit for a, b in pairs)


def _lumbar_vfa(case: Case) -> bool:
    counting = case.parameters["vfa_counting_grades"]
    found = case.record.vfa.fractures if case.record.vfa else ()
    return any(f.grade in counting and f.level in LUMBAR for f in found)


def vfa_is_current(case: Case) -> bool:
    """A VFA was performed, not too long ago to tell about today (C-60)."""
    return case.record.vfa is not None and case.recent(case.record.vfa.on, "vfa")


def _grades(case: Case) -> tuple[int, ...]:
    return tuple(sorted(f.grade for f in case.record.vfa.fractures)) if case.record.vfa else ()


def _refused(*reasons: Reason) -> Term:
    return Term(
        lambda c: any(r.reason in reasons for r in c.study.unusable),
        lambda c: evidence_of(r for r in c.study.unusable if r.reason in reasons),
        f"a T-score was refused: {', '.join(reasons)}",
    )


def _any_input(case: Case) -> bool:
    return bool(case.record.t_scores) or any(r.concerns == T_SCORE for r in case.record.rejected)


def vfa(case: Case) -> Evidence:
    """The VFA, where there is one."""
    found: Vfa | None = case.record.vfa
    return (found.evidence,) if found else ()


SCAN: dict[str, Term] = {
    "lowest_t": Term(_lowest, scores, "lowest decisive T-score of the latest study"),
    "highest_t": Term(_highest, scores, "highest decisive T-score of the latest study"),
    "t_score_usable": Term(
        lambda c: c.study.deciding is not None, scores, "at least one decisive, valid T-score"
    ),
    "t_score_received": Term(_any_input, scores, "any T-score arrived, usable or not"),
    "t_score_not_decisive": Term(
        lambda c: bool(_elsewhere(c)),
        lambda c: evidence_of(_elsewhere(c)),
        "a value outside the decisive sites",
    ),
    "t_score_site_assumed": Term(
        lambda c: bool(c.study.deciding and c.study.deciding.site_assumed),
        scores,
        "by the institution's concept map",
    ),
    "t_score_preliminary": Term(
        lambda c: c.study.deciding is not None and c.study.deciding.standing is Standing.PRELIMINARY,
        scores,
        "no valid value, so a preliminary one classifies",
    ),
    "sign_suspect": Term(_sign_suspect, scores, "a high positive score that does not fit the rest"),
    "rounding_changes_class": Term(
        _rounding_changes_class,
        scores,
        "rounding to one decimal would change the class",
    ),
    "vertebrae_differ": Term(_neighbours_differ, scores, "neighbouring vertebrae differ more than the limit"),
}

DOUBTS: dict[str, Term] = {
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
        lambda c: any(s.earliest for s in c.study.scores), scores, "it may be part of another study (C-61)"
    ),
    "lower_at_another_site": Term(
        lambda c: bool(_lower_elsewhere(c)),
        lambda c: evidence_of(_lower_elsewhere(c)),
        "an earlier study measured a lower value at a site that the deciding one leaves out (C-62)",
    ),
    "lower_value": Term(
        lambda c: min([s.value for s in _lower_elsewhere(c)], default=None),
        lambda c: evidence_of(_lower_elsewhere(c)),
        "that value",
    ),
    "hip_never_measured": _never_measured(*HIP),
    "spine_never_measured": _never_measured(Site.LUMBAR_SPINE),
    "called_low": Term(
        lambda c: bool(_low_signs(c)),
        lambda c: evidence_of(_low_signs(c)),
        "a report, an interpretation or a density calls the bone low",
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
    "t_score_unusable": Term(
        lambda c: bool(c.study.unusable),
        lambda c: evidence_of(c.study.unusable),
        "a decisive site has no valid value",
    ),
    "t_score_not_numeric": _refused(Reason.NON_NUMERIC),
    "t_score_unit_wrong": _refused(Reason.UNIT_MISMATCH),
}

CONFLICTS: dict[str, Term] = {
    "t_score_conflict": Term(
        lambda c: bool(c.study.conflicts),
        lambda c: evidence_of(c.study.conflicts),
        "two values, one site and day",
    ),
}

EARLIER: dict[str, Term] = {
    "earlier_lowest_t": Term(
        _earlier_lowest, lambda c: evidence_of(c.study.earlier), "lowest of earlier studies"
    ),
}

VFA: dict[str, Term] = {
    "vfa_performed": Term(vfa_is_current, vfa, "a VFA is on record, not too old to tell about today"),
    "vfa_grade_counts": Term(
        lambda c: present(vertebra_on_vfa(c), vfa_is_current(c)), vfa, "a vertebra of a counting grade on VFA"
    ),
    "several_vertebrae_on_vfa": Term(
        lambda c: (
            [g in c.parameters["vfa_counting_grades"] for g in _grades(c)].count(True)
            >= c.parameters["several_fractures"]
        ),
        vfa,
        "more than one vertebra of a counting grade on VFA",
    ),
    "vfa_grade1_only": Term(
        lambda c: bool(_grades(c)) and set(_grades(c)) == {1}, vfa, "only mild deformities on VFA (C-10)"
    ),
    "vfa_lumbar_fracture": Term(_lumbar_vfa, vfa, "a counting grade inside L1-L4"),
}

TERMS: dict[str, Term] = {**SCAN, **DOUBTS, **CONFLICTS, **EARLIER, **VFA}
