"""What is put into the queues, and what a broker that is away comes to."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kombu import Connection

from tests.server_patients import settings_for
from workers.broker.broker_fault import BrokerAway
from workers.queue import celery_app
from workers.queue.celery_app import PARTS_QUEUE, QUEUE, TaskName, app
from workers.queue.task_messages import answers_about_parts, ask_for, publish, publish_parts, waiting

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def memory() -> Iterator[Connection]:
    """A broker in this process, with empty queues."""
    celery_app.use(settings_for("http://127.0.0.1:1/fhir", broker_url=NOWHERE))
    was = {name: app.conf[name] for name in ("broker_url", "broker_transport_options")}
    app.conf.update(broker_url="memory://", broker_transport_options={})
    vars(app).pop("amqp", None)
    with app.connection_for_write() as connection:
        for queue in (QUEUE, PARTS_QUEUE):
            app.amqp.queues[queue](connection.default_channel).declare()
            app.amqp.queues[queue](connection.default_channel).purge()
        yield connection
    app.conf.update(was)
    vars(app).pop("amqp", None)


def taken(connection: Connection, queue: str = QUEUE) -> list[tuple[str, Any, dict[str, Any]]]:
    """Task, arguments and headers of each message that waits."""
    found = []
    held: Any = app.amqp.queues[queue](connection.default_channel)
    while message := held.get(no_ack=True):
        arguments, *_ = json.loads(message.body)
        found.append((message.headers["task"], arguments, message.headers))
    return found


@pytest.mark.parametrize("task", [TaskName.SWEEP, TaskName.FEED])
def test_a_task_without_arguments_is_one_message(memory: Connection, task: TaskName) -> None:
    ask_for(task)

    assert [(name, arguments) for name, arguments, _ in taken(memory)] == [(task.value, [])]


def test_a_chunk_is_one_message_and_its_ids_stand_in_it_once(memory: Connection) -> None:
    publish(("anna", "bea"))

    assert waiting() == 1
    ((name, arguments, headers),) = taken(memory)
    assert (name, arguments) == (TaskName.REVIEW.value, [["anna", "bea"]])
    assert not any("anna" in str(it) for it in headers.values())


def test_each_part_of_a_run_is_a_message_in_a_queue_of_its_own(memory: Connection) -> None:
    publish_parts("results", [0, 500])

    assert (waiting(), waiting(PARTS_QUEUE)) == (0, 2)
    assert [(name, arguments) for name, arguments, _ in taken(memory, PARTS_QUEUE)] == [
        (TaskName.ASSESS_PART.value, ["results", 0]),
        (TaskName.ASSESS_PART.value, ["results", 500]),
    ]


def test_where_nobody_works_nobody_answers(memory: Connection) -> None:
    assert memory.connected
    assert answers_about_parts("results", 0.01) == []


CALLS: dict[str, Callable[[], object]] = {
    "count": waiting,
    "sweep": lambda: ask_for(TaskName.SWEEP),
    "chunk": lambda: publish(("anna",)),
    "parts": lambda: publish_parts("results", [0]),
    "answers": lambda: answers_about_parts("results", 0.01),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_broker_that_is_away_is_said_to_be_that_and_no_patient_is_named(call: str) -> None:
    celery_app.use(settings_for("http://127.0.0.1:1/fhir", broker_url=NOWHERE))

    with pytest.raises(BrokerAway) as raised:
        CALLS[call]()
    assert "anna" not in str(raised.value)
