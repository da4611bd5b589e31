"""The handover: a letter and a chart from a decision, as text, HTML and PDF.

    decision -> letter() -> Letter -> render_text / render_html / render_pdf
                chart_svg() ---------------------------^

``envelope``, ``letter_core`` and ``dossier`` are its thirds; ``plan_table``, ``drugs``, ``checks`` and
``moments`` word what they share. ``gp_letter`` puts it together of ``parts``, ``amendment`` says what is new,
``patient_copy`` tells the patient. ``layout`` says where each code stands, ``wording`` and ``text_entries``
are the words, ``people`` who it is about and from; ``pages`` print it. Pure but for the typesetter: no clock,
no network, and no word of any language in the code.
"""

from adapter.letter.gp_letter import letter, patient_letter
from adapter.letter.pages.html_page import render_html
from adapter.letter.pages.pdf_page import render_pdf
from adapter.letter.pages.plain_text import render_text
from adapter.letter.pages.score_chart import chart_svg
from adapter.letter.parts import Block, BlockStyle, Letter, Line, Part
from adapter.letter.people import Correction, People
from adapter.letter.text_entries import Texts

__all__ = [
    "Block",
    "BlockStyle",
    "Correction",
    "Letter",
    "Line",
    "Part",
    "People",
    "Texts",
    "chart_svg",
    "letter",
    "patient_letter",
    "render_html",
    "render_pdf",
    "render_text",
]  # fmt: skip
