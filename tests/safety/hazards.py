"""The hazard log as the tests see it: what it says, and which tests carry the mark of a hazard."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from adapter.input.wire_json import ReadOnlyJson

ROOT = Path(__file__).parents[2]
LOG = ROOT / "docs" / "safety" / "hazards.yaml"


@dataclass(frozen=True, slots=True)
class Removal:
    """One edit that takes a control out: a text that the file has once, and what replaces it."""

    file: str
    find: str
    replace: str


@dataclass(frozen=True, slots=True)
class Hazard:
    """One thing that must never happen, and what keeps it from happening."""

    id: str
    title: str
    cause: str
    harm: str
    control: str
    where: tuple[str, ...]
    cases: tuple[str, ...]  # foreign cases that show it
    without: tuple[Removal, ...]
    weak: str = ""  # what the control does not reach


@cache
def hazards() -> tuple[Hazard, ...]:
    """Every hazard of the log, in its order."""
    return tuple(map(_hazard, yaml.safe_load(LOG.read_text("utf-8"))["hazards"]))


def _hazard(entry: ReadOnlyJson) -> Hazard:
    plain = {key: entry[key] for key in ("id", "title", "cause", "harm", "control")}
    without = tuple(Removal(**it) for it in entry["without"])
    return Hazard(
        **plain,
        where=tuple(entry["where"]),
        cases=tuple(entry["cases"]),
        without=without,
        weak=entry.get("weak", ""),
    )


@cache
def shown_by() -> Mapping[str, tuple[str, ...]]:
    """For each foreign case the hazards that it shows."""
    found: dict[str, list[str]] = defaultdict(list)
    for hazard in hazards():
        for case in hazard.cases:
            found[case].append(hazard.id)
    return {case: tuple(ids) for case, ids in found.items()}


@cache
def marked() -> Mapping[str, tuple[tuple[Path, str], ...]]:
    """For each hazard the tests that carry its mark, as file and function."""
    found: dict[str, list[tuple[Path, str]]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, hazard in _marks(ast.parse(path.read_text("utf-8"))):
            found[hazard].append((path, name))
    return {key: tuple(tests) for key, tests in found.items()}


def _marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            for mark in node.decorator_list:
                match mark:
                    case ast.Call(
                        func=ast.Attribute(attr="hazard"),
                        keywords=[ast.keyword(value=ast.Constant(value=name))],
                    ):
                        yield node.name, str(name)
                    case _:
                        pass
