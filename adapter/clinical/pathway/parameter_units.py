"""Whether a pathway compares like with like, where fact and parameter both say what they are counted in."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from adapter.clinical.pathway.pathway_document import PathwayDocument, PathwayFault
from adapter.clinical.quantities import Unit
from adapter.clinical.terms import VOCABULARY
from adapter.clinical.value_kinds import Place

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
    for document in documents:
        for place, text in _conditions(document):
            yield from (PathwayFault(document.id, place, it) for it in mixed_units(text, units))


def mixed_units(condition: str, parameters: Units) -> Iterator[str]:
    """Each comparison of two different units; a condition that cannot be read is somebody else's fault."""
    try:
        tree = ast.parse(condition.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for one, other in pairwise((node.left, *node.comparators)):
                units = [_unit(it, parameters) for it in (one, other)]
                if None not in units and units[0] is not units[1]:
                    yield f"{ast.unparse(node)!r} compares {units[0]} with {units[1]}"


def _unit(operand: ast.expr, parameters: Units) -> Unit | None:
    """The unit of a fact or of ``param.name``, the same for every entry of a table."""
    match operand:
        case ast.Name():
            return FACTS.get(operand.id)
        case ast.Attribute(value=ast.Name(id="param"), attr=name):
            return parameters.get(name)
        case ast.Attribute():
            return _unit(operand.value, parameters)
        case _:
            return None


def _conditions(document: PathwayDocument) -> Iterator[tuple[Place, str]]:
    yield from ((("define", name), text) for name, text in document.define.items())
    for index, rule in enumerate(document.rules):
        yield ("rules", index, "when"), rule.get("when") or ""
