"""The commands, as somebody at a keyboard or a program sees them."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mappings.outbound.draft import Action
from tests.command_line import CommandLine
from tests.integration.conftest import REPOSITORY, Hospital, wait_until
from tests.integration.test_bad_input import OWN
from tests.made_resources import a_patient
from workers.cli.explain import WRITES
from workers.cli.progress_bar import progress_bar
from workers.cli.run import exit_of, show_status
from workers.demo import patients
from workers.queue.runtime import set_up
from workers.queue.sweep_run import RunPatience, work_through_broker
from workers.sandbox import FaultEffect, Sandbox
from workers.settings.all_settings import NAMES
from workers.settings.serve_settings import ServeSettings
from workers.settings.setting_variables import PREFIX, variable_name
from workers.settings.settings_loader import load_settings


@pytest.fixture
def ward(sandbox: Sandbox) -> Sandbox:
    """A sandbox with our own patients."""
    sandbox.load(patients(OWN))
    sandbox.recorder.clear()
    return sandbox


@pytest.fixture
def shell(ward: Sandbox, tmp_path: Path) -> CommandLine:
    """A command line that asks this sandbox."""
    ledger = f"sqlite:///{tmp_path}/ledger.sqlite"
    return CommandLine({"fhir_base_url": ward.base_url, "ledger_url": ledger, "language": "en"})


SILENT = 10  # seconds, in which each of the four rounds is made three times and more
Said = pytest.CaptureFixture[str]


def test_run_sums_up_for_people(ward: Sandbox, shell: CommandLine) -> None:
    code, out, err = shell("run")

    assert (code, err) == (0, "")
    assert "16 patients in a full sweep" in out
    assert "non_numeric_t_score" in out


def test_a_second_run_writes_nothing(ward: Sandbox, shell: CommandLine) -> None:
    shell("run")
    ward.recorder.clear()

    code, out, _ = shell("run", "--json")

    assert (code, json.loads(out)["written"], ward.recorder.writes) == (0, {}, [])


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(
    ward: Sandbox, shell: CommandLine, tmp_path: Path
) -> None:
    code, out, _ = shell("run", "--dry-run", "--json")
    told = json.loads(out)

    assert (code, told["dry_run"], ward.recorder.writes) == (0, True, [])
    assert told["written"]["create CarePlan"] == 15
    assert not list(tmp_path.glob("ledger*"))


def test_a_dry_run_tells_people_what_would_be_written(ward: Sandbox, shell: CommandLine) -> None:
    _, out, _ = shell("run", "--dry-run", "demo-b")

    assert "Would be written" in out
    assert "1 patient, 4 resources would be written." in out


def test_named_patients_are_reviewed_and_nobody_else(ward: Sandbox, shell: CommandLine) -> None:
    code, out, _ = shell("run", "Patient/demo-b", "demo-c", "demo-b", "--json")
    told = json.loads(out)

    assert (code, told["patients"], told["outcomes"]) == (
        0,
        2,
        {"planned:normal": 1, "planned:osteoporosis": 1},
    )
    assert [it.type for it in ward.recorder.writes].count("CarePlan") == 2


def test_a_misspelt_patient_is_not_remembered(ward: Sandbox, shell: CommandLine) -> None:
    shell("run", "demo-b", "nobody")
    assert ward.recorder.writes == []

    code, out, _ = shell("run", "--json")

    assert (code, json.loads(out)["troubles"]) == (0, [])


def test_a_run_without_its_redis_says_so_before_it_reads_anything(ward: Sandbox, shell: CommandLine) -> None:
    began = time.monotonic()

    code, _, err = shell("run", broker_url="redis://127.0.0.1:9/0")

    assert (code, "start it" in err) == (3, True)
    assert time.monotonic() - began < 5
    assert {kind for _, kind in ward.recorder.requests} <= {"metadata", ""}


def test_a_table_that_is_piped_is_not_cut(ward: Sandbox, shell: CommandLine) -> None:
    _, out, _ = shell("settings", "show")

    rows = [line for line in out.splitlines() if "OSTEO_HANDOVER_SWEEP_TYPES" in line]
    assert ["FamilyMemberHistory" in row and row.rstrip().endswith("\u2502") for row in rows] == [True]


def test_explain_gives_class_site_rules_and_sources(ward: Sandbox, shell: CommandLine) -> None:
    code, out, _ = shell("explain", "demo-b", "--json")
    told = json.loads(out)

    assert code == 0
    assert (told["class"], told["deciding"]["site"], told["deciding"]["t_score"]) == (
        "osteoporosis",
        "femoral_neck",
        "-2.5",
    )
    assert told["deciding"]["evidence"] == "Observation/demo-b-2/_history/1"
    assert all(reason["rules"] and reason["rules"][0]["id"] for reason in told["reasons"])
    assert any(rule.get("cite") for reason in told["reasons"] for rule in reason["rules"])
    assert {it["action"] for it in told["writes"]} == {"create"}
    assert ward.recorder.writes == []


def test_explain_lists_what_was_refused(ward: Sandbox, shell: CommandLine) -> None:
    code, out, _ = shell("explain", "Patient/demo-d", "--letter")

    assert code == 0
    assert "non_numeric_t_score" in out
    assert "Huisarts Demo" in out


def test_explain_is_short_and_whole_on_demand(ward: Sandbox, shell: CommandLine) -> None:
    _, short, _ = shell("explain", "demo-b")
    _, full, _ = shell("explain", "demo-b", "--full")

    assert len(short.splitlines()) <= 40
    assert max(map(len, short.splitlines())) <= 100
    assert "C-01: T-score at or below the limit is osteoporosis" in short
    assert "explain demo-b --full" in short
    assert "Observation/demo-b-3/_history/1" not in short
    assert "Observation/demo-b-3/_history/1" in full


def test_explain_says_in_short_what_would_be_written_and_what_stands(
    ward: Sandbox, shell: CommandLine
) -> None:
    def said() -> dict[str, str]:
        _, short, _ = shell("explain", "demo-b")
        rows = (line.split("  ", 1) for line in short.splitlines() if "  " in line)
        return {label: text.strip() for label, text in rows if label.startswith(("Would", "Stands"))}

    new = said()
    shell("run", "demo-b")
    written = said()
    (scan,) = (it for it in patients(OWN) if it["id"] == "demo-b-2")
    ward.load([{**scan, "valueQuantity": {**scan["valueQuantity"], "value": -2.9}}])

    assert new.keys() == {"Would create"}
    assert written.keys() == {"Stands"}
    assert new["Would create"].startswith(
        written["Stands"]
    )  # a run has a Device and a Provenance of its own beside
    assert "1 CarePlan" in said()["Would update"]


def test_each_thing_that_can_happen_to_a_draft_has_its_place_in_the_short_form() -> None:
    assert WRITES.keys() == {it.value for it in Action}


def test_explain_of_nobody_is_one_line(ward: Sandbox, shell: CommandLine) -> None:
    code, out, err = shell("explain", "nobody")

    assert (code, out, len(err.splitlines())) == (1, "", 1)


def test_the_doctor_finds_a_healthy_server_healthy(ward: Sandbox, shell: CommandLine) -> None:
    code, out, _ = shell("doctor", "--json")
    told = json.loads(out)

    assert (code, told["works"]) == (0, True)
    unset = {"broker", "sender of letters", "delivery"}
    assert {it["what"] for it in told["findings"] if it["state"] != "works"} == unset
    assert [it.type for it in ward.recorder.writes] == ["Device"]


def test_the_doctor_sees_that_letters_have_a_sender_and_leave(
    ward: Sandbox, shell: CommandLine, tmp_path: Path
) -> None:
    given = {
        "organization_name": "Clinic",
        "organization_phone": "000",
        "delivery": json.dumps({"channel": "folder", "folder": str(tmp_path)}),
    }

    _, out, _ = shell("doctor", "--json", "--quick", **given)

    told = {it["what"]: (it["state"], it["says"]) for it in json.loads(out)["findings"]}
    assert told["sender of letters"] == ("works", "name and number are set")
    assert told["delivery"] == ("works", "by folder")


def test_the_doctors_probe_leaves_nothing_more_the_second_time(ward: Sandbox, shell: CommandLine) -> None:
    for _ in range(2):
        shell("doctor")

    assert len(ward.recorder.writes) == 1


@pytest.mark.parametrize(
    ("effect", "value", "broken"),
    [
        (FaultEffect.READ_ONLY, None, {"writing"}),
        (FaultEffect.VERSION, "3.0.2", {"FHIR server"}),
        (FaultEffect.BEARER, "secret", {"FHIR server"}),
        (FaultEffect.HTML, 200, {"FHIR server"}),
    ],
)
def test_the_doctor_says_what_is_broken_and_what_to_do(
    ward: Sandbox,
    shell: CommandLine,
    effect: FaultEffect,
    value: str | int | None,
    broken: set[str],
) -> None:
    ward.faults.add_rule(effect, value)

    code, out, _ = shell("doctor", "--json")
    findings = [it for it in json.loads(out)["findings"] if it["state"] == "broken"]

    assert code == 2
    assert {it["what"] for it in findings} == broken
    assert all(it["do"] for it in findings)


def test_the_doctor_sees_a_server_that_ignores_what_is_asked(ward: Sandbox, shell: CommandLine) -> None:
    ward.faults.add_rule(FaultEffect.IGNORE_PARAMETER, "patient")

    _, out, _ = shell("doctor", "--json")

    assert "searching" in {it["what"] for it in json.loads(out)["findings"] if it["state"] == "limited"}


def test_the_doctor_sees_a_broker_that_is_not_there(ward: Sandbox, shell: CommandLine) -> None:
    code, out, err = shell("doctor", "--quick", broker_url="redis://:hunter2@127.0.0.1:9/0")

    assert code == 2
    assert "Redis at redis://127.0.0.1:9 does not answer" in out
    assert "hunter2" not in out + err


def test_settings_show_lists_all_and_no_secret(ward: Sandbox, shell: CommandLine) -> None:
    code, out, _ = shell("settings", "show", "--json", broker_url="redis://:hunter2@127.0.0.1:6379/0")

    told = json.loads(out)
    assert (code, set(told)) == (0, {variable_name(name) for name in NAMES})
    assert set(told[PREFIX + "SERVE"]["keys"]) == set(ServeSettings.model_fields)
    assert told[PREFIX + "SMART"]["keys"]["client_id"]["allowed"]
    assert "hunter2" not in out


def test_settings_are_shown_without_a_server(ward: Sandbox, shell: CommandLine) -> None:
    code, out, _ = CommandLine()("settings", "show", "--json")

    assert (code, json.loads(out)[PREFIX + "FHIR_BASE_URL"]["value"]) == (0, "-")


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_a_worker_without_a_broker_is_one_line(ward: Sandbox, shell: CommandLine, name: str) -> None:
    code, out, err = shell(name)

    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "BROKER_URL" in err


def test_words_before_a_command_count_for_it_and_leave_the_environment_alone(
    ward: Sandbox, shell: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('site = "tilburg"\nlog_level = "error"\n', encoding="utf-8")
    before = dict(os.environ)

    _, out, _ = shell("--config", str(file), "--log-level", "debug", "settings", "show", "--json")
    told = json.loads(out)

    assert [told[PREFIX + name]["value"] for name in ("SITE", "LOG_LEVEL")] == ["tilburg", "debug"]
    assert dict(os.environ) == before


def test_a_port_that_is_taken_is_one_line(ward: Sandbox, shell: CommandLine) -> None:
    port = ward.base_url.rpartition(":")[2].partition("/")[0]

    code, _, err = shell("sandbox", "--port", port)

    assert (code, len(err.splitlines())) == (2, 1)


@pytest.mark.worker
@pytest.mark.slow
def test_the_demo_does_the_whole_job_on_two_screens_and_leaves_nothing_running() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workers", "demo"],
        cwd=REPOSITORY,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) <= 2 * 45
    assert max(map(len, lines)) <= 100
    assert "A second run wrote 0 resources." in done.stdout
    told = ["osteoporosis", "Drug treatment is indicated", "releases it", "delivered", "accepts it", "corrects", "What changed and why"]  # fmt: skip
    places = [done.stdout.find(it) for it in told]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.worker
def test_a_run_with_a_broker_and_no_worker_gives_up_and_says_so(hospital: Hospital, capsys: Said) -> None:
    hospital.given = {"lease": "1"}
    hospital.sandbox.load([a_patient("one", None)])
    soon = RunPatience(slow=0.5, beyond_lease=1.0)

    with set_up(load_settings(hospital.environ)) as runtime, progress_bar(quiet=True) as bar:
        task = bar.add_task("sweep")
        summary = work_through_broker(runtime, lambda it: show_status(bar, task, it), patience=soon)

    assert exit_of(summary) == 3
    assert capsys.readouterr().err.count("is a worker running?") == 1
    assert any("is a worker running?" in note for note in summary.notes)


@pytest.mark.worker
@pytest.mark.slow
def test_idle_processes_log_nothing(hospital: Hospital) -> None:
    hospital.given = {"sweep_interval": "2", "delivery_interval": "2", "overdue_interval": "2"}
    hospital.sandbox.load([a_patient("one", None)])
    hospital.worker()
    hospital.process("beat")
    said, since = "", time.monotonic()

    def silent() -> bool:
        nonlocal said, since
        if (log := hospital.log) != said:
            said, since = log, time.monotonic()
        return "full sweep: " in said and time.monotonic() - since > SILENT

    wait_until(silent, within=90, what="the processes never fell silent", every=0.5)
