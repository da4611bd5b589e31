"""What the workers say while they work: ids of work, codes and counts, never a patient.

Each line names its process and, while a worker has a task in hand, the id of the message that asked for it:
so the lines of one task are found among those of all workers.

Two rules make that hold where others write the message. An exception shows its type and where it
happened, not its text, because a text may quote what it stumbled over. And Celery's own report of a
failed task loses that text too.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Literal, TextIO

from adapter.input.outside_text import shown

_CELERY_REPORTS = "celery.app.trace"
# Others' loggers, whatever level is asked for: the first ones quote addresses and arguments,
# which name patients; those of Celery say of each task that it came and went, which an idle
# worker would do every three seconds.
_QUIET = {
    **dict.fromkeys(("urllib3", "kombu", "amqp", "celery.utils.functional", "sqlalchemy"), logging.ERROR),
    **dict.fromkeys(("celery.app.trace", "celery.beat", "celery.worker.strategy"), logging.WARNING),
}

# No context variable: the threads of a chunk would not see it. A process has one task in hand at a time.
_in_hand: list[str] = []


def begin_task(task_id: str) -> None:
    """Puts the id of this task, which names no patient, on every log line of this process from now on."""
    _in_hand[:] = [shown(task_id)]


def end_task() -> None:
    """No task is in hand any more."""
    _in_hand.clear()


class PlainFormatter(logging.Formatter):
    """A line for people."""

    def format(self, record: logging.LogRecord) -> str:
        where = f" [{place_of(record)}]" if record.exc_info else ""
        who = "/".join((str(record.process), *_in_hand))
        return f"{_instant_of(record)} {record.levelname:7} {who} {record.name}: {log_text(record)}{where}"


class JsonLines(logging.Formatter):
    """A line for machines."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": _instant_of(record),
            "level": record.levelname,
            "process": record.process,
            "from": record.name,
            "message": log_text(record),
        }
        if _in_hand:
            line["task"] = _in_hand[0]
        if record.exc_info:
            line["where"] = place_of(record)
        return json.dumps(line, ensure_ascii=False)


FORMATS = {"plain": PlainFormatter, "json": JsonLines}


def set_up_logs(form: Literal["plain", "json"], stream: TextIO, level: str = "info") -> None:
    """Send everything from a level on to one stream in one form; a second call replaces the first."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(FORMATS[form]())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, root.level))


def log_text(record: logging.LogRecord) -> str:
    """The message as one line that is safe to show, or for a task that failed its name and id alone."""
    return shown(_unguarded_text(record))


def _unguarded_text(record: logging.LogRecord) -> str:
    data = getattr(record, "data", None)
    if record.name == _CELERY_REPORTS and isinstance(data, dict):
        ended = f"took {data['runtime']:.2f} s" if "runtime" in data else data.get("description", "ended")
        return f"task {data.get('name')}[{data.get('id')}] {ended}"
    return record.getMessage()


def place_of(record: logging.LogRecord) -> str:
    """Type and place of an exception: `ValueError at study.py:80 < case.py:12`, the innermost first."""
    kind, _, trace = record.exc_info if isinstance(record.exc_info, tuple) else (None, None, None)
    frames = reversed(traceback.extract_tb(trace)[-5:])
    places = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    return f"{kind.__name__ if kind else 'error'} at {places or 'unknown'}"


def _instant_of(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
