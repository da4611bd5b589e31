"""Bone density results in, a proposed care plan and a letter for the GP out: the only public API.

    found = assess(resources, pathway="antonius", on=date(2026, 11, 20))
    found.outcome, found.decision, found.resources, found.letter

``assess`` takes the FHIR R4 resources of one patient as plain dicts and writes nowhere; ``assess_many``
does the same for one patient after another (`assessment`). A fault is an ``OsteoHandoverError``: of the
pathway, of the record, or of ours.
"""

from adapter.clinical import Decision
from adapter.errors import ConfigurationFault, OsteoHandoverError, RecordFault, SoftwareFault
from osteo_handover.assessment import assess, assess_many
from workers.assessment.record_assessment import Assessment

__all__ = [
    "Assessment",
    "ConfigurationFault",
    "Decision",
    "OsteoHandoverError",
    "RecordFault",
    "SoftwareFault",
    "assess",
    "assess_many",
]
