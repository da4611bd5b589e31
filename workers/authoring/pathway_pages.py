"""The pages in ``docs/pathways``: tables and pathways as a clinician reads and signs them.

Made, never written by hand.
"""

from collections.abc import Iterable, Sequence
from functools import cache

from adapter.clinical.pathway.pathway import Pathway
from adapter.clinical.pathway.rules import Rule
from adapter.clinical.terms import VOCABULARY
from adapter.input.wire_json import ReadOnlyJson
from mappings.outbound.vocabulary import codes, known, words
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
from workers.authoring.rule_coverage import Coverage, CoveredRule
from workers.authoring.spec_tables import Spec, SpecRow, specs

MADE = "<!-- Made by `osteo-handover pathway docs`. Change the YAML, then make it again. -->"
_shipped = cache(load)
CITED = (
    "A source with GL-xx is [an item of a guideline](../guideline-items.md), one with C-xx "
    "[a settlement of ours](../settlements.md), and one with a number the lines of a leaflet."
)
MANY = 6  # tests named for one rule; the rest is a number


def pathway_pages(found: Coverage) -> dict[str, str]:
    """File name to text."""
    topics_of = {f"{spec.name}.md": spec_page(spec) for spec in specs()}
    names = {f"{name}.md": pathway_page(name) for name in ("core", *PATHWAY_NAMES)}
    if clash := topics_of.keys() & names.keys():
        raise ValueError(f"a topic is called like a pathway: {', '.join(sorted(clash))}")
    pages_of = {**topics_of, **names, "coverage.md": coverage_page(found), "facts.md": facts_page()}
    return {"README.md": contents_page(), **pages_of}


def contents_page() -> str:
    """What there is, and what a signature would mean."""
    listed = [f"- [{spec.topic}]({spec.name}.md): {len(spec.rows)} patients" for spec in specs()]
    named = [f"- [{_shipped(name).ref.title}]({name}.md)" for name in ("core", *PATHWAY_NAMES)]
    return _page(
        "Pathways",
        "Each table is a test: the program decides what it says, or the build fails. None was signed by a clinician.",
        "## Tables\n\n" + "\n".join(listed),
        "## Pathways\n\n" + "\n".join(named),
        "## Facts\n\n- [What a condition may use](facts.md)",
        f"## Sources\n\n{CITED}",
        "## Proof\n\n- [Which test proves which rule](coverage.md)",
    )


def spec_page(spec: Spec) -> str:
    """One topic: who was invented, what follows, by which rules, and where those are written."""
    given = f"In every row: {_facts(spec.given)}." if spec.given else ""
    rows = [
        (
            row.case.id,
            row.says,
            row.case.pathway,
            _facts(row.own) or "nothing more",
            _facts(row.case.expect),
            *_decided_by(row),
        )
        for row in spec.rows
    ]
    columns = ("", "says", "pathway", "given", "expected", "rules", "source")
    return _page(spec.topic, one_line(spec.says), given, _table(columns, rows))


def _decided_by(row: SpecRow) -> tuple[str, str]:
    """The rules that a row names and what they cite."""
    known = {rule.id: rule for rule in _shipped(row.case.pathway).rules}
    cited = (source for rule in row.rules if rule in known for source in citations(known[rule]))
    return ", ".join(row.rules), "; ".join(dict.fromkeys(cited))


def pathway_page(name: str) -> str:
    """One pathway, resolved: numbers, definitions, and its rules by topic."""
    pathway = _shipped(name)
    intro = f"`{pathway.ref.id}` {pathway.ref.version}, made from {', '.join(pathway.lineage)}."
    numbers = [
        (
            f"`{parameter.name}`",
            parameter.value,
            parameter.unit,
            parameter.set_by[-1] if parameter.set_by else "",
            "; ".join(parameter.cite),
        )
        for parameter in parameters(pathway, layers(name))
    ]
    definitions = [(f"`{term}`", f"`{one_line(held.text)}`") for term, held in pathway.definitions.items()]
    sources = [(key, source.title, source.published, source.note) for key, source in pathway.sources.items()]
    return _page(
        pathway.ref.title,
        intro,
        "## Rules",
        *(f"### {topic}\n\n{_rules(pathway, rules)}" for topic, rules in topics(pathway.rules).items()),
        "## Numbers and choices\n\n" + _table(("name", "value", "unit", "set by", "source"), numbers),
        "## Definitions\n\n" + _table(("name", "means"), definitions),
        f"## Sources\n\n{CITED}",
        _table(("id", "title", "published", "note"), sources),
    )


def facts_page() -> str:
    """Every name that a condition may use, and what a number is counted in."""
    rows = [(f"`{name}`", in_words(term.unit), term.says) for name, term in VOCABULARY.items()]
    return _page(
        "Facts",
        "The names that a condition may use. A parameter that says its unit is compared with facts of that unit only.",
        _table(("name", "unit", "what it is"), rows),
    )


def _rules(pathway: Pathway, rules: Iterable[Rule]) -> str:
    rows = [
        (
            rule.id,
            rule.mode.value,
            one_line(rule.says),
            *_effects_of(pathway, rule),
            "; ".join(citations(rule)),
        )
        for rule in rules
    ]
    return _table(("rule", "mode", "says", "when", "then", "source"), rows)


def _effects_of(pathway: Pathway, rule: Rule) -> tuple[str, str]:
    if rule.id in pathway.off:
        return "", f"switched off: {one_line(pathway.off[rule.id])}"
    if not rule.executable:
        return "", f"nothing: {one_line(rule.reason)}"
    return f"`{condition(rule)}`", "; ".join(effects(rule))


def coverage_page(found: Coverage) -> str:
    """Each leaflet rule with its tests or its reason."""
    proved = sum(1 for rule in found.rules if rule.tests)
    explained = sum(1 for rule in found.rules if rule.reason is not None)
    intro = (
        f"{len(found.rules)} statements of the leaflets: {proved} are rules that fire in the trace of a test that passes, "
        f"{explained} are not acted on, for the reason given. {len(found.gaps)} have neither."
    )
    rows = [(rule.id, rule.mode, one_line(rule.says), _proof(rule)) for rule in found.rules]
    return _page("Coverage", intro, _table(("rule", "mode", "says", "tests, or why nothing follows"), rows))


def _proof(rule: CoveredRule) -> str:
    if not rule.tests:
        return one_line(rule.reason or "**neither test nor reason**")
    more = len(rule.tests) - MANY
    return ", ".join(rule.tests[:MANY]) + (f" and {more} more" if more > 0 else "")


def _facts(facts: ReadOnlyJson) -> str:
    return "; ".join(f"{_words(name)} {_value(value)}" for name, value in facts.items())


def _value(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case dict():
            return "(" + ", ".join(f"{_words(name)} {_value(item)}" for name, item in value.items()) + ")"
        case list() | tuple():
            return ", ".join(map(_value, value)) or "none"
        case _:
            return words(str(value), "en") if _has_words(str(value)) else _words(str(value))


def _has_words(value: str) -> bool:
    """Whether a code has words that fit a value; a fact has not: vitamin D taken is no vitamin D level."""
    return known(value) and value not in codes("fact")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _page(title: str, *parts: str) -> str:
    return "\n\n".join((MADE, f"# {title}", *(part for part in parts if part))) + "\n"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
