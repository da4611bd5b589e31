"""`pathway list` and `pathway show`: what there is, and what one of them says."""

from typing import Annotated

import typer

from adapter.clinical.case import Term
from adapter.clinical.pathway.pathway import Pathway
from adapter.clinical.pathway.rules import Rule
from adapter.errors import ConfigurationFault
from mappings.pathways import PATHWAY_NAMES, layers, load
from mappings.pathways.description import (
    citations,
    condition,
    effects,
    in_words,
    one_line,
    parameters,
    topics,
)
from workers.cli.contract.pathway_output import (
    PathwayRow,
    PathwaysOutput,
    PathwayWhole,
    RuleRow,
    RulesOutput,
    TermsOutput,
)
from workers.cli.output import say, show_json
from workers.cli.root import AsJson
from workers.cli.terminal import show_table

Name = Annotated[str, typer.Argument(help="A shipped pathway, or a YAML file.")]


def register(group: typer.Typer) -> None:
    group.command("list")(list_shipped)
    group.command()(show)


def list_shipped(json: AsJson = False) -> None:
    """List the pathways that come with the program."""
    found = [_pathway_row(load(name)) for name in ("core", *PATHWAY_NAMES)]
    if json:
        show_json(PathwaysOutput(pathways=found))
        return
    columns = ("id", "version", "title", "rules", "executable", "fingerprint")
    show_table("Pathways", columns, ([dict(row)[name] for name in columns] for row in found))


def _pathway_row(pathway: Pathway) -> PathwayRow:
    ref = pathway.ref
    return {
        "id": ref.id,
        "version": ref.version,
        "title": ref.title,
        "lineage": [*pathway.lineage],
        "rules": len(pathway.rules),
        "executable": sum(rule.executable for rule in pathway.rules),
        "fingerprint": ref.fingerprint,
    }


def show(
    name: Name,
    rule: Annotated[str | None, typer.Option(help="Only this rule.")] = None,
    terms: Annotated[bool, typer.Option("--terms", help="The names that a condition may use.")] = False,
    json: AsJson = False,
) -> None:
    """Show parameters with their origin, definitions, rules by topic with their sources, and what is off."""
    pathway = load(name)
    rules = _rule_rows(pathway, rule)
    whole = None if rule else _pathway_whole(pathway, name, rules)
    words = {term: _says(meaning) for term, meaning in pathway.terms.items()}
    if json:
        show_json(TermsOutput(terms=words) if terms else whole or RulesOutput(rules=rules))
    elif terms:
        show_table("Names that a condition may use", ("name", "what it is"), words.items())
    else:
        _show_pathway(pathway, rules, whole)


def _says(term: Term) -> str:
    return f"{term.says} ({in_words(term.unit)})" if term.unit else term.says


def _rule_rows(pathway: Pathway, wanted: str | None) -> list[RuleRow]:
    """All, or the wanted one; raises ConfigurationFault for one that the pathway does not have."""
    found = [_rule_row(pathway, rule) for rule in pathway.rules if wanted in (None, rule.id)]
    if not found:
        near = ", ".join(sorted(rule.id for rule in pathway.rules if str(wanted)[:3] == rule.id[:3]))
        raise ConfigurationFault(f"{pathway.ref.id} has no rule {wanted}; there are {near or 'others'}")
    return found


def _pathway_whole(pathway: Pathway, name: str, rules: list[RuleRow]) -> PathwayWhole:
    row = _pathway_row(pathway)
    return {
        "id": row["id"],
        "version": row["version"],
        "title": row["title"],
        "lineage": row["lineage"],
        "rules": rules,
        "executable": row["executable"],
        "fingerprint": row["fingerprint"],
        "parameters": {
            parameter.name: {
                "value": parameter.value,
                "set_by": [*parameter.set_by],
                "cite": [*parameter.cite],
            }
            for parameter in parameters(pathway, layers(name))
        },
        "definitions": {term: one_line(held.text) for term, held in pathway.definitions.items()},
        "off": {**pathway.off},
        "sources": {
            key: f"{source.title} {source.published}".strip() for key, source in pathway.sources.items()
        },
    }


def _rule_row(pathway: Pathway, rule: Rule) -> RuleRow:
    return {
        "id": rule.id,
        "topic": rule.topic,
        "mode": rule.mode.value,
        "says": one_line(rule.says),
        "when": condition(rule) if rule.executable else None,
        "then": [*effects(rule)],
        "reason": one_line(rule.reason) or None,
        "cite": [*citations(rule)],
        "off": pathway.off.get(rule.id),
    }


def _show_pathway(pathway: Pathway, rules: list[RuleRow], whole: PathwayWhole | None) -> None:
    say(f"{pathway.ref.title}: {pathway.ref.id} {pathway.ref.version}, {pathway.ref.fingerprint}")
    say(f"From the general to the particular: {', '.join(pathway.lineage)}")
    if whole:
        rows = (
            (name, parameter["value"], " -> ".join(parameter["set_by"]), "; ".join(parameter["cite"]))
            for name, parameter in whole["parameters"].items()
        )
        show_table("Parameters", ("parameter", "value", "set by", "source"), rows)
        show_table("Definitions", ("name", "means"), whole["definitions"].items())
    wanted = {rule["id"]: rule for rule in rules}
    for topic, held in topics(tuple(rule for rule in pathway.rules if rule.id in wanted)).items():
        show_table(
            topic,
            ("rule", "mode", "says", "when", "then", "source"),
            (_rule_cells(wanted[rule_held.id]) for rule_held in held),
        )
    if whole:
        show_table("Switched off", ("rule", "why"), whole["off"].items())


def _rule_cells(rule: RuleRow) -> tuple[str, ...]:
    follows = "; ".join(rule["then"]) or f"nothing: {rule['reason']}"
    if rule["off"]:
        follows = f"switched off: {rule['off']}"
    return (rule["id"], rule["mode"], rule["says"], rule["when"] or "", follows, "; ".join(rule["cite"]))
