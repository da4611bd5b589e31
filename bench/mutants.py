"""Mutation testing of the clinical core: one small change after the other, and whether a unit test notices.

``python -m bench.mutants [module ...]`` runs tests/unit/clinical against every mutant of the modules
named (``study``, ``terms.dxa``), or of all. It prints each survivor with its line, then a table. No file
changes: a mutant lives in the memory of a forked process. Ours, since mutmut 3 changes functions only,
and half of the core is tables.
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

ROOT = Path(__file__).resolve().parents[1]
CORE = ROOT / "adapter/clinical"
TESTS = ROOT / "tests/unit/clinical"
OURS = ("adapter", "mappings", "workers", "tests")
SECONDS = 120  # a mutant that takes longer runs in circles, which counts as noticed
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


def survives(module: Changed, first: Path) -> bool:
    """Whether all tests pass over the mutant, the tests of its own module first."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    signal.alarm(SECONDS)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    sys.meta_path.insert(0, module)
    own = [str(first)] if first.exists() else []
    noticed = own and pytest.main([*QUIET, *own])
    os._exit(bool(noticed or pytest.main([*QUIET, str(TESTS), *(f"--ignore={one}" for one in own)])))


def load_what_others_wrote() -> None:
    """Run the tests once: they must pass, and no mutant need load libraries again."""
    if pytest.main([*QUIET, str(TESTS)]):
        sys.exit("the tests fail without any mutant")
    for name in [n for n in sys.modules if n.partition(".")[0] in OURS]:
        del sys.modules[name]


def main(wanted: list[str]) -> None:
    """Print survivors, then mutants, killed and survived of each module."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.chdir(ROOT)
    load_what_others_wrote()
    table = []
    for file in sorted(CORE.rglob("*.py")):
        short = ".".join(file.relative_to(CORE).with_suffix("").parts).removesuffix(".__init__")
        if wanted and short not in wanted:
            continue
        first = (TESTS / file.relative_to(CORE)).with_name(f"test_{file.stem}.py")
        made = lived = 0
        for line, change, tree in mutants(ast.parse(file.read_text())):
            made += 1
            if survives(Changed(f"adapter.clinical.{short}", file, tree), first):
                lived += 1
                print(f"{short}:{line}: {change}", flush=True)
        table.append(f"{short:20}{made:8}{made - lived:8}{lived:10}")
    print(f"\n{'module':20}{'mutants':>8}{'killed':>8}{'survived':>10}", *table, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
