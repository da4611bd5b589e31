"""Figures of the house: how large, how long, how deep, which names.

`python -m tests.structure` prints them.
"""

import ast
import gc
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median

import grimp

ROOT = Path(__file__).parents[1]
ROOMS = ("adapter", "mappings", "workers", "osteo_handover")
GLOSSARY = ROOT / "docs" / "GLOSSARY.md"
NAMELESS = frozenset({"__init__", "__main__"})


@cache
def modules() -> tuple[Path, ...]:
    """Every module of the rooms, relative to the repository."""
    found = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return tuple(sorted(path.relative_to(ROOT) for path in found))


@cache
def tree(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text("utf-8"))


@cache
def nodes(module: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree(module)))


def tests_of(module: Path) -> Path:
    """Where its unit tests stand: for `adapter/fhir/paging.py` that is `tests/unit/fhir/test_paging.py`."""
    _, *inner = module.parts
    folder = Path(*inner[:-1]) if inner[:-1] else Path(module.parts[0])
    return ROOT / "tests" / "unit" / folder / f"test_{module.name}"


def lines(module: Path) -> int:
    return (ROOT / module).read_text("utf-8").count("\n")


def middle() -> float:
    """The median length of a module that has more than a docstring."""
    return median(lines(it) for it in modules() if len(tree(it).body) > 1)


@cache
def functions(module: Path) -> tuple[tuple[str, int], ...]:
    """The functions of a module and how long they are."""
    return tuple(
        (node.name, node.end_lineno - node.lineno + 1)
        for node in nodes(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    )


def folders() -> Counter[str]:
    """How many modules each folder shows."""
    return Counter(it.parent.as_posix() for it in modules())


def circle() -> list[str]:
    """Modules that import each other in a ring; empty where there is none."""
    graph = grimp.build_graph(*(it for it in ROOMS if (ROOT / it).is_dir()), cache_dir=None)
    imports = {it: graph.find_modules_directly_imported_by(it) for it in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as found:
        return list(found.args[1])
    return []


def twice(places: Mapping[str, list[Path]]) -> dict[str, list[str]]:
    return {name: [it.as_posix() for it in held] for name, held in places.items() if len(held) > 1}


def stems() -> dict[str, list[Path]]:
    """Where the name of each module stands."""
    places = defaultdict(list)
    for module in modules():
        if module.stem not in NAMELESS:
            places[module.stem].append(module)
    return places


@cache
def classes() -> dict[str, list[Path]]:
    """Where each class without an underscore is defined."""
    places = defaultdict(list)
    for module in modules():
        for node in tree(module).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(module)
    return places


@cache
def aliases() -> dict[str, list[Path]]:
    """Where each name of a type is given a value: `Json = Json`."""
    places = defaultdict(list)
    for module in modules():
        for node in tree(module).body:
            match node:
                case ast.Assign(value=ast.Call()):  # a TypeVar is local by nature
                    pass
                case ast.Assign(targets=[ast.Name(id=name)]) if re.fullmatch(r"[A-Z]\w*[a-z]\w*", name):
                    places[name].append(module)
                case _:
                    pass
    return places


@cache
def shared_classes() -> frozenset[str]:
    """Those that another module than their own uses."""
    homes = classes()
    return frozenset(
        name
        for module in modules()
        for name in _named_in(module)
        if name in homes and [module] != homes[name]
    )


def _named_in(module: Path) -> Iterator[str]:
    for node in nodes(module):
        match node:
            case ast.ImportFrom():
                yield from (it.name for it in node.names)
            case ast.Attribute():
                yield node.attr
            case _:
                pass


def explained() -> set[str]:
    """The classes with an entry in the glossary: a name in backticks at the head or in the text of a row."""
    return set(re.findall(r"`(\w+)`", GLOSSARY.read_text("utf-8")))


def figures() -> Iterator[str]:
    """What the house looks like just now, a line each."""
    largest, most = folders().most_common(1)[0]
    longest = max(modules(), key=lines)
    length, function, where = max((size, name, it) for it in modules() for name, size in functions(it))
    yield f"modules                 {len(modules())}, median of {middle():.0f} lines"
    yield f"largest folder          {largest}, {most} modules"
    yield f"longest module          {longest.as_posix()}, {lines(longest)} lines"
    yield f"longest function        {function} in {where.as_posix()}, {length} lines"
    yield f"import circle           {' -> '.join(circle()) or 'none'}"
    yield f"module names twice      {len(twice(stems()))}"
    yield f"class names twice       {len(twice(classes()))}"
    yield f"classes not explained   {len(shared_classes() - explained())} of {len(shared_classes())}"


if __name__ == "__main__":
    # all trees stay until the end, and looking through them for garbage is a quarter of the time
    gc.disable()
    sys.stdout.writelines(f"{it}\n" for it in figures())
