"""The handover: a letter and a chart from a decision, as text, HTML and PDF.

    decision -> letter() -> Letter -> render_text / render_html / render_pdf
                chart_svg() ---------------------------^

Pure but for the typesetter: no clock, no network, and no word of any language in the code.
"""

from adapter.handover.chart import chart_svg
from adapter.handover.letter import letter, patient_letter
from adapter.handover.page import render_html
from adapter.handover.parts import Block, Letter, Line, Part, Style
from adapter.handover.people import Correction, People
from adapter.handover.plain import render_text
from adapter.handover.sheet import render_pdf
from adapter.handover.texts import Texts

__all__ = [
    "Block", "Correction", "Letter", "Line", "Part", "People", "Style", "Texts", "chart_svg", "letter",
    "patient_letter", "render_html", "render_pdf", "render_text",
]  # fmt: skip
