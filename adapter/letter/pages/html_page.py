"""The letter as one accessible HTML file: headings, table headers, language, no script, nothing fetched."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from adapter.letter.parts import Letter


def render_html(letter: Letter, chart: str | None = None) -> str:
    """A whole HTML document; every text is escaped but the chart, which must come from ``chart_svg``."""
    drawing = Markup(chart) if chart else None  # noqa: S704  made and escaped by chart_svg, never by a record
    return _template().render(letter=letter, chart=drawing)


@cache
def _template() -> Template:
    """Compiled once per process: compiling costs eighty times as much as rendering."""
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    return environment.get_template("page.html")
