"""Whom to look at, as the settings say."""

from datetime import timedelta
from pathlib import Path

from adapter.fhir import FhirClient
from workers.host.clock import Clock
from workers.ledger import Ledger
from workers.queue.bootstrap import export_client_of
from workers.queue.patient_lists.exported_list import ExportedPatients
from workers.queue.patient_lists.patient_source import FileOfPatients, GroupOfPatients, PatientSource
from workers.settings.all_settings import Settings
from workers.settings.full_pass_rule import full_pass_rule_of
from workers.settings.setting_kinds import EXPORT, GROUP, SEARCH


def source_of(settings: Settings, client: FhirClient, ledger: Ledger, clock: Clock) -> PatientSource | None:
    """Who says whom to look at; None: the search for patients does."""
    named, base = settings.patient_source, settings.fhir_base_url
    if named == SEARCH:
        return None
    if named == EXPORT:
        request = settings.export.request(("Patient",))
        rule, longest = full_pass_rule_of(settings), max(settings.export.wait, 3600)
        return ExportedPatients(
            ledger,
            lambda: export_client_of(settings),
            f"{base}/{request.url}",
            request,
            clock,
            rule.interval,
            timedelta(seconds=longest),
            rule.hours,
        )
    return list_of(settings, client)


def list_of(settings: Settings, client: FhirClient) -> PatientSource:
    """A file or a Group."""
    if group := GROUP.fullmatch(settings.patient_source):
        return GroupOfPatients(client, group[1], settings.fhir_base_url)
    return FileOfPatients(Path(settings.patient_source))
