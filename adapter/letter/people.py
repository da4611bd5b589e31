"""What the clinical core does not know: patient, sender, recipient, and the fate of an earlier letter."""

import unicodedata
from dataclasses import dataclass
from datetime import date

from adapter.clinical.model import Sex

LONGEST = 300  # characters of a name that are printed; beyond that it is not a name any more
JOINERS = "\u200c\u200d"  # Persian and Indic names need them; every other invisible character goes


def clean(text: str | None, longest: int = LONGEST) -> str:
    """One visible line: no control, bidi-control, surrogate or unassigned characters, no run of blanks.

    Bidi controls can make a name show as another name, and a raw control character makes SVG and PDF invalid.
    """
    composed = unicodedata.normalize("NFC", text or "")
    visible = composed if composed.isprintable() else "".join(map(_visible, composed))
    line = " ".join(visible.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _visible(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp" | "Zs":
            return " "
        case "Cf" | "Cs" | "Cn" | "Co":
            return character if character in JOINERS else ""
        case _:
            return character


@dataclass(frozen=True, slots=True, repr=False)
class Correction:
    """What is different from the letter sent before, and why; an empty ``before`` is an addition."""

    changes: tuple[tuple[str, str, str], ...]  # (text key of section "change", before, after)
    why: str = ""  # text key of section "change_reason"
    replaces: str = ""  # date of the letter that this one replaces, ISO

    def __repr__(self) -> str:
        """Without the values: they are findings of a patient."""
        return f"Correction({len(self.changes)} changes)"


@dataclass(frozen=True, slots=True, repr=False)
class People:
    """Names and dates for one letter; every one of them may be missing but the letter's own date.

    ``letter_date`` is also the time stamp of the PDF, so the same decision gives the same bytes.
    """

    letter_date: str
    patient_name: str | None = None
    birth_date: str | None = None
    patient_identifier: str | None = None
    sex: Sex | None = None
    recipient: str | None = None
    organisation: str | None = None
    contacts: tuple[tuple[str, str], ...] = ()
    software_name: str = "osteo-handover"
    software_version: str = ""
    released_by: tuple[str, str] | None = None  # (role, name); the role may be empty
    released_on: str | None = None
    note: str | None = None  # a line of whoever released it, in their own words
    corrected: Correction | None = None
    retraction: bool = False

    def __post_init__(self) -> None:
        """Refuse a letter without a date: it could be neither filed nor reproduced."""
        date.fromisoformat(self.letter_date)

    def __repr__(self) -> str:
        """Without a patient in it, because representations end up in logs."""
        return f"People(letter_date={self.letter_date!r})"
