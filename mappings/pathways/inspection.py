"""A pathway file looked over before it goes live: every fault, and every word that the letter would lack.

``load`` refuses what cannot be decided with. Here is more: a parameter that nothing reads is a misspelt one
until somebody says otherwise, and an output without a text reaches a colleague as a bare word.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from adapter.clinical.pathway.pathway import Pathway
from adapter.clinical.value_kinds import Parameters, Place
from mappings.pathways import Layer, PathwayFileFault, layers, load, written
from mappings.pathways.description import flat
from mappings.pathways.yaml_lines import line_of
from mappings.texts import LANGUAGES
from mappings.texts import load as texts_of

# Kinds of effect with a section in the texts.
WORDED = {"activity": "activity", "follow_up": "follow_up", "flag": "flag", "statement": "statement",
          "goal": "goal", "offer": "option"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong and what is only unworded, each as ``file:line: what``."""

    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def inspect(path: Path) -> Findings:
    """Everything to say about one file; the files it extends are taken as they are."""
    try:
        pathway, chain = load(path), layers(path)
    except PathwayFileFault as fault:
        return Findings(fault.lines)
    return Findings(tuple(_unread_parameters(chain)), tuple(_unworded(pathway, chain[-1])))


def _unread_parameters(chain: tuple[Layer, ...]) -> Iterator[str]:
    """Parameters of the last file that override nothing and that no rule reads."""
    *general, own = chain
    inherited = {name for layer in general for name, _ in flat(layer.content.values)}
    nested = {".".join(name.split(".")[:n]) for name in inherited for n in range(1, name.count(".") + 1)}
    read = {name for layer in chain for name in re.findall(r"param\.([\w.]+)", layer.text)}
    for place in _places(own.content.values):
        name = ".".join(place)
        above = {".".join(place[:n]) for n in range(1, len(place) + 1)}
        if any("." in step for step in place):
            yield _at(
                own,
                ("parameters", *place),
                f"{name!r} stands for a table in a table: nest it, without the dot",
            )
        if not general or name in inherited | nested or above & read or _free(name, chain):
            continue
        near = difflib.get_close_matches(name, sorted(inherited | read), 1, 0.7)
        hint = f"; did you mean {near[0]}?" if near else ""
        yield _at(own, ("parameters", *place), f"nothing reads the parameter {name!r}{hint}")


def _places(values: Parameters, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _places(value, (*above, name))
        else:
            yield (*above, name)


def _free(name: str, chain: tuple[Layer, ...]) -> bool:
    """Whether it is an entry of a table whose entries an institution names itself, such as contacts."""
    tables = {key for layer in chain[:-1] for key, value in layer.content.values.items() if value == {}}
    chosen = {
        value[word]
        for word in ("choose", "by")
        for layer in chain
        for value in layer.content.values.values()
        if isinstance(value, dict) and "choose" in value
    }
    return name.partition(".")[0] in tables | chosen


def _unworded(pathway: Pathway, own: Layer) -> Iterator[str]:
    rules = {rule.id: rule for rule in pathway.rules}
    for index, entry in enumerate(own.content.rules):
        for effect in rules[entry.id].effects:
            missing = [
                language
                for language in LANGUAGES
                if not _has_words(pathway, language, effect.kind, effect.code)
            ]
            place: Place = ("rules", index, "then", effect.kind)
            if missing:
                section = WORDED[effect.kind]
                said = f"no text {section}.{effect.code} in {', '.join(missing)}; give it under texts"
                yield _at(own, place, said)


def _has_words(pathway: Pathway, language: str, kind: str, code: str) -> bool:
    section = WORDED.get(kind)
    if section is None:
        return True
    return texts_of(language).extend(pathway.texts.get(language, {})).knows(section, code)


def _at(layer: Layer, place: Place, message: str) -> str:
    return f"{layer.path.name}:{line_of(layer.text, written(place))}: {message}"
