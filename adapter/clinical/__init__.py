"""The decision core: facts and a date in, a decision out. Pure: no clock, no network, no FHIR code.

decide                   the whole decision, from the class to the plan; its result is a `decision`
model, kinds             the facts, and the closed lists that they are made of;
                         `quantities`: numbers with their units and limits
value_kinds              what a fact may be for the rules, and what a pathway file may hold
classify                 which class stands; before it `study` (which scores decide); `calendar` counts
                         months and days
courses, case            bone drugs over time; one patient on one day as the rules see it, and the answers
lab_marks                what a laboratory value says, and which of two of one day stands
terms/                   what a rule may ask
pathway/                 how rules are written, and which of them hold; `core_parameters`: numbers that
                         Python reads
treat, outputs           which drugs may be proposed, and everything else that follows
"""

from adapter.clinical.decide import decide
from adapter.clinical.decision import Decision
from adapter.clinical.model import BoneRecord
from adapter.clinical.pathway.pathway import Pathway

__all__ = ["BoneRecord", "Decision", "Pathway", "decide"]
