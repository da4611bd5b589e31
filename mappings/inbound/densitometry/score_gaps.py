"""Scans and sites that were measured without a usable T-score: each is refused by name.

A report in words or as a file, bone density or a Z-score alone, a result that a report names and that is not
there, a scan that is known by its Procedure or ImagingStudy only, and words that tell of a lower value than
all numbers. Beside a readable T-score of the same study and region they are nothing to ask about.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from adapter.clinical.calendar import add_months
from adapter.clinical.kinds import HIP_SITES
from adapter.clinical.model import Reason, Rejected, Site, Standing, TScore
from adapter.read_only import read_only
from mappings.inbound.config import ReadingLimits
from mappings.inbound.densitometry import words
from mappings.inbound.densitometry.low_bone import tells_low_density
from mappings.inbound.densitometry.made_scans import is_scan
from mappings.inbound.densitometry.report_text import doubts, lost_words, scores_told, told
from mappings.inbound.densitometry.reports import missing_members, unreadable_conclusion
from mappings.inbound.densitometry.sites import CENTRAL, bmd_site, label_of, named_site
from mappings.inbound.densitometry.study_days import MONTH
from mappings.inbound.densitometry.t_scores import SCANNED, is_density
from mappings.inbound.densitometry.vertebrae import vertebrae
from mappings.inbound.resources.codings import resembles
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.dates import PossibleDays, first_day, performed
from mappings.inbound.resources.measurement_kind import MeasurementKind
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.refusals import T_SCORE
from mappings.valuesets import categories

Report = tuple[SourceResource, PossibleDays | None]
Result = tuple[Measurement, PossibleDays | None]
Read = tuple[Measurement, TScore | Rejected]
_ROUNDED = Decimal("0.05")  # words give one decimal of a score
_ASKED = categories("asked")


def score_gaps(
    chart: Compartment,
    reports: Sequence[Report],
    measured: Sequence[Measurement],
    read: Sequence[Read],
    on: date,
    limits: ReadingLimits,
) -> Iterator[Rejected]:
    """All of them, beside what was read or refused as a T-score."""
    known = _Known.of(read)
    results = [(result, possible_days(result.days, on)) for result in measured if is_result(result)]
    yield from _without_t_score(reports, results, known, on)
    yield from _without_result(chart, reports, known, on, limits)
    yield from _without_total(read)
    yield from _told_lower(reports, results, read)
    yield from _doubted(reports, read)
    yield from _without_report(read)
    yield from _incomplete(chart, reports, known)


@read_only
class _Known:
    """The studies with a T-score, read or refused: nobody is asked about another result of theirs."""

    days: tuple[tuple[date, Site | None], ...]
    by_group: Mapping[int, tuple[tuple[date | None, Site | None], ...]]

    @classmethod
    def of(cls, read: Sequence[Read]) -> "_Known":
        central = [(one, it) for one, it in read if isinstance(it, Rejected) or it.site in CENTRAL]
        by_group: dict[int, tuple[tuple[date | None, Site | None], ...]] = {}
        for one, it in central:
            for body in (one.body, *(group.body for group in one.groups)):
                by_group[id(body)] = (*by_group.get(id(body), ()), (it.on, _region(it.site)))
        return cls(tuple((it.on, _region(it.site)) for _, it in central if it.on), by_group)

    def of_group(self, body: object) -> tuple[date, ...]:
        """The days of what a report names."""
        return tuple(day for day, _ in self.by_group.get(id(body), ()) if day)

    def newest_near(self, on: date) -> date:
        """The day to take for a report without any: that of the study of this month, else today."""
        return max((day for day, _ in self.days if on <= day + MONTH), default=on)

    def has_study_near(
        self, span: PossibleDays | None, bodies: Iterable[object], region: Site | None = None
    ) -> bool:
        """Whether a readable study, of ``region`` if given, may own these days or resources."""

        def same(other: Site | None) -> bool:
            return None in {region, other} or region is other

        if any(same(it) for body in bodies for _, it in self.by_group.get(id(body), ())):
            return True
        return any(_near(span, day) and same(it) for day, it in self.days)


def _near(span: PossibleDays | None, day: date) -> bool:
    if span is None:
        return False
    slack = MONTH if span.first == span.last else timedelta(0)
    return span.first - slack <= day <= span.last + slack


def _region(site: Site | None) -> Site | None:
    """The spine or the hip, where one part stands for the others; an unknown site may be either."""
    return Site.TOTAL_HIP if site in HIP_SITES else site


def _without_t_score(
    reports: Sequence[Report], results: Sequence[Result], known: _Known, on: date
) -> Iterator[Rejected]:
    """What speaks of a DXA whose T-scores nobody could read, on the last day that it can have been."""
    for one, span in results:
        bodies = (one.body, *(group.body for group in one.groups))
        if lost_words(one.body):
            yield Rejected(Reason.UNREADABLE, T_SCORE, one.evidence, on=span.last if span else None)
        elif not known.has_study_near(span, bodies, _measured_region(one)):
            site, side = named_site(one)
            yield Rejected(_kind(one), T_SCORE, one.evidence, site, side, span.last if span else None)
    for report, span in reports:
        changed = Reason.MODIFIER_EXTENSION if report.body.get("modifierExtension") else None
        if changed or not known.has_study_near(span, (report.body,)):
            day = span.last if span else known.newest_near(on)
            yield Rejected(changed or Reason.REPORT_ONLY, T_SCORE, report.evidence, on=day)


def _measured_region(result: Measurement) -> Site | None:
    """Spine or hip of a result without a T-score: a study of the other one says nothing about it."""
    site, coded = named_site(result)[0], bmd_site(result.code)
    region = _region(site or (coded.site if coded else None))
    return region if region in CENTRAL else None


def _without_result(
    chart: Compartment, reports: Sequence[Report], known: _Known, on: date, limits: ReadingLimits
) -> Iterator[Rejected]:
    """Scans that were made of late, and of which neither a report nor a number came."""
    told_of = [span for _, span in reports]
    for entry in (*chart.of("Procedure"), *chart.of("ImagingStudy")):
        if not is_scan(entry):
            continue
        day = performed(entry.body) or first_day(entry.body.get("started")) or known.newest_near(on)
        if not day <= on <= add_months(day, limits.uncoded_months):
            continue
        span = PossibleDays(day, day)
        if not known.has_study_near(span, ()) and not any(it and _near(it, day) for it in told_of):
            yield Rejected(Reason.REPORT_ONLY, T_SCORE, entry.evidence, on=day)


def _without_total(read: Sequence[Read]) -> Iterator[Rejected]:
    """A spine of which only single vertebrae came: it was measured, and one vertebra decides nothing."""
    spine = {it.on for _, it in read if it.site in {Site.LUMBAR_SPINE, None}}
    single = [it for _, it in read if it.site is Site.SINGLE_VERTEBRA and it.on not in spine]
    for day in {score.on for score in single}:
        parts = sorted({score.evidence for score in single if score.on == day})
        if len(parts) > 1:
            yield Rejected(Reason.MEMBER_MISSING, T_SCORE, parts[0], Site.LUMBAR_SPINE, on=day)


def _central(read: Sequence[Read]) -> Iterator[tuple[Measurement, TScore]]:
    """The T-scores of the spine and the hips, each with its Observation."""
    return ((one, it) for one, it in read if isinstance(it, TScore) and it.site in CENTRAL)


def _told_lower(
    reports: Sequence[Report], results: Sequence[Result], read: Sequence[Read]
) -> Iterator[Rejected]:
    """Words with a T-score below every number of their study: a site may have come in words only."""
    scores = [*_central(read)]
    if not scores:
        return
    values = [it.value for _, it in scores]
    worded = [(it.body, it.evidence, span) for it, span in reports]
    worded += [(it.body, it.evidence, span) for it, span in results]
    for body, evidence, span in worded:
        said = scores_told(told(body))
        more = [number for number in said if not any(abs(number - value) <= _ROUNDED for value in values)]
        near = [it for one, it in scores if _near(span, it.on) or _names(body, one)]
        if more and near and min(more) < min(score.value for score in near):
            yield Rejected(Reason.REPORT_ONLY, T_SCORE, evidence, on=max(score.on for score in near))


def _without_report(read: Sequence[Read]) -> Iterator[Rejected]:
    """Scores that stand though their report or panel was withdrawn, and no other of its kind names them."""
    for one, it in _central(read):
        for group in one.withdrawn_groups():
            yield Rejected(Reason.STATUS_UNUSABLE, T_SCORE, group.evidence, it.site, it.side, it.on)


def _doubted(reports: Sequence[Report], read: Sequence[Read]) -> Iterator[Rejected]:
    """Scores of which their own report says that they cannot be relied on."""
    for report, span in reports:
        theirs = [(one, it) for one, it in _central(read) if _near(span, it.on) or _names(report.body, one)]
        for said in doubts(report.body):
            for _, it in theirs:
                if _is_about(said, it):
                    yield Rejected(Reason.UNREADABLE, T_SCORE, report.evidence, it.site, it.side, it.on)


def _is_about(said: str, score: TScore) -> bool:
    """Whether a sentence may mean this score: what it does not say it may mean."""
    site, side, numbers = words.site(said), words.side(said), vertebrae(said)
    region = _region(site) or (Site.LUMBAR_SPINE if numbers else None)
    levels = vertebrae(score.level or "")
    one_side = side is None or score.side is None or side is score.side
    return (
        region in {None, _region(score.site)}
        and one_side
        and not (numbers and levels and numbers.isdisjoint(levels))
    )


def _names(report: object, result: Measurement) -> bool:
    return any(group.body is report for group in result.groups)


def _incomplete(chart: Compartment, reports: Sequence[Report], known: _Known) -> Iterator[Rejected]:
    """Reports, on their newest day, that name a missing result or have an unreadable conclusion."""
    for report, span in reports:
        missing = Reason.MEMBER_MISSING if missing_members(chart, report) else None
        if reason := missing or (Reason.UNREADABLE if unreadable_conclusion(report.body) else None):
            days = (*known.of_group(report.body), *((span.last,) if span else ()))
            yield Rejected(reason, T_SCORE, report.evidence, on=max(days, default=None))


def may_be_result(kind: MeasurementKind) -> bool:
    """Whether it can be bone density or a Z-score, or words about them."""
    if kind.sited or kind.worded or kind.code.names("dxa") or resembles(kind.code, "dxa"):
        return True
    return words.label_names_density(kind.label)


def is_result(result: Measurement) -> bool:
    """Bone density or a Z-score, by its code or in words; a panel is looked at as a report."""
    if result.standing is Standing.WITHDRAWN or result.another_person:
        return False
    if is_density(result) or resembles(result.code, "dxa"):
        return True
    said = result.value[1] if isinstance(result.value[1], str) else ""
    if result.categories & SCANNED and said and lost_words(result.body):
        return True
    if result.categories & _ASKED:
        return False  # an answer of the patient about scans of other days
    named = words.label_names_density(label_of(result))
    return named or words.calls_itself_t_score(said) or tells_low_density(said)


def _kind(result: Measurement) -> Reason:
    if result.body.get("modifierExtension"):
        return Reason.MODIFIER_EXTENSION
    names = result.code.names("dxa")
    if "z-score" in names:
        return Reason.Z_SCORE_ONLY
    return Reason.DENSITY_ONLY if "bmd" in names or result.value[0] == "Quantity" else Reason.REPORT_ONLY


def possible_days(days: PossibleDays | None, on: date) -> PossibleDays | None:
    """The days that a result can be of, none of them after today unless all are."""
    return PossibleDays(days.first, max(days.first, min(days.last, on))) if days else None
