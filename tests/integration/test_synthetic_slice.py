"""The 80 synthetic patients: their classes are those that the records' own index says, on every server."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from tests.integration.conftest import Hospital, wait_until
from tests.server_patients import a_runtime, admitted, written_for
from workers.demo import HERE, patients
from workers.ledger import reviews
from workers.queue import celery_app, task_messages
from workers.queue.feed import feed_queue
from workers.queue.runtime import Runtime
from workers.review.batches import batches
from workers.review.review import review
from workers.sandbox import Sandbox

SLICE = HERE / "data"
ADULT = 18


def index() -> Iterator[dict[str, str]]:
    with (SLICE / "index.tsv").open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines, delimiter="\t")


def expected(row: dict[str, str]) -> str:
    """The class of the newest T-score by the WHO's cut-offs; of a minor none."""
    scores = sorted(it.split(":") for it in row["dxa_t_scores(date:value)"].split())
    if not scores:
        return "indeterminate"
    day, score = date.fromisoformat(scores[-1][0]), Decimal(scores[-1][1])
    born = date.fromisoformat(row["birthDate"])
    if (day.year - born.year - ((day.month, day.day) < (born.month, born.day))) < ADULT:
        return "not_classifiable_by_t_score"
    if score <= Decimal("-2.5"):
        return "osteoporosis"
    return "normal" if score >= Decimal("-1.0") else "osteopenia"


def classes(runtime: Runtime) -> dict[str, str | None]:
    ids = [row["patient"] for row in index()]
    outcomes = [
        it
        for some in batches(ids, 40)
        for it in review(some, runtime.client, runtime.institution, runtime.now())
    ]
    assert [str(it.fault) for it in outcomes if it.fault] == []
    return {it.patient: it.category for it in outcomes}


@pytest.fixture
def ward(sandbox: Sandbox) -> Sandbox:
    sandbox.load(patients(SLICE))
    return sandbox


def test_with_the_concept_map_every_class_is_as_the_index_says(ward: Sandbox) -> None:
    with a_runtime(ward.base_url, forearm_code_site="total_hip") as runtime:
        found = classes(runtime)

    assert found == {row["patient"]: expected(row) for row in index()}
    assert set(Counter(found.values())) == {
        "osteoporosis",
        "normal",
        "indeterminate",
        "not_classifiable_by_t_score",
    }


def test_without_it_a_forearm_decides_nothing(ward: Sandbox) -> None:
    with a_runtime(ward.base_url) as runtime:
        found = Counter(classes(runtime).values())

    assert set(found) <= {"indeterminate", "not_classifiable_by_t_score"}


@pytest.mark.worker
@pytest.mark.slow
def test_all_of_them_on_hapi_through_a_real_worker(hapi: str, hospital: Hospital) -> None:
    ids = [row["patient"] for row in index()]
    for some in batches(patients(SLICE), 300):
        admitted(hapi, some)
    hospital.given = {"fhir_base_url": hapi, "site": "slice", "chunk_size": "20"}
    hospital.worker()
    with hospital.runtime() as runtime:
        celery_app.use(runtime.settings)
        reviews.request_reviews(runtime.ledger, ids, runtime.clock())
        feed_queue(runtime, 100, task_messages.waiting, task_messages.publish)
        wait_until(lambda: reviews.count_unsettled(runtime.ledger) == 0, 120, "not everybody was reviewed")
        troubles = reviews.unsettled_reviews(runtime.ledger)
        outcomes = {it.patient: it for it in review(ids, runtime.client, runtime.institution, runtime.now())}

    assert troubles == ()
    assert {key: it.category for key, it in outcomes.items()} == {
        row["patient"]: expected(row) for row in index()
    }
    assert {it.code.value for it in outcomes.values()} == {
        "unchanged",
        "nothing_to_propose",
        "deceased",
    }
    unchanged = next(key for key, it in outcomes.items() if it.code.value == "unchanged")
    assert len(written_for(hapi, unchanged)["CarePlan"]) == 1
