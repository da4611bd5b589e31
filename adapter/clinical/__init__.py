"""The decision core: facts and a date in, a decision out. Pure: no clock, no network, no FHIR code."""

from adapter.clinical.decide import decide
from adapter.clinical.model import BoneRecord
from adapter.clinical.outcome import Decision
from adapter.clinical.pathway import Pathway

__all__ = ["BoneRecord", "Decision", "Pathway", "decide"]
