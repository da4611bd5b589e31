"""Redis gives a message out a second time when it likes: each task of ours then does nothing twice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
import redis

from adapter.input.wire_json import Json
from tests.patient_care import Care, admit
from tests.unit.bulk.test_part_work import somebody_waits
from workers.ledger import ReviewResult, ReviewState, due_dates, reviews
from workers.queue import celery_app, task_messages
from workers.queue.celery_app import TaskName
from workers.sandbox import Sandbox

LEASE = timedelta(minutes=2)


@dataclass(frozen=True)
class Ward:
    """A patient with a released plan, what workers need, and a run over files that waits for parts."""

    care: Care
    sandbox: Sandbox
    letters: Path
    results: Path

    def deliver(self, name: TaskName) -> None:
        """What a worker does with a message."""
        given: dict[TaskName, tuple[object, ...]] = {
            TaskName.REVIEW: ([self.care.patient],),
            TaskName.ASSESS_PART: (str(self.results), 0),
        }
        celery_app.app.tasks[name].apply(args=given.get(name, ()), throw=True)

    def done(self) -> Json:
        """All that tasks leave behind: a file that is written again is another one."""
        files = [*self.letters.rglob("*"), *self.results.rglob("*.part")]
        return {
            "written on the server": len(self.sandbox.recorder.writes),
            "in the queue": task_messages.waiting(),
            "to be reviewed": reviews.count_unsettled(self.care.runtime.ledger),
            "files": sorted((str(it), it.stat().st_ino, it.stat().st_mtime_ns) for it in files),
        }

    def wanted(self) -> None:
        """There is news of the patient."""
        self.care.amend(-3.1)
        reviews.request_reviews(self.care.runtime.ledger, [self.care.patient], self.care.runtime.clock())

    def changed(self) -> None:
        """The same, to be found by a sweep that goes on from one that saw everything."""
        for _ in range(2):  # the second one asks for answers and plans too
            self.deliver(TaskName.SWEEP)
            self.reviewed()
        self.care.amend(-3.1)

    def overdue(self) -> None:
        due_dates.note_due_days(self.care.runtime.ledger, {self.care.patient: date(2020, 1, 1)})

    def reviewed(self) -> None:
        """Everybody who is to be reviewed is, and nothing came of it."""
        ledger, now = self.care.runtime.ledger, self.care.runtime.clock()
        begun = reviews.begin_reviews(ledger, [self.care.patient], now, LEASE, max_attempts=3)
        reviews.settle_reviews(ledger, [ReviewResult(it, ReviewState.DONE) for it in begun], now)


@pytest.fixture
def ward(
    sandbox: Sandbox, redis_server: str, unique_id: Callable[[str], str], tmp_path: Path
) -> Iterator[Ward]:
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    letters = tmp_path / "letters"
    letters.mkdir()
    care = admit(
        sandbox.base_url,
        unique_id,
        broker_url=redis_server,
        ledger_url=f"sqlite:///{tmp_path / 'ledger.db'}",
        delivery=f'{{"channel": "folder", "folder": "{letters}"}}',
    )
    care.release()
    celery_app.use(care.runtime.settings)
    celery_app.app.loader.import_default_modules()  # the tasks, as a worker does at its start
    with care.runtime, celery_app.runtime(), somebody_waits(tmp_path / "files") as results:
        yield Ward(care, sandbox, letters, results)


def nothing(_: Ward) -> None:
    pass


TWICE: list[tuple[TaskName, Callable[[Ward], None], Callable[[Ward], None]]] = [
    (TaskName.REVIEW, Ward.wanted, nothing),
    (TaskName.SWEEP, nothing, nothing),
    (TaskName.SWEEP, Ward.changed, Ward.reviewed),
    (TaskName.DELIVER, nothing, nothing),
    (TaskName.QUEUE_OVERDUE, Ward.overdue, Ward.reviewed),
    (TaskName.FEED, Ward.wanted, nothing),
    (TaskName.ASSESS_PART, nothing, nothing),
]


def test_every_task_is_delivered_twice() -> None:
    assert {name for name, _, _ in TWICE} == set(TaskName)


@pytest.mark.parametrize(("name", "before", "between"), TWICE)
def test_a_task_that_is_delivered_a_second_time_does_nothing_twice(
    ward: Ward, name: TaskName, before: Callable[[Ward], None], between: Callable[[Ward], None]
) -> None:
    before(ward)
    untouched = ward.done()

    ward.deliver(name)
    assert ward.done() != untouched
    between(ward)
    once = ward.done()
    ward.deliver(name)

    assert ward.done() == once
