"""Mutation testing: one small change after the other, and whether a unit test of its room notices.

``python -m bench.mutants [module ...]`` runs the unit tests of a room against every mutant of the modules
named: of the clinical core (``study``, ``terms.dxa``), or of what reads and hands over (``inbound.subjects``,
``handover.plan.closure``). Without a name it takes the whole core. It prints each survivor with its line,
then a table. No file changes: a mutant lives in the memory of a forked process. Ours, since mutmut 3 changes
functions only, and half of the core is tables.
"""

import ast
import os
import signal
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

import pytest

from bench.mutations import mutants
from tests.shown_elsewhere import SHOWN_ELSEWHERE

ROOT = Path(__file__).resolve().parents[1]
# Where modules with this word before their name stand; those of the core have none.
ROOMS = {"": "adapter/clinical", "inbound.": "mappings/inbound", "handover.": "mappings/handover"}
OURS = ("adapter", "mappings", "workers", "tests")
SECONDS = 120  # of processor time: a mutant that takes more runs in circles, which counts as noticed
QUIET = ["-x", "-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT)]


class Changed(SourceFileLoader):
    """Imports one module from a changed tree instead of from its file."""

    def __init__(self, name: str, file: Path, tree: ast.Module) -> None:
        super().__init__(name, str(file))
        self.tree = tree

    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """This module's spec; everything else is found as ever."""
        return spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the shape of a loader
        """The changed code, past any cache of the unchanged."""
        return compile(self.tree, self.path, "exec", dont_inherit=True)


def passes(*runs: list[str], changed: Changed | None = None) -> bool:
    """Whether these runs of pytest pass, in a fork and one after the other."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    if changed:
        sys.meta_path.insert(0, changed)
    os._exit(any(pytest.main([*QUIET, *run]) for run in runs))


def load_what_others_wrote(tests: Path) -> None:
    """The tests must pass, and no mutant need load libraries again.

    Here they are only collected: a library that starts threads when it is used waits for them forever in
    every fork after that.
    """
    if not passes([str(tests)]):
        sys.exit("the tests fail without any mutant")
    pytest.main([*QUIET, "-q", "--collect-only", str(tests)])
    for name in [n for n in sys.modules if n.partition(".")[0] in OURS]:
        del sys.modules[name]


def tests_of(room: str) -> Path:
    """The unit tests of a room."""
    return ROOT / "tests/unit" / Path(room).name


def short_name(file: Path, room: str, prefix: str) -> str:
    """How a module is named here: ``study``, ``inbound.subjects``."""
    parts = file.relative_to(ROOT / room).with_suffix("").parts
    return prefix + ".".join(parts).removesuffix(".__init__")


def shown_by(file: Path, room: str, tests: Path) -> list[str]:
    """The tests of a module itself, or those named as showing it."""
    own = tests / file.relative_to(ROOT / room).with_name(f"test_{file.stem}.py")
    module = file.relative_to(ROOT).with_suffix("").as_posix()
    others = [test for shown in SHOWN_ELSEWHERE.values() for test, held in shown.items() if module in held]
    return [str(own)] if own.exists() else [str(ROOT / f"{test}.py") for test in others]


def row(short: str, file: Path, room: str) -> str:
    """A module's mutants, how many were noticed and how many survived; it prints the survivors."""
    tests = tests_of(room)
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    first = shown_by(file, room, tests)
    others = [str(tests), *(f"--ignore={one}" for one in first)]
    runs = [first, others] if first else [others]
    made = lived = 0
    for line, change, tree in mutants(ast.parse(file.read_text())):
        made += 1
        if passes(*runs, changed=Changed(name, file, tree)):
            lived += 1
            print(f"{short}:{line}: {change}", flush=True)
    return f"{short:40}{made:8}{made - lived:8}{lived:10}"


def main(wanted: list[str]) -> None:
    """Print survivors, then mutants, killed and survived of each module."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.chdir(ROOT)
    table = []
    for prefix, room in ROOMS.items():
        files = {short_name(file, room, prefix): file for file in sorted((ROOT / room).rglob("*.py"))}
        named = [short for short in files if short in wanted or not (wanted or prefix)]
        if named:
            load_what_others_wrote(tests_of(room))
        table += [row(short, files[short], room) for short in named]
    print(f"\n{'module':40}{'mutants':>8}{'killed':>8}{'survived':>10}", *table, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
