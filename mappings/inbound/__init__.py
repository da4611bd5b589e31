"""FHIR JSON to ``BoneRecord``, or the reason why not.

queries, gaps           what is asked for, and what an incomplete answer leaves unknown
resources/              made safe to look into, before anything is understood
reader, chapters        all of a patient's resources, read, and the parts of the record; `demographics` who it
                        is, `former_records` merged ones
narratives              what questionnaires, adverse events and alerts tell in words
subjects                which reader is handed which measurement
densitometry/, fractures/, medical_history/, indications/, questionnaire/      one kind of fact each
config                  what an institution says about its own record
"""

from mappings.inbound.config import ReadingConfig, ReadingLimits, RecordReading
from mappings.inbound.demographics import PatientContext
from mappings.inbound.medical_history.medicinal_products import ordered_drugs
from mappings.inbound.queries import Query, queries
from mappings.inbound.reader import Reading, read_record

__all__ = [
    "PatientContext",
    "Query",
    "Reading",
    "ReadingConfig",
    "ReadingLimits",
    "RecordReading",
    "ordered_drugs",
    "queries",
    "read_record",
]
