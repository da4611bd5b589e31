import io
import json
import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pytest

from workers.host.logs import begin_task, end_task, set_up_logs


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    root.handlers[:], root.level = before[0], before[1]


def logged(form: Literal["plain", "json"]) -> str:
    stream = io.StringIO()
    set_up_logs(form, stream)
    log = logging.getLogger("test")
    try:
        int("Jansen")
    except ValueError:
        log.exception("it went wrong")
    return stream.getvalue()


@pytest.mark.parametrize("form", ["plain", "json"])
def test_an_exception_shows_its_type_and_place_but_not_its_text(form: Literal["plain", "json"]) -> None:
    said = logged(form)

    assert "Jansen" not in said
    assert "ValueError at test_logs.py:" in said
    assert len(said.splitlines()) == 1


def test_json_lines_are_json() -> None:
    line = json.loads(logged("json"))

    assert (line["level"], line["from"], line["message"]) == ("ERROR", "test", "it went wrong")


@pytest.mark.parametrize("form", ["plain", "json"])
def test_a_line_names_its_process_and_the_task_in_hand_whatever_thread_says_it(
    form: Literal["plain", "json"],
) -> None:
    stream = io.StringIO()
    set_up_logs(form, stream)
    log = logging.getLogger("test")

    begin_task("7f0c-1\nforged")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(log.info, "at work").result()
    end_task()
    log.info("at rest")

    at_work, at_rest = stream.getvalue().splitlines()
    assert all(str(os.getpid()) in line for line in (at_work, at_rest))
    assert "7f0c-1 forged" in at_work
    assert "7f0c-1" not in at_rest


def test_a_failed_task_is_reported_without_its_exception() -> None:
    stream = io.StringIO()
    set_up_logs("plain", stream)
    data = {"name": "osteo_handover.sweep", "id": "1234", "exc": "Jansen", "description": "raised unexpected"}

    logging.getLogger("celery.app.trace").error("Task %(name)s %(exc)s", data, extra={"data": data})

    assert "Jansen" not in stream.getvalue()
    assert "osteo_handover.sweep[1234] raised unexpected" in stream.getvalue()


@pytest.mark.parametrize(
    ("level", "name", "said", "logged"),
    [
        ("info", "workers.queue.chunk", logging.INFO, True),
        ("warning", "workers.queue.chunk", logging.INFO, False),
        ("debug", "workers.queue.chunk", logging.DEBUG, True),
        # Celery's word of every task that came, went and is asked for
        ("debug", "celery.worker.strategy", logging.INFO, False),
        ("debug", "celery.app.trace", logging.INFO, False),
        ("debug", "celery.beat", logging.INFO, False),
        ("info", "celery.app.trace", logging.ERROR, True),
        # whose addresses name patients
        ("debug", "urllib3.connectionpool", logging.DEBUG, False),
    ],
)
def test_the_level_is_heeded_and_the_chatter_of_others_is_not_logged(
    level: str, name: str, said: int, logged: bool
) -> None:
    stream = io.StringIO()
    set_up_logs("plain", stream, level)

    logging.getLogger(name).log(said, "something")

    assert ("something" in stream.getvalue()) is logged
