"""The calls to the broker. They are handed in, so that nobody who works without a broker loads Celery."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from adapter.input.wire_json import ReadOnlyJson
from workers.settings.all_settings import Settings
from workers.settings.protection import broker_of


@dataclass(frozen=True, slots=True)
class BrokerCalls:
    """What is asked of the broker. Each raises BrokerAway when it is away."""

    waiting: Callable[[], int]  # chunks of patients
    publish: Callable[[tuple[str, ...]], None]
    parts_waiting: Callable[[], int]
    publish_parts: Callable[[str, Iterable[int]], None]
    answers_about_parts: Callable[[str, float], Sequence[tuple[str, ReadOnlyJson]]]
    ask_for_sweep: Callable[[], None]
    ask_for_feed: Callable[[], None]


def broker_calls(settings: Settings, *, must_answer: bool = True) -> BrokerCalls:
    """The calls to the broker of these settings.

    Raises ConfigurationFault for settings that lead to none, and BrokerAway for one that
    must answer now and does not.
    """
    # These take half a second to load, and `run`, `assess`, `serve` and `watch` need them
    # only where there is a broker.
    from workers.broker.connection_check import connect_redis  # noqa: PLC0415 - loads Redis
    from workers.queue import celery_app, task_messages  # noqa: PLC0415 - loads Celery

    if must_answer:
        connect_redis(*broker_of(settings)).close()
    celery_app.use(settings)
    return BrokerCalls(
        waiting=task_messages.waiting,
        publish=task_messages.publish,
        parts_waiting=partial(task_messages.waiting, celery_app.PARTS_QUEUE),
        publish_parts=task_messages.publish_parts,
        answers_about_parts=task_messages.answers_about_parts,
        ask_for_sweep=partial(task_messages.ask_for, celery_app.TaskName.SWEEP),
        ask_for_feed=partial(task_messages.ask_for, celery_app.TaskName.FEED),
    )


def follow_up_of(settings: Settings) -> Callable[[bool], None]:
    """Has workers begin at once if there is a broker; else the next sweep or `run` finds what was kept."""
    if settings.broker_url is None:
        return lambda _: None
    broker = broker_calls(settings, must_answer=False)
    return lambda sweep: broker.ask_for_sweep() if sweep else broker.ask_for_feed()
