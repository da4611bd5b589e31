import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from adapter.errors import TryAgainLater
from tests.unit.delivery.letters import PDF, SECRETS, a_communication, a_message
from workers.delivery.channels.folder_channel import FolderChannel
from workers.delivery.message import SendOutcome

ROOT = Path(__file__).parents[3]
DOCUMENT = {"resourceType": "Bundle", "type": "document", "entry": []}

# Sends a letter into one folder per step, each time in a child that kills itself, as by `kill -9`,
# before the nth thing that it does to a file; ends with the first child that had nothing left to be
# killed at, and prints how many died.
KILLED = """
import os, signal, sys
from pathlib import Path
from tests.unit.delivery.letters import a_message
from workers.delivery.channels.folder_channel import FolderChannel

def send(root, step):
    left = step
    def watch(event, args):
        nonlocal left
        if event in ("open", "os.mkdir", "os.rename", "shutil.rmtree") and str(root) in str(args[0]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(watch)
    FolderChannel(root).send(a_message())
    os._exit(0)

for step in range(1, 99):
    child = os.fork()
    if not child:
        send(Path(sys.argv[1]) / str(step), step)
    if os.waitpid(child, 0)[1] != signal.SIGKILL:
        print(step - 1)
        break
"""


def letters_in(root: Path) -> list[Path]:
    """What an engine would see: whole letters, by their manifests."""
    return sorted(path.parent for path in root.glob("*/*/manifest.json"))


def test_a_letter_is_one_folder_with_every_form_of_it(tmp_path: Path) -> None:
    message = a_message(attached=[DOCUMENT])

    receipt = FolderChannel(tmp_path).send(message)

    (letter,) = letters_in(tmp_path)
    assert receipt.outcome is SendOutcome.SENT
    assert letter == tmp_path / message.document_id / message.message_id
    assert (letter / "letter.pdf").read_bytes() == PDF
    assert (letter / "message.hl7").read_bytes().startswith(b"MSH|^~\\&|")
    assert json.loads((letter / "document.json").read_text()) == DOCUMENT
    assert {it.name for it in letter.iterdir()} == {
        "letter.pdf", "letter.txt", "document.json", "message.hl7", "manifest.json",
    }  # fmt: skip


def test_the_manifest_names_each_file_with_its_digest_and_no_patient(tmp_path: Path) -> None:
    FolderChannel(tmp_path).send(a_message())

    (letter,) = letters_in(tmp_path)
    text = (letter / "manifest.json").read_text()
    listed = json.loads(text)["files"]
    assert listed["letter.pdf"] == {"size": len(PDF), "sha256": sha256(PDF).hexdigest()}
    assert listed.keys() == {it.name for it in letter.iterdir()} - {"manifest.json"}
    assert not any(secret in text for secret in SECRETS)
    assert not any(secret in str(path) for path in tmp_path.rglob("*") for secret in SECRETS)


def test_the_same_letter_twice_is_the_same_folder(tmp_path: Path) -> None:
    channel = FolderChannel(tmp_path)

    first = channel.send(a_message())
    before = {
        path: (path.stat().st_mtime_ns, path.read_bytes()) for path in tmp_path.rglob("*.*") if path.is_file()
    }
    second = channel.send(a_message())

    assert first.reference == second.reference
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in before} == before
    assert len(letters_in(tmp_path)) == 1


def test_a_corrected_letter_stands_beside_the_first_under_the_same_document(tmp_path: Path) -> None:
    channel = FolderChannel(tmp_path)
    channel.send(a_message())
    channel.send(a_message(a_communication("Correction: ...")))

    assert len(letters_in(tmp_path)) == 2
    assert len({it.parent for it in letters_in(tmp_path)}) == 1


def test_a_folder_that_cannot_be_written_is_weather(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(TryAgainLater, match=r"cannot be written \(ENOTDIR\)"):
        FolderChannel(tmp_path / "file").send(a_message())


def test_an_engine_that_took_the_letter_away_gets_it_again_with_the_same_id(tmp_path: Path) -> None:
    channel = FolderChannel(tmp_path)
    channel.send(a_message())
    (letter,) = letters_in(tmp_path)
    content = (letter / "message.hl7").read_bytes()
    for path in letter.iterdir():
        path.unlink()
    letter.rmdir()

    channel.send(a_message())

    assert (letter / "message.hl7").read_bytes() == content


@pytest.mark.slow  # a process for each step
def test_killed_at_any_step_there_is_a_whole_letter_or_none_and_one_after_the_next_try(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    killed = int(subprocess.run(command, env=environ, check=True, capture_output=True).stdout)

    assert killed >= 8
    for step in range(1, killed + 1):
        root = tmp_path / str(step)
        assert all(whole(it) for it in letters_in(root))

        FolderChannel(root).send(a_message())

        (letter,) = letters_in(root)
        assert whole(letter)
        assert not list(root.glob(".part-*"))


def whole(letter: Path) -> bool:
    """Whether every file is as the manifest says."""
    told = json.loads((letter / "manifest.json").read_text())["files"]
    return all(sha256((letter / name).read_bytes()).hexdigest() == it["sha256"] for name, it in told.items())
