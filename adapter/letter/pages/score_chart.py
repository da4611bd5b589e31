"""T-scores over time against the WHO bands, drawn by hand as SVG.

Readable in black and white: bands are hatched and named, sites have their own marker and dash, values
stand beside the points while there are few. The description inside the SVG says the same in words,
for those who cannot see it.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from html import escape, unescape
from itertools import groupby
from math import ceil, floor

from adapter.clinical.model import Side, Site, Standing, TScore
from adapter.letter.text_entries import Texts
from adapter.letter.wording import capital, site_name

WIDTH, HEIGHT = 540, 200  # a second row of the legend adds to the height
LEFT, RIGHT, TOP, BOTTOM = 40, 534, 26, 178
ROW = 18  # of the legend
OSTEOPENIA_BELOW, OSTEOPOROSIS_AT = Decimal("-1.0"), Decimal("-2.5")  # WHO 1994; drawn, never used to decide
SHORTEST = 400  # days on the time axis at least
DAYS = 3  # studies up to which each is named by its day
ASIDE = 16  # between the curves of a few points, which would lie on one another
FEW = 6  # points in all up to which every value is printed
DESCRIBED = 4  # newest points per site that the description reads out
ORDER = tuple(Site)
DESC = '<desc id="chart-desc">', "</desc>"

MARKERS = (
    '<circle cx="{x}" cy="{y}" r="4.5"/>',
    '<path d="M{x} {y}m-4.5 -4.5h9v9h-9z"/>',
    '<path d="M{x} {y}m0 -5.5l5.5 9.5h-11z"/>',
    '<path d="M{x} {y}m0 -6l6 6l-6 6l-6 -6z"/>',
    '<path d="M{x} {y}m0 5.5l5.5 -9.5h-11z"/>',
    '<path d="M{x} {y}m-5 0h10m-5 -5v10"/>',
)
DASHES = ("none", "7 3", "2 3", "9 3 2 3", "4 4", "1 4")

Series = tuple[str, tuple[TScore, ...]]


def chart_svg(history: Sequence[TScore], texts: Texts, on: date) -> str:
    """The chart as one SVG element that may stand inside HTML; ``on`` is the right end of the time axis.

    Withdrawn values are not drawn. Without any value the chart says so instead of showing an empty frame.
    """
    series = _series([score for score in history if score.standing is not Standing.WITHDRAWN], texts)
    frame = _Frame(tuple(score for _, scores in series for score in scores), on)
    full = (*_bands(frame, texts), *_axes(frame, texts), *_curves(frame, series, texts))
    drawn = full if series else _empty(texts)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + ROW * (len(series) > 3)}" role="img" aria-labelledby="chart-title chart-desc" '
        f'font-family="Libertinus Serif, Georgia, serif" font-size="13" fill="#111">'
        f'<title id="chart-title">{_say("title", texts)}</title>'
        f"{DESC[0]}{escape(description(series, texts))}{DESC[1]}{_PATTERNS}"
    )
    return "".join([head, *drawn, "</svg>"])


def description(series: Sequence[Series], texts: Texts) -> str:
    """What the chart shows, in words: the newest values of each site."""
    if not series:
        return texts.say("chart.desc_none")
    said = " ".join(
        texts.say("chart.series", site=name, points=_points(scores, texts)) for name, scores in series
    )
    return texts.say("chart.desc", series=said)


def described(svg: str) -> str:
    """The description that a chart carries, to be its alternative text elsewhere."""
    return unescape(svg.partition(DESC[0])[2].partition(DESC[1])[0])


def _points(scores: Sequence[TScore], texts: Texts) -> str:
    newest = scores[-DESCRIBED:]
    said = [texts.say("chart.point", value=texts.score(s.value), date=texts.day(s.on)) for s in newest]
    older = len(scores) - len(newest)
    return texts.series([texts.say("chart.earlier", n=str(older)), *said] if older else said)


def _series(history: Sequence[TScore], texts: Texts) -> list[Series]:
    """One curve per site and side, in the order of the sites; at most as many as there are markers."""

    def curve(score: TScore) -> tuple[int, Side | None]:
        return ORDER.index(score.site), score.side

    def key(score: TScore) -> tuple[int, str, date, Decimal]:
        return ORDER.index(score.site), score.side or "", score.on, score.value

    curves = [
        (capital(site_name(ORDER[index], side, texts)), tuple(scores))
        for (index, side), scores in groupby(sorted(history, key=key), curve)
    ]
    return curves[: len(MARKERS)]


class _Frame:
    """Where a value and a day lie on the sheet."""

    def __init__(self, scores: Sequence[TScore], on: date) -> None:
        values: list[Decimal] = [score.value for score in scores] or [Decimal(0)]
        days = [score.on for score in scores] + [on]
        self.high = max(1, ceil(max(values)))
        self.low = min(-4, floor(min(values)))
        self.days = sorted({score.on for score in scores})
        self.first, self.last = min(days), max(days)
        lacking = timedelta(days=max(0, SHORTEST - (self.last - self.first).days) // 2)
        self.first, self.last = self.first - lacking, self.last + lacking

    def y(self, value: Decimal | int) -> float:
        """Height on the sheet: high scores above."""
        return round(TOP + (self.high - float(value)) / (self.high - self.low) * (BOTTOM - TOP), 1)

    def x(self, on: date) -> float:
        """Place in time; a single study stands in the middle."""
        share = (on - self.first).days / (self.last - self.first).days
        return round(LEFT + 60 + share * (RIGHT - LEFT - 180), 1)

    def moments(self, texts: Texts) -> list[tuple[date, str]]:
        """What the time axis names: the days of a few studies, or else the beginnings of years."""
        if len(self.days) <= DAYS:
            return [(on, texts.day(on)) for on in self.days]
        years = range(self.first.year + 1, self.last.year + 1)
        return [(date(year, 1, 1), str(year)) for year in years[:: ceil(len(years) / 10)]]


def _bands(frame: _Frame, texts: Texts) -> Iterator[str]:
    limits = (Decimal(frame.high), OSTEOPENIA_BELOW, OSTEOPOROSIS_AT, Decimal(frame.low))
    names = (("normal", "none"), ("osteopenia", "url(#thin)"), ("osteoporosis", "url(#dense)"))
    for (name, fill), above, below in zip(names, limits, limits[1:], strict=False):
        top, bottom = frame.y(above), frame.y(below)
        yield f'<rect x="{LEFT}" y="{top}" width="{RIGHT - LEFT}" height="{round(bottom - top, 1)}" fill="{fill}"/>'
        yield f'<path d="M{LEFT} {bottom}H{RIGHT}" stroke="#444" stroke-width="0.7"/>'
        yield _text(RIGHT - 6, top + 14, _say(name, texts), anchor="end", halo=True)


def _axes(frame: _Frame, texts: Texts) -> Iterator[str]:
    yield f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" stroke="#111"/>'
    for value in range(frame.low, frame.high + 1, 1 if frame.high - frame.low <= 8 else 2):
        yield f'<path d="M{LEFT - 4} {frame.y(value)}h4" stroke="#111"/>'
        yield _text(LEFT - 7, frame.y(value) + 4, str(value), anchor="end")
    yield _text(2, 14, _say("axis", texts), anchor="start")
    for on, name in frame.moments(texts):
        x = frame.x(on)
        yield f'<path d="M{x} {BOTTOM}v4" stroke="#111"/>{_text(x, BOTTOM + 17, name)}'


def _curves(frame: _Frame, series: Sequence[Series], texts: Texts) -> Iterator[str]:
    few = sum(len(scores) for _, scores in series) <= FEW
    for number, (name, scores) in enumerate(series):
        aside = (number - (len(series) - 1) / 2) * ASIDE if few else 0
        points = [(round(frame.x(score.on) + aside, 1), frame.y(score.value)) for score in scores]
        line = "L".join(f"{x} {y}" for x, y in points)
        dash = f'stroke-dasharray="{DASHES[number]}"'
        yield f'<g fill="#fff" stroke="#111" stroke-width="1.5"><path d="M{line}" fill="none" {dash}/>'
        yield "".join(MARKERS[number].format(x=x, y=y) for x, y in points) + "</g>"
        if few:
            dx, dy, anchor = _beside(number, len(series))
            yield from (
                _text(x + dx, y + dy, escape(texts.score(score.value)), anchor, halo=True)
                for (x, y), score in zip(points, scores, strict=True)
            )
        yield from _legend(number, name)


def _beside(number: int, count: int) -> tuple[int, int, str]:
    """Where the values of a curve stand: of several curves the first on the left, the last on the right."""
    if number == count - 1:
        return 9, 4, "start"
    return (-9, 4, "end") if number == 0 else (0, -9, "middle")


def _legend(number: int, name: str) -> Iterator[str]:
    x, y = LEFT + 62 + number % 3 * 155, 10 if number < 3 else HEIGHT + ROW - 10
    dash = f'stroke-dasharray="{DASHES[number]}"'
    yield f'<g fill="#fff" stroke="#111" stroke-width="1.5"><path d="M{x - 12} {y}h24" {dash}/>'
    yield MARKERS[number].format(x=x, y=y) + "</g>" + _text(x + 17, y + 4, escape(name), anchor="start")


def _empty(texts: Texts) -> tuple[str, ...]:
    return (_text(WIDTH / 2, HEIGHT / 2, _say("empty", texts)),)


def _say(key: str, texts: Texts) -> str:
    return escape(texts.say(f"chart.{key}"))


def _text(x: float, y: float, text: str, anchor: str = "middle", *, halo: bool = False) -> str:
    """Text that is already escaped; a white outline keeps it legible on hatching."""
    at = f'x="{x}" y="{y}" text-anchor="{anchor}"'
    outline = f'<text {at} stroke="#fff" stroke-width="4">{text}</text>' if halo else ""
    return f"{outline}<text {at}>{text}</text>"


_PATTERNS = (
    '<defs><pattern id="thin" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path d="M0 0V9" stroke="#ccc" stroke-width="1"/></pattern>'
    '<pattern id="dense" width="9" height="9" patternUnits="userSpaceOnUse">'
    '<path d="M0 9L9 0M0 0L9 9" stroke="#bbb" stroke-width="0.9"/></pattern></defs>'
)
