"""Whether a pathway compares like with like, where fact and parameter both say what they are counted in."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from adapter.clinical.pathway.pathway_document import PathwayDocument, PathwayFault
from adapter.clinical.quantities import Unit
from adapter.clinical.terms import VOCABULARY
from adapter.clinical.value_kinds import ParameterValue, Place

Units = Mapping[str, Unit]
FACTS: Units = {name: term.unit for name, term in VOCABULARY.items() if term.unit}


def unit_faults(documents: Sequence[PathwayDocument]) -> Iterator[PathwayFault]:
    """Parameters that a later file gives in another unit, and comparisons of two units."""
    units: dict[str, Unit] = {}
    for document in documents:
        for name, unit in document.parameter_units.items():
            if units.setdefault(name, unit) is not unit:
                message = f"{name!r} is in {units[name]}, and {unit} is given"
                yield PathwayFault(document.id, ("parameters", name, "unit"), message)
    names = _units_of_names(documents, units)
    for document in documents:
        for place, text in _expressions(document):
            for message in mixed_units(text, units, names):
                yield PathwayFault(document.id, place, message)


def mixed_units(expression: str, parameters: Units, names: Units = FACTS) -> Iterator[str]:
    """Each comparison of two different units; an expression that cannot be read is somebody else's fault."""
    tree = _tree(expression)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Compare):
            for left, right in pairwise((node.left, *node.comparators)):
                units = [_unit(operand, parameters, names) for operand in (left, right)]
                if None not in units and units[0] is not units[1]:
                    yield f"{ast.unparse(node)!r} compares {units[0]} with {units[1]}"


def _tree(expression: str) -> ast.expr | None:
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _unit(operand: ast.expr | None, parameters: Units, names: Units) -> Unit | None:
    """The unit of a name or of ``param.name``, the same for every entry of a table."""
    match operand:
        case ast.Name():
            return names.get(operand.id)
        case ast.Attribute(value=ast.Name(id="param"), attr=name):
            return parameters.get(name)
        case ast.Attribute():
            return _unit(operand.value, parameters, names)
        case _:
            return None


def _units_of_names(documents: Sequence[PathwayDocument], parameters: Units) -> Units:
    """The units of facts, and of definitions that only rename a fact, a parameter or another definition."""
    written = {name: _tree(text) for document in documents for name, text in document.define.items()}
    names = dict(FACTS)
    for _ in written:  # once more for each renaming of a renaming, in whatever order they stand
        found = {name: unit for name, tree in written.items() if (unit := _unit(tree, parameters, names))}
        if found.keys() <= names.keys():
            break
        names = {**found, **FACTS}
    return names


def _expressions(document: PathwayDocument) -> Iterator[tuple[Place, str]]:
    """Everything in a document that can compare, with its place."""
    yield from ((("define", name), text) for name, text in document.define.items())
    for index, rule in enumerate(document.rules):
        yield ("rules", index, "when"), rule.get("when") or ""
        yield from _in_effects(("rules", index, "then"), rule.get("then") or {})


def _in_effects(place: Place, written: ParameterValue) -> Iterator[tuple[Place, str]]:
    """Conditions of single effects, and attributes that are worked out (``=``), at any depth."""
    match written:
        case Mapping():
            for name, value in written.items():
                if name == "if":
                    yield (*place, name), str(value)
                else:
                    yield from _in_effects((*place, name), value)
        case list():
            for index, value in enumerate(written):
                yield from _in_effects((*place, index), value)
        case str() if written.startswith("="):
            yield place, written[1:]
        case _:
            return
