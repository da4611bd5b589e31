"""Every page can be held in the head: no long module, no long function, no cupboard for odds and ends."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for room in ("adapter", "mappings", "workers") for path in (ROOT / room).rglob("*.py"))
MODULE_LINES = 300
FUNCTION_LINES = 60
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}


def functions_of(module: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            yield node.name, node.end_lineno - node.lineno + 1


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_is_short_and_so_are_its_functions(module: Path) -> None:
    long = {name: lines for name, lines in functions_of(module) if lines > FUNCTION_LINES}

    assert module.read_text("utf-8").count("\n") <= MODULE_LINES
    assert long == {}


def test_a_module_is_named_after_what_is_in_it() -> None:
    assert not SAYS_NOTHING & {path.stem for path in MODULES}
