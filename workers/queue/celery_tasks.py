"""The doorways: ids in, one call, nothing out. Trying again is the ledger's business and happens nowhere else."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from billiard.exceptions import SoftTimeLimitExceeded
from kombu.exceptions import OperationalError

from adapter.errors import OsteoHandoverError
from workers.queue.celery_app import QUEUE, app, runtime, settings
from workers.queue.deliver import deliver
from workers.queue.feed import feed_queue

log = logging.getLogger(__name__)

CHUNKS_PER_PROCESS = 4  # that wait in the queue: enough to keep it busy, few enough to know what is lost


@app.task(name="osteo_handover.review_patients")
def review_patients(ids: list[str]) -> None:
    """Review these patients; a second delivery finds them settled or under way, and does nothing."""
    with _known_faults_in_the_log():
        try:
            runtime().review(ids)
        except SoftTimeLimitExceeded:
            log.warning("a chunk took too long; who is left is due again when the lease is over")
    feed()


# A full sweep reads a whole server page by page: an hour, where a chunk of patients has minutes. Each page is noted, so
# that a later sweep goes on where the limit cut; the 100 seconds between the limits are for ending in order.
@app.task(name="osteo_handover.sweep", acks_late=False, time_limit=3600, soft_time_limit=3500)
def sweep() -> None:
    """Look for what changed and hand it out; a second one beside it finds the first one reading and leaves."""
    with _known_faults_in_the_log("the sweep stopped, the next one goes on from there: "):
        result = runtime().sweep()
        kind, notes = "full" if result.full else "incremental", "".join(f"; {it}" for it in result.notes)
        log.info("%s sweep of %d resources%s", kind, result.resources, notes)
    feed()


@app.task(name="osteo_handover.deliver", acks_late=False)
def deliver_letters() -> None:
    """Send what was released and read the answers; what is interrupted is due again when its lease is over."""
    with _known_faults_in_the_log():
        deliver(runtime())


@app.task(name="osteo_handover.queue_overdue", acks_late=False)
def queue_overdue() -> None:
    """Have everybody looked at of whose plan a step became overdue."""
    with _known_faults_in_the_log():
        log.info("%d patients have something overdue", runtime().queue_overdue())


@app.task(name="osteo_handover.feed", acks_late=False)
def feed() -> None:
    """Hand out what is due, as far as the queue has room."""
    with _known_faults_in_the_log():
        feed_queue(runtime(), CHUNKS_PER_PROCESS * settings().concurrency, waiting, publish)


def waiting() -> int:
    """How many messages wait in the queue; raises ConnectionError without a broker."""
    with _broker() as connection:
        declared: Any = app.amqp.queues[QUEUE](connection.default_channel).queue_declare()
        return int(declared.message_count)


def ask_for(task: Any) -> None:
    """One message for a task without arguments; raises ConnectionError without a broker."""
    with _broker() as connection:
        app.send_task(task.name, connection=connection, retry=False)


def publish(patients: tuple[str, ...]) -> None:
    """One task for these patients; raises ConnectionError without a broker."""
    with _broker() as connection:
        # Without argsrepr the ids would stand in a header a second time, for tools that we do not use.
        app.send_task(
            review_patients.name,
            ([*patients],),
            connection=connection,
            retry=False,
            argsrepr="",
            kwargsrepr="",
        )


@contextmanager
def _broker() -> Iterator[Any]:
    """A connection to it; whatever fails there is a ConnectionError."""
    with app.connection_for_write() as opened:
        connection: Any = opened  # its lists of errors have no types
        try:
            connection.ensure_connection(max_retries=1, interval_start=0)  # by itself it would try for ever
            yield connection
        except (OperationalError, *connection.connection_errors, *connection.channel_errors) as error:
            raise ConnectionError("the broker does not answer") from error


@contextmanager
def _known_faults_in_the_log(said: str = "") -> Iterator[None]:
    """A known fault ends in one line: the ledger knows what is still due, and the trace of it would tell nothing."""
    try:
        yield
    except OsteoHandoverError as fault:
        log.error("%s%s: %s", said, type(fault).__name__, fault)  # noqa: TRY400 - as the docstring says
