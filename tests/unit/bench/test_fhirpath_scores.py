"""What stands beside our figures does the same work: else it would be quick for nothing."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.model import Site
from adapter.input.wire_json import Json
from mappings.inbound import ReadingConfig, RecordReading, read_record
from mappings.pathways import load
from workers.bench.bench_patients import bench_records
from workers.bench.fhirpath_scores import BY_CODE, BY_UNIT, evaluators

ON = date(2026, 11, 20)
RECORDS = bench_records("f", 24)


def lowest_read(record: list[Json]) -> Decimal | None:
    config = RecordReading.of(ReadingConfig(forearm_code_site=Site.TOTAL_HIP), load("antonius").core)
    scores = read_record(record[0], record[1:], config, on=ON).record.t_scores
    return min((Decimal(str(it.value)) for it in scores), default=None)


@pytest.mark.parametrize("name", [BY_CODE, BY_UNIT])
def test_the_other_evaluator_finds_the_lowest_t_score_that_we_read(name: str) -> None:
    find = evaluators()[name]
    bundles = [{"resourceType": "Bundle", "entry": [{"resource": it} for it in one]} for one in RECORDS]

    found = [min(find(bundle), default=None) for bundle in bundles]

    assert found == [lowest_read(one) for one in RECORDS]
    assert sum(it is not None for it in found) > 10
