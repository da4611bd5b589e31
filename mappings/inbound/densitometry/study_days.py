"""Which measurements are one study, and on which day (C-61).

A report or panel groups what it names, unless its parts were measured more than a month apart by their
own dates. A measurement whose day is not known exactly (a year, a period, or only the day of typing)
belongs to the newest study that it can belong to: then the worst value of both decides, and where that is
a guess its earliest day is kept.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from adapter.read_only import read_only
from mappings.inbound.resources.dates import PossibleDays
from mappings.inbound.resources.observations import Measurement

MONTH = timedelta(days=31)  # C-61; `one_study_within_days` of core.yaml is the same span, and a test says so


@read_only
class StudyDay:
    """The day of the study that a measurement belongs to, and its own day where a report names several.

    ``earliest`` is the first day that it can have been, where the study is a guess.
    """

    study: date
    measured: date
    earliest: date | None = None


@read_only
class _Cluster:
    """Measurements that are one study for certain, and the days on which all of them can have been made."""

    members: tuple[int, ...]
    span: PossibleDays
    exact: date | None
    typed: bool  # no more is known than the day of typing


def study_days(measured: Sequence[Measurement], on: date) -> list[StudyDay | None]:
    """The study of each measurement, in their order; ``None`` for one without any date."""
    spans = {n: span for n, result in enumerate(measured) if (span := _span(result, on))}
    clusters = _clusters(measured, spans)
    known = [(PossibleDays(c.exact, c.exact), c.exact) for c in clusters if c.exact]
    days: dict[int, StudyDay] = {}
    for cluster in clusters:
        if cluster.exact:
            days.update({n: StudyDay(cluster.exact, _own(spans[n], cluster.exact)) for n in cluster.members})
    for cluster in sorted((c for c in clusters if not c.exact), key=lambda c: c.span.first, reverse=True):
        joined = [
            day for span, day in known if span.first <= cluster.span.last and cluster.span.first <= span.last
        ]
        day = max(joined, default=cluster.span.last if cluster.typed else cluster.span.first)
        wide = cluster.typed or cluster.span.last - cluster.span.first > MONTH
        known.append((cluster.span, day))
        earliest = cluster.span.first if joined and wide else None
        days.update({n: StudyDay(day, day, earliest) for n in cluster.members})
    return [days.get(n) for n in range(len(measured))]


def _span(result: Measurement, on: date) -> PossibleDays | None:
    """The possible days: typing comes within a month of measuring, and nothing was measured after today."""
    if result.days is None:
        return None
    first, last = result.days.first, result.days.last
    # Reports are typed days after the scan: the day of issue alone is the last on which it can have been made
    # (C-61).
    if result.issued:
        return PossibleDays(first - MONTH, last)
    return PossibleDays(first, max(first, min(last, on)))


def _clusters(measured: Sequence[Measurement], spans: Mapping[int, PossibleDays]) -> list[_Cluster]:
    """One day or one report is one study; what hangs together by others does so too."""
    left = list(spans)
    groups = {n: {id(measured[n].body), *(id(g.body) for g in measured[n].groups)} for n in left}
    clusters: list[_Cluster] = []
    while left:
        members, waiting = [], [left.pop(0)]
        while waiting:
            one = waiting.pop()
            members.append(one)
            near = [n for n in left if _together(one, n, spans, groups)]
            left = [n for n in left if n not in near]
            waiting += near
        clusters.append(_cluster(members, measured, [spans[n] for n in members]))
    return clusters


def _together(a: int, b: int, spans: Mapping[int, PossibleDays], groups: Mapping[int, set[int]]) -> bool:
    one, other = spans[a], spans[b]
    if one == other and one.first == one.last:
        return True
    gap = max(one.first, other.first) - min(one.last, other.last)
    return bool(groups[a] & groups[b]) and gap <= MONTH


def _cluster(members: list[int], measured: Sequence[Measurement], spans: Sequence[PossibleDays]) -> _Cluster:
    exact = max((s.first for s in spans if s.first == s.last), default=None)
    first = max(s.first for s in spans)
    last = max(first, min(s.last for s in spans))
    typed = all(measured[n].issued for n in members)
    return _Cluster(tuple(members), PossibleDays(first, last), exact, typed)


def _own(span: PossibleDays, day: date) -> date:
    """A day that is known stays; one that is not becomes that of the study."""
    return span.first if span.first == span.last else day
