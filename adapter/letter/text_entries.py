"""Words and formats of one language, looked up by section and code.

The words themselves are data of another room; this file only knows how to use them. A phrase of the letter
must exist (``say``). The name of a code may be missing, because an institution can invent codes (``name``):
it is then printed as readable words and marked as local, so that a reader sees that nobody has worded it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import cached_property

HOLE = re.compile(r"\{(\w+)\}")
INTERVAL = re.compile(r"P?(\d+)\s*(y|m|mo|w|d)", re.IGNORECASE)
HUNDREDTH = Decimal("0.01")
UNITS = {"y": "year", "m": "month", "mo": "month", "w": "week", "d": "day"}


@dataclass(frozen=True, repr=False, eq=False)
class Texts:
    """Sentences, names and formats of one language; keys are ``section.code``.

    They are loaded once and known by their identity, so that what they word can be kept.
    """

    language: str
    entries: Mapping[str, str]

    def __repr__(self) -> str:
        """By language and size."""
        return f"Texts({self.language!r}, {len(self.entries)} entries)"

    def say(self, key: str, /, **values: str) -> str:
        """The phrase behind a key with its holes filled; a missing key or hole is a fault of ours."""
        return self.fillers[key](values)

    def knows(self, section: str, code: str) -> bool:
        """Whether somebody has worded this code."""
        return f"{section}.{code}" in self.entries

    def name(self, section: str, code: str, /, **values: str) -> str:
        """The name of a code, or its own words marked as local."""
        fill = self.fillers.get(f"{section}.{code}")
        return fill(values) if fill else self._local(code)

    def first(self, sections: Sequence[str], code: str, /, **values: str) -> str:
        """The name of a code in the first section that has it."""
        for section in sections:
            if self.knows(section, code):
                return self.say(f"{section}.{code}", **values)
        return self._local(code)

    def _local(self, code: str) -> str:
        return self.say("format.local", name=code.replace("_", " ").replace("-", " ").strip().capitalize())

    def extend(self, own: Mapping[str, str]) -> "Texts":
        """These texts, with an institution's own over them, by ``section.code`` as in a pathway file."""
        return replace(self, entries={**self.entries, **own})

    @cached_property
    def fillers(self) -> Mapping[str, Callable[[Mapping[str, str]], str]]:
        """What fills the holes of each sentence."""
        return {key: _with_holes(text).format_map for key, text in self.entries.items()}

    @cached_property
    def sections(self) -> Mapping[str, set[str]]:
        """Where each code is worded."""
        found: dict[str, set[str]] = {}
        for key in self.entries:
            section, _, code = key.partition(".")
            found.setdefault(code, set()).add(section)
        return found

    @cached_property
    def released(self) -> "Texts":
        """These texts once a clinician answers for them: a proposal is then no longer called one."""
        mark = "released."
        final = {key.removeprefix(mark): text for key, text in self.entries.items() if key.startswith(mark)}
        return replace(self, entries={**self.entries, **final})

    def pair(self, label: str, value: str) -> str:
        """A label and what it holds, with the language's colon between them."""
        return self.say("format.pair", label=label, value=value)

    def number(self, value: Decimal) -> str:
        """The digits as reported, with the language's decimal mark and a plain hyphen as minus."""
        return f"{value:f}".replace(".", self.entries["format.decimal"])

    def measured(self, value: Decimal) -> str:
        """A laboratory value; a converted one is rounded to two decimals, as no laboratory has more."""
        shown = value.quantize(HUNDREDTH, ROUND_HALF_UP)
        return self.number(value if shown == value else shown.normalize())

    def score(self, value: Decimal) -> str:
        """A T-score with its sign and at most two decimals.

        Further digits are cut off and not rounded, so that no printed value lies
        on the other side of a limit.
        """
        cut = value.quantize(HUNDREDTH, ROUND_DOWN)
        shown = value if cut == value else cut
        return f"+{self.number(shown)}" if shown > 0 else self.number(shown)

    def day(self, on: date) -> str:
        """A date as it is written in letters of this language."""
        return self.say(
            "format.date",
            d=str(on.day),
            dd=f"{on.day:02}",
            mm=f"{on.month:02}",
            month=self.entries[f"month.{on.month}"],
            yyyy=str(on.year),
        )

    def day_text(self, text: str) -> str:
        """An ISO date in the language's form; a partial or odd date stays as it came."""
        try:
            return self.day(date.fromisoformat(text))
        except ValueError:
            return text

    def interval(self, text: str) -> str:
        """``3y`` or ``P3Y`` in words; anything else as it came."""
        found = INTERVAL.fullmatch(text.strip())
        if found is None:
            return text
        count, unit = found[1], UNITS[found[2].lower()]
        return self.say(f"interval.{unit}" if count == "1" else f"interval.{unit}s", n=count)

    def series(self, names: Sequence[str], word: str = "and") -> str:
        """Names in a row with the language's word before the last."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self.entries[f'format.{word}']} {names[-1]}"


def _with_holes(template: str) -> str:
    """A sentence as Python fills it, once: no brace in it means anything but a hole, nor one in a value."""
    pieces = [it.replace("{", "{{").replace("}", "}}") for it in HOLE.split(template)]
    pieces[1::2] = [f"{{{name}}}" for name in pieces[1::2]]
    return "".join(pieces)
