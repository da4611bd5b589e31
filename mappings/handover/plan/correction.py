"""What a change means for a plan and its letters, at each stage of theirs. The table is the whole policy.

| stage     | the plan                        | the letter                                                  |
| --------- | ------------------------------- | ----------------------------------------------------------- |
| none      | there is none                   |                                                             |
| draft     | proposed                        | in preparation                                              |
| interim   | proposed                        | in preparation; one has left ahead of it                    |
| queued    | active, by a clinician          | released; no transport has it                               |
| sent      | active                          | a transport has it; whether the GP answered changes nothing |
| retracted | revoked, its basis was withdrawn | withdrawal asked for or sent                                |
| closed    | ended by a human                |                                                             |
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import Final

from mappings.handover.plan.plan_history import PlanStage


class Change(StrEnum):
    """What is different from what the current plan says. When several are true, the first of them counts."""

    MERGED = "patient_merged"  # Patient.link replaced-by
    DECEASED = "deceased"
    RECORD_CLOSED = "record_closed"  # Patient.active false, or labelled as test data
    BASIS_GONE = "basis_gone"  # the score that decided was withdrawn or removed, and no class is left
    WITHDRAWN = "entered_in_error"  # a score was withdrawn; the others still give a class
    DELETED = "deleted"  # a score is no longer on the server; the others still give a class
    AMENDED = "amended"  # a score has another value, site or date
    NEWER_STUDY = "newer_study"
    NEW_FRACTURE = "new_fracture"  # after the release
    NEW_CONTRAINDICATION = "new_contraindication"
    GP_CHANGED = "gp_changed"
    PATHWAY_CHANGED = "pathway_changed"
    NEW_INFORMATION = "new_information"  # anything else that the plan would now say
    NOTHING = "nothing"


class Consequence(Enum):
    """What is done about it."""

    # Draw the same plan again: whatever differs is shown to a human, as for every plan of a human.
    LEAVE = auto()
    REDRAW = auto()  # nobody was told: the draft, its letter and its task follow silently
    WITHDRAW = auto()  # take back what is only proposed, ask nothing
    # Propose a plan that replaces the released one, with a letter that begins with what changed.
    CORRECT = auto()
    RETRACT = auto()  # revoke the plan now, and propose a letter that withdraws the earlier one
    READDRESS = auto()  # the released letter also goes to the new GP, by the same clinician's release
    CLOSE = auto()  # revoke the plan, stop what has not left, say nothing more
    RENEW = auto()  # a new plan in its own right takes the place of the ended one


_L, _R, _W, _C = Consequence.LEAVE, Consequence.REDRAW, Consequence.WITHDRAW, Consequence.CORRECT
_T, _A, _X, _N = Consequence.RETRACT, Consequence.READDRESS, Consequence.CLOSE, Consequence.RENEW

# fmt: off
_ROWS: Final = {
    #                              none draft interim queued sent retracted closed
    Change.MERGED:               ( _W,  _W,   _X,     _X,    _X,  _W,       _W ),
    Change.DECEASED:             ( _W,  _W,   _X,     _X,    _X,  _W,       _W ),
    Change.RECORD_CLOSED:        ( _W,  _W,   _W,     _L,    _L,  _W,       _W ),
    Change.BASIS_GONE:           ( _R,  _R,   _T,     _T,    _T,  _N,       _L ),
    Change.WITHDRAWN:            ( _R,  _R,   _R,     _C,    _C,  _N,       _L ),
    Change.DELETED:              ( _R,  _R,   _R,     _C,    _C,  _N,       _L ),
    Change.AMENDED:              ( _R,  _R,   _R,     _C,    _C,  _N,       _L ),
    Change.NEWER_STUDY:          ( _R,  _R,   _R,     _C,    _C,  _N,       _N ),
    Change.NEW_FRACTURE:         ( _R,  _R,   _R,     _C,    _C,  _N,       _N ),
    Change.NEW_CONTRAINDICATION: ( _R,  _R,   _R,     _C,    _C,  _N,       _L ),
    Change.GP_CHANGED:           ( _R,  _R,   _R,     _A,    _A,  _N,       _L ),
    Change.PATHWAY_CHANGED:      ( _R,  _R,   _R,     _L,    _L,  _N,       _L ),
    Change.NEW_INFORMATION:      ( _R,  _R,   _R,     _L,    _L,  _N,       _L ),
    Change.NOTHING:              ( _R,  _R,   _R,     _L,    _L,  _N,       _L ),
}
# fmt: on
TABLE: Final = MappingProxyType(
    {(stage, change): row[column] for change, row in _ROWS.items() for column, stage in enumerate(PlanStage)}
)


@dataclass(frozen=True, slots=True)
class PlanChange:
    """What changed, and what is to be done; ``why`` is the text key of the reason in a corrected letter."""

    change: Change
    consequence: Consequence

    @property
    def why(self) -> str:
        """The reason that the letter gives."""
        return self.change.value
