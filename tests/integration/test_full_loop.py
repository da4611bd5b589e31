"""The whole loop: T-score, draft, release, letter at the GP's, acceptance; an amended T-score, a correction.

One FHIR server is the hospital's, a second one the GP's, an MLLP listener an integration engine. Nobody is
imitated: the clinician and the GP do what any FHIR client does, a PUT.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapter.fhir import FhirClient
from adapter.input.wire_json import Json
from mappings.handover.release.release_codes import RELEASE, code_in
from tests.made_resources import a_hip_fracture, a_t_score
from tests.patient_care import Care, admit
from tests.server_patients import after, settings_for
from tests.unit.delivery.listener import listening
from workers.delivery.message_content import MESSAGE_ID
from workers.host.clock import system_clock
from workers.ledger import outbox
from workers.queue.deliver import deliver
from workers.queue.runtime import set_up
from workers.sandbox import Sandbox
from workers.settings.setting_variables import variable_name

SEND_INTERIM = [
    {
        "type": {"text": "answer"},
        "valueCodeableConcept": {"coding": [{"system": RELEASE, "code": "send_interim_letter"}]},
    }
]
ROOT = Path(__file__).parents[2]
DIES = """
import os, signal, sys
sends = 0
def hook(event, _):
    global sends
    if event == "http.client.send":
        sends += 1
        if sends == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
from workers.queue.runtime import set_up
from workers.queue.deliver import deliver
from workers.settings.settings_loader import settings_of_process
with set_up(settings_of_process()) as runtime:
    sys.addaudithook(hook)
    runtime.review_now([sys.argv[1]])
    deliver(runtime)
"""


@pytest.fixture
def practice() -> Iterator[Sandbox]:
    with Sandbox() as server:
        yield server


def delivery(care_gp: str, address: str, **more: Any) -> str:
    return orjson.dumps(
        {"channel": "fhir", "fhir_addresses": {f"Practitioner/{care_gp}": address}, **more}
    ).decode()


def a_care(base: str, unique_id: Callable[[str], str], practice: str, **settings: Any) -> Care:
    """A patient whose GP keeps a server of their own."""
    care = admit(base, unique_id)
    told = {"pathway": "antonius", "site": care.patient, "delivery": delivery(care.gp, practice), **settings}
    care.runtime.close()
    care.runtime = set_up(settings_for(base, **told))
    care.review()
    return care


def letters_at(practice: str, care: Care) -> list[Json]:
    """What the GP has, the oldest first; only this patient's, since a server may be shared."""
    with FhirClient(practice) as gp:
        found = gp.search("Communication").matches
    mine = [it for it in found if care.patient in orjson.dumps(it["subject"]).decode()]
    return sorted(mine, key=lambda it: str(it["meta"]["lastUpdated"]))


def text_of(letter: Json) -> str:
    """The words of a letter, without its line breaks."""
    return " ".join(str(letter["payload"][0]["contentString"]).split())


def answer(practice: str, care: Care, letter: Json, status: str) -> None:
    """The GP's system moves the Task that came with a letter."""
    with FhirClient(practice) as gp:
        held = gp.search("Task").matches
        (task,) = (it for it in held if it["focus"]["reference"].endswith(letter["id"]))
        gp.update({**task, "status": status})


def test_from_t_score_to_accepted_and_from_amended_t_score_to_the_correction_at_the_gp(
    fhir_server: str, practice: Sandbox, unique_id: Callable[[str], str]
) -> None:
    gp = practice.base_url
    care = a_care(fhir_server, unique_id, gp)
    assert deliver(care.runtime) == {}
    assert letters_at(gp, care) == []

    care.release()
    done = deliver(care.runtime)
    assert (done["received"], done["answer accepted"]) == (
        1,
        0,
    )  # the clinic's own Task is no answer of the GP
    (first,) = letters_at(gp, care)
    assert "Dr A. Vermeer" in first["payload"][0]["contentString"]
    assert care.letter()["status"] == "completed"

    answer(gp, care, first, "accepted")
    assert deliver(care.runtime)["answer accepted"] == 1
    assert [it.state for it in outbox.deliveries_in_state(care.runtime.ledger, *outbox.DeliveryState)] == [
        "accepted"
    ]

    care.amend(-3.1)
    care.review()
    assert deliver(care.runtime)["received"] == 0
    assert len(letters_at(gp, care)) == 1

    care.release()
    assert deliver(care.runtime)["received"] == 1
    _, second = letters_at(gp, care)
    text = second["payload"][0]["contentString"]
    assert "What changed and why" in text
    assert "-2.7" in text
    assert "-3.1" in text
    answer(gp, care, second, "accepted")
    assert deliver(care.runtime)["answer accepted"] == 1


def test_a_withdrawn_t_score_reaches_the_gp_as_a_withdrawal(
    sandbox: Sandbox, practice: Sandbox, unique_id: Callable[[str], str]
) -> None:
    care = a_care(sandbox.base_url, unique_id, practice.base_url)
    care.release()
    deliver(care.runtime)

    care.put(a_t_score(care.patient, status="entered-in-error"))
    care.review()
    assert deliver(care.runtime)["received"] == 0

    care.release("release_retraction")
    assert deliver(care.runtime)["received"] == 1
    first, last = (text_of(it) for it in letters_at(practice.base_url, care))
    (released,) = re.findall(r"Released on (.+?) by Dr A. Vermeer", first)
    assert last.startswith("WITHDRAWAL OF OUR LETTER")
    assert f"We withdraw our letter of {released} about this patient" in last


def test_an_engine_gets_the_released_letter_over_mllp(
    sandbox: Sandbox, unique_id: Callable[[str], str]
) -> None:
    with listening("AA") as engine:
        told = orjson.dumps({"channel": "mllp", "mllp_port": engine.port}).decode()
        care = admit(sandbox.base_url, unique_id, delivery=told)
        deliver(care.runtime)
        assert engine.messages == []

        care.release()
        deliver(care.runtime)

    assert len(engine.messages) == 1
    assert care.letter()["status"] == "completed"


def test_an_interim_letter_reaches_the_gp_ahead_of_the_plan(
    sandbox: Sandbox, practice: Sandbox, unique_id: Callable[[str], str]
) -> None:
    care = a_care(sandbox.base_url, unique_id, practice.base_url)
    care.put(a_hip_fracture(care.patient))
    care.review()
    assert deliver(care.runtime) == {}

    care.release(output=SEND_INTERIM)
    assert deliver(care.runtime)["received"] == 1
    (interim,) = letters_at(practice.base_url, care)
    assert "Dr A. Vermeer" in text_of(interim)
    assert care.plan()["status"] == "draft"

    care.release()
    assert deliver(care.runtime)["received"] == 1
    assert care.plan()["status"] == "active"
    assert len(letters_at(practice.base_url, care)) == 2


def test_no_letter_leaves_about_a_plan_that_was_revoked_after_its_release(
    sandbox: Sandbox, practice: Sandbox, unique_id: Callable[[str], str]
) -> None:
    care = a_care(sandbox.base_url, unique_id, practice.base_url)
    care.release()
    care.put(care.plan("active"), status="revoked")

    deliver(care.runtime)

    assert letters_at(practice.base_url, care) == []


def test_without_a_release_a_letter_leaves_only_when_pathway_and_settings_both_say_so(
    sandbox: Sandbox, practice: Sandbox, unique_id: Callable[[str], str]
) -> None:
    sent = {}
    for pathway, allowed in (("hvrt", "hvrt"), ("hvrt", ""), ("antonius", "antonius")):
        care = a_care(
            sandbox.base_url, unique_id, practice.base_url, pathway=pathway, send_without_release=allowed
        )
        deliver(care.runtime)
        sent[pathway, bool(allowed)] = letters_at(practice.base_url, care)
        plans = {it["status"] for it in care.all("CarePlan")}
        assert "active" not in plans

    assert [len(it) for it in sent.values()] == [1, 0, 0]
    assert "not confirmed" in sent["hvrt", True][0]["payload"][0]["contentString"]


def test_killed_at_any_request_between_release_and_delivery_the_gp_has_the_letter_once(
    sandbox: Sandbox, practice: Sandbox, unique_id: Callable[[str], str], tmp_path: Path
) -> None:
    deaths = 0
    for number in range(1, 200, 3):
        care = admit(sandbox.base_url, unique_id)
        told = {
            "pathway": "antonius",
            "site": care.patient,
            "ledger_url": f"sqlite:///{tmp_path}/{number}.sqlite",
            "delivery": delivery(care.gp, practice.base_url),
        }
        care.runtime.close()
        task = care.task()
        care.put(task, status="completed", owner={"reference": f"Practitioner/{care.clinician}"})
        given = {
            "fhir_base_url": sandbox.base_url,
            "language": "en",
            "threads": "1",
            "clock_margin": "0",
            **told,
        }
        environ = {variable_name(name): value for name, value in given.items()}
        command = [sys.executable, "-c", DIES, care.patient, str(number)]
        child = subprocess.run(
            command, env={**os.environ, **environ}, cwd=ROOT, capture_output=True, check=False
        )
        assert child.returncode in (0, -signal.SIGKILL), child.stderr.decode()[-2000:]

        with set_up(settings_for(sandbox.base_url, **told), after(system_clock, minutes=30)) as runtime:
            runtime.review_now([care.patient])
            deliver(runtime)

        (letter,) = letters_at(practice.base_url, care)
        (kept,) = care.all("Communication")
        ids = {
            it["value"] for it in (*letter["identifier"], *kept["identifier"]) if it["system"] == MESSAGE_ID
        }
        assert len(ids) == 1
        assert kept["status"] == "completed"
        assert code_in(task["code"]) == "release_letter"
        if child.returncode == 0:
            break
        deaths += 1
    else:
        pytest.fail("no run came to its end")
    assert deaths >= 5
