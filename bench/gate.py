"""What the gate costs: the same reviews without R4B models, with one per resource, and as sampled.

    python bench/gate.py [rounds]

A review is here what happens between the resources that were read and the entries that are sent, so the share
is stated too high rather than too low. Processor time, so that other work on the machine does not count.
"""

import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from adapter.input import wire_json
from mappings.outbound import entries, gate
from workers.authoring.cases import read_table
from workers.authoring.cases.case_review import CaseReview
from workers.authoring.cases.case_table import UncoveredCase

CASES = Path(__file__).parents[1] / "tests" / "data" / "cases" / "acceptance_cases.json"
MOST = 0.05  # of a review
Check = Callable[[wire_json.Json, int], tuple[str, ...]]


def case_reviews() -> list[CaseReview]:
    made = []
    for case in read_table(CASES, date(2026, 11, 20)).cases:
        try:
            made.append(CaseReview.of(case))
        except UncoveredCase:
            continue
    return made


def milliseconds(patients: list[CaseReview], check: Check) -> float:
    """Per review, of one round."""
    gate._sampled = check  # noqa: SLF001  the one place to take it out
    start = time.process_time()
    for one in patients:
        review(one)
    return (time.process_time() - start) * 1000 / len(patients)


def review(one: CaseReview) -> None:
    for entry in entries(one.proposal().writes, update_create=True):
        wire_json.write(entry.resource)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    patients = case_reviews()
    rows: dict[str, Check] = {
        "no models": lambda *_: (),
        "every resource": lambda resource, _: gate.faults(resource),
        f"each shape, then one in {gate.EVERY}": gate.sampling(gate.faults),
    }
    for check in rows.values():  # as in a worker that has been running for a while
        milliseconds(patients, check)
    seen = [{name: milliseconds(patients, check) for name, check in rows.items()} for _ in range(rounds)]
    spent = {name: min(it[name] for it in seen) for name in rows}
    bare = spent["no models"]
    for name, it in spent.items():
        print(f"{name:32} {it:6.2f} ms per review {it / bare - 1:+6.1%}")
    print(f"{len(patients)} patients, the best of {rounds} rounds; at most {MOST:.0%} is wanted")


if __name__ == "__main__":
    main()
