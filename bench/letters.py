"""Letters per second on one core, beside what the typesetter itself needs for a page of the same words.

    python bench/letters.py [rounds]

Every letter differs in name and date, so nothing is answered from a cache. The bare row is the
floor: our words as one paragraph, no layout, no tags, no chart, no standard. The figure to
watch is the ratio, not the rate.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import count, islice
from pathlib import Path

import typst

sys.path.insert(0, str(Path(__file__).parents[1]))

from adapter.letter import patient_letter, render_html, render_pdf, render_text
from mappings.handover.letters.letter_text import people
from mappings.handover.plan_writes import ComposedPlan
from workers.bench.bench_patients import OURS
from workers.bench.letter_times import AS_PDF, FORMS, draw_chart, letter_of
from workers.bench.stage_times import StageBench
from workers.host.clock import system_clock
from workers.queue.bootstrap import institution_of
from workers.settings.setting_variables import variable_name
from workers.settings.settings_loader import load_settings

TARGET = 20  # letters with PDF and chart per second and core
BARE = b"#set text(lang: sys.inputs.lang)\n#sys.inputs.words"
ALONE = "typst alone, the same words"
DAYS = (date(2026, 1, 1) + timedelta(days=number) for number in count())
PATIENTS = 40

Make = Callable[[date, ComposedPlan], object]


def per_second(make: Make, plans: Sequence[ComposedPlan], rounds: int) -> float:
    make(next(DAYS), plans[0])  # compiles templates, reads fonts
    start = time.process_time()
    for day in islice(DAYS, rounds):
        for plan in plans:
            make(day, plan)
    return rounds * len(plans) / (time.process_time() - start)


def paged(day: date, plan: ComposedPlan) -> str:
    return render_html(letter_of(day, plan), draw_chart(day, plan))


def printed_without_chart(day: date, plan: ComposedPlan) -> bytes:
    return render_pdf(letter_of(day, plan))


def printed_for_the_patient(day: date, plan: ComposedPlan) -> bytes:
    seen = plan.situation
    told = patient_letter(seen.decision, seen.reading.record, people(seen, day), seen.institution.texts)
    return render_pdf(told, draw_chart(day, plan))


def bare(compiler: typst.Compiler, plans: Sequence[ComposedPlan]) -> Make:
    words = {plan.situation.patient.patient: render_text(letter_of(next(DAYS), plan)) for plan in plans}

    def printed(day: date, plan: ComposedPlan) -> object:
        told = f"{words[plan.situation.patient.patient]}{day}"
        return compiler.compile(BARE, format="pdf", sys_inputs={"lang": "nl", "words": told})

    return printed


def main() -> None:
    """Measure each row on the same patients and print the table; exit with 1 below the target."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # typst would use every core
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    settings = load_settings({variable_name(name): value for name, value in OURS.items()})
    plans = StageBench(institution_of(settings), system_clock(), PATIENTS).lettered
    rows: dict[str, Make] = {
        **FORMS,
        "letter as HTML with chart": paged,
        "letter as PDF": printed_without_chart,
        "patient's copy as PDF with chart": printed_for_the_patient,
        ALONE: bare(typst.Compiler(ignore_system_fonts=True), plans),
    }
    rates = {name: per_second(make, plans, rounds) for name, make in rows.items()}
    for name, rate in rates.items():
        print(f"{name:34} {rate:9.1f} /s")
    print(f"{rates[ALONE] / rates[AS_PDF]:.1f} times typst alone; target {TARGET} /s")
    sys.exit(rates[AS_PDF] < TARGET)


if __name__ == "__main__":
    main()
