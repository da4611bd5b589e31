"""What a receiver says about a message: MSA, and ERR where it explains itself.

| said                                | means                                           |
| ----------------------------------- | ----------------------------------------------- |
| AA, CA                              | received                                        |
| error 205 (duplicate key)           | received, the first time already                |
| error 206, 207 (locked, internal)   | not now                                         |
| errors 100 to 204                   | refused: the same message will be refused again |
| AE, CE without a code of table 0357 | not now; refused when ERR-4 calls it fatal      |
| AR, CR                              | refused                                         |

MSA-3 and ERR-8 are never read: receivers quote the patient there.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from mappings.hl7v2.er7_reader import NotHl7, read_loosely

DUPLICATE = "205"
PASSING = frozenset({"206", "207"})
LASTING = frozenset({"100", "101", "102", "103", "200", "201", "202", "203", "204"})
_CODE = re.compile(r"[A-Za-z0-9]{1,5}")


class AckUnreadable(ValueError):
    """What came is no acknowledgement: nothing is known about the message. Never quotes what came."""


class AckMeaning(StrEnum):
    """What became of the message at the receiver."""

    RECEIVED = "received"
    DUPLICATE = "duplicate"
    NOT_NOW = "not-now"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Ack:
    """An acknowledgement: for which message, and what it means; `reason` is a code, never a sentence."""

    control_id: str
    meaning: AckMeaning
    reason: str


def read_ack(raw: bytes) -> Ack:
    """The acknowledgement in these bytes; raises AckUnreadable."""
    try:
        answer = read_loosely(raw)
    except NotHl7 as error:
        raise AckUnreadable("the answer is no HL7 v2 message") from error
    msa = answer.first("MSA")
    if msa is None:
        raise AckUnreadable("the answer has no MSA segment")
    said = msa.value(1)
    errors = [segment for segment in answer.segments if segment.name == "ERR"]
    codes = [code for problem in errors if _CODE.fullmatch(code := problem.value(3))]
    fatal = any(problem.value(4) == "F" for problem in errors)
    return Ack(msa.value(2), _verdict(said, codes, fatal=fatal), "-".join((said, *codes[:1])))


def _verdict(said: str, codes: list[str], *, fatal: bool) -> AckMeaning:
    match said, codes:
        case (("AA" | "CA"), _):
            return AckMeaning.RECEIVED
        case (("AE" | "CE" | "AR" | "CR"), [*some]) if DUPLICATE in some:
            return AckMeaning.DUPLICATE
        case (("AE" | "CE" | "AR" | "CR"), [*some]) if LASTING & set(some):
            return AckMeaning.REFUSED
        case (("AE" | "CE" | "AR" | "CR"), [*some]) if PASSING & set(some):
            return AckMeaning.NOT_NOW
        case (("AE" | "CE"), _):
            return AckMeaning.REFUSED if fatal else AckMeaning.NOT_NOW
        case (("AR" | "CR"), _):
            return AckMeaning.REFUSED
        case _:
            raise AckUnreadable("the acknowledgement code is none of HL7's")
