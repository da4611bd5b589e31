"""Decisions per second on one core, beside fhirpathpy looking up the T-scores of the same patients.

    python bench/decide.py [rounds]
    python bench/decide.py --digest    what is decided, as one figure to compare

The patients are the bundled ones (a synthetic slice and our own) and every acceptance case, decided under one
pathway after the other, as a hospital has one; reading and writing are left out. The other side evaluates a
FHIRPath expression, compiled once, and decides nothing. Both sides run in this process, turn by turn; the
figure to watch is the ratio.
"""

import gc
import hashlib
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from adapter.clinical import BoneRecord, Pathway, decide
from adapter.clinical.model import Site
from adapter.input.wire_json import Json
from mappings.inbound import ReadingConfig, RecordReading, read_record
from mappings.pathways import PATHWAY_NAMES, load
from workers.authoring.cases.case_review import CaseReview
from workers.authoring.cases.case_table import read_table
from workers.bench.fhirpath_scores import BY_CODE, evaluators
from workers.demo import patients

ON = date(2026, 11, 20)
CASES = Path(__file__).parents[1] / "tests/data/cases/acceptance_cases.json"


def bundled() -> tuple[list[BoneRecord], list[Json]]:
    """Every bundled patient as a record and as a Bundle."""
    resources_of: dict[str, list[Json]] = defaultdict(list)
    people: dict[str, Json] = {}
    for resource in patients():
        if resource["resourceType"] == "Patient":
            people[f"Patient/{resource['id']}"] = resource
        subject = resource.get("subject") or resource.get("patient") or {}
        resources_of[subject.get("reference", "")].append(resource)
    config = RecordReading.of(ReadingConfig(forearm_code_site=Site.TOTAL_HIP), load("core").core)
    records = [read_record(p, resources_of[ref], config, on=ON).record for ref, p in people.items()]
    bundles = [
        {"resourceType": "Bundle", "entry": [{"resource": r} for r in (p, *resources_of[ref])]}
        for ref, p in people.items()
    ]
    return records, bundles


def acceptance() -> list[BoneRecord]:
    """Every acceptance case as a record."""
    return [CaseReview.of(case).reading().record for case in read_table(CASES, ON).cases]


def rate(work: Callable[[], int]) -> float:
    """Items per second of this process's own time."""
    start = time.process_time()
    done = work()
    return done / (time.process_time() - start)


def all_decided(records: Sequence[BoneRecord], pathways: Sequence[Pathway]) -> int:
    for pathway in pathways:
        for record in records:
            decide(record, pathway, ON)
    return len(records) * len(pathways)


def digest() -> None:
    """One figure for every decision of this bench."""
    records, pathways = [*bundled()[0], *acceptance()], [load(name) for name in PATHWAY_NAMES]
    decisions = [decide(record, pathway, ON) for pathway in pathways for record in records]
    told = json.dumps([asdict(it) for it in decisions], default=str)
    print(hashlib.sha256(told.encode()).hexdigest(), len(decisions))


def main(rounds: int) -> None:
    pathways = [load(name) for name in PATHWAY_NAMES]
    people, bundles = bundled()
    cased = acceptance()
    others = evaluators()
    rows: dict[str, Callable[[], int]] = {
        "decide, mixed": lambda: all_decided([*people, *cased], pathways),
        "decide, bundled patients": lambda: all_decided(people, pathways),
        "decide, acceptance cases": lambda: all_decided(cased, pathways),
    }
    for name, evaluate in others.items():
        rows[name] = lambda find=evaluate: len([find(bundle) for bundle in bundles])  # type: ignore[misc] # bound now
    for work in rows.values():
        work()
    gc.collect()
    gc.freeze()  # as a worker does
    measured: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name, work in rows.items():
            measured[name].append(rate(work))
    medians = {name: statistics.median(found) for name, found in measured.items()}
    floor = medians[BY_CODE]
    for name, found in measured.items():
        low, middle, high = min(found), medians[name], max(found)
        print(f"{name:34} {middle:8.0f}/s  [{low:.0f}-{high:.0f}]  {middle / floor:6.1f} x")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--digest"]:
            digest()
        case given:
            main(int(given[0]) if given else 5)
