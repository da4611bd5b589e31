r"""Reads HL7 v2 with pipes and hats: the library ``hl7`` splits a message; characters and escapes are ours.

The library's own reading of escapes writes what it cannot read into the log, and a log must hold nothing of a
patient. It also takes the bytes of ``\Xhh\`` for characters, whatever the character set is.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import hl7

from mappings.valuesets import concept_map

# Fields, components and repetitions of one message; a report of a whole hospital stay has 5,000.
MOST_PARTS = 200_000
_HEADER = re.compile(r"MSH([^\w\s])((?:(?!\1)[^\w\s]){1,5})(?=\1|$)")
_CODECS = {code: target.code for (_, code), target in concept_map("v2-character-sets").items()}
# The last field of MSH that is read, which costs as much as two results; whoever reads a message has
# read its header for the answer.
_FOR_AN_ANSWER, _OF_A_MESSAGE = 15, 7
_CHARACTER_SET = 17  # MSH-18 in a header that is split by its field separator
_READ = frozenset({b"MSH", b"MSA", b"ERR", b"PID", b"MRG", b"OBR", b"OBX", b"NTE"})
_SEGMENT = re.compile(rb"[A-Z][A-Z\d]{2}$|[A-Za-z][A-Za-z\d]{2}[^\w\s]")
_NO_TEXT = b" \t\x00\x0b\x1a\x1c"  # also what old systems fill up or end a file with
_BREAKS = (".br", ".sp", ".ce")
_UNKNOWN = "\ufffd"


# A field, a repetition, a component or a part of one: a text, or lists down to the lowest sign in it.
Hl7Part = str | list["Hl7Part"]


class NotHl7(ValueError):
    """The bytes are no HL7 v2 message; nothing of them is quoted."""


class UnreadableCharacters(NotHl7):
    """The bytes are not in the character set that the message, or the map of its sender, says."""


class CodedField(NamedTuple):
    """Code, text and system of a coded field, and the second triplet where there is one."""

    code: str = ""
    text: str = ""
    system: str = ""
    code_2: str = ""
    text_2: str = ""
    system_2: str = ""

    @property
    def words(self) -> str:
        """Everything that it says: codes often are words too."""
        return " ".join(it for it in self if it)


class _PlainLists(hl7.Factory):  # type: ignore[misc]  # the library has no types
    """Lists in place of the library's containers, whose look at each index for slices costs a third.

    It tells the header from a field that begins with MSH, such as ERR-2, by the maker of
    segments, which is its own therefore.
    """

    @staticmethod
    def create_segment(sequence: list[Hl7Part], **_: object) -> list[Hl7Part]:
        """What was split is a list already."""
        return sequence

    @staticmethod
    def create_field(sequence: list[Hl7Part], **_: object) -> list[Hl7Part]:
        """As above."""
        return sequence

    @staticmethod
    def create_component(sequence: list[Hl7Part], **_: object) -> Hl7Part:
        """The text itself where it has no parts, as nearly all."""
        return sequence if len(sequence) > 1 else sequence[0]

    create_repetition = create_field


NOT_CODED = CodedField()
_NULL = '""'  # HL7 v2.5.1, 2.5.3: what the sender knows to be empty, and never a name or a number of anybody


@dataclass(frozen=True, slots=True)
class _Signs:
    """What takes the texts of a message apart, and what they were written in."""

    separators: tuple[str, ...]  # of segments, fields, repetitions, components and their parts
    escape: str
    codec: str


@dataclass(frozen=True, slots=True)
class Hl7Segment:
    """One segment.

    A field, a component and a repetition have the numbers of the standard; what is not there is empty.
    """

    name: str
    parts: dict[int, Hl7Part] = field(repr=False)
    signs: _Signs = field(repr=False)

    def value(self, number: int, component: int = 1, repetition: int = 1, part: int = 1) -> str:
        """One part of a field, unescaped."""
        if (held := self.parts.get(number)) is None:
            return ""
        if len(held) == 1 and isinstance(plain := held[0], str):  # as most fields are
            return self._unescaped(plain) if component == repetition == part == 1 else ""
        return self._unescaped(_text_at(_at(_at(held, repetition), component), part))

    def coded(self, number: int, repetition: int = 1) -> "CodedField":
        """A coded field (CE, CWE)."""
        if number not in self.parts:
            return NOT_CODED
        held = _at(self.parts[number], repetition)
        if isinstance(held, str):
            return CodedField(self._unescaped(held).strip())
        return CodedField(*[self._unescaped(_text_at(it, 1)).strip() for it in held[:6]])

    def written(self, number: int) -> str:
        """A whole field as a text, in which people write delimiters unescaped; its repetitions are lines."""
        if (held := self.parts.get(number)) is None:
            return ""
        if len(held) == 1 and isinstance(plain := held[0], str):
            return self._unescaped(plain)
        *_, component, part = self.signs.separators
        return "\n".join(self._unescaped(_as_written(it, component, part)) for it in held)

    def repetitions(self, number: int) -> range:
        """The numbers of the repetitions of a field; none of an empty one."""
        return range(1, 1 + len(self.parts.get(number, ())))

    def _unescaped(self, text: str) -> str:
        if text == _NULL:
            return ""
        escape = self.signs.escape
        if escape not in text:
            return text
        mark = re.escape(escape)
        return str(re.sub(f"{mark}([^{mark}]*){mark}", lambda found: self._meaning_of(found[1]), text))

    def _meaning_of(self, sequence: str) -> str:
        _, fields, repeat, component, part = self.signs.separators
        named = {
            "F": fields,
            "R": repeat,
            "S": component,
            "T": part,
            "E": self.signs.escape,
            "H": "",
            "N": "",
        }
        if sequence in named:
            return str(named[sequence])
        if sequence[:1] == "X":
            return _bytes_of(sequence[1:]).decode(self.signs.codec, errors="replace")
        if sequence[:1] == ".":
            return "\n" if sequence[:3] in _BREAKS else ""
        return _UNKNOWN  # another character set, or a sequence of the sender's own: something stood there


@dataclass(frozen=True, slots=True)
class Hl7Message:
    """The segments of one message, MSH first."""

    segments: tuple[Hl7Segment, ...] = field(repr=False)

    @property
    def header(self) -> Hl7Segment:
        return self.segments[0]

    def first(self, name: str) -> Hl7Segment | None:
        return next((segment for segment in self.segments if segment.name == name), None)


def read_message(raw: bytes, charset: str = "", *, believe_header: bool = True) -> Hl7Message:
    """The message in these bytes, and its header as far as MSH-7; raises NotHl7.

    ``charset`` (table 0211) counts where MSH-18 says nothing or is not believed.
    """
    lines = _segment_lines(raw)
    separator = _separator(lines)
    codec = _codec(lines[0], separator, charset, believe_header=believe_header)
    try:
        text = b"\r".join(lines).decode(codec)
    except UnicodeDecodeError:
        told = UnreadableCharacters("the characters are not in the character set that was said")
    else:
        return _message_of(text, separator, codec, _OF_A_MESSAGE)
    raise told


def read_loosely(raw: bytes) -> Hl7Message:
    """The same where only codes matter, as in a header or an answer: what is not UTF-8 becomes a mark.

    Raises NotHl7.
    """
    lines = _segment_lines(raw)
    return _message_of(b"\r".join(lines).decode(errors="replace"), _separator(lines), "UTF-8", _FOR_AN_ANSWER)


def _segment_lines(raw: bytes) -> list[bytes]:
    """The first line, whatever it is, and the segments that are read here; the others stay as they are.

    Some senders write a line break into a text as it is: what begins like no segment
    belongs to the one before it.
    """
    found: list[bytes] = []
    for line in re.split(rb"[\r\n]+", raw.removeprefix(b"\xef\xbb\xbf")):
        if not line.strip(_NO_TEXT):
            continue
        if not found or (_SEGMENT.match(line) and line[3:4] in (found[0][3:4], b"")):
            found.append(line)
        else:
            found[-1] += b"\n" + line
    return [*found[:1], *(line for line in found[1:] if line[:3].upper() in _READ)]


def _separator(lines: list[bytes]) -> str:
    """The field separator of a header that can be one."""
    found = _HEADER.match(lines[0].decode("latin-1")) if lines else None
    if not found or len({*found[2], found[1]}) != len(found[2]) + 1:
        raise NotHl7("the first segment is not MSH")
    return found[1]


def _codec(header: bytes, separator: str, charset: str, *, believe_header: bool) -> str:
    fields = header.decode("latin-1").split(separator)
    said = (
        fields[_CHARACTER_SET].partition(fields[1][1:2] or "~")[0].strip()
        if len(fields) > _CHARACTER_SET
        else ""
    )
    named = (said or charset) if believe_header else (charset or said)
    if named and named not in _CODECS:
        raise UnreadableCharacters("the character set of MSH-18 is none that is read here")
    return _CODECS.get(named, "UTF-8")


def _message_of(text: str, separator: str, codec: str, header_fields: int) -> Hl7Message:
    header, *lines = text.split("\r")
    if sum(text.count(sign) for sign in header[3:8]) > MOST_PARTS:
        raise NotHl7("the message has more parts than any message has")
    # Half of the fields of a message are empty, and cost the library as much as the others.
    first = header.split(separator, header_fields)[:header_fields]
    taken = [first, *(line.split(separator) for line in lines)]
    full = [[(number, it) for number, it in enumerate(fields) if it] for fields in taken]
    numbers = [[number for number, _ in fields] for fields in full]
    numbers[0] = [0, *(number + 1 for number in numbers[0])]  # the separator itself is MSH-1
    text = "\r".join(separator.join(it for _, it in fields) for fields in full)
    if len(full[0]) == 2:  # the library takes the delimiters of such a header for a field as well
        text = text.replace(first[1], first[1] + separator, 1)
    try:
        parsed = hl7.parse(text, factory=_PlainLists)
        signs = _Signs(tuple(parsed.separators), parsed.esc, codec)
        return Hl7Message(tuple(_segment(*it, signs) for it in zip(numbers, parsed, strict=True)))
    except (hl7.HL7Exception, ValueError, IndexError, AssertionError):
        told = NotHl7("the message cannot be taken apart")
    raise told


def _segment(numbers: Iterable[int], fields: list[Hl7Part], signs: _Signs) -> Hl7Segment:
    """Its fields by their numbers; one of nothing but its name is not taken apart."""
    first = fields[0]
    name = str(first[0] if isinstance(first, list) else first)
    return Hl7Segment(name.upper(), dict(zip(numbers, fields, strict=True)), signs)


def _at(held: Hl7Part, number: int) -> Hl7Part:
    """The part of that number; a text without parts is its own first one."""
    if isinstance(held, str):
        return held if number == 1 else ""
    return held[number - 1] if number <= len(held) else ""


def _text_at(held: Hl7Part, number: int) -> str:
    """The same where no sign is left that could take it apart."""
    part = _at(held, number)
    return part if isinstance(part, str) else ""


def _as_written(held: Hl7Part, *signs: str) -> str:
    """As it was written."""
    return held if isinstance(held, str) else signs[0].join(_as_written(it, *signs[1:]) for it in held)


def _bytes_of(digits: str) -> bytes:
    try:
        return bytes.fromhex(digits)
    except ValueError:
        return b""
