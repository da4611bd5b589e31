"""What holds or locates patients is for its user alone, and a secret in an address is shown to nobody."""

import ast
import os
import re
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, MultiFernet

import workers.cli
from adapter.errors import (
    AnswerTooLarge,
    AnswerTooLate,
    ConfigurationFault,
    Deleted,
    NotThere,
    OsteoHandoverError,
    Outage,
    RecordFault,
    ServerStumbled,
    SoftwareFault,
    StartAgain,
    TryAgainLater,
    VersionConflict,
)
from adapter.input.input_files import InputFileFault
from tests.structure import ROOT, modules, nodes
from tests.unit.delivery.letters import a_message
from workers.broker.child_process import run_process
from workers.cli.connections.smart import new_key
from workers.cli.contract.exit_codes import Exit
from workers.cli.pathway.edit import new
from workers.cli.root import call
from workers.cli.settings import drop_logins
from workers.delivery.channels.folder_channel import FolderChannel
from workers.host.private_files import make_folder_named, prepare_private, write_private
from workers.host.state_folder import state_folder
from workers.intake.inbox import ArrivalInbox
from workers.ledger.database import open_ledger
from workers.sandbox import Sandbox
from workers.settings.settings_loader import FaultySetting, SettingsFault


@pytest.fixture(autouse=True)
def careless_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def kept(folder: Path) -> None:
    write_private(folder / "file", b"x")


def kept_over_an_open_one(folder: Path) -> None:
    (folder / "file").write_bytes(b"longer")
    (folder / "file").chmod(0o666)
    kept(folder)


def ledger(folder: Path) -> None:
    open_ledger(f"sqlite:///{folder}/file", "").close()


def default_ledger(folder: Path) -> None:
    """In the state folder of the user, which is not there yet."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", str(folder / "state"))
        open_ledger(f"sqlite:///{state_folder()}/ledger.sqlite", "").close()


def letter_folder(folder: Path) -> None:
    FolderChannel(folder / "for" / "the" / "engine").send(a_message())


def key_file(folder: Path) -> None:
    new_key(folder / "keys.json")
    new_key(folder / "keys.json")


def pathway_file(folder: Path) -> None:
    new("mine", "etz", "Mine", folder / "mine.yaml")


def pages(folder: Path) -> None:
    make_folder_named(folder / "docs" / "pathways")
    write_private(folder / "docs" / "pathways" / "page.md", b"x")


def sandbox_database(folder: Path) -> None:
    with Sandbox(path=str(folder / "sandbox.sqlite")) as server:
        server.load([{"resourceType": "Patient", "id": "p"}])


def log_of_a_child(folder: Path) -> None:
    with run_process(["true"], folder / "child.log"):
        pass


def inbox(folder: Path) -> None:
    ArrivalInbox(folder / "state" / "inbox.sqlite", MultiFernet([Fernet(Fernet.generate_key())])).close()


MAKERS = (
    kept, kept_over_an_open_one, ledger, default_ledger, letter_folder, key_file, pathway_file, pages, sandbox_database,
    log_of_a_child, inbox,
)  # fmt: skip
FOR_AN_ENGINE = 0o640  # letters in a folder, which an integration engine reads as a member of our group


@pytest.mark.parametrize("make", MAKERS)
def test_what_is_written_is_for_its_user_alone(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path)

    made = {it: stat.S_IMODE(it.stat().st_mode) for it in tmp_path.rglob("*")}
    most = FOR_AN_ENGINE if make is letter_folder else 0o600
    assert any(it.is_file() for it in made)
    assert {str(it): oct(mode) for it, mode in made.items() if mode & ~(0o750 if it.is_dir() else most)} == {}


def test_what_a_database_keeps_beside_its_file_is_for_its_user_too(tmp_path: Path) -> None:
    opened = open_ledger(f"sqlite:///{tmp_path}/file", "")
    with opened.transaction() as connection:
        connection.exec_driver_sql("CREATE TABLE x (y)")
        beside = {it.name: oct(stat.S_IMODE(it.stat().st_mode)) for it in tmp_path.iterdir()}
    opened.close()

    assert beside == {"file": "0o600", "file-wal": "0o600", "file-shm": "0o600"}


LOOKS = "import sqlite3, sys; it = sqlite3.connect(sys.argv[1]); it.execute('SELECT * FROM sqlite_master').fetchall(); it.close()"


def opened_ledger(file: Path) -> Callable[[], None]:
    return open_ledger(f"sqlite:///{file}", "").close


def opened_inbox(file: Path) -> Callable[[], None]:
    return ArrivalInbox(file, MultiFernet([Fernet(Fernet.generate_key())])).close


def prepared(file: Path) -> Callable[[], None]:
    prepare_private(file)
    return lambda: None


@pytest.mark.parametrize("opened", [opened_ledger, opened_inbox, prepared])
def test_a_second_opening_drops_no_lock_of_the_first(
    opened: Callable[[Path], Callable[[], None]], tmp_path: Path
) -> None:
    """Else another process that looks and leaves deletes the log, and what is written next stands nowhere."""
    file = tmp_path / "file"
    with closing(sqlite3.connect(file, isolation_level=None)) as first:
        first.execute("PRAGMA journal_mode=WAL").close()
        first.execute("CREATE TABLE held (x)")
        second = opened(file)
        subprocess.run([sys.executable, "-c", LOOKS, str(file)], check=True, timeout=60)
        first.execute("INSERT INTO held VALUES (1)")
        with closing(sqlite3.connect(file)) as other:
            seen = other.execute("SELECT count(*) FROM held").fetchone()
        second()

        assert Path(f"{file}-wal").exists()
        assert seen == (1,)


@pytest.mark.parametrize(("make", "fault"), [(Path.mkdir, IsADirectoryError), (Path.touch, PermissionError)])
def test_what_no_database_can_open_is_said_before_it_tries(
    make: Callable[[Path], None], fault: type[OSError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "place")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everything

    with pytest.raises(fault):
        prepare_private(tmp_path / "place")


def test_a_link_to_a_file_that_is_not_there_makes_the_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    prepare_private(tmp_path / "link")

    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


# Whoever opens a file for writing or makes a folder by other means than `private_files`, and why.
WRITERS = {
    "workers/host/private_files.py": "the one place",
    "workers/delivery/channels/folder_channel.py": "each file is made durable before its folder gets its name",
    "workers/broker/child_process.py": "appends to a log that private_files made",
}
WRITING = {"write_text", "write_bytes", "mkdir", "makedirs", "touch", "mkfifo", "copyfile", "copytree"}


def writes(call: ast.Call) -> bool:
    """Whether a call makes a file or a folder, as far as its words show."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name != "open":
        return name in WRITING
    words = [
        it.value for it in (*call.args, *(key.value for key in call.keywords)) if isinstance(it, ast.Constant)
    ]
    flags = {it.attr for it in ast.walk(call) if isinstance(it, ast.Attribute)}
    return (
        any(isinstance(it, str) and set("wax") & set(it) and len(it) < 4 for it in words)
        or "O_CREAT" in flags
    )


def test_nobody_writes_past_the_place_that_knows_the_rights() -> None:
    writers = {
        str(it) for it in modules() if any(isinstance(node, ast.Call) and writes(node) for node in nodes(it))
    }

    assert writers == WRITERS.keys()


def test_a_file_that_must_be_new_takes_no_others_place(tmp_path: Path) -> None:
    kept(tmp_path)

    with pytest.raises(ConfigurationFault, match="cannot be written"):
        write_private(tmp_path / "file", b"y", anew=True)
    assert (tmp_path / "file").read_bytes() == b"x"


@pytest.mark.parametrize("name", ["no/such/folder", ".", "a\0b"])
def test_a_place_that_takes_no_file_is_a_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFault, match="cannot be written"):
        write_private(tmp_path / name, b"x")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rediss://user:secret@redis.example:6379/0", "rediss://(hidden)@redis.example:6379/0"),
        ("http://:secret@proxy.example", "http://(hidden)@proxy.example"),
        ("https://user:se@cret@gp.example/fhir", "https://(hidden)@gp.example/fhir"),
        ("https://gp.example/fhir?token=secret", "https://gp.example/fhir?(hidden)"),
        ("https://gp.example/fhir#secret", "https://gp.example/fhir#(hidden)"),
        ("a|b=https://u:secret@one.example, c=https://v:secret@two.example", "a|b=https://(hidden)@one.example, c=https://(hidden)@two.example"),
        ("https://gp.example/fhir", "https://gp.example/fhir"),
        ("nl", "nl"),
    ],
)  # fmt: skip
def test_no_login_in_an_address_is_shown(text: str, shown: str) -> None:
    assert drop_logins(text) == shown


PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_the_exit_codes_are_worded_once_and_are_those_of_the_program() -> None:
    rows = dict(re.findall(r"^\| (\d) \| ([^|]+) \|", PAGE, re.MULTILINE))

    assert dict(re.findall(r"^\| (\d) \| ([^|]+) \|", workers.cli.__doc__ or "", re.MULTILINE)) == rows
    assert {int(code) for code in rows} == set(Exit)


FAULTS = [
    TryAgainLater("x"), VersionConflict("x"), Outage("x"), ConfigurationFault("x"), InputFileFault("x"), RecordFault("x"),
    ServerStumbled("x"), AnswerTooLate("x"), StartAgain("x"), NotThere("x"), Deleted("x"),
    AnswerTooLarge("x"), SoftwareFault("x"), SettingsFault((FaultySetting("NAME", "is wrong", "a number"), FaultySetting("OTHER", "too", ""))),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda it: type(it).__name__)
def test_a_fault_ends_as_the_page_says(fault: OsteoHandoverError, capsys: pytest.CaptureFixture[str]) -> None:
    rows = re.findall(r"^\| `([a-z ]+:)` \| (\d) \|", PAGE, re.MULTILINE)

    def fails(_: object) -> None:
        raise fault

    with pytest.raises(SystemExit) as ended:
        call(fails, [])

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == (2 if isinstance(fault, SettingsFault) else 1)
    for line in lines:
        assert (f"{line.partition(':')[0]}:", str(int(ended.value.code or 0))) in rows


def test_every_kind_of_fault_is_tried() -> None:
    def kinds(one: type[Exception]) -> set[str]:
        return {one.__name__}.union(
            *(kinds(it) for it in one.__subclasses__() if it.__module__ == "adapter.errors")
        )

    assert kinds(OsteoHandoverError) - {"OsteoHandoverError"} <= {type(it).__name__ for it in FAULTS}
