"""Letters per second on one core, beside what the typesetter itself needs for a page of the same words.

    python bench/letters.py [seconds per row]

Every letter differs in name and date, so nothing is answered from a cache. The bare row is the
floor: our words as one paragraph, no layout, no tags, no chart, no standard. The figure to
watch is the ratio, not the rate.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import typst

sys.path.insert(0, str(Path(__file__).parents[1]))

from adapter.letter import Letter, chart_svg, letter, patient_letter, render_html, render_pdf, render_text
from mappings.texts import load
from tests.unit.letter.patients import decision, people, record

TEXTS = load("nl")
TARGET = 20  # letters with PDF and chart per second and core
BARE = b"#set text(lang: sys.inputs.lang)\n#sys.inputs.words"
FACTS, DECISION = record(), decision()


def days() -> Iterator[date]:
    day = date(2026, 1, 1)
    while True:
        yield day
        day += timedelta(days=1)


def per_second(make: Callable[[date], object], seconds: float) -> float:
    make(date(2025, 1, 1))  # compiles templates, reads fonts
    calendar, done, start = days(), 0, time.process_time()
    while (spent := time.process_time() - start) < seconds:
        make(next(calendar))
        done += 1
    return done / spent


def written(day: date) -> str:
    return render_text(_letter(day))


def _letter(day: date) -> Letter:
    return letter(
        DECISION, FACTS, people(letter_date=day.isoformat(), patient_name=f"Patient {day:%j %Y}"), TEXTS
    )


def paged(day: date) -> str:
    return render_html(_letter(day), chart_svg(FACTS.t_scores, TEXTS, day))


def printed(day: date) -> bytes:
    return render_pdf(_letter(day), chart_svg(FACTS.t_scores, TEXTS, day))


def printed_without_chart(day: date) -> bytes:
    return render_pdf(_letter(day))


def printed_for_the_patient(day: date) -> bytes:
    someone = people(letter_date=day.isoformat(), patient_name=f"Patient {day:%j %Y}")
    return render_pdf(patient_letter(DECISION, FACTS, someone, TEXTS), chart_svg(FACTS.t_scores, TEXTS, day))


def bare(compiler: typst.Compiler) -> Callable[[date], object]:
    words = render_text(_letter(date(2026, 1, 1)))
    return lambda day: compiler.compile(
        BARE, format="pdf", sys_inputs={"lang": "nl", "words": f"{words}{day}"}
    )


def main() -> None:
    """Measure each row for the same time and print the table; exit with 1 below the target."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # typst would use every core
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    rows: dict[str, Callable[[date], object]] = {
        "letter as text": written,
        "letter as HTML with chart": paged,
        "letter as PDF": printed_without_chart,
        "letter as PDF with chart": printed,
        "patient's copy as PDF with chart": printed_for_the_patient,
        "typst alone, the same words": bare(typst.Compiler(ignore_system_fonts=True)),
    }
    rates = {name: per_second(make, seconds) for name, make in rows.items()}
    for name, rate in rates.items():
        print(f"{name:34} {rate:9.1f} /s")
    rate = rates["letter as PDF with chart"]
    print(f"{rates['typst alone, the same words'] / rate:.1f} times typst alone; target {TARGET} /s")
    sys.exit(rate < TARGET)


if __name__ == "__main__":
    main()
