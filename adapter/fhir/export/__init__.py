"""Bulk Data `$export`: asked for, waited for, and its files fetched one by one.

export_client -> export_hosts (who is asked, and who is shown the token), export_request, manifest
"""

from adapter.fhir.export.export_client import ExportClient, ExportGivenUp, ExportProgress
from adapter.fhir.export.export_hosts import ExportHosts
from adapter.fhir.export.export_request import ExportLevel, ExportRequest
from adapter.fhir.export.manifest import ExportFile, ExportManifest, FileKind

__all__ = [
    "ExportClient",
    "ExportFile",
    "ExportGivenUp",
    "ExportHosts",
    "ExportLevel",
    "ExportManifest",
    "ExportProgress",
    "ExportRequest",
    "FileKind",
]
