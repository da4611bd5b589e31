"""The doorways of a run whose parts machines share: a folder and a number in, one call, only a code out."""

from pathlib import Path

from celery.worker import state
from celery.worker.control import inspect_command

from adapter.input.wire_json import Json
from workers.bulk.part_work import assess_part, view_of
from workers.queue.celery_app import PART_TIME_LIMIT, TaskName, WorkerQuestion, app
from workers.queue.celery_tasks import known_faults_in_the_log

# Seconds from the limit at which a part may still let go of its files to that at which its process is killed.
GRACE = 10


# `acks_late=False`: whoever waits for a part hands it out again, and one that kills its
# worker comes back by nobody else.
@app.task(
    name=TaskName.ASSESS_PART.value,
    acks_late=False,
    time_limit=PART_TIME_LIMIT + GRACE,
    soft_time_limit=PART_TIME_LIMIT,
)
@known_faults_in_the_log("a part of a run over files")
def assess_task(results: str, start: int) -> None:
    """One part of the run in this folder.

    A second delivery does nothing: it finds the part there, or nobody who waits for it. One beside the first
    does the part too, and what it keeps is the same.
    """
    assess_part(Path(results), start)


@inspect_command(name=WorkerQuestion.PARTS.value, args=[("results", str)])
def parts_held(_: object, results: str) -> Json:
    """How the run looks from this worker, and which of its parts it has."""
    view, file = view_of(Path(results))
    held = [request.args for request in state.reserved_requests if request.name == TaskName.ASSESS_PART]
    return {"view": view.value, "file": file, "has": [start for folder, start in held if folder == results]}
