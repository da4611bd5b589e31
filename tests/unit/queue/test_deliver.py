"""One round of delivery: what was released goes once, and what was exchanged since does not go."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import settings_for
from tests.servers.without_http import BASE, LocalServer, SetClock
from tests.unit.queue.runtime_in_memory import DOCTOR, release, runtime_in_memory
from workers.queue.deliver import deliver
from workers.queue.runtime import Runtime

NO_CHANNEL = settings_for(BASE).delivery


@pytest.fixture
def server() -> LocalServer:
    made = LocalServer()
    made.load(a_gp(), DOCTOR, a_patient("p"), a_t_score("p"))
    return made


def released(server: LocalServer, **given: Any) -> Runtime:
    runtime = runtime_in_memory(server, SetClock(), **given)
    runtime.review_now(["p"])
    release(server)
    runtime.review_now(["p"])
    return runtime


def into(folder: Path) -> str:
    return json.dumps({"channel": "folder", "folder": str(folder)})


def test_a_released_letter_goes_once(server: LocalServer, tmp_path: Path) -> None:
    runtime = released(server, delivery=into(tmp_path))

    first, second = deliver(runtime), deliver(runtime)

    assert (first["sent"], second["sent"]) == (1, 0)
    assert any(tmp_path.iterdir())


def test_what_nobody_released_does_not_go(server: LocalServer, tmp_path: Path) -> None:
    runtime = runtime_in_memory(server, SetClock(), delivery=into(tmp_path))
    runtime.review_now(["p"])

    assert deliver(runtime)["sent"] == 0
    assert not any(tmp_path.iterdir())


def test_a_letter_about_somebody_who_became_another_person_stays_and_a_human_is_asked(
    server: LocalServer, tmp_path: Path
) -> None:
    runtime = released(server, delivery=into(tmp_path))
    server.load(a_patient("p", identifier=[{"system": "urn:other", "value": "somebody else"}]))

    assert deliver(runtime)["sent"] == 0
    asked = {it["code"]["coding"][0]["code"] for it in server.all("Task") if it["status"] == "requested"}
    assert "delivery_content_changed" in asked
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("changes", [{"dry_run": True}, {"delivery": NO_CHANNEL}])
def test_where_nothing_may_leave_a_released_letter_stays_and_nothing_is_asked(
    changes: dict[str, Any], server: LocalServer, tmp_path: Path
) -> None:
    runtime = released(server, delivery=into(tmp_path))
    runtime = replace(runtime, settings=runtime.settings.model_copy(update=changes))
    asked = server.asked

    assert deliver(runtime) == {}
    assert server.asked == asked
    assert not any(tmp_path.iterdir())
