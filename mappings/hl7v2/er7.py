r"""The encoding of HL7 v2 with pipes and hats: what is written cannot break out of its field.

We tried both libraries for this, and receivers misread what they write: hl7apy 1.3.5 leaves a line break
in a text (a name could add a segment) and takes ``\F\`` in a name for an escape, hl7 0.4.5 writes
``\X20AC\`` for a euro sign whatever the character set is. hl7apy judges in the tests what is written
here; reading: ``er7_reader``.
"""

import unicodedata
from collections.abc import Iterable

LONGEST = 199  # characters: HL7 v2.5.1 gives a text (ST) no more
ENCODING = "UTF-8"
CHARACTER_SET = "UNICODE UTF-8"  # table 0211
DELIMITERS = "^~\\&"
_NAMED = {"\\": "E", "|": "F", "^": "S", "~": "R", "&": "T"}
_ESCAPES = str.maketrans({sign: f"\\{name}\\" for sign, name in _NAMED.items()})
_SPACES = frozenset({"Cc", "Zl", "Zp"})  # tabs, line breaks, and the bytes that frame a message
_DROPPED = frozenset({"Cf", "Cs"})  # bidi overrides and other invisible marks, halves of characters
_JOINERS = frozenset("\u200c\u200d")  # part of the spelling of Persian and Indic names


def text(written: object, longest: int = LONGEST) -> str:
    """Any text as one escaped line: controls become spaces, invisible marks disappear."""
    line = str(written)
    if not (line.isascii() and line.isprintable()):
        line = "".join(_printable(character) for character in line)
    line = " ".join(line.split())
    return (line if len(line) <= longest else f"{line[: longest - 1]}…").translate(_ESCAPES)


def components(*parts: str) -> str:
    """A field of several components, each already escaped."""
    return "^".join(parts).rstrip("^")


def subcomponents(*parts: str) -> str:
    """A component of several parts, each already escaped."""
    return "&".join(parts).rstrip("&")


def segment(name: str, *fields: str) -> str:
    """A segment; empty fields at its end are left out."""
    return "|".join((name, *fields)).rstrip("|")


def header(*fields: str) -> str:
    """MSH, whose first two fields are the delimiters themselves; give it MSH-3 and what follows."""
    return segment("MSH", DELIMITERS, *fields)


def message(segments: Iterable[str]) -> bytes:
    """The bytes of a message; every segment ends in CR."""
    return "".join(f"{it}\r" for it in segments).encode(ENCODING)


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if category in _SPACES:
        return " "
    return "" if category in _DROPPED and character not in _JOINERS else character
