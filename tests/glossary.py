"""The words of the code in docs/GLOSSARY.md, made from the classes themselves: `python -m tests.glossary` writes them again.

A class is listed when a module other than its own imports it, in the words of its docstring.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "GLOSSARY.md"
START = "<!-- made by python -m tests.glossary; do not edit below -->"


def modules() -> dict[Path, ast.Module]:
    """Every module of the product by its path."""
    files = (path for room in ("adapter", "mappings", "workers") for path in (ROOT / room).rglob("*.py"))
    return {path: ast.parse(path.read_text("utf-8")) for path in sorted(files)}


def shared_classes(found: dict[Path, ast.Module]) -> list[tuple[str, str, str]]:
    """Name, module and first sentence of each public class that another module imports."""
    users: dict[str, set[Path]] = defaultdict(set)
    for path, tree in found.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and path.name != "__init__.py":
                for name in node.names:
                    users[name.name].add(path)
    return sorted(
        (node.name, path.relative_to(ROOT).as_posix(), _sentence(node))
        for path, tree in found.items()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and users[node.name] - {path}
    )


def _sentence(node: ast.ClassDef) -> str:
    text = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
    return re.sub(r"``", "`", text).replace("|", "\\|")


def page() -> str:
    """The whole page: what people wrote, then the table."""
    written = PAGE.read_text("utf-8").partition(START)[0].rstrip()
    rows = (f"| `{name}` | {text} | `{place}` |" for name, place, text in shared_classes(modules()))
    table = ["| class | what it is | where |", "| --- | --- | --- |", *rows]
    return "\n".join([written, "", START, "", "## The classes", "", *table, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
