"""Every mishap of the caution property in turn: `python -m tests.caution --part 3/8` takes an eighth of them.

It takes a part of the people with everything that can befall them, notes each person when done, and a run
that was cut off goes on behind the last one. What was noted of other code or other records counts no more.
Ends with 1 when anything was found.
"""

import argparse
import sys
from hashlib import sha256
from pathlib import Path

from tests.property.mishaps import befalling, complaints, title
from tests.property.people import Person, people

ROOT = Path(__file__).parents[1]
DECIDES = (
    "adapter/**/*.py",
    "mappings/**/*.*",
    "tests/property/*.py",
    "tests/data/cases/*.json",
    "workers/demo/__init__.py",
    "workers/demo/data*/*",
    "workers/authoring/cases/**/*.py",
    "workers/review/*.py",
)
NOTES = ROOT / "build" / "caution"


def search(part: int, of: int) -> bool:
    """Whether nothing was found in this part, now or before it was cut off."""
    notes = Notes(NOTES / f"{part}-of-{of}.txt", fingerprint())
    for person in people()[part - 1 :: of]:
        if person.id not in notes.done:
            notes.note(person.id, found_for(person))
    sys.stdout.write(f"{notes.path}: {len(notes.done)} people, {len(notes.found)} findings\n")
    return not notes.found


def found_for(person: Person) -> list[str]:
    """In what this person comes out less carefully, and after which mishap."""
    mishaps = (one for it in (person.patient, *person.resources) for _, one in befalling(it, person))
    return [f"{title(person, one)} | {said}" for one in mishaps for said in complaints(person, one)]


class Notes:
    """What was gone through, in a file: the state of the code, each finding, each finished person."""

    def __init__(self, path: Path, state: str) -> None:
        held = path.read_text("utf-8").splitlines() if path.exists() else []
        self.path = path
        noted = held[1:] if held[:1] == [state] else []
        self.done = {it.removeprefix("done ") for it in noted if it.startswith("done ")}
        self.found = [it for it in noted if not it.startswith("done ")]
        if not noted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{state}\n", "utf-8")

    def note(self, person: str, found: list[str]) -> None:
        """At once, so that nothing is lost of it; the person last, so that nobody counts as done by half."""
        with self.path.open("a", encoding="utf-8") as file:
            file.writelines(f"{it}\n" for it in (*found, f"done {person}"))
        self.done.add(person)
        self.found += found
        sys.stdout.writelines(f"{it}\n" for it in found)


def fingerprint() -> str:
    """Of everything that an outcome rests on."""
    digest = sha256()
    for path in sorted({it for pattern in DECIDES for it in ROOT.glob(pattern) if it.is_file()}):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _part(written: str) -> tuple[int, int]:
    part, _, of = written.partition("/")
    if not (part.isdigit() and of.isdigit() and 1 <= int(part) <= int(of)):
        raise argparse.ArgumentTypeError("a part is written as 3/8")
    return int(part), int(of)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tests.caution", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "--part", type=_part, default=(1, 1), help="which part of how many; 3/8 is the third of eight"
    )
    sys.exit(not search(*parser.parse_args().part))
