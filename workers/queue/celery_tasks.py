"""The doorways: ids in, one call, nothing out.

A review or a letter is tried again by the ledger; a sweep waits for its page.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from billiard.exceptions import SoftTimeLimitExceeded

from adapter.errors import OsteoHandoverError
from workers.queue.celery_app import TaskName, app, runtime
from workers.queue.deliver import deliver
from workers.queue.feed import depth_of, feed_queue
from workers.queue.task_messages import publish, waiting

log = logging.getLogger(__name__)

# Rounds have `acks_late=False`: the clock asks for each again, so its message is
# done with as soon as it is read.


@contextmanager
def known_faults_in_the_log(what: str) -> Iterator[None]:
    """One line for a known fault: the ledger knows what is due still, and the trace would tell nothing."""
    try:
        yield
    except SoftTimeLimitExceeded:
        log.warning("%s took too long, the next one goes on from there", what)
    except OsteoHandoverError as fault:
        log.error("%s stopped, the next one goes on from there: %s: %s", what, type(fault).__name__, fault)  # noqa: TRY400 - as the docstring says


@app.task(name=TaskName.REVIEW.value)
def review_patients(ids: list[str]) -> None:
    """Review these patients; a second delivery finds them settled or under way, and does nothing."""
    with known_faults_in_the_log("the review"):
        runtime().review(ids)
    feed()


# A full sweep reads a whole server page by page: an hour, where a chunk of patients has minutes.
# Each page is noted, so that a later sweep goes on where the limit cut; the 100 seconds between the
# limits are for ending in order.
@app.task(name=TaskName.SWEEP.value, acks_late=False, time_limit=3600, soft_time_limit=3500)
def sweep() -> None:
    """Look for what changed and hand it out; leaves if another sweep is reading already."""
    with known_faults_in_the_log("the sweep"):
        found = runtime().sweep()
        log.log(logging.DEBUG if found.idle else logging.INFO, "%s", found)
    feed()


@app.task(name=TaskName.DELIVER.value, acks_late=False)
@known_faults_in_the_log("the delivery")
def deliver_letters() -> None:
    """Send what was released and read the answers; after a break it is due when its lease ends."""
    deliver(runtime())


@app.task(name=TaskName.QUEUE_OVERDUE.value, acks_late=False)
@known_faults_in_the_log("the look at what is overdue")
def queue_overdue() -> None:
    """Queue every patient whose plan has an overdue step."""
    late = runtime().queue_overdue()
    log.log(logging.INFO if late else logging.DEBUG, "patients who have something overdue: %d", late)


@app.task(name=TaskName.FEED.value, acks_late=False)
@known_faults_in_the_log("the feed")
def feed() -> None:
    """Hand out what is due, as far as the queue has room."""
    feed_queue(runtime(), depth_of(runtime()), waiting, publish)
