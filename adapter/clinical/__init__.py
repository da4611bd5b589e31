"""The decision core: facts and a date in, a decision out. Pure: no clock, no network, no FHIR code."""

from adapter.clinical.decide import decide
from adapter.clinical.decision import Decision
from adapter.clinical.language.pathway import Pathway
from adapter.clinical.model import BoneRecord

__all__ = ["BoneRecord", "Decision", "Pathway", "decide"]
