"""The calls that reach the broker: send a task, count what waits. BrokerAway without a broker."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from kombu.exceptions import OperationalError

from workers.broker.broker_fault import BrokerAway
from workers.queue.celery_app import PARTS_QUEUE, QUEUE, TaskName, WorkerQuestion, app


def waiting(queue: str = QUEUE) -> int:
    """How many messages wait in the queue."""
    with _broker() as connection:
        declared: Any = app.amqp.queues[queue](connection.default_channel).queue_declare()
        return int(declared.message_count)


def ask_for(task: TaskName) -> None:
    """One message for a task without arguments."""
    with _broker() as connection:
        app.send_task(task.value, connection=connection, retry=False)


def publish(patients: tuple[str, ...]) -> None:
    """One task for these patients."""
    with _broker() as connection:
        # Without argsrepr the ids would stand in a header a second time, for tools that we do not use.
        app.send_task(
            TaskName.REVIEW.value,
            ([*patients],),
            connection=connection,
            retry=False,
            argsrepr="",
            kwargsrepr="",
        )


def publish_parts(results: str, starts: Iterable[int]) -> None:
    """One task for each of these parts of the run in this folder."""
    with _broker() as connection:
        for start in starts:
            app.send_task(
                TaskName.ASSESS_PART.value,
                (results, start),
                queue=PARTS_QUEUE,
                connection=connection,
                retry=False,
                argsrepr="",  # as above
                kwargsrepr="",
            )


def answers_about_parts(results: str, seconds: float) -> list[tuple[str, dict[str, Any]]]:
    """What each worker that answers within ``seconds`` says of the run in this folder, by worker name."""
    with _broker() as connection:
        answers = app.control.broadcast(
            WorkerQuestion.PARTS.value,
            {"results": results},
            connection=connection,
            reply=True,
            timeout=seconds,
        )
    found: list[dict[str, dict[str, Any]]] = list(answers or ())  # JSON of a worker of any release
    return [(worker, said) for one in found for worker, said in one.items()]


@contextmanager
def _broker() -> Iterator[Any]:
    """A connection to it; raises BrokerAway for whatever fails there."""
    with app.connection_for_write() as opened:
        connection: Any = opened  # its lists of errors have no types
        try:
            connection.ensure_connection(max_retries=1, interval_start=0)  # by itself it would try for ever
            yield connection
        except (OperationalError, *connection.connection_errors, *connection.channel_errors) as error:
            raise BrokerAway("The broker does not answer.") from error
