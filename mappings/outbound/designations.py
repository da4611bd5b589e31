"""What the codes of a decision are called: ours by the vocabulary, those of a pathway by its own texts.

An institution may write a rule with an activity, goal, flag, follow-up or option that nobody else has. Such a
code is written in a code system of that pathway, the one that is published with it; any other code without an
entry is still a fault of the software.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from adapter.clinical.pathway.pathway import Pathway
from adapter.input.wire_json import Json
from mappings.outbound.ids import own_system
from mappings.outbound.vocabulary import known, output_concept, words, words_or_code

NAMED = ("activity", "follow_up", "flag", "goal", "offer")  # kinds of effect whose code is written
SECTIONS = {"offer": "option"}  # where the texts of a pathway call a kind of effect otherwise


@dataclass(frozen=True, slots=True, eq=False)
class OwnCodes:
    """The codes that one pathway has for itself, each with its words by language; most pathways have none.

    They are loaded once and known by their identity, so that what they word can be kept.
    """

    system: str = ""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def display(self, code: str) -> str:
        """The words in the code system: English, else of any language, else the code in words."""
        said = self.texts[code]
        return said.get("en") or next(iter(said.values()), code.replace("_", " "))

    def words(self, code: str, language: str) -> str:
        """The words for a reader."""
        return self.texts[code].get(language) or self.display(code)

    def concept(self, code: str, language: str) -> Json:
        """A CodeableConcept in the system of the pathway."""
        coding = {"system": self.system, "code": code, "display": self.display(code)}
        return {"coding": [coding], "text": self.words(code, language)}


NO_CODES = OwnCodes()  # of a pathway that has none for itself


class Wording(NamedTuple):
    """A reader's language, and the codes that are not ours: they turn a decision's codes into words."""

    language: str
    own: OwnCodes = NO_CODES

    def concept(self, code: str) -> Json:
        """A CodeableConcept; raises ``SoftwareFault`` for a code neither ours nor the pathway's."""
        own = code in self.own.texts
        return self.own.concept(code, self.language) if own else output_concept(code, self.language)

    def words(self, code: str) -> str:
        """What it is called; raises ``SoftwareFault`` as ``concept`` does."""
        own = code in self.own.texts
        return self.own.words(code, self.language) if own else words(code, self.language)

    def loosely(self, code: str) -> str:
        """Words for a detail that need not be a code at all, such as a disease or the name of a check."""
        return self.words(code) if code in self.own.texts else words_or_code(code, self.language)


def own_codes(pathway: Pathway) -> OwnCodes:
    """The codes that this pathway may write and that our code system does not have."""
    own = {code: kind for code, kind in outputs_of(pathway).items() if not known(code)}
    return OwnCodes(
        own_system(pathway.ref.id), {code: _texts_of(pathway, code, kind) for code, kind in own.items()}
    )


def outputs_of(pathway: Pathway) -> dict[str, str]:
    """Every code that the pathway may write, with its kind, in order of first appearance."""
    found: dict[str, str] = {}
    for rule in pathway.rules:
        if rule.id not in pathway.off:
            for effect in rule.effects:
                if effect.kind in NAMED:
                    found.setdefault(effect.code, effect.kind)
    return found


def _texts_of(pathway: Pathway, code: str, kind: str) -> dict[str, str]:
    key = f"{SECTIONS.get(kind, kind)}.{code}"
    return {language: texts[key] for language, texts in pathway.texts.items() if texts.get(key)}
