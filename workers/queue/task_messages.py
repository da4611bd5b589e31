"""What goes to the broker: one message for a task, and how many wait. Each raises ConnectionError without a broker."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kombu.exceptions import OperationalError

from workers.queue.celery_app import QUEUE, TaskName, app


def waiting() -> int:
    """How many messages wait in the queue."""
    with _broker() as connection:
        declared: Any = app.amqp.queues[QUEUE](connection.default_channel).queue_declare()
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
