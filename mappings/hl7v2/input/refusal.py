"""Why a message is refused: a code of table 0357, the place, and one sentence that quotes nothing of it."""

from enum import StrEnum


class Problem(StrEnum):
    """The codes of table 0357 that are given as a reason."""

    SEGMENTS = "100"
    REQUIRED = "101"
    DATA_TYPE = "102"
    VALUE = "103"
    MESSAGE_TYPE = "200"
    EVENT = "201"
    VERSION = "203"
    UNKNOWN_KEY = "204"
    APPLICATION = "207"


WORDS: dict[Problem, str] = {
    Problem.SEGMENTS: "Segment sequence error",
    Problem.REQUIRED: "Required field missing",
    Problem.DATA_TYPE: "Data type error",
    Problem.VALUE: "Table value not found",
    Problem.MESSAGE_TYPE: "Unsupported message type",
    Problem.EVENT: "Unsupported event code",
    Problem.VERSION: "Unsupported version id",
    Problem.UNKNOWN_KEY: "Unknown key identifier",
    Problem.APPLICATION: "Application error",
}


class MessageRefused(ValueError):
    """The same message will be refused again; ``place`` is segment, its number and field, as ERR-2 has it."""

    def __init__(self, problem: Problem, why: str, place: str = "") -> None:
        super().__init__(why)
        self.problem, self.place = problem, place
