"""FHIR JSON to ``BoneRecord``, or the reason why not."""

from mappings.inbound.config import ReadingConfig
from mappings.inbound.demographics import PatientContext
from mappings.inbound.medical_history.medicinal_products import ordered_drugs
from mappings.inbound.queries import Query, queries
from mappings.inbound.reader import Reading, read_record

__all__ = ["PatientContext", "Query", "Reading", "ReadingConfig", "ordered_drugs", "queries", "read_record"]
