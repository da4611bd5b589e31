"""What a refused input would have been, as words for ``Rejected.concerns`` and the texts; who looks at it."""

from typing import Final

from adapter.clinical.kinds import InputKind
from adapter.clinical.model import Reason, Rejected

T_SCORE: Final = "t_score"
VFA: Final = "vfa"
FRACTURE: Final = "fracture"
CONDITION: Final = "condition"
MEDICINE: Final = "medicine"
ALLERGY: Final = "allergy"
PROCEDURE: Final = "procedure"
RELATIVE: Final = "relative"
LAB: Final = "lab"
DENSITY: Final = "density"
BODY_MEASURE: Final = "body_measure"
FRAX: Final = "frax"
ANSWER: Final = "answer"
LIST: Final = "list"
RESOURCE: Final = "resource"

_GUARDS: frozenset[InputKind] = frozenset({CONDITION, FRACTURE, MEDICINE, ALLERGY, PROCEDURE, ANSWER, VFA})
_DOUBTS = frozenset({Reason.CODES_DISAGREE, Reason.MODIFIER_EXTENSION})
_STATE_UNREAD = (RESOURCE, Reason.UNREADABLE)  # of the patient, who may be dead, merged or out of use


def for_human(refused: Rejected) -> bool:
    """Whether it may be something that guards; what was withdrawn never was."""
    if refused.reason is Reason.WITHDRAWN:
        return False
    if (refused.concerns, refused.reason) == _STATE_UNREAD:
        return True
    return refused.concerns in _GUARDS or refused.reason in _DOUBTS
