"""Docstrings of the clinical core are sentences in plain order: what a thing is comes first."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
# A sentence that begins so keeps its reader waiting for what it speaks of.
BACKWARDS = re.compile(r"(?:^|[.:;] )(?:Of|To whom|For whom|Of which|By which|From which|Beside) ")


def docstrings(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"
                yield place, " ".join((ast.get_docstring(node) or "").split())


def test_no_docstring_of_the_core_begins_a_sentence_with_its_end() -> None:
    found = [
        f"{place}: {text}" for place, text in docstrings(ROOT / "adapter/clinical") if BACKWARDS.search(text)
    ]

    assert found == []
