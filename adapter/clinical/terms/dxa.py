"""Terms about the scan: the deciding T-score, doubts about it, earlier studies, VFA."""

import itertools
from collections.abc import Mapping
from decimal import Decimal

from adapter.clinical.case import NO_CHECK, Evidence, PatientOnDay, Term, evidence_of, present
from adapter.clinical.model import (
    Site,
    Standing,
    TScore,
    Vfa,
)
from adapter.clinical.quantities import Unit
from adapter.clinical.study import T_SCORE
from adapter.clinical.terms.rounded_class import rounding_changes

LUMBAR = ("L1", "L2", "L3", "L4")
VERTEBRA = Site.SINGLE_VERTEBRA


def scores(case: PatientOnDay) -> Evidence:
    """The scores of the deciding study."""
    return evidence_of(case.study.shown)


def lowest(case: PatientOnDay) -> Decimal | None:
    """The value that decides."""
    return case.study.deciding.value if case.study.deciding else None


def _highest(case: PatientOnDay) -> Decimal | None:
    return case.study.scores[-1].value if case.study.scores else None


def _earlier_lowest(case: PatientOnDay) -> Decimal | None:
    return min([s.value for s in case.study.earlier], default=None)


def _elsewhere(case: PatientOnDay) -> list[TScore]:
    decisive = case.parameters["decisive_sites"]
    return [s for s in case.record.t_scores if s.site not in decisive]


def vertebra_on_vfa(case: PatientOnDay) -> bool:
    """A vertebra of a counting grade on VFA."""
    return bool(case.vertebrae)


def _rounding_changes_class(case: PatientOnDay) -> bool:
    score = case.study.deciding
    return score is not None and rounding_changes(score, case.parameters)


def _neighbours_differ(case: PatientOnDay) -> bool:
    """Two neighbouring lumbar vertebrae more than the limit apart (GL-55)."""
    vertebrae = [s for s in case.study.shown if s.site is VERTEBRA]
    levels = {s.level: s.value for s in vertebrae if s.level in LUMBAR}
    if len(levels) < 2:
        return False
    pairs = itertools.pairwise(LUMBAR)
    limit = case.parameters["spine_artifact_difference_above"]
    return any(a in levels and b in levels and abs(levels[a] - levels[b]) > limit for a, b in pairs)


def _lumbar_vfa(case: PatientOnDay) -> bool:
    return any(vertebra.level in LUMBAR for vertebra in case.vertebrae)


def vfa_is_current(case: PatientOnDay) -> bool:
    """A VFA was performed not too long ago to tell about today (C-60), with none after it that is unread."""
    found = case.record.vfa
    return found is not None and case.recent(found.on, "vfa") and not _unread_after(found, case)


def _unread_after(found: Vfa, case: PatientOnDay) -> bool:
    """Whether a VFA that nobody could read may be the newer one."""
    unread = [r.on for r in case.refused if r.concerns == "vfa" and r.reason not in NO_CHECK]
    return any(on is None or found.on is None or on >= found.on for on in unread)


def _mild_only(case: PatientOnDay) -> bool:
    found = case.record.vfa
    return found is not None and {fracture.grade for fracture in found.fractures} == {1}


def _any_input(case: PatientOnDay) -> bool:
    return bool(case.record.t_scores) or any(r.concerns == T_SCORE for r in case.record.rejected)


def vfa(case: PatientOnDay) -> Evidence:
    """The VFA, where there is one."""
    found: Vfa | None = case.record.vfa
    return (found.evidence,) if found else ()


SCAN: Mapping[str, Term] = {
    "lowest_t": Term(
        lowest, scores, "lowest decisive T-score of the latest study", unit=Unit.STANDARD_DEVIATIONS
    ),
    "highest_t": Term(
        _highest, scores, "highest decisive T-score of the latest study", unit=Unit.STANDARD_DEVIATIONS
    ),
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
    "rounding_changes_class": Term(
        _rounding_changes_class,
        scores,
        "rounding to one decimal would change the class",
    ),
    "vertebrae_differ": Term(_neighbours_differ, scores, "neighbouring vertebrae differ more than the limit"),
}


CONFLICTS: Mapping[str, Term] = {
    "t_score_conflict": Term(
        lambda c: bool(c.study.conflicts),
        lambda c: evidence_of(c.study.conflicts),
        "two values, one site and day",
    ),
}

EARLIER: Mapping[str, Term] = {
    "earlier_lowest_t": Term(
        _earlier_lowest,
        lambda c: evidence_of(c.study.earlier),
        "lowest of earlier studies",
        unit=Unit.STANDARD_DEVIATIONS,
    ),
}

VFA: Mapping[str, Term] = {
    "vfa_performed": Term(
        vfa_is_current,
        vfa,
        "a VFA is on record, not too old to tell about today, and no unread one came after it",
    ),
    "vfa_grade_counts": Term(
        lambda c: present(vertebra_on_vfa(c), vfa_is_current(c)), vfa, "a vertebra of a counting grade on VFA"
    ),
    "several_vertebrae_on_vfa": Term(
        lambda c: len(c.vertebrae) >= c.parameters["several_fractures"],
        vfa,
        "more than one vertebra of a counting grade on VFA",
    ),
    "vfa_grade1_only": Term(_mild_only, vfa, "only mild deformities on VFA (C-10)"),
    "vfa_lumbar_fracture": Term(_lumbar_vfa, vfa, "a counting grade inside L1-L4"),
}

TERMS: Mapping[str, Term] = {**SCAN, **CONFLICTS, **EARLIER, **VFA}
