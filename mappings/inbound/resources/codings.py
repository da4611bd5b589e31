"""CodeableConcepts as codes: match on system and code, never on display."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from adapter.wire_json import Json
from mappings.codes import DATA_ABSENT, NULL_FLAVOR, AnyCode, NotACode, code, system_named
from mappings.inbound.resources.datatypes import objs, text
from mappings.valuesets import Table, concept_map, members, numbers

_SAYS_NOTHING = frozenset({NULL_FLAVOR, DATA_ABSENT})
# By identity, beside the value itself: while it is held here, no other value can have its id.
_PARSED: ContextVar[dict[int, tuple[object, "Concept"]] | None] = ContextVar("parsed_concepts", default=None)


@dataclass(frozen=True, slots=True)
class Concept:
    """What a CodeableConcept says: its usable codes, and whether it held others that cannot be codes.

    ``written`` are all codings as (system, code), those without a system and those that are no code of it included.
    """

    codes: tuple[AnyCode, ...] = ()
    broken: bool = False
    text: str = ""
    displays: tuple[str, ...] = ()
    written: tuple[tuple[str, str], ...] = ()

    @property
    def coded(self) -> bool:
        """Whether anybody tried to code it."""
        return bool(self.codes) or self.broken

    @property
    def label(self) -> str:
        """Everything that it says in words."""
        return " ".join(filter(None, (self.text, *self.displays)))


@contextmanager
def parsed_once() -> Iterator[None]:
    """Within one reading each CodeableConcept is parsed once, however many readers ask what it says.

    What was parsed is forgotten at the end. The resources must not change in between, and no reader changes one.
    """
    token = _PARSED.set({})
    try:
        yield
    finally:
        _PARSED.reset(token)


def concept(value: Any) -> Concept:
    """Any JSON as a concept; null flavours and codings without a system are no codes."""
    if not isinstance(value, dict):
        return _NOTHING_SAID
    parsed = _PARSED.get()
    if parsed is None:
        return _parse(value)
    held = parsed.get(id(value))
    if held is None:
        held = parsed[id(value)] = (value, _parse(value))
    return held[1]


def _parse(value: Json) -> Concept:
    codes: list[AnyCode] = []
    broken = False
    codings = objs(value.get("coding"))
    written = [(system_named(text(c.get("system"))), text(c.get("code"))) for c in codings]
    # A null flavour stands where no code is known. Taken for a code it would make "somebody coded this" of "nobody
    # could".
    if any(system in _SAYS_NOTHING for system, _ in written):
        codings = [c for c, (system, _) in zip(codings, written, strict=True) if system not in _SAYS_NOTHING]
        written = [pair for pair in written if pair[0] not in _SAYS_NOTHING]
    for system, key in written:
        # Without a system a code means whatever its house means by it (R4 Coding.system): it counts for words and
        # spelling only, through ``written``, and never as a code.
        if not system or not key:
            continue
        try:
            codes.append(code(system, key))
        except NotACode:
            broken = True
    displays = tuple(filter(None, (text(c.get("display")) for c in codings)))
    return Concept(
        tuple(codes), broken, text(value.get("text")), displays, tuple(pair for pair in written if pair[1])
    )


_NOTHING_SAID = Concept()


def says_nothing(value: Any) -> bool:
    """Whether nothing is there, or only codes that say that nothing is known."""
    if not isinstance(value, dict):
        return not value
    systems = {system_named(text(c.get("system"))) for c in objs(value.get("coding"))}
    return not value or (bool(systems) and systems <= _SAYS_NOTHING and not text(value.get("text")))


def concepts(value: Any) -> tuple[Concept, ...]:
    """A list of CodeableConcepts; a single one where a list belongs is taken as a list of one."""
    return tuple(concept(v) for v in (objs(value) or objs([value])))


def holds(value: Any, system: str, *wanted: str) -> bool:
    """Whether the concept carries one of the codes of the system."""
    return any(c.system == system and c.key in wanted for c in concept(value).codes)


def within(value: Any, value_set: str) -> bool:
    """Whether the concept carries one of the codes of a value set."""
    return any((c.system, c.key) in members(value_set) for c in concept(value).codes)


def meanings(value: Any, mapping: str) -> frozenset[str]:
    """What the codes of a concept are mapped to; codes that the map does not know are left out."""
    targets = (concept_map(mapping).get((c.system, c.key)) for c in concept(value).codes)
    return frozenset(target.code for target in targets if target)


def local(value: Any, system: str) -> tuple[str, ...]:
    """The codes of one system in a concept."""
    return tuple(c.key for c in concept(value).codes if c.system == system)


def numbered(said: Concept, subject: str) -> bool:
    """Whether a code is written as the value sets of a subject hold it, in whatever system."""
    return any(key in numbers(subject) for _, key in said.written)


def by_coding(codes: Iterable[AnyCode], names: Table) -> tuple[frozenset[str], ...]:
    """The names each recognised coding stands for; codings that no value set holds are left out."""
    return tuple(found for c in codes if (found := names.names(c)))


def disagree(found: Iterable[frozenset[str]]) -> bool:
    """Whether two codings of one concept have nothing in common."""
    sets = tuple(found)
    return any(not (a & b) for a in sets for b in sets)
