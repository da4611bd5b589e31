"""Everything that a record holds of bone density: the T-scores, and what was seen and not used, each with its reason.

A DXA without a readable T-score is never silence: a report in words or as a file, bone density or Z-scores alone, and a
result that a report names and that is not there, are each refused by name on the day of their study. Beside a readable
T-score of the same study they are nothing to ask about.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from adapter.clinical.model import BoneDensity, LowBoneSign, Reason, Rejected, Side, Site, Standing, TScore
from mappings.inbound.config import ReadingConfig
from mappings.inbound.densitometry import words
from mappings.inbound.densitometry.densities import densities
from mappings.inbound.densitometry.reports import (
    calls_low,
    day_of_report,
    dxa_reports,
    missing_members,
    unreadable_conclusion,
)
from mappings.inbound.densitometry.sites import CENTRAL, label_of, named_site
from mappings.inbound.densitometry.study_days import MONTH, StudyDay, study_days
from mappings.inbound.densitometry.t_scores import (
    coded_as_t_score,
    is_density,
    is_panel,
    mark_unread,
    marked_low,
    t_score,
)
from mappings.inbound.resources.codings import concept, numbered
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import obj
from mappings.inbound.resources.dates import PossibleDays
from mappings.inbound.resources.observations import Measured, Measurement
from mappings.inbound.resources.refusals import T_SCORE

Report = tuple[SourceResource, PossibleDays | None]
Read = tuple[Measurement, TScore | Rejected]


@dataclass(frozen=True, slots=True)
class Densitometry:
    """The T-scores of a record, what was refused, what else calls the bone low, and the densities."""

    scores: tuple[TScore, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    low_signs: tuple[LowBoneSign, ...] = ()
    densities: tuple[BoneDensity, ...] = ()


def densitometry(
    chart: Compartment, measured: Sequence[Measurement], config: ReadingConfig, on: date
) -> Densitometry:
    """All T-scores, each value once and on the day of its study, and everything that was refused."""
    found = [(one, it) for one in measured if (it := t_score(one, config, on))]
    days = study_days([one for one, _ in found], on)
    read = [(one, _dated(it, day)) for (one, it), day in zip(found, days, strict=True)]
    reports = [(it, _span(day_of_report(it, config.zone), on)) for it in dxa_reports(chart)]
    known = _Known.of(read)
    scores = _each_once(it for _, it in read if isinstance(it, TScore))
    refused = {
        *(it for _, it in read if isinstance(it, Rejected)),
        *_without_t_score(reports, measured, known, on),
        *_incomplete(chart, reports, known),
        *_unreadable_parts(measured),
        *_unread_marks(read),
    }
    signs = sorted(_low_signs(reports, measured), key=lambda sign: sign.evidence)
    dense, unread = densities(measured)
    named = {it.evidence for it in refused}  # as what a T-score was meant by
    refused.update(it for it in unread if it.evidence not in named)
    return Densitometry(tuple(scores), tuple(refused), tuple(signs), dense)


def _dated(found: TScore | Rejected, day: StudyDay | None) -> TScore | Rejected:
    if day is None:
        return found
    if isinstance(found, Rejected):
        return replace(found, on=day.study)
    return replace(found, on=day.measured, earliest=day.earliest)


def _each_once(scores: Iterable[TScore]) -> list[TScore]:
    """A value that came twice counts once, with the first of its sources."""
    found: dict[TScore, TScore] = {}
    for score in sorted(scores, key=_order):
        found.setdefault(replace(score, evidence="", report="", prosthesis=False), score)
    return list(found.values())


def _order(score: TScore) -> tuple[date, Site, Side | str, str, Decimal, str]:
    return score.on, score.site, score.side or "", score.level or "", score.value, score.evidence


@dataclass(frozen=True, slots=True)
class _Known:
    """The studies of which something was read or refused as a T-score: a result beside them is nothing to ask about."""

    days: tuple[date, ...]
    by_group: Mapping[int, tuple[date, ...]]

    @classmethod
    def of(cls, read: Sequence[Read]) -> "_Known":
        central = [(one, it.on) for one, it in read if isinstance(it, Rejected) or it.site in CENTRAL]
        by_group: dict[int, tuple[date, ...]] = {}
        for one, day in central:
            for body in (one.body, *(group.body for group in one.groups)):
                by_group[id(body)] = (*by_group.get(id(body), ()), *((day,) if day else ()))
        return cls(tuple(day for _, day in central if day), by_group)

    def newest_near(self, on: date) -> date:
        """The day to take for a report without any: that of the study of this month, else today."""
        return max((day for day in self.days if on - day <= MONTH), default=on)

    def beside(self, span: PossibleDays | None, bodies: Iterable[object]) -> bool:
        """Whether a readable study can be the one that these days, or these resources, belong to."""
        if any(id(body) in self.by_group for body in bodies):
            return True
        if span is None:
            return False
        slack = MONTH if span.first == span.last else timedelta(0)
        return any(span.first - slack <= day <= span.last + slack for day in self.days)


def _without_t_score(
    reports: Sequence[Report], measured: Sequence[Measurement], known: _Known, on: date
) -> Iterator[Rejected]:
    """What speaks of a DXA whose T-scores nobody could read, on the last day that it can have been."""
    for one in measured:
        if _is_result(one):
            span = _span(one.measured, on)
            if not known.beside(span, (one.body, *(group.body for group in one.groups))):
                site, side = named_site(one)
                yield Rejected(_kind(one), T_SCORE, one.evidence, site, side, span.last if span else None)
    for report, span in reports:
        changed = Reason.MODIFIER_EXTENSION if report.body.get("modifierExtension") else None
        if changed or not known.beside(span, (report.body,)):
            day = span.last if span else known.newest_near(on)
            yield Rejected(changed or Reason.REPORT_ONLY, T_SCORE, report.evidence, on=day)


def _incomplete(chart: Compartment, reports: Sequence[Report], known: _Known) -> Iterator[Rejected]:
    """Reports that name a result which is not there, or end in an unreadable conclusion, on the newest of their days."""
    for report, span in reports:
        missing = Reason.MEMBER_MISSING if missing_members(chart, report) else None
        if reason := missing or (Reason.UNREADABLE if unreadable_conclusion(report.body) else None):
            days = (*known.by_group.get(id(report.body), ()), *((span.last,) if span else ()))
            yield Rejected(reason, T_SCORE, report.evidence, on=max(days, default=None))


def _unreadable_parts(measured: Sequence[Measurement]) -> Iterator[Rejected]:
    """Components of a bone density result that do not even say what they are."""
    for one in measured:
        parts = one.body.get("component")
        if not parts or not (is_density(one) or coded_as_t_score(one) or is_panel(one)):
            continue
        held = parts if isinstance(parts, list) else [parts]
        if any(not _says_what_it_is(part) for part in held) and one.standing is not Standing.WITHDRAWN:
            yield Rejected(Reason.UNREADABLE, T_SCORE, one.evidence, on=one.on)


def _unread_marks(read: Sequence[Read]) -> Iterator[Rejected]:
    """A score with a mark that nobody can read: it may call the bone low."""
    for one, it in read:
        if isinstance(it, TScore) and mark_unread(one):
            yield Rejected(Reason.UNREADABLE, T_SCORE, it.evidence, it.site, it.side, it.on)


def _says_what_it_is(part: object) -> bool:
    said = concept(obj(part).get("code"))
    return bool(said.written or said.label)


def _span(measured: Measured | None, on: date) -> PossibleDays | None:
    """The days that a result can be of, none of them after today unless all are."""
    if measured is None:
        return None
    first, last = measured.days.first, measured.days.last
    return PossibleDays(first, max(first, min(last, on)))


def _is_result(one: Measurement) -> bool:
    """Bone density or a Z-score, by its code or in words; a panel is looked at as a report."""
    if one.standing is Standing.WITHDRAWN or one.another_person:
        return False
    if is_density(one) or numbered(one.code, "dxa"):
        return True
    said = one.value[1]
    return words.label_names_density(label_of(one)) or words.calls_itself_t_score(
        said if isinstance(said, str) else ""
    )


def _kind(one: Measurement) -> Reason:
    if one.body.get("modifierExtension"):
        return Reason.MODIFIER_EXTENSION
    names = one.code.names("dxa")
    if "z-score" in names:
        return Reason.Z_SCORE_ONLY
    return Reason.DENSITY_ONLY if "bmd" in names or one.value[0] == "Quantity" else Reason.REPORT_ONLY


def _low_signs(reports: Sequence[Report], measured: Sequence[Measurement]) -> Iterator[LowBoneSign]:
    """Results that the sender marked as low, and reports that speak of low bone mass (C-64)."""
    for one in measured:
        if (is_density(one) or coded_as_t_score(one)) and marked_low(one) and not one.problem(date.max):
            yield LowBoneSign(one.on, one.evidence)
    for report, span in reports:
        if calls_low(report.body):
            yield LowBoneSign(span.first if span else None, report.evidence)
