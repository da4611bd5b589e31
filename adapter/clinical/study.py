"""From loose T-scores to the study that decides: same day, decisive sites, lowest value, doubts named.

Rules of this file: values are compared as reported (C-41), positive values are queried and
never flipped (C-05), a value that may not classify is still kept and shown (C-06), and only the
latest study decides (C-50).
"""

from calendar import isleap
from collections import defaultdict
from collections.abc import Sequence
from datetime import MAXYEAR, date
from decimal import Decimal
from typing import Final

from adapter.clinical.core_parameters import CoreParameters
from adapter.clinical.model import BoneRecord, Reason, Rejected, Side, Site, Standing, TScore
from adapter.clinical.value_kinds import Number
from adapter.read_only import read_only

T_SCORE: Final = "t_score"
VALID, PRELIMINARY = Standing.VALID, Standing.PRELIMINARY
SITE_ORDER = {site: rank for rank, site in enumerate(Site)}
SIDE_ORDER: dict[Side | None, int] = {side: rank for rank, side in enumerate((None, *Side))}

# Seen in the field: an Observation in this record whose `focus` is the patient's mother.
OF_SOMEBODY_ELSE = frozenset({Reason.WRONG_PATIENT, Reason.ANOTHER_PERSON})
# What was refused for these reasons is no study that somebody made of this patient.
NO_STUDY = OF_SOMEBODY_ELSE | {
    *(Reason.WITHDRAWN, Reason.REFUTED, Reason.NOT_PERFORMED),
    *(Reason.PRELIMINARY_SUPERSEDED, Reason.FUTURE_DATE),
}
REPLACEABLE = frozenset({Reason.WITHDRAWN, Reason.PRELIMINARY_SUPERSEDED, Reason.UNIT_MISMATCH})


@read_only
class Study:
    """The latest DXA study with a usable value, and what stands beside it."""

    on: date | None
    scores: tuple[TScore, ...]  # decisive and valid, lowest first
    shown: tuple[TScore, ...]  # every valid score of that day, decisive or not
    earlier: tuple[TScore, ...]  # decisive and valid, from earlier days
    conflicts: tuple[TScore, ...]  # two values for one site, side and day (C-50)
    unusable: tuple[Rejected, ...]  # T-scores that could not be read or may not be used
    deciding: TScore | None  # the lowest decisive score (C-07, ANT-07)
    newer: tuple[Rejected, ...] = ()  # of a study after all usable ones: then none of these decides (C-62)


def latest_study(record: BoneRecord, parameters: CoreParameters) -> Study:
    """Pick the study that decides; the order of the record's scores does not matter."""
    decisive = parameters["decisive_sites"]
    ranked = sorted(record.t_scores, key=_rank)
    valid = [s for s in ranked if s.standing is VALID]
    usable, kept = [s for s in valid if s.site in decisive], valid
    if not usable:  # a preliminary value is used only when it is all there is (C-50)
        usable = [s for s in ranked if s.standing is PRELIMINARY and s.site in decisive]
        kept = [s for s in ranked if s.standing is VALID or s in usable]
    on = max([s.on for s in usable], default=None)
    newer = _newer(record, decisive, on, parameters["one_study_within_days"])
    if newer:
        unusable = _unusable(record, decisive, usable, [s for s in usable if s.on == on])
        return Study(None, (), (), tuple(usable), (), unusable, None, newer)
    day = on or max([s.on for s in valid], default=None)
    study = _one_study(kept, day, parameters["one_study_within_days"])
    scores = tuple(s for s in usable if s in study)
    return Study(
        on=on,
        scores=scores,
        shown=_each_once(study),
        earlier=tuple(s for s in usable if on is not None and s.on < on and s not in study),
        conflicts=_conflicts(scores),
        unusable=_unusable(record, decisive, usable, scores),
        deciding=scores[0] if scores else None,
    )


def _one_study(ranked: Sequence[TScore], day: date | None, days: Number) -> list[TScore]:
    """The scores of a day and those shortly before it in the same reports; no score is redated (C-61)."""
    reports = {s.report for s in ranked if s.on == day} - {""}
    return [
        s
        for s in ranked
        if s.on == day or (day and s.report in reports and s.on < day and (day - s.on).days <= days)
    ]


def _newer(
    record: BoneRecord, decisive: Sequence[str], on: date | None, days: Number
) -> tuple[Rejected, ...]:
    """Refused T-scores that are too late to belong to the latest usable study."""
    if on is None:
        return ()
    # Seen: a new DXA that was a report only, beside an older normal one: the letter said normal (C-62).
    refused = [r for r in record.rejected if r.concerns == T_SCORE and r.reason not in NO_STUDY]
    return tuple(r for r in refused if _counts(r, decisive) and r.on and (r.on - on).days > days)


Rank = tuple[Decimal, int, int, date, str, str, Standing, bool]


def _rank(score: TScore) -> Rank:
    """A sort key: the value first; the rest makes the order independent of that of the record."""
    site, side = SITE_ORDER[score.site], SIDE_ORDER[score.side]
    return (
        score.value,
        site,
        side,
        score.on,
        score.level or "",
        score.evidence,
        score.standing,
        score.site_assumed,
    )


def _each_once(ranked: Sequence[TScore]) -> tuple[TScore, ...]:
    """A score that was read twice is shown once; equal ones stand together."""
    return tuple([s for index, s in enumerate(ranked) if not index or s != ranked[index - 1]])


def _conflicts(scores: Sequence[TScore]) -> tuple[TScore, ...]:
    """Scores that contradict another one of their site, side and vertebrae; equal values do not."""
    by_site: dict[tuple[Site, Side | None, str | None], list[TScore]] = defaultdict(list)
    for score in scores:
        by_site[score.site, score.side, score.level].append(score)
    return tuple(s for same in by_site.values() if len({t.value for t in same}) > 1 for s in same)


def _unusable(
    record: BoneRecord, decisive: Sequence[str], used: Sequence[TScore], study: Sequence[TScore]
) -> tuple[Rejected, ...]:
    """Refused or preliminary T-scores, not older than the study, of sites without a usable value (C-50)."""
    preliminary = [
        Rejected(Reason.PRELIMINARY_SUPERSEDED, T_SCORE, s.evidence, s.site, s.side, s.on)
        for s in record.t_scores
        if s.standing is not VALID and s not in used
    ]
    refused = [r for r in record.rejected if r.concerns == T_SCORE and r.reason not in OF_SOMEBODY_ELSE]
    if not refused and not preliminary:
        return ()
    on = max((s.on for s in study), default=None)
    current = {(s.site, s.side) for s in study}
    doubtful = [
        r for r in (*refused, *preliminary) if _matters(r, decisive, on) and not _replaced(r, current, on)
    ]
    return tuple(
        sorted(doubtful, key=lambda r: (r.reason, r.site or "", r.side or "", r.on or date.min, r.evidence))
    )


def _counts(refused: Rejected, decisive: Sequence[str]) -> bool:
    return refused.site is None or refused.site in decisive


def _matters(refused: Rejected, decisive: Sequence[str], on: date | None) -> bool:
    return _counts(refused, decisive) and (on is None or refused.on is None or refused.on >= on)


def _replaced(refused: Rejected, current: set[tuple[Site, Side | None]], on: date | None) -> bool:
    """Whether a usable value replaced a withdrawn or preliminary one, or stands beside its density (C-50)."""
    here = refused.on == on and refused.site is not None and (refused.site, refused.side) in current
    return here and refused.reason in REPLACEABLE


def completed_years(born: date | None, on: date | None) -> int | None:
    """Age in completed years; the birthday itself counts (C-14)."""
    if born is None or on is None:
        return None
    # The day is asked of birthdays only, also of the next one: those tell a
    # `ReviewDay` until when the age holds.
    year = date.fromordinal(date.toordinal(on)).year
    had = _birthday(born, year) <= on
    had_next = year < MAXYEAR and _birthday(born, year + 1) <= on
    return year - 1 - born.year + had + had_next


def _birthday(born: date, year: int) -> date:
    """Who was born on 29 February has it on 1 March in most years."""
    leaps = born.day == 29 and born.month == 2 and not isleap(year)
    return date(year, 3, 1) if leaps else born.replace(year=year)
