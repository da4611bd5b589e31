"""What a refused input would have been: the words for ``Rejected.concerns``, which the texts
know too; and who looks at it.
"""

from adapter.clinical.model import Reason, Rejected

T_SCORE = "t_score"
VFA = "vfa"
FRACTURE = "fracture"
CONDITION = "condition"
MEDICINE = "medicine"
ALLERGY = "allergy"
PROCEDURE = "procedure"
RELATIVE = "relative"
LAB = "lab"
DENSITY = "density"
BODY_MEASURE = "body_measure"
FRAX = "frax"
ANSWER = "answer"
LIST = "list"
RESOURCE = "resource"

_GUARDS = frozenset({CONDITION, FRACTURE, MEDICINE, ALLERGY, PROCEDURE, ANSWER})
_DOUBTS = frozenset({Reason.CODES_DISAGREE, Reason.MODIFIER_EXTENSION})
_STATE_UNREAD = (RESOURCE, Reason.UNREADABLE)  # of the patient, who may be dead, merged or out of use


def for_human(refused: Rejected) -> bool:
    """Whether it may be something that guards; what was withdrawn never was."""
    if refused.reason is Reason.WITHDRAWN:
        return False
    if (refused.concerns, refused.reason) == _STATE_UNREAD:
        return True
    return refused.concerns in _GUARDS or refused.reason in _DOUBTS
