"""Whatever is done to a command's file: no trace, an exit code that says who must act, and the file name."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapter.input.input_files import ndjson_of
from adapter.input.wire_json import Json
from mappings.pathways import SHIPPED
from tests.command_line import CommandLine
from tests.examples import examples
from tests.integration.test_bad_input import OWN
from tests.property.damaged_files import ODD_TEXTS, chance_of, damaged
from tests.structure import ROOT
from tests.unit.hl7v2.messages import MAP, obx, oru
from workers.demo import patients
from workers.sandbox import Sandbox

pytestmark = pytest.mark.slow

PEOPLE = [it for it in patients(OWN) if "demo-b" in str((it.get("id"), it.get("subject"), it.get("patient")))]
CASES = ROOT / "tests" / "data" / "cases"
TOML = b"""fhir_base_url = "http://127.0.0.1:9/r4"
pathway = "etz"
threads = 2
retry_delays = [60, 300]
[delivery]
channel = "folder"
folder = "/nowhere"
[pathway_params]
"""


def smallest_case(name: str) -> Json:
    return {"cases": [min(json.loads((CASES / name).read_text())["cases"], key=lambda it: len(str(it)))]}


SOUND: Json = {
    "mine.yaml": (SHIPPED / "etz.yaml").read_bytes(),
    "cases.json": smallest_case("acceptance_cases.json"),
    "records.json": smallest_case("foreign_cases.json"),
    "people.ndjson": PEOPLE,
    "bundle.json": {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": it} for it in PEOPLE],
    },
    "settings.toml": TOML,
    "map.json": MAP,
}


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox() as running:
        running.load(patients(OWN))
        yield running


Words = Callable[[Path, str], list[str]]
# What a kind of file is called, and the commands that take one.
KINDS: dict[str, tuple[str, Words]] = {
    "a pathway that is checked": ("mine.yaml", lambda file, _: ["pathway", "check", str(file)]),
    "a pathway that is shown": ("mine.yaml", lambda file, _: ["pathway", "show", str(file)]),
    "a pathway that is compared": ("mine.yaml", lambda file, _: ["pathway", "diff", str(file), "core"]),
    "a pathway that is published": (
        "mine.yaml", lambda file, base: ["pathway", "publish", str(file), "--server", base, "--dry-run"],
    ),
    "cases of facts": ("cases.json", lambda file, _: ["cases", "run", str(file)]),
    "cases of resources": ("records.json", lambda file, _: ["cases", "run", str(file)]),
    "a population": ("people.ndjson", lambda file, _: ["pathway", "diff", "core", "antonius", "--patients", str(file)]),
    "people in lines": (
        "people.ndjson", lambda file, _: ["assess", str(file), "--out", f"{file}.out", "--processes", "1"],
    ),
    "people in a Bundle": (
        "bundle.json", lambda file, _: ["assess", str(file), "--out", f"{file}.out", "--processes", "1"],
    ),
    "a decision": ("decision.json", lambda file, _: ["replay", str(file)]),
    "keys": ("keys.json", lambda file, _: ["smart", "jwks", str(file)]),
    "keys that get one more": ("keys.json", lambda file, _: ["smart", "new-key", str(file)]),
    "settings": ("settings.toml", lambda file, _: ["--config", str(file), "settings", "show"]),
    "the map of a sender": ("map.json", lambda file, _: ["hl7", "check", str(file)]),
}  # fmt: skip


def whole(kind: str, folder: Path, shell: CommandLine) -> object:
    """The sound content of a kind of file; some of them only a command can make."""
    made = folder / "sound.json"
    match KINDS[kind][0]:
        case "decision.json":
            shell("explain", "demo-b", "--save", str(made))
        case "keys.json":
            shell("smart", "new-key", str(made))
        case name:
            return SOUND[name]
    return json.loads(made.read_text())


@pytest.fixture
def shell(server: Sandbox, tmp_path: Path) -> CommandLine:
    """A command line that asks this server."""
    ledger = f"sqlite:///{tmp_path}/ledger.sqlite"
    return CommandLine({"fhir_base_url": server.base_url, "ledger_url": ledger})


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_used_or_refused_by_its_name(
    kind: str,
    server: Sandbox,
    shell: CommandLine,
    tmp_path: Path,
) -> None:
    name, words = KINDS[kind]
    sound = whole(kind, tmp_path, shell)
    for number in range(examples(30)):
        folder = tmp_path / str(number)
        folder.mkdir()
        file = folder / name
        file.write_bytes(damaged(sound, chance_of(f"{kind} {number}")))

        code, out, err = shell(*words(file, server.base_url))

        assert code in (0, 1, 2), (number, err)
        assert "Traceback" not in out + err, number
        if code == 2:
            assert name in err or (kind == "settings" and "settings: OSTEO_HANDOVER_" in err), (
                number,
                err,
            )
            assert len(err) < 4000, "a fault does not quote a whole file"


@pytest.mark.parametrize("number", range(examples(30)))
def test_a_damaged_message_is_explained_or_refused(number: int, shell: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(json.dumps(MAP))
    raw = oru(obx("TLS", "-2.7"), obx("TNL", "-1.9"))
    (tmp_path / "message.hl7").write_bytes(damaged(raw, chance_of(f"message {number}")))

    code, _, err = shell(
        "hl7",
        "explain",
        str(tmp_path / "message.hl7"),
        "--map",
        str(tmp_path / "map.yaml"),
    )

    assert code in (0, 1, 2), err


def test_a_record_that_the_sandbox_cannot_hold_is_named_by_its_line(
    shell: CommandLine, tmp_path: Path
) -> None:
    odd = [
        {"resourceType": "Patient", "id": "a b"},
        {"resourceType": "Nothing"},
        {"resourceType": ["Patient"]},
        7,
        None,
    ]
    for number, record in enumerate(odd):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "x.ndjson").write_text('{"resourceType": "Patient", "id": "p"}\n' + json.dumps(record))

        code, _, err = shell("sandbox", "--port", "0", "--load", str(folder))

        assert (code, len(err.splitlines())) == (2, 1), record
        assert f"{folder / 'x.ndjson'}:2: " in err


OPTIONS: dict[str, Words] = {
    "an id": lambda _, odd: ["pathway", "new", odd, "--extends", "etz", "--title", "T"],
    "a pathway": lambda _, odd: ["pathway", "new", "mine", "--extends", odd, "--title", "T"],
    "a title": lambda _, odd: ["pathway", "new", "mine", "--extends", "etz", "--title", odd],
    "a place": lambda _, odd: ["pathway", "new", "mine", "--extends", "etz", "--title", "T", "--out", odd],
    "a folder": lambda folder, odd: ["assess", str(folder / "people.ndjson"), "--out", odd, "--processes", "1"],
    "a day": lambda folder, odd: ["pathway", "diff", "core", "etz", "--patients", str(folder / "people.ndjson"), "--on", odd],
    "a server": lambda _, odd: ["pathway", "publish", "etz", "--server", odd],
    "a patient": lambda _, odd: ["explain", odd],
    "a patient of a letter": lambda _, odd: ["letter", odd],
    "a language": lambda _, odd: ["letter", "demo-b", "--lang", odd],
    "a clinician": lambda _, odd: ["release", "demo-b", "--by", odd],
    "a choice": lambda _, odd: ["release", "demo-b", "--by", "Practitioner/x", "--choose", odd],
    "a message": lambda _, odd: ["deliveries", "retry", odd],
    "a rule": lambda _, odd: ["pathway", "show", "etz", "--rule", odd],
}  # fmt: skip


@pytest.mark.parametrize("option", OPTIONS)
def test_an_odd_word_is_used_or_refused_in_a_line(
    option: str,
    server: Sandbox,
    shell: CommandLine,
    tmp_path: Path,
) -> None:
    (tmp_path / "people.ndjson").write_text("\n".join(json.dumps(it) for it in PEOPLE))
    for odd in (it for it in ODD_TEXTS if not it.startswith("-")):
        with contextlib.chdir(tmp_path):
            code, out, err = shell(*OPTIONS[option](tmp_path, odd))

        assert code in (0, 1, 2, 3), (odd, err)
        assert "Traceback" not in out + err, odd
        assert (code == 0) or err or out, odd


def test_the_sound_files_are_taken(server: Sandbox, shell: CommandLine, tmp_path: Path) -> None:
    """Else every row above would be a refusal of something else."""
    for kind, (name, words) in KINDS.items():
        folder = tmp_path / kind
        folder.mkdir()
        sound = whole(kind, folder, shell)
        text = (
            "\n".join(json.dumps(it) for it in sound)
            if isinstance(sound, list)
            else json.dumps(sound)
            if not isinstance(sound, bytes)
            else sound.decode()
        )
        (folder / name).write_text(text)

        code, out, err = shell(*words(folder / name, server.base_url))

        assert code in (0, 1), (kind, out, err)
    assert len(list(ndjson_of(tmp_path / "a population" / "people.ndjson"))) == len(PEOPLE)
