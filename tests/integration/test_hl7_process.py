"""`hl7 listen` as its senders see it: a process of its own, killed and started again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from mappings.hl7v2 import read_ack
from tests.contract.reception import known, standing
from tests.unit.hl7v2.messages import MAP, OBR, PID, msh, obx, oru, wire
from workers.cli.root import root
from workers.intake.mllp_frames import END, START
from workers.sandbox import Sandbox
from workers.settings.setting_variables import variable_name

SPINE = oru(obx("TLS^T-score LWK^L", "-2,8"))


@pytest.fixture
def environ(tmp_path: Path, sandbox: Sandbox) -> dict[str, str]:
    (tmp_path / "map.yaml").write_text(yaml.safe_dump(MAP), "utf-8")
    assert CliRunner().invoke(root, ["hl7", "new-key", str(tmp_path / "key")]).exit_code == 0
    section = {
        "port": 0,
        "maps": [str(tmp_path / "map.yaml")],
        "key": str(tmp_path / "key"),
        "inbox": str(tmp_path / "inbox.sqlite"),
    }
    values = {
        "fhir_base_url": sandbox.base_url,
        "ledger_url": f"sqlite:///{tmp_path / 'ledger.sqlite'}",
        "language": "en",
        "retry_delays": "1,1",
        "intake": json.dumps(section),
    }
    return {variable_name(name): value for name, value in values.items()}


@contextmanager
def listening(environ: dict[str, str], log: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    with log.open("a") as said:
        running = subprocess.Popen(
            [sys.executable, "-m", "workers", "hl7", "listen"],
            env={**os.environ, **environ, "PYTHONPATH": str(Path.cwd())},
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
    assert running.stdout
    line = running.stdout.readline()
    assert line.startswith("READY mllp://127.0.0.1:"), log.read_text()
    try:
        yield int(line.rpartition(":")[2]), running
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(30)
        running.stdout.close()


def answered(port: int, message: bytes) -> str:
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.sendall(START + message + END + b"\r")
        line.settimeout(20)
        held = b""
        while END not in held:
            held += line.recv(4096)
    return read_ack(held.strip(START + END + b"\r")).reason


def written(sandbox: Sandbox, patient: str, within: float = 20.0) -> list[str]:
    until = time.monotonic() + within
    while not (found := standing(sandbox.base_url, patient)) and time.monotonic() < until:
        time.sleep(0.1)
    return [str(it["valueQuantity"]["value"]) for it in found]


def test_what_was_acknowledged_is_written_although_the_process_was_killed(
    environ: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with listening(environ, log) as (port, running):
        assert answered(port, SPINE) == "AA"  # nobody on the server has this number yet, so it waits
        running.kill()
        running.wait(20)
    known(sandbox.base_url, "12345")
    with listening(environ, log) as (port, running):
        assert written(sandbox, "12345") == ["-2.8"]
        assert answered(port, SPINE) == "AA"
        assert answered(port, wire(msh("SIU^S12"), PID, OBR)) == "AR-200"
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0

    shown = CliRunner(env=environ).invoke(root, ["hl7", "inbox", "--json"])
    assert (shown.exit_code, json.loads(shown.stdout)["counts"]) == (
        0,
        {"waiting": 0, "done": 1, "failed": 0},
    )
    reviewed = CliRunner(env=environ).invoke(root, ["run", "--json"])
    assert json.loads(reviewed.stdout)["outcomes"] == {"planned:osteoporosis": 1}
    assert not any(it in log.read_text() for it in ("12345", "Jansen", "-2,8"))


def test_what_is_missing_is_told_in_a_line(environ: dict[str, str]) -> None:
    for command in ("listen", "inbox"):
        done = subprocess.run(
            [sys.executable, "-m", "workers", "hl7", command],
            env={**os.environ, **environ, variable_name("intake"): "{}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

        assert done.returncode == 2
        assert "intake." in done.stderr
        assert "Traceback" not in done.stderr
