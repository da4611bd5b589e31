"""The Celery app: its configuration, its logs, and one `Runtime` per process. Importing it reads nothing.

Celery on Redis loses tasks by construction (a worker that dies between taking a message and noting it), so a
message is only a hint: what has to be done stands in the ledger, and what is lost here is found there again.
"""

import contextlib
import os
import sys
from enum import StrEnum

from billiard.util import get_pdeathsig  # type: ignore[attr-defined] # its stub leaves it out
from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun, worker_init
from kombu import Queue
from kombu.exceptions import OperationalError

from adapter.errors import ConfigurationFault
from mappings.outbound.gate import COMPONENTS, load_models
from mappings.valuesets import load_tables
from workers.host.logs import begin_task, end_task, set_up_logs
from workers.host.process_memory import tune_memory
from workers.ledger.database import load_driver
from workers.queue.bootstrap import institution_of
from workers.queue.runtime import Runtime, set_up
from workers.review.write import ORDER
from workers.settings.all_settings import Settings
from workers.settings.protection import REDIS, redis_tls, require_protection
from workers.settings.settings_loader import settings_of_process

QUEUE = "osteo_handover"
# Apart from the patients of a server, who wait behind nobody's files: workers take from both in turn.
PARTS_QUEUE = "osteo_handover.parts"
PART_TIME_LIMIT = 280  # seconds for fifty patients in files, below half of the visibility time-out
# Seconds between two looks at what is due: that, and not the broker, brings back what was lost.
FEED_INTERVAL = 3.0
# Seconds; more than twice a task's time limit, or running tasks would be given out again. The
# sweep may take longer: its message is acknowledged before it starts (`acks_late=False`), so there
# is nothing left to give out.
VISIBILITY_TIMEOUT = 600


class TaskName(StrEnum):
    """What stands in a message: under another name, those that wait would be lost."""

    REVIEW = "osteo_handover.review_patients"
    SWEEP = "osteo_handover.sweep"
    DELIVER = "osteo_handover.deliver"
    QUEUE_OVERDUE = "osteo_handover.queue_overdue"
    FEED = "osteo_handover.feed"
    ASSESS_PART = "osteo_handover.assess_part"


class WorkerQuestion(StrEnum):
    """What every worker answers at once, whatever it is doing."""

    PARTS = "osteo_handover_parts"


app = Celery(QUEUE, include=["workers.queue.celery_tasks", "workers.bulk.part_tasks"])


class _Held:
    """Settings, and the runtime made of them: a process has both or makes them, and no others."""

    def __init__(self) -> None:
        self._settings: Settings | None = None
        # By process. A child neither uses the runtime of its parent nor lets go of
        # it: the connections are one.
        self._runtimes: dict[int, Runtime] = {}

    def take(self, given: Settings) -> None:
        """Hold these settings, and no runtime of others."""
        if made := self._runtimes.pop(os.getpid(), None):
            made.close()
        self._settings = given

    def settings(self) -> Settings:
        if self._settings is None:
            self._settings = settings_of_process()
        return self._settings

    def runtime(self) -> Runtime:
        process = os.getpid()
        if process not in self._runtimes:
            self._runtimes[process] = set_up(self.settings())
        return self._runtimes[process]


_held = _Held()


def use(given: Settings) -> None:
    """Replace held settings, or the environment's; what was made of others is made again."""
    asked = configuration_of(given)  # settings without a broker change nothing
    _held.take(given)
    app.conf.update(asked)
    vars(app).pop("amqp", None)  # made when first asked for, and keeps connections to the broker of before


def settings() -> Settings:
    """The settings of this process, read when they are first needed."""
    return _held.settings()


def runtime() -> Runtime:
    """The runtime of this process; a child of a fork gets its own, since connections do not survive one."""
    return _held.runtime()


def configuration() -> dict[str, object]:
    """What Celery asks for when it is first used."""
    return configuration_of(settings())


def configuration_of(given: Settings) -> dict[str, object]:
    """Every line was tried against killed workers and a killed Redis."""
    if given.broker_url is None:
        raise ConfigurationFault("OSTEO_HANDOVER_BROKER_URL is needed: workers get their work through Redis.")
    require_protection(given, REDIS)
    tls = redis_tls(given)
    return {
        "broker_url": given.broker_url.get_secret_value(),
        **({"broker_use_ssl": tls} if tls else {}),
        "broker_connection_retry_on_startup": True,  # machines of one rack start in any order
        "broker_connection_max_retries": None,  # the default gives up after 100
        "broker_transport_options": {
            "visibility_timeout": VISIBILITY_TIMEOUT,
            "unacked_restore_interval": 5,  # these two: what a killed worker held is looked for every five seconds,
            "unacked_restore_throttle": 1,  # where the defaults look every hundred
            "socket_timeout": 30,  # by default a send waits for ever on a connection that died without a word
            "socket_connect_timeout": 5,  # one that is away is known to be away before the next feed or two
            "socket_keepalive": True,  # firewalls forget a quiet connection
            "health_check_interval": 25,  # and one that hangs all the same is dropped within a minute
        },
        "task_queues": [Queue(QUEUE), Queue(PARTS_QUEUE)],
        "task_default_queue": QUEUE,  # a Redis may be shared: `celery` is everybody's
        "task_serializer": "json",
        "accept_content": ["json"],  # a pickle in the broker would be code from whoever may write there
        "task_ignore_result": True,  # what became of a task stands in the ledger
        "task_store_errors_even_if_ignored": False,  # and an error may not stand anywhere else
        "task_acks_late": True,  # these two: a chunk whose process died is given out again at once
        "task_reject_on_worker_lost": True,
        "task_acks_on_failure_or_timeout": True,  # failures are the ledger's business, never the broker's
        "task_time_limit": given.task_time_limit,
        "task_soft_time_limit": given.task_soft_time_limit,
        "worker_prefetch_multiplier": 1,  # a chunk in the hands of a busy process could be another's
        "worker_send_task_events": False,  # nobody listens, and each carries what the task was given
        "worker_hijack_root_logger": False,  # the lines of the log are ours, see `set_up_logs`
        "worker_concurrency": given.concurrency,
        "worker_soft_shutdown_timeout": 20.0,  # for tasks that run; `stop_grace_period` in docker-compose.yml is longer
        "worker_max_tasks_per_child": 1000,  # these two: a leak of any library ends with its process
        "worker_max_memory_per_child": 300_000,  # KiB; about twice what a process holds (docs/scale-out.md)
        "beat_scheduler": "celery.beat:Scheduler",  # in memory: the ledger knows what is due, a file would only age
        "beat_schedule": {
            "feed": every(TaskName.FEED, FEED_INTERVAL),
            "deliver": every(TaskName.DELIVER, given.delivery_interval),
            "queue_overdue": every(TaskName.QUEUE_OVERDUE, given.overdue_interval),
            "sweep": every(TaskName.SWEEP, given.sweep_interval),
        },
    }


def every(task: TaskName, seconds: float) -> dict[str, object]:
    """A round that is made again and again; one that nobody took before the next is due is dropped."""
    seconds = float(seconds)
    return {"task": task.value, "schedule": seconds, "options": {"expires": seconds}}


app.add_defaults(configuration)


def run_worker(processes: int, *queues: str) -> bool:
    """Work until SIGTERM on what these queues hold, or on everything; whether it ended in order.

    Not by the command line of Celery, which loads an interactive shell: each worker would hold 10 MB of it.
    """
    worker = app.Worker(
        concurrency=processes, queues=queues, quiet=True, without_gossip=True, without_mingle=True
    )
    worker.start()
    return not worker.exitcode


def run_beat() -> None:
    """Ask for a sweep now, and send what the schedule says until SIGTERM."""
    with contextlib.suppress(OperationalError):  # without a broker just now: the schedule will ask again
        app.send_task(TaskName.SWEEP.value, retry=False)
    app.Beat(loglevel="INFO", quiet=True).run()


@worker_init.connect
def freeze_what_is_loaded(**_: object) -> None:
    """Runs before the first task and any fork: children share pathway, texts, models, tables and driver."""
    with contextlib.suppress(ConfigurationFault):  # each task that needs the setting says it
        institution_of(settings())
        load_driver(settings().ledger_url.get_secret_value())
    load_models((*ORDER, *COMPONENTS))
    load_tables()
    with contextlib.suppress(OSError):  # no Linux
        # It loads a parser of C, with which each child asks the system to end when its parent does.
        get_pdeathsig()
    tune_memory()


@setup_logging.connect
def _set_up_logs(**_: object) -> None:
    set_up_logs(settings().log_format, sys.stderr, settings().log_level)


@task_prerun.connect
def _name_the_task(task_id: str, **_: object) -> None:
    begin_task(task_id)


@task_postrun.connect
def _forget_the_task(**_: object) -> None:
    end_task()
