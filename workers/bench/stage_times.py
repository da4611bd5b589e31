"""What one patient costs step by step, in one thread and without a server: processor time, by stage.

Beside it what parsing alone costs (orjson, which is no strict parser), and what FHIRPath and CQL take to find
the T-scores alone. Letters are of the first patients who get one, with another date in each round.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import orjson

from adapter.clinical import Decision, decide
from adapter.input.wire_json import Json, parse, write
from mappings import outbound
from mappings.handover.compose import compose
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.handover.plan_writes import ComposedPlan
from mappings.handover.situation import situation_of
from mappings.inbound import Reading
from workers.bench.bench_patients import bench_records
from workers.bench.cql_scores import BY_CQL, ask_cql
from workers.bench.fhirpath_scores import Evaluator, evaluators
from workers.bench.letter_times import FORMS, LETTERS
from workers.review.directory.recipients import RECIPIENTS, recipients

T = TypeVar("T")
R = TypeVar("R")

ORJSON, PARSE, READ, DECIDE, DRAFT, ENCODE = (
    "orjson.loads of the record", "parse, strictly", "read", "decide", "draft plan, letters, questions",
    "encode what is written",
)  # fmt: skip
WAY = (PARSE, READ, DECIDE)  # from bytes to a decision


@dataclass(frozen=True, slots=True)
class StageRound:
    """Microseconds of processor time for each patient, by stage."""

    spent: dict[str, float]
    letters: dict[str, float]  # for each letter, by form


class StageBench:
    """The same patients in every round; CQL where a folder `node_modules` with what it takes is given."""

    def __init__(
        self, institution: Institution, now: datetime, count: int, node_modules: Path | None = None
    ) -> None:
        self.institution, self.now = institution, now
        self.day = now.date()  # of the letters
        bodies = [
            {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in record]}
            for record in bench_records("s", count)
        ]
        self.raw = [write(body) for body in bodies]
        self.others: Mapping[str, Evaluator] = {}
        self.node_modules: Path | None = None  # until others are measured
        self.lettered: list[ComposedPlan] = []  # the first ones with a letter, of the last round
        self.round()  # compiles and caches what a process compiles and caches once
        self.others, self.node_modules = evaluators(), node_modules
        for evaluate in self.others.values():
            evaluate(bodies[0])

    def round(self) -> StageRound:
        """Each stage over all patients, on what the stage before gave."""
        day, spent = self.now.date(), dict[str, float]()
        _time_stage(spent, ORJSON, orjson.loads, self.raw)
        parsed = _time_stage(spent, PARSE, parse, self.raw)
        records = [self._record([entry["resource"] for entry in body["entry"]]) for body in parsed]
        config = self.institution.record_reading
        readings = _time_stage(
            spent,
            READ,
            lambda record: record.reading(config, day),
            records,
        )
        decisions = _time_stage(
            spent, DECIDE, lambda reading: decide(reading.record, self.institution.pathway, day), readings
        )
        plans = _time_stage(
            spent, DRAFT, self._compose_plan, list(zip(records, readings, decisions, strict=True))
        )
        _time_stage(spent, ENCODE, _encode_writes, [plan.writes for plan in plans])
        for name, evaluate in self.others.items():
            _time_stage(spent, name, evaluate, [orjson.loads(raw) for raw in self.raw])
        if self.node_modules:
            spent[BY_CQL] = ask_cql(self.node_modules, self.raw).spent
        self.lettered = [plan for plan in plans if plan.texts][:LETTERS]
        return StageRound(spent, self._letter_times())

    def _letter_times(self) -> dict[str, float]:
        spent = dict[str, float]()
        self.day += timedelta(days=1)  # a page that was printed before is printed sooner
        for name, form in FORMS.items():
            _time_stage(spent, name, partial(form, self.day), self.lettered)
        return spent

    def _record(self, resources: list[Json]) -> PatientRecord:
        who, *resources_of_patient = resources
        directory = {
            (str(resource["resourceType"]), str(resource["id"])): resource
            for resource in resources_of_patient
            if resource["resourceType"] in RECIPIENTS
        }
        base, day = self.institution.reading.base_url, self.now.date()
        return PatientRecord(
            who["id"], who, tuple(resources_of_patient), {}, recipients(who, directory, base, day)
        )

    def _compose_plan(self, decided: tuple[PatientRecord, Reading, Decision]) -> ComposedPlan:
        return compose(situation_of(*decided, self.institution, self.now, {}))


def _encode_writes(writes: Iterable[outbound.Write]) -> list[bytes]:
    return [write(entry.resource) for entry in outbound.entries(writes, update_create=True)]


def _time_stage(spent: dict[str, float], stage: str, work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    start = time.process_time()
    done = [work(item) for item in items]
    spent[stage] = (time.process_time() - start) / len(items) * 1e6
    return done
