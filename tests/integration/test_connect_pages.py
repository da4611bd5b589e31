"""The pages for engineers, followed as they stand: runs every command in them, with the files they show."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from adapter.fhir import FhirClient
from tests.contract.reception import standing
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import admitted
from tests.servers.fixtures import missing
from workers.sandbox import FaultEffect, Sandbox

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "connect"
AS_WRITTEN = "http://127.0.0.1:8080/fhir"


def commands(page: str) -> list[str]:
    """Indented lines, in their order."""
    return re.findall(r"^    ((?:osteo-handover|mllp_send|curl) .*)$", page, re.MULTILINE)


def block(page: str, language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert found, language
    return found[1]


class Engineer:
    """Somebody with a shell in an empty folder, and the sandbox where the page says that the server is."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder, self.server = folder, server

    def writes(self, name: str, content: str) -> None:
        content = content.replace(AS_WRITTEN, self.server).replace("port = 2575", "port = 0")
        if name.endswith("toml") and "ledger_url" not in content:
            content = f'ledger_url = "sqlite:///{self.folder}/ledger.sqlite"\n{content}'
        (self.folder / name).write_text(content)

    def starts(self, command: str) -> "subprocess.Popen[str]":
        tool, *words = shlex.split(command.replace(AS_WRITTEN, self.server))
        if tool == "curl" and not shutil.which(tool):
            missing("the page of a first server is not followed: curl is not on the PATH")
        tools = {"osteo-handover": [sys.executable, "-m", "workers"], "curl": ["curl"]}
        ours = tools.get(tool) or [str(Path(sys.executable).with_name(tool))]
        surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
        return subprocess.Popen(
            [*ours, *words],
            cwd=self.folder,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def runs(self, command: str) -> str:
        running = self.starts(command)
        said, faults = running.communicate(timeout=120)
        assert running.returncode == 0, faults
        return said


@pytest.fixture
def engineer(tmp_path: Path, sandbox: Sandbox) -> Engineer:
    return Engineer(tmp_path, sandbox.base_url)


def test_a_first_plan_is_made_from_the_page(tmp_path: Path, fhir_server: str) -> None:
    engineer = Engineer(tmp_path, fhir_server)
    page = (PAGES / "first-server.md").read_text("utf-8")
    doctor, load, explain, letter, run, release, send = commands(page)
    engineer.writes("osteo.toml", block(page, "toml"))
    engineer.writes("first.json", block(page, "json"))

    assert "broken" not in engineer.runs(doctor)
    engineer.runs(load)
    assert "decided by lumbar_spine T -2.8" in engineer.runs(explain)
    assert "Osteoporosis by bone density." in engineer.runs(letter)
    assert "4 resources written" in engineer.runs(run)
    assert "0 resources written" in engineer.runs(run)
    engineer.runs(release)
    assert "sent" in engineer.runs(send)

    assert {it.suffix for it in (tmp_path / "letters").rglob("*")} >= {".pdf", ".json"}


def test_an_oru_channel_is_set_up_from_the_page(engineer: Engineer, sandbox: Sandbox) -> None:
    page = (PAGES / "hl7v2-engine.md").read_text("utf-8")
    new_key, check, explain, listen, send, inbox, run = commands(page)
    engineer.writes("dxa.yaml", block(page, "yaml"))
    engineer.writes("message.hl7", block(page, "hl7"))
    engineer.writes("osteo.toml", block(page, "toml"))

    assert "made" in engineer.runs(new_key)
    assert "3 results, 1 site, 1 unit, 1 report" in engineer.runs(check)
    told = engineer.runs(explain)
    assert "femoral_neck" in told
    assert "lumbar_spine" in told
    listener = engineer.starts(listen)
    assert listener.stdout
    port = listener.stdout.readline().rpartition(":")[2].strip()
    try:
        assert "MSA|AA|M1" in engineer.runs(send.replace("2575", port))
        patient = written(sandbox)
        assert sorted(str(it["valueQuantity"]["value"]) for it in standing(sandbox.base_url, patient)) == [
            "-2.1",
            "-2.8",
        ]
        assert "1 done" in engineer.runs(inbox)
    finally:
        listener.send_signal(signal.SIGTERM)
        listener.communicate(timeout=30)
    assert listener.returncode == 0
    assert "osteoporosis" in engineer.runs(run)


def written(sandbox: Sandbox) -> str:
    """The id of the one patient, as soon as results stand there."""
    until = monotonic() + 20
    with FhirClient(sandbox.base_url) as client:
        while not client.search("DiagnosticReport", [("_count", "1")]).matches and monotonic() < until:
            sleep(0.1)
        (patient,) = client.search("Patient", [("_count", "5")]).matches
    return str(patient["id"])


def test_a_watched_folder_is_set_up_from_the_page(engineer: Engineer, sandbox: Sandbox) -> None:
    page = (PAGES / "files.md").read_text("utf-8").partition("# From files, into a server")[2]
    new_key, watch, inbox = commands(page)
    engineer.writes("osteo.toml", block(page, "toml"))
    admitted(sandbox.base_url, [a_patient("anna", gp=None)])
    engineer.runs(new_key)
    incoming = engineer.folder / "incoming"
    incoming.mkdir()
    file = incoming / "day.json"
    file.write_text(json.dumps(a_t_score("anna")))
    os.utime(file, (1, 1))

    engineer.runs(watch)

    assert [it.name for it in (incoming / "done").iterdir()] == ["day.json"]
    assert len(standing(sandbox.base_url, "anna")) == 1
    assert "1 done" in engineer.runs(inbox)


def test_a_first_load_by_bulk_data_is_made_from_the_page(engineer: Engineer, sandbox: Sandbox) -> None:
    page = (PAGES / "bulk-data.md").read_text("utf-8")
    export, assess = commands(page)
    engineer.writes("osteo.toml", block(page, "toml"))
    admitted(sandbox.base_url, [a_gp(), a_patient("anna"), a_t_score("anna")])

    told = engineer.runs(export)
    assert "Observation" in told
    assert "osteoporosis" in engineer.runs(assess)

    assert "Observation" in engineer.runs(export)  # and once more asks nothing
    assert sandbox.recorder.requests["GET", "Patient"] == 1


def test_a_list_of_patients_is_walked_from_the_page(engineer: Engineer, sandbox: Sandbox) -> None:
    page = (PAGES / "patients.md").read_text("utf-8")
    doctor, run = commands(page)
    engineer.writes("osteo.toml", block(page, "toml"))
    engineer.writes("patients.txt", "anna\n")
    admitted(sandbox.base_url, [a_gp(), a_patient("anna"), a_t_score("anna"), a_patient("bea")])
    sandbox.faults.add_rule(FaultEffect.PATIENT_ONLY)

    assert "by the list of patients, all answered" in engineer.runs(doctor)
    told = engineer.runs(run)

    assert "osteoporosis" in told
    assert "1 patient in a full sweep" in told
