"""One word, one meaning: a field of several classes that has a closed list is called like its list."""

import ast
from collections import defaultdict
from collections.abc import Iterator

from tests import structure

ENUMS = {"Enum", "StrEnum", "IntEnum"}
# A field of several lists that is not called like each of them, and why that helps.
OTHERWISE = {
    "gaps": {"Gap", "Reason"},  # several at once: what may be missing, and why
    "local_t_scores": {"Side", "Site"},  # codes of an institution, each with its place
    "outcome": {"Published"},  # what became of a resource, as of a letter
}


def classes() -> Iterator[ast.ClassDef]:
    for module in structure.modules():
        yield from (node for node in structure.nodes(module) if isinstance(node, ast.ClassDef))


def closed_lists() -> frozenset[str]:
    return frozenset(it.name for it in classes() if {getattr(base, "id", "") for base in it.bases} & ENUMS)


def lists_by_field(found: Iterator[ast.ClassDef], known: frozenset[str]) -> dict[str, set[str]]:
    """The closed lists that stand in the annotations of a field, by its name, wherever it stands."""
    used: defaultdict[str, set[str]] = defaultdict(set)
    for one in found:
        for field in one.body:
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                names = {it.id for it in ast.walk(field.annotation) if isinstance(it, ast.Name)}
                used[field.target.id] |= names & known
    return used


def called_otherwise(used: dict[str, set[str]]) -> dict[str, set[str]]:
    ends = {name: {it for it in lists if not it.lower().endswith(name)} for name, lists in used.items()}
    return {name: ends[name] for name, lists in used.items() if len(lists) > 1 and ends[name]}


def test_a_field_of_several_closed_lists_is_called_like_each() -> None:
    assert called_otherwise(lists_by_field(classes(), closed_lists())) == OTHERWISE


def test_one_name_with_several_types_is_found() -> None:
    text = "class A:\n verdict: ReleaseVerdict\nclass B:\n verdict: OutcomeCode | None"
    found = (it for it in ast.parse(text).body if isinstance(it, ast.ClassDef))

    used = lists_by_field(found, frozenset({"ReleaseVerdict", "OutcomeCode"}))

    assert called_otherwise(used) == {"verdict": {"OutcomeCode"}}
