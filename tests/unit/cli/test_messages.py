"""What goes wrong on the command line is told with name, place and what to do, to people and programs."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import adapter.errors
from adapter.errors import OsteoHandoverError
from tests.command_line import CommandLine
from tests.command_page import require_form
from tests.integration.test_bad_input import OWN
from tests.structure import ROOT, modules
from workers.broker.child_process import free_port, run_process
from workers.broker.embedded_redis import server_programs
from workers.cli.contract.fault_report import KINDS, FaultCode, report_of
from workers.cli.root import call
from workers.demo import patients
from workers.sandbox import Sandbox


class Row(NamedTuple):
    """What is typed with which settings, and what is told: by code, exit code and words of the line."""

    typed: str
    settings: dict[str, str]
    code: FaultCode
    ends: int
    says: tuple[str, ...]


ROWS = {
    "unknown patient, explained": Row("explain nobody", {}, FaultCode.UNKNOWN_PATIENT, 1, ("Patient/nobody", "{server}")),
    "unknown patient, run": Row("run demo-b nobody", {}, FaultCode.UNKNOWN_PATIENT, 1, ("Patient/nobody", "{server}")),
    "unknown patient, letter": Row("letter Patient/nobody", {}, FaultCode.UNKNOWN_PATIENT, 1, ("Patient/nobody", "{server}")),
    "no id at all": Row("explain a/b", {}, FaultCode.UNKNOWN_PATIENT, 1, ("'a/b'", "letters, digits")),
    "missing file of cases": Row("cases run {tmp}/none.json", {}, FaultCode.INPUT_FILE, 2, ("{tmp}/none.json", "No such file")),
    "missing decision": Row("replay {tmp}/none.json", {}, FaultCode.INPUT_FILE, 2, ("{tmp}/none.json", "No such file")),
    "missing map": Row("hl7 explain {tmp}/m.hl7 --map {tmp}/none.yaml", {}, FaultCode.INPUT_FILE, 2, ("{tmp}/none.yaml", "No such file")),
    "missing records": Row("assess {tmp}/none --out {tmp}/out", {}, FaultCode.INPUT_FILE, 2, ("{tmp}/none", "name a file or a folder")),
    "unknown pathway": Row("pathway show nope", {}, FaultCode.INPUT_FILE, 2, ("nope", "etz, antonius")),
    "misspelt setting": Row("due", {"LANGUAG": "nl"}, FaultCode.SETTINGS, 2, ("OSTEO_HANDOVER_LANGUAG", "did you mean OSTEO_HANDOVER_LANGUAGE?")),
    "unknown key of a section": Row("due", {"DELIVERY": '{{"chanel": "none"}}'}, FaultCode.SETTINGS, 2, ("chanel", "channel")),
    "TLS on a plain port": Row("explain demo-b", {"FHIR_BASE_URL": "{server_as_https}"}, FaultCode.CONFIGURATION, 2, ("{https_host}", "speaks no TLS")),
    "nobody listens": Row("explain demo-b", {"FHIR_BASE_URL": "http://127.0.0.1:9/fhir"}, FaultCode.LATER, 3, ("http://127.0.0.1:9",)),
    "no Redis": Row("run", {"BROKER_URL": "redis://:hunter2@127.0.0.1:9/0"}, FaultCode.LATER, 3, ("redis://127.0.0.1:9", "start it")),
    "no address of a Redis": Row("run", {"BROKER_URL": "http://:hunter2@127.0.0.1:9"}, FaultCode.CONFIGURATION, 2, ("broker_url", "rediss://user:password@host")),
    "no driver for the ledger": Row("due", {"LEDGER_URL": "postgresql+pg8000://u:hunter2@127.0.0.1:9/x"}, FaultCode.CONFIGURATION, 2, ("osteo-handover[postgres]",)),
    "no ledger there": Row("due", {"LEDGER_URL": "sqlite:////proc/none/l.sqlite"}, FaultCode.CONFIGURATION, 2, ("/proc/none",)),
    "a word too many": Row("due now", {}, FaultCode.USAGE, 2, ("now",)),
    "an option that is none": Row("due --overdu", {}, FaultCode.USAGE, 2, ("--overdue",)),
}  # fmt: skip


@pytest.fixture
def ward(sandbox: Sandbox) -> Sandbox:
    sandbox.load(patients(OWN))
    return sandbox


@pytest.fixture
def shell(ward: Sandbox, tmp_path: Path) -> CommandLine:
    return CommandLine({"fhir_base_url": ward.base_url, "ledger_url": f"sqlite:///{tmp_path}/ledger.sqlite"})


def words_for(ward: Sandbox, tmp_path: Path) -> dict[str, str]:
    secure = ward.base_url.replace("http://", "https://")
    host = secure.removesuffix("/fhir")
    return {"server": ward.base_url, "server_as_https": secure, "https_host": host, "tmp": str(tmp_path)}


@pytest.mark.parametrize("name", ROWS)
def test_a_fault_names_what_it_is_about_and_what_to_do(
    ward: Sandbox, shell: CommandLine, tmp_path: Path, name: str
) -> None:
    row, words = ROWS[name], words_for(ward, tmp_path)
    settings = {key: value.format(**words) for key, value in row.settings.items()}
    typed = row.typed.format(**words).split()

    ended, out, err = shell(*typed, **settings)
    ended_too, as_json, _ = shell(*typed, "--json", **settings)

    told = json.loads(as_json)
    require_form("fault", told)
    told = told["error"]
    assert (ended, ended_too, told["exit_code"], told["code"]) == (row.ends, row.ends, row.ends, row.code)
    assert out == ""
    assert told["do"]
    for part in row.says:
        assert part.format(**words) in told["message"]
        assert part.format(**words) in " ".join(err.split()).replace("│", "")
    assert "hunter2" not in out + err + as_json


def test_every_kind_in_the_table_is_a_class() -> None:
    source = "\n".join((ROOT / module).read_text("utf-8") for module in modules())

    assert [it for it in KINDS if f"\nclass {it}(" not in source] == []


def test_every_kind_of_the_tree_has_a_code() -> None:
    codes = {
        report_of(it("x")).code
        for it in _kinds(OsteoHandoverError)
        if it.__module__ == adapter.errors.__name__
    }

    assert codes == {FaultCode.CONFIGURATION, FaultCode.LATER, FaultCode.RECORD, FaultCode.SOFTWARE}


def _kinds(fault: type[OsteoHandoverError]) -> Iterator[type[OsteoHandoverError]]:
    for kind in fault.__subclasses__():
        yield kind
        yield from _kinds(kind)


def test_a_bug_is_told_by_its_type_and_shows_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("Jansen")

    with pytest.raises(ZeroDivisionError):
        call(broken, ["due", "--json"])

    told = json.loads(capsys.readouterr().out)["error"]
    assert (told["code"], told["exit_code"]) == ("software", 1)
    assert "Jansen" not in told["message"]


@pytest.fixture(scope="module")
def locked_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A Redis with a password, on a plain port."""
    program = next(server_programs(), None)
    if program is None:
        pytest.skip("no Redis on this machine")
    port = free_port()
    log = tmp_path_factory.mktemp("redis") / "log"
    with run_process([*program.command, str(port), "--requirepass", "hunter2"], log):
        deadline = time.monotonic() + 10
        while b"Ready to accept" not in log.read_bytes() and time.monotonic() < deadline:
            time.sleep(0.02)
        yield port


@pytest.mark.redis
@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("redis://127.0.0.1:{port}/0", (2, "refuses the user or the password")),
        ("redis://:wrong@127.0.0.1:{port}/0", (2, "refuses the user or the password")),
        ("redis://:hunter2@127.0.0.1:{port}/99", (2, "the number of the database")),
        ("rediss://:hunter2@127.0.0.1:{port}/0", (3, "its port for TLS")),
    ],
)
def test_a_redis_that_lets_nobody_in_is_named_with_what_to_correct(
    ward: Sandbox, shell: CommandLine, locked_redis: int, address: str, told: tuple[int, str]
) -> None:
    ended, out, err = shell("run", broker_url=address.format(port=locked_redis))

    assert (ended, out, len(err.splitlines())) == (told[0], "", 1), err
    assert told[1] in err
    assert f"127.0.0.1:{locked_redis}" in err
    assert "hunter2" not in err
    assert "wrong" not in err
