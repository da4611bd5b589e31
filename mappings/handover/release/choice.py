"""What a clinician says with a release: which of the offered options stay, and a line for the letter. Pure.

| said                      | what stays of the options                                                      |
| ------------------------- | ------------------------------------------------------------------------------ |
| an option is chosen       | that option, as it was offered: a check that it waits for is waited for        |
| one of its drugs          | that drug, in every option that has it                                         |
| something is taken out    | everything else; an option whose drugs are all gone goes                       |
| anything that was not offered, or that leaves no option at all | refused: nothing is released              |

An option can only be taken away here. What a guard refused cannot be chosen, and no
choice makes an option firmer.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from adapter.clinical.decision import Decision, Option
from adapter.input.wire_json import Json
from adapter.letter.people import LONGEST, clean
from mappings.handover.release.release_codes import code_in
from mappings.outbound.designations import Wording
from mappings.outbound.vocabulary import known

OFFERED, CHOSEN, TAKEN_OUT, NOTE = "option_offered", "option_chosen", "option_taken_out", "note_for_letter"
UNBOUNDED = 1_000_000  # a note that is too long is refused below, and not cut


@dataclass(frozen=True, slots=True)
class ReleaseChoice:
    """What was taken out of the options, of these options by name, and the line that the letter carries."""

    taken_out: tuple[str, ...] = ()
    note: str = field(default="", repr=False)


AS_OFFERED: Final = ReleaseChoice()


class ChoiceRefusal(StrEnum):
    """Why nothing is released by what was said."""

    NOT_OFFERED = "not_offered"
    CONTRADICTION = "chosen_and_taken_out"
    NOTHING_LEFT = "no_option_left"
    NOTE_TOO_LONG = "note_too_long"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Selection:
    """What somebody asks for, by code, before anybody looked whether it was offered."""

    chosen: tuple[str, ...] = ()
    taken_out: tuple[str, ...] = ()
    note: str = field(default="", repr=False)

    def among(self, options: Sequence[Option]) -> ReleaseChoice | ChoiceRefusal:
        """What it means for these options, or why it means nothing."""
        note, asked = clean(self.note, UNBOUNDED), {*self.chosen, *self.taken_out}
        if not asked <= set(names(options)):
            return ChoiceRefusal.NOT_OFFERED
        if set(self.chosen) & set(self.taken_out):
            return ChoiceRefusal.CONTRADICTION
        if len(note) > LONGEST:
            return ChoiceRefusal.NOTE_TOO_LONG
        kept = tuple(_without(_only(options, self.chosen), self.taken_out))
        if asked and not kept:
            return ChoiceRefusal.NOTHING_LEFT
        left = set(names(kept))
        return ReleaseChoice(tuple(name for name in names(options) if name not in left), note)


def names(options: Iterable[Option]) -> tuple[str, ...]:
    """The codes by which options are spoken of: their own, and those of their drugs."""
    return tuple(dict.fromkeys(code for option in options for code in (option.code, *option.drugs)))


def narrowed(decision: Decision, choice: ReleaseChoice) -> Decision:
    """The decision without what a clinician took out; nothing else of it changes."""
    if not choice.taken_out:
        return decision
    options = tuple(_without(decision.treatment.options, choice.taken_out))
    return replace(decision, treatment=replace(decision.treatment, options=options))


def _only(options: Sequence[Option], chosen: Sequence[str]) -> Iterator[Option]:
    for option in options:
        if not chosen or option.code in chosen:
            yield option
        elif drugs := tuple(drug for drug in option.drugs if drug in chosen):
            yield replace(option, drugs=drugs)


def _without(options: Iterable[Option], taken_out: Sequence[str]) -> Iterator[Option]:
    for option in options:
        drugs = tuple(drug for drug in option.drugs if drug not in taken_out)
        if option.code not in taken_out and (drugs or not option.drugs):
            yield replace(option, drugs=drugs)


def offered(options: Iterable[Option], wording: Wording) -> dict[str, Json]:
    """What an answer may name, as a CodeableConcept by its code; without one a drug goes by its option."""
    coded = (name for name in names(options) if known(name) or name in wording.own.texts)
    return {code: wording.concept(code) for code in coded}


def said_in(task: Json, named: dict[str, Json]) -> Selection | ChoiceRefusal:
    """What an answered Task says about the options that were offered in it."""
    found: dict[str, list[str]] = {CHOSEN: [], TAKEN_OUT: [], NOTE: []}
    codes = {
        (coding["system"], coding["code"]): code for code, it in named.items() for coding in it["coding"][:1]
    }
    for output in task.get("output") or ():
        kind, code = code_in(output.get("type")), _code_among(output.get("valueCodeableConcept"), codes)
        value = output.get("valueString") if kind == NOTE else code
        if kind in found:
            if not isinstance(value, str) or not value:
                return ChoiceRefusal.UNREADABLE
            found[str(kind)].append(value)
        elif code is not None:  # an option, and whether it stays or goes is not said in our codes
            return ChoiceRefusal.UNREADABLE
    return Selection(tuple(found[CHOSEN]), tuple(found[TAKEN_OUT]), " ".join(found[NOTE]))


def _code_among(held: object, codes: dict[tuple[str, str], str]) -> str | None:
    codings = (held.get("coding") or ()) if isinstance(held, dict) else ()
    return next(
        (
            code
            for coding in codings
            if (code := codes.get((str(coding.get("system")), str(coding.get("code")))))
        ),
        None,
    )
