"""The classes in docs/GLOSSARY.md, made from their docstrings: `python -m tests.glossary` makes them anew.

A class is listed when a module other than its own uses it, in the words of its docstring.
"""

import ast

from tests.structure import GLOSSARY, classes, shared_classes, tree

START = "<!-- made by python -m tests.glossary; do not edit below -->"


def page() -> str:
    """The whole page: what people wrote, then the table."""
    written = GLOSSARY.read_text("utf-8").partition(START)[0].rstrip()
    table = ["| class | what it is | where |", "| --- | --- | --- |", *rows()]
    return "\n".join([written, "", START, "", "## The classes", "", *table, ""])


def rows() -> list[str]:
    """A row for each class, in the order of their names."""
    return [_row(name) for name in sorted(shared_classes())]


def _row(name: str) -> str:
    home = classes()[name][0]
    body = tree(home).body
    (said,) = (ast.get_docstring(it) for it in body if isinstance(it, ast.ClassDef) and it.name == name)
    first = " ".join((said or "").split("\n\n", maxsplit=1)[0].split())
    shown = first.replace("``", "`").replace("|", "\\|")
    return f"| `{name}` | {shown} | `{home.as_posix()}` |"


if __name__ == "__main__":
    GLOSSARY.write_text(page(), "utf-8")
