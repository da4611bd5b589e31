"""Pathways on disk: one YAML file per institution over ``core``, readable and editable by a clinician.

``load`` follows ``extends`` to the general rules, checks shape and meaning, and reports every fault with file
and line. The fingerprint of a pathway is taken over everything it resolved from, so two pathways that decide
alike but were written differently are still told apart.

`schema`, `yaml_lines`      the shape of a file, and the line of each fault
`inspection`, `edition`     a file before it goes live; two editions side by side
`description`, `new_pathway`    a pathway in words; the file to start one from
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from adapter.clinical.pathway.parameters import settings_faults
from adapter.clinical.pathway.pathway import Pathway, assemble
from adapter.clinical.pathway.pathway_document import (
    PathwayDocument,
    PathwayFault,
    PathwayFaults,
    Source,
    WrittenCitation,
    WrittenRule,
)
from adapter.clinical.pathway.rules import Citation
from adapter.clinical.value_kinds import Parameters, Place
from adapter.errors import ConfigurationFault
from adapter.input.input_files import InputFileFault, text_of
from mappings.pathways.schema import PathwayFile, RuleEntry, plain
from mappings.pathways.yaml_lines import line_of, parse

SHIPPED = Path(__file__).parent
LARGEST = 4 * 1024 * 1024  # bytes of one file; the longest that is shipped has a tenth of one
PATHWAY_NAMES = ("etz", "antonius", "antonius_sneek", "hvrt", "fysio")


class PathwayFileFault(ConfigurationFault):
    """A pathway that cannot be used; one line per fault: file, line, what is wrong, what is allowed."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Layer:
    """One file of a pathway: where it is, its text for line numbers, its content."""

    path: Path
    text: str
    content: PathwayFile


def load(name: str | Path, parameters: Mapping[str, object] | None = None) -> Pathway:
    """A pathway by shipped name or by file, with the institution's own parameters on top.

    Raises ``PathwayFileFault`` naming every fault with its line.
    """
    chain = _chain(_find(name))
    try:
        if not parameters:
            return _resolved(tuple(layer.text for layer in chain))
        documents = [_document(layer.content) for layer in chain]
        own = _plain(name, parameters)
        if faults := settings_faults([d.parameters for d in documents], own):
            raise PathwayFileFault(tuple(f"{name}: {fault}" for fault in faults))
        documents.append(_with_parameters(documents[-1], own))
        return assemble(documents, _fingerprint(documents))
    except PathwayFaults as faults:
        raise PathwayFileFault(tuple(_located(fault, chain) for fault in faults.faults)) from None


def _plain(pathway: str | Path, settings: Mapping[str, object]) -> Parameters:
    try:
        return {name: plain(value) for name, value in settings.items()}
    except ValueError as fault:
        raise PathwayFileFault((f"{pathway}: the parameters of the settings: {fault}",)) from None


@lru_cache(16)
def _resolved(texts: tuple[str, ...]) -> Pathway:
    """The pathway of these files, the general one first; by their text, so an edit counts at once."""
    documents = [_document(_content(text)) for text in texts]
    return assemble(documents, _fingerprint(documents))


def layers(name: str | Path) -> tuple[Layer, ...]:
    """The files that a pathway resolves from, the general one first; raises ``PathwayFileFault``."""
    return tuple(_chain(_find(name)))


def _with_parameters(last: PathwayDocument, parameters: Parameters) -> PathwayDocument:
    """The institution's settings as a last layer under the same name; its rules are not repeated."""
    return replace(
        last,
        parameters=parameters,
        define={},
        rules=(),
        off={},
        texts={},
        sources=(),
        parameter_sources={},
        parameter_units={},
    )


def _find(name: str | Path) -> Path:
    known = re.fullmatch(r"[\w.-]{1,64}", str(name)) and not str(name).endswith((".yaml", ".yml"))
    path = SHIPPED / f"{name}.yaml" if known else Path(name)
    if not str(name) or not _stands(path):
        shipped = ", ".join(("core", *PATHWAY_NAMES))
        raise PathwayFileFault((f"{name}: no such pathway; give a file or one of: {shipped}",))
    return path


def _stands(path: Path) -> bool:
    """Whether there is such a file; a name that no file can have is one that is not there."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _chain(path: Path) -> list[Layer]:
    """The file and what it extends, the general one first; a circle is a fault."""
    chain: list[Layer] = []
    nearest: Path | None = path
    while nearest is not None:
        if any(read.path == nearest for read in chain):
            raise PathwayFileFault((f"{nearest}: extends itself in a circle",))
        read = _layer_of(nearest)
        chain.insert(0, read)
        parent = read.content.extends
        beside = nearest.parent / f"{parent}.yaml"
        nearest = None if parent is None else beside if _stands(beside) else _find(parent)
    return chain


def _layer_of(path: Path) -> Layer:
    try:
        text = text_of(path, LARGEST)
    except InputFileFault as fault:
        raise PathwayFileFault((str(fault),)) from None
    try:
        return Layer(path, text, _content(text))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        says = "holds a character that no YAML may, such as NUL"
        raise PathwayFileFault((f"{path.name}:{line}: {says}; take it out",)) from None
    except RecursionError:
        raise PathwayFileFault((f"{path.name}: is nested too deeply; a pathway has ten levels",)) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise PathwayFileFault((f"{path.name}:{line}: {error.problem or error.context}",)) from None
    except ValidationError as errors:
        raise PathwayFileFault(tuple(_shape_fault(path, text, error) for error in errors.errors())) from None


@lru_cache(32)
def _content(text: str) -> PathwayFile:
    """The content of a file, by its text: every pathway rests on the same general rules."""
    return PathwayFile.model_validate(parse(text))


def _shape_fault(path: Path, text: str, error: ErrorDetails) -> str:
    place = tuple(step for step in error["loc"] if step != "[key]")
    hint = f"; allowed here: {', '.join(PathwayFile.model_fields)}" if len(place) == 1 else ""
    return f"{path.name}:{line_of(text, place)}: {'.'.join(map(str, place))}: {error['msg']}{hint}"


def _document(file: PathwayFile) -> PathwayDocument:
    return PathwayDocument(
        id=file.id,
        version=file.version,
        title=file.title,
        sources=tuple(Source(**source.model_dump()) for source in file.sources),
        parameters=file.values,
        parameter_sources={
            name: tuple(Citation(citation.source, citation.lines) for citation in entry.cite)
            for name, entry in file.parameters.items()
        },
        parameter_units={name: entry.unit for name, entry in file.parameters.items() if entry.unit},
        define={name: _text(value) for name, value in file.define.items()},
        rules=tuple(_rule(rule) for rule in file.rules),
        off=file.off,
        texts=file.texts,
    )


def _rule(entry: RuleEntry) -> WrittenRule:
    written = WrittenRule(
        id=entry.id,
        topic=entry.topic,
        mode=entry.mode,
        says=entry.says,
        cite=[WrittenCitation(source=citation.source, lines=citation.lines) for citation in entry.cite],
        reason=entry.reason,
    )
    if entry.when is not None:
        written["when"] = _text(entry.when)
    if entry.then is not None:
        written["then"] = entry.then
    return written


def _text(value: str | bool) -> str:
    """YAML reads a bare ``false`` as a truth value; the expression language wants the word."""
    return value if isinstance(value, str) else str(value).lower()


def _fingerprint(documents: list[PathwayDocument]) -> str:
    content = json.dumps(
        [_deciding_content(d) for d in documents], sort_keys=True, default=str, ensure_ascii=False
    )
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _deciding_content(document: PathwayDocument) -> dict[str, object]:
    """What a decision can rest on: a better citation of the same number leaves every decision as it is."""
    return {
        name: getattr(document, name)
        for name in ("id", "version", "parameters", "define", "rules", "off", "texts")
    }


def _located(fault: PathwayFault, chain: list[Layer]) -> str:
    read = next((r for r in reversed(chain) if r.content.id == fault.document), chain[-1])
    return f"{read.path.name}:{line_of(read.text, written(fault.place))}: {fault.message}"


def written(place: Place) -> Place:
    """Where a place of the plain data is in the file: a parameter's value has its source beside it."""
    match place:
        case ("parameters", name, inner, *further) if inner != "cite":
            return ("parameters", name, "value", inner, *further)
        case _:
            return place
