"""The chart says in words what it draws, and draws nothing that was withdrawn."""

from datetime import date
from html import escape, unescape

import pytest

from adapter.clinical.model import Side, Site, StandardDeviations, Standing, TScore
from adapter.letter import chart_svg
from mappings.texts import LANGUAGES, load

ON = date(2026, 11, 20)
SITES = (Site.LUMBAR_SPINE, Site.FEMORAL_NECK, Site.TOTAL_HIP, Site.RADIUS_33)


def score(value: str, site: Site = Site.LUMBAR_SPINE, year: int = 2026, **more: object) -> TScore:
    return TScore(site, StandardDeviations(value), date(year, 5, 12), **more)  # type: ignore[arg-type] # of a row of the table


def description(*scores: TScore, language: str = "en") -> str:
    return (
        chart_svg(scores, load(language), ON).partition('<desc id="chart-desc">')[2].partition("</desc>")[0]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chart_without_values_says_so(language: str) -> None:
    assert unescape(description(language=language)) == load(language).say("chart.desc_none")
    assert escape(load(language).say("chart.empty")) in chart_svg((), load(language), ON)


def test_every_value_that_is_drawn_is_read_out() -> None:
    told = description(score("-2.7"), score("-1.9", Site.FEMORAL_NECK, side=Side.LEFT))

    assert "-2.7" in told
    assert "-1.9" in told


def test_a_withdrawn_value_is_neither_drawn_nor_read_out() -> None:
    with_it = chart_svg((score("-2.7"), score("-4.4", standing=Standing.WITHDRAWN)), load("en"), ON)

    assert with_it == chart_svg((score("-2.7"),), load("en"), ON)


@pytest.mark.parametrize(("sites", "rows"), [(3, 0), (4, 1)])
def test_a_fourth_site_has_a_row_of_the_legend_of_its_own(sites: int, rows: int) -> None:
    chart = chart_svg([score("-2.7", it) for it in SITES[:sites]], load("en"), ON)

    assert f'viewBox="0 0 540 {200 + 18 * rows}"' in chart


def test_values_stay_in_the_frame_however_low_and_however_old() -> None:
    chart = chart_svg([score("-8.0", year=1999), score("4.0")], load("en"), ON)

    assert "NaN" not in chart
    assert chart.count("<circle") >= 2
