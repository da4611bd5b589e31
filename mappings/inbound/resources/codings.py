"""CodeableConcepts as codes: match on system and code, never on display.

A house says the same with the same codes and words again and again. So what says the same is one ``Concept``,
and what follows from a concept alone is found once for it, by functions that remember their answers.
"""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from mappings.codes import DATA_ABSENT, INTAKE, NULL_FLAVOR, AnyCode, NotACode, code, system_named
from mappings.inbound.resources.datatypes import text
from mappings.valuesets import concept_map, lookalikes, members, table

# How many concepts are remembered. All that is known of them comes from themselves and from value sets, which
# no process reads twice: nothing that is remembered can be out of date.
CONCEPTS = 2048
SUBJECTS = 8  # about as many are asked of one concept
_SAYS_NOTHING = frozenset({NULL_FLAVOR, DATA_ABSENT})


@dataclass(frozen=True, eq=False)
class Concept:
    """What a CodeableConcept says: its usable codes, and whether it held others that cannot be codes.

    ``written`` are all codings as (system, code), those without a system and those that are no code of it
    included. Compared by identity: two that say the same are one, as long as it is remembered.
    """

    codes: tuple[AnyCode, ...] = ()
    broken: bool = False
    text: str = ""
    displays: tuple[str, ...] = ()
    written: tuple[tuple[str, str], ...] = ()
    void: bool = False  # it says that nothing is known, and nothing else
    # By subject, as soon as somebody asks: each reader asks for a few of every concept.
    _named: dict[str, frozenset[str]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def coded(self) -> bool:
        """Whether anybody tried to code it."""
        return bool(self.codes) or self.broken

    @cached_property
    def label(self) -> str:
        """Everything that it says in words."""
        return " ".join(filter(None, (self.text, *self.displays)))

    @cached_property
    def house(self) -> str:
        """Its codes as they are written, which often are words too."""
        return " ".join(key for _, key in self.written)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Its codes as they are written, whatever their systems."""
        return frozenset(key for _, key in self.written)

    @cached_property
    def ours(self) -> tuple[str, ...]:
        """Its codes of our own code system ``intake``."""
        return tuple(c.key for c in self.codes if c.system == INTAKE)

    def names(self, subject: str) -> frozenset[str]:
        """All that the value sets of a subject call its codes; empty where none of them holds one."""
        found = self._named.get(subject)
        if found is None:
            found = self._named[subject] = frozenset[str]().union(*by_coding(self, subject))
        return found


def concept_of(value: object) -> Concept:
    """Any JSON as a concept; null flavours and codings without a system are no codes."""
    if not isinstance(value, dict):
        return NOTHING_SAID
    held = value.get("coding")
    said = [value.get("text")]
    if isinstance(held, list):
        for it in held:
            if isinstance(it, dict):
                said += it.get("system"), it.get("code"), it.get("display")
    try:
        return _concept_of(*said)
    except TypeError:  # a list or an object stands where a text belongs, and cannot be remembered
        return _concept_of(*map(text, said))


def in_words(words: str) -> Concept:
    """A concept without any code."""
    return _concept_of(words)


@lru_cache(CONCEPTS)
def _concept_of(*said: object) -> Concept:
    """A concept of its text and, for each coding, the system, the code and the display, as they came."""
    words, *told = map(text, said)
    named = [*zip(map(system_named, told[::3]), told[1::3], told[2::3], strict=True)]
    # A null flavour stands where no code is known. Taken for a code it would make "somebody
    # coded this" of "nobody could".
    telling = [it for it in named if it[0] not in _SAYS_NOTHING]
    codes: list[AnyCode] = []
    broken = False
    for system, key, _ in telling:
        # Without a system a code means whatever its house means by it (R4 Coding.system): it counts for words
        # and spelling only, through ``written``, and never as a code.
        if not system or not key:
            continue
        try:
            codes.append(code(system, key))
        except NotACode:
            broken = True
    displays = tuple(display for _, _, display in telling if display)
    written = tuple((system, key) for system, key, _ in telling if key)
    return Concept(tuple(codes), broken, words, displays, written, bool(named) and not (telling or words))


NOTHING_SAID = Concept()


def says_nothing(value: object) -> bool:
    """Whether nothing is there, or only codes that say that nothing is known."""
    return not value or concept_of(value).void


def concepts(value: object) -> tuple[Concept, ...]:
    """A list of CodeableConcepts; a single one where a list belongs is taken as a list of one."""
    if value is None:
        return ()
    held = value if isinstance(value, list) else (value,)
    return tuple([concept_of(it) for it in held if isinstance(it, dict)])


def within(value: object, value_set: str) -> bool:
    """Whether the concept carries one of the codes of a value set."""
    return holds(concept_of(value), value_set)


@lru_cache(CONCEPTS)
def holds(said: Concept, value_set: str) -> bool:
    """As ``within``, of a concept."""
    return any((c.system, c.key) in members(value_set) for c in said.codes)


@lru_cache(CONCEPTS)
def meanings(said: Concept, mapping: str) -> frozenset[str]:
    """What the codes of a concept are mapped to; codes that the map does not know are left out."""
    targets = (concept_map(mapping).get((c.system, c.key)) for c in said.codes)
    return frozenset(target.code for target in targets if target)


@lru_cache(SUBJECTS * CONCEPTS)
def resembling(said: Concept, subject: str) -> frozenset[str]:
    """All that its codes would be called under the systems of a subject, whatever they were sent under.

    Under another system it is no code of the subject: what is found is refused by that name, or warns.
    """
    alike = lookalikes(subject)
    return frozenset(name for _, key in said.written for name in alike.get(key, ()))


def resembles(said: Concept, subject: str) -> bool:
    """Whether it may be of a subject, by how its codes are written."""
    return bool(resembling(said, subject))


def by_coding(said: Concept, subject: str) -> tuple[frozenset[str], ...]:
    """The names of each recognised coding; without codings that are in no value set of the subject."""
    return tuple(found for c in said.codes if (found := table(subject).names(c)))


@lru_cache(SUBJECTS * CONCEPTS)
def disagree(said: Concept, subject: str) -> bool:
    """Whether two codings of one concept have nothing in common for a subject."""
    sets = by_coding(said, subject)
    return any(not (a & b) for a in sets for b in sets)
