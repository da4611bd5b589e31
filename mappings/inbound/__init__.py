"""FHIR JSON to ``BoneRecord``, or the reason why not."""

from mappings.inbound.config import ReadingConfig
from mappings.inbound.demographics import PatientContext
from mappings.inbound.queries import Query, queries
from mappings.inbound.reader import Reading, read_record

__all__ = ["PatientContext", "Query", "Reading", "ReadingConfig", "queries", "read_record"]
