"""What holds patients or says where they are is for its user alone, and a secret in an address is shown to nobody."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import workers.cli
from adapter.errors import ConfigurationFault
from tests.structure import ROOT
from workers.cli.settings import without_logins
from workers.ledger.database import open_ledger
from workers.private_files import write_private


@pytest.fixture(autouse=True)
def careless_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def kept(folder: Path) -> Path:
    write_private(folder / "file", b"x")
    return folder / "file"


def kept_over_an_open_one(folder: Path) -> Path:
    (folder / "file").write_bytes(b"longer")
    (folder / "file").chmod(0o666)
    return kept(folder)


def ledger(folder: Path) -> Path:
    open_ledger(f"sqlite:///{folder}/file", "").close()
    return folder / "file"


@pytest.mark.parametrize("make", [kept, kept_over_an_open_one, ledger])
def test_a_file_is_for_its_user_alone(make: Callable[[Path], Path], tmp_path: Path) -> None:
    assert stat.S_IMODE(make(tmp_path).stat().st_mode) == 0o600


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
    assert without_logins(text) == shown


def test_the_exit_codes_are_worded_once() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| (\d) \| ([^|]+) \|", page, re.MULTILINE))

    assert dict(re.findall(r"^\| (\d) \| ([^|]+) \|", workers.cli.__doc__ or "", re.MULTILINE)) == rows
