"""A pathway of a few rules, and what fires of it: the small parts seen without the five leaflets."""

from typing import Any, Unpack

from adapter.clinical.model import BoneRecord
from adapter.clinical.pathway.evaluation import Evaluation
from adapter.clinical.pathway.pathway import Pathway, assemble
from adapter.clinical.pathway.pathway_document import PathwayDocument, RuleParts, WrittenRule
from adapter.clinical.value_kinds import FactValue
from tests.unit.clinical.questions import a_case, facts_of, general_parameters


def a_rule(key: str = "R-1", mode: str = "deterministic", **parts: Unpack[RuleParts]) -> WrittenRule:
    """A rule that always holds."""
    return {"id": key, "mode": mode, "says": "Something", **parts}


OTHERWISE = tuple(
    a_rule(f"no_{kind}", when="otherwise", then={kind: code})
    for kind, code in (
        ("class", "indeterminate"),
        ("route", "none"),
        ("decision", "none"),
        ("interim", "none"),
    )
)


def without_otherwise(rules: tuple[str, ...]) -> tuple[str, ...]:
    """A trace without the rules that hold because no other does."""
    return tuple(rule for rule in rules if rule not in {held["id"] for held in OTHERWISE})


def a_pathway(*rules: WrittenRule, **more: Any) -> Pathway:
    """These rules over the general parameters, and the four that hold otherwise."""
    parameters = {**general_parameters(), **more.pop("parameters", {})}
    define = {"plan_warranted": "smoker"} | more.pop("define", {})
    return assemble(
        [
            PathwayDocument(
                "small",
                "1.0.0",
                "Small",
                rules=(*rules, *OTHERWISE),
                parameters=parameters,
                define=define,
                **more,
            )
        ],
        "f",
    )


def evaluation(*rules: WrittenRule, record: BoneRecord | None = None, **facts: FactValue) -> Evaluation:
    """The rules over one record, with what earlier stages are said to have settled."""
    held = facts_of(a_case(record or BoneRecord()))
    held.values.update(facts)
    return Evaluation(a_pathway(*rules), held)
