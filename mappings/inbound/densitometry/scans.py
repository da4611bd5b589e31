"""All bone density of a record: the T-scores, and each input that was not used, with its reason.

A DXA without a readable T-score is never silence: a report in words or as a file, bone density or Z-scores
alone, and a result that a report names and that is not there, are each refused by name on the day of their
study. Beside a readable T-score of the same study they are nothing to ask about.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from adapter.clinical.model import BoneDensity, LowBoneSign, Reason, Rejected, Side, Site, Standing, TScore
from adapter.read_only import read_only
from mappings.inbound.config import RecordReading
from mappings.inbound.densitometry import words
from mappings.inbound.densitometry.densities import densities, may_be_density
from mappings.inbound.densitometry.low_bone import calls_it_low, tells_low_density
from mappings.inbound.densitometry.reports import (
    calls_low,
    calls_osteoporosis,
    days_of_report,
    dxa_reports,
)
from mappings.inbound.densitometry.score_gaps import (
    Read,
    Report,
    is_result,
    may_be_result,
    possible_days,
    score_gaps,
)
from mappings.inbound.densitometry.sites import label_of
from mappings.inbound.densitometry.study_days import StudyDay, study_days
from mappings.inbound.densitometry.t_scores import (
    coded_as_t_score,
    is_density,
    is_panel,
    mark_unread,
    marked_low,
    may_be_t_score,
    t_score,
)
from mappings.inbound.resources.codings import concept_of
from mappings.inbound.resources.compartment import Compartment
from mappings.inbound.resources.datatypes import obj, objs, text
from mappings.inbound.resources.measurement_kind import MeasurementKind
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.refusals import T_SCORE

# A T-score without its sources.
_Value = tuple[Site, Decimal, date, Side | None, Standing, str | None, bool, date | None]


@read_only
class Densitometry:
    """The T-scores of a record, what was refused, what else calls the bone low, and the densities."""

    scores: tuple[TScore, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    low_signs: tuple[LowBoneSign, ...] = ()
    densities: tuple[BoneDensity, ...] = ()


def may_be_of_scan(kind: MeasurementKind) -> bool:
    """Whether a measurement of this kind can be one of a scan, or the panel of one."""
    panel = bool(kind.code.names("report"))
    return panel or may_be_t_score(kind) or may_be_result(kind) or may_be_density(kind)


def densitometry(
    chart: Compartment, measured: Sequence[Measurement], config: RecordReading, on: date
) -> Densitometry:
    """All T-scores, each value once and on the day of its study, and everything that was refused."""
    found = [(result, it) for result in measured if (it := t_score(result, config, on))]
    days = study_days([one for one, _ in found], on)
    read = [(one, _dated(it, day)) for (one, it), day in zip(found, days, strict=True)]
    reports = [
        (report, possible_days(days_of_report(report, config.zone), on)) for report in dxa_reports(chart)
    ]
    scores = _each_once(it for _, it in read if isinstance(it, TScore))
    refused = {
        *(it for _, it in read if isinstance(it, Rejected)),
        *score_gaps(chart, reports, measured, read, on, config.limits),
        *_unreadable_parts(measured),
        *_unread_marks(read),
    }
    signs = sorted(_low_signs(reports, measured), key=lambda sign: sign.evidence)
    dense, unread = densities(measured)
    named = {refusal.evidence for refusal in refused}  # as what a T-score was meant by
    refused.update(refusal for refusal in unread if refusal.evidence not in named)
    return Densitometry(tuple(scores), tuple(refused), tuple(signs), dense)


def _dated(found: TScore | Rejected, day: StudyDay | None) -> TScore | Rejected:
    if day is None:
        return found
    if isinstance(found, Rejected):
        return replace(found, on=day.study)
    if (found.on, found.earliest) == (day.measured, day.earliest):
        return found
    return replace(found, on=day.measured, earliest=day.earliest)


def _each_once(scores: Iterable[TScore]) -> list[TScore]:
    """A value that came twice counts once, with the first of its sources."""
    found: dict[_Value, TScore] = {}
    for score in sorted(scores, key=_order):
        value = (
            score.site,
            score.value,
            score.on,
            score.side,
            score.standing,
            score.level,
            score.site_assumed,
            score.earliest,
        )
        found.setdefault(value, score)
    return list(found.values())


def _order(score: TScore) -> tuple[date, Site, Side | str, str, Decimal, str]:
    return score.on, score.site, score.side or "", score.level or "", score.value, score.evidence


def _unreadable_parts(measured: Sequence[Measurement]) -> Iterator[Rejected]:
    """Components of a bone density result that do not even say what they are."""
    for result in measured:
        parts = result.body.get("component")
        if not parts or not (is_density(result) or coded_as_t_score(result) or is_panel(result)):
            continue
        held = parts if isinstance(parts, list) else [parts]
        if any(not _says_what_it_is(part) for part in held) and result.standing is not Standing.WITHDRAWN:
            yield Rejected(Reason.UNREADABLE, T_SCORE, result.evidence, on=result.on)


def _unread_marks(read: Sequence[Read]) -> Iterator[Rejected]:
    """A score with an unreadable mark, which may call the bone low, or with a note that doubts it."""
    for one, it in read:
        if isinstance(it, TScore) and (mark_unread(one) or any(map(words.doubts_value, _notes(one)))):
            yield Rejected(Reason.UNREADABLE, T_SCORE, it.evidence, it.site, it.side, it.on)


def _notes(result: Measurement) -> Iterator[str]:
    return (text(note.get("text")) for note in objs(result.body.get("note")))


def _says_what_it_is(part: object) -> bool:
    said = concept_of(obj(part).get("code"))
    return bool(said.written or said.label)


def _low_signs(reports: Sequence[Report], measured: Sequence[Measurement]) -> Iterator[LowBoneSign]:
    """Results that the sender marked as low, and reports that speak of low bone mass (C-64)."""
    for result in measured:
        if _calls_low(result):
            yield LowBoneSign(result.on, result.evidence)
    for report, span in reports:
        if calls_low(report.body):
            porosis = calls_osteoporosis(report.body)
            yield LowBoneSign(span.first if span else None, report.evidence, porosis)


def _calls_low(result: Measurement) -> bool:
    """By a mark on a number, or where there is no number in words, as its value or its name."""
    if (
        (is_density(result) or coded_as_t_score(result))
        and marked_low(result)
        and not result.problem(date.max)
    ):
        return True
    if result.value[0] == "Quantity" or not is_result(result):
        return False
    said = result.value[1] if isinstance(result.value[1], str) else concept_of(result.value[1]).label
    return calls_it_low(said) or tells_low_density(label_of(result))
