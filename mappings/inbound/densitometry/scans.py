"""Everything that a record holds of bone density: the T-scores, and what was seen and not used, each with its reason.

A DXA without a readable T-score is never silence: a report in words or as a file, bone density or Z-scores alone, and a
result that a report names and that is not there, are each refused by name on the day of their study. Beside a readable
T-score of the same study they are nothing to ask about.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from adapter.clinical.model import LowBoneSign, Reason, Rejected, Side, Site, Standing, TScore
from mappings.inbound.config import ReadingConfig
from mappings.inbound.densitometry import words
from mappings.inbound.densitometry.reports import calls_low, dxa_reports, missing_members
from mappings.inbound.densitometry.sites import HIP, label_of, named_place
from mappings.inbound.densitometry.study_days import MONTH, StudyDay, study_days
from mappings.inbound.densitometry.t_scores import coded_as_t_score, is_density, marked_low, t_score
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.observations import Measurement, day_of
from mappings.inbound.resources.refusals import T_SCORE
from mappings.valuesets import table

_CENTRAL = HIP | {Site.LUMBAR_SPINE}

Read = tuple[Measurement, TScore | Rejected]


@dataclass(frozen=True, slots=True)
class Densitometry:
    """The T-scores of a record, what was refused, and what else calls the bone low."""

    scores: tuple[TScore, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    low_signs: tuple[LowBoneSign, ...] = ()


def densitometry(
    chart: Compartment, measured: Sequence[Measurement], config: ReadingConfig, on: date
) -> Densitometry:
    """All T-scores, each value once and on the day of its study, and everything that was refused."""
    found = [(one, it) for one in measured if (it := t_score(one, config, on))]
    days = study_days([one for one, _ in found], on)
    read = [(one, _dated(it, day)) for (one, it), day in zip(found, days, strict=True)]
    scores = _each_once(it for _, it in read if isinstance(it, TScore))
    refused = {
        *(it for _, it in read if isinstance(it, Rejected)),
        *_without_t_score(chart, measured, read, config),
        *_incomplete(chart, config),
    }
    signs = sorted(_low_signs(chart, measured, config), key=lambda sign: sign.evidence)
    return Densitometry(tuple(scores), tuple(refused), tuple(signs))


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


def _without_t_score(
    chart: Compartment, measured: Sequence[Measurement], read: Sequence[Read], config: ReadingConfig
) -> Iterator[Rejected]:
    """What speaks of a DXA whose T-scores nobody could read."""
    known = [(one, it) for one, it in read if isinstance(it, Rejected) or it.site in _CENTRAL]
    grouped = {id(group.body) for one, _ in known for group in one.groups} | {
        id(one.body) for one, _ in known
    }
    days = [it.on for _, it in known]

    def beside(day: date | None, *bodies: object) -> bool:
        near = day is not None and any(d and abs(d - day) <= MONTH for d in days)
        return near or any(id(body) in grouped for body in bodies)

    for one in measured:
        if _is_result(one) and not beside(one.on, one.body, *(group.body for group in one.groups)):
            site, side = named_place(one)
            yield Rejected(_kind(one), T_SCORE, one.evidence, site, side, one.on)
    for report in dxa_reports(chart):
        day = _day(report, config)
        if not beside(day, report.body):
            yield Rejected(Reason.REPORT_ONLY, T_SCORE, report.evidence, on=day)


def _is_result(one: Measurement) -> bool:
    """Bone density or a Z-score, by its code or in words; a panel is looked at as a report."""
    if one.standing is Standing.WITHDRAWN or one.body.get("modifierExtension"):
        return False
    if is_density(one):
        return True
    said = one.value[1]
    return words.speaks_of_density(label_of(one)) or words.calls_itself_t_score(
        said if isinstance(said, str) else ""
    )


def _incomplete(chart: Compartment, config: ReadingConfig) -> Iterator[Rejected]:
    for report in dxa_reports(chart):
        if missing_members(chart, report):
            yield Rejected(Reason.MEMBER_MISSING, T_SCORE, report.evidence, on=_day(report, config))


def _day(report: SourceResource, config: ReadingConfig) -> date | None:
    measured = day_of(report.body, (), config.zone)
    return measured.days.first if measured else None


def _kind(one: Measurement) -> Reason:
    names = {name for c in one.code.codes for name in table("dxa").names(c)}
    if "z-score" in names:
        return Reason.Z_SCORE_ONLY
    return Reason.DENSITY_ONLY if "bmd" in names or one.value[0] == "Quantity" else Reason.REPORT_ONLY


def _low_signs(
    chart: Compartment, measured: Sequence[Measurement], config: ReadingConfig
) -> Iterator[LowBoneSign]:
    """Results that the sender marked as low, and reports that speak of low bone mass (C-64)."""
    for one in measured:
        if marked_low(one) and (is_density(one) or coded_as_t_score(one)) and not one.problem(date.max):
            yield LowBoneSign(one.on, one.evidence)
    for report in dxa_reports(chart):
        if calls_low(report.body):
            yield LowBoneSign(_day(report, config), report.evidence)
