"""The codes of what a pathway may write: one value set per edition, and the code systems it draws on."""

from collections.abc import Iterator, Mapping
from functools import cache

from adapter.clinical.pathway import Pathway
from mappings.outbound.vocabulary import known
from mappings.publication.actions import coded, own_system, system_of, words
from mappings.publication.names import Json, narrative, versioned
from mappings.valuesets import resources


def value_set(pathway: Pathway, outputs: Mapping[str, str]) -> Json:
    """Every code that this edition may write."""
    systems: dict[str, list[Json]] = {}
    for code, kind in outputs.items():
        entry = {"code": code, "display": coded(pathway, code, kind)["coding"][0]["display"]}
        systems.setdefault(system_of(pathway, code), []).append(entry)
    include = [{"system": system, "concept": concepts} for system, concepts in systems.items()]
    title = f"{pathway.ref.title}: what a plan may say"
    return {
        **versioned(pathway, "ValueSet", "-outputs"),
        "text": narrative(title),
        "title": title,
        "compose": {"include": include},
    }


def code_systems(pathway: Pathway, outputs: Mapping[str, str]) -> Iterator[Json]:
    """The output codes of this program, and those of the institution where it has some."""
    yield _output_codes()
    own = {code: kind for code, kind in outputs.items() if not known(code)}
    if own:
        yield {
            **versioned(pathway, "CodeSystem", "-own"),
            "url": own_system(pathway),
            "text": narrative(f"{pathway.ref.title}: own codes"),
            "title": f"{pathway.ref.title}: own codes",
            "caseSensitive": True,
            "content": "complete",
            "concept": [_concept(pathway, code, kind) for code, kind in own.items()],
        }


def _concept(pathway: Pathway, code: str, kind: str) -> Json:
    said = words(pathway, code, kind)
    shown = coded(pathway, code, kind)["text"]
    others = [{"language": language, "value": text} for language, text in said.items() if text != shown]
    return {"code": code, "display": shown, **({"designation": others} if others else {})}


def output_version() -> str:
    """The version of our code system, and so of the activities defined from it."""
    return str(_output_codes()["version"])


@cache
def _output_codes() -> Json:
    (resource,) = resources("output-codes")
    return {**resource, "text": narrative(resource["title"])}
