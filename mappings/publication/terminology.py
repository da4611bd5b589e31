"""The codes of what a pathway may write: one value set per edition, and the code systems it draws on."""

from collections.abc import Iterator, Mapping
from functools import cache

from adapter.clinical.pathway.pathway import Pathway
from adapter.input.wire_json import Json
from mappings.outbound.designations import OwnCodes, own_codes
from mappings.publication.actions import coded, system_of
from mappings.publication.names import narrative, versioned
from mappings.valuesets import resources


def value_set(pathway: Pathway, outputs: Mapping[str, str]) -> Json:
    """Every code that this edition may write."""
    systems: dict[str, list[Json]] = {}
    for code in outputs:
        entry = {"code": code, "display": coded(pathway, code)["coding"][0]["display"]}
        systems.setdefault(system_of(pathway, code), []).append(entry)
    include = [{"system": system, "concept": concepts} for system, concepts in systems.items()]
    title = f"{pathway.ref.title}: what a plan may say"
    return {
        **versioned(pathway, "ValueSet", "-outputs"),
        "text": narrative(title),
        "title": title,
        "compose": {"include": include},
    }


def code_systems(pathway: Pathway) -> Iterator[Json]:
    """The output codes of this program, and those of the institution where it has some."""
    yield _output_codes()
    own = own_codes(pathway)
    if own.texts:
        yield {
            **versioned(pathway, "CodeSystem", "-own"),
            "url": own.system,
            "text": narrative(f"{pathway.ref.title}: own codes"),
            "title": f"{pathway.ref.title}: own codes",
            "caseSensitive": True,
            "content": "complete",
            "concept": [_concept(own, code) for code in own.texts],
        }


def _concept(own: OwnCodes, code: str) -> Json:
    said, shown = own.texts[code], own.display(code)
    others = [{"language": language, "value": text} for language, text in said.items() if text != shown]
    return {"code": code, "display": shown, **({"designation": others} if others else {})}


def output_version() -> str:
    """The version of our code system, and so of the activities defined from it."""
    return str(_output_codes()["version"])


@cache
def _output_codes() -> Json:
    (resource,) = resources("output-codes")
    return {**resource, "text": narrative(resource["title"])}
