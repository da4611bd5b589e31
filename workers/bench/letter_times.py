"""Letters of one patient: in words, and on pages as they are filed and sent."""

from collections.abc import Callable, Mapping
from datetime import date

from adapter.letter import Letter, chart_svg, render_pdf
from mappings.handover.letters.letter_text import LetterText, LetterWriter
from mappings.handover.plan_writes import ComposedPlan

LETTERS = 10  # of each round: printing takes much longer than all the rest
AS_TEXT, AS_PDF = "letter as text", "letter as PDF with chart"


def write_letter(day: date, plan: ComposedPlan) -> LetterText:
    """The letter to a GP with this date, and its text."""
    (said,) = LetterWriter(plan.situation).letters([{}], day)
    return said


def draw_chart(day: date, plan: ComposedPlan) -> str:
    """The chart of its T-scores."""
    return chart_svg(plan.situation.reading.record.t_scores, plan.situation.institution.texts, day)


def print_letter(day: date, plan: ComposedPlan) -> bytes:
    """The letter, from the decision to its pages."""
    return render_pdf(letter_of(day, plan), draw_chart(day, plan))


def letter_of(day: date, plan: ComposedPlan) -> Letter:
    """The letter without its text."""
    return write_letter(day, plan).letter


FORMS: Mapping[str, Callable[[date, ComposedPlan], object]] = {AS_TEXT: write_letter, AS_PDF: print_letter}
