"""Reaches a server named on the command line, with the credentials of the settings if it is theirs."""

import typer

from adapter.fhir import FhirClient
from mappings.inbound import ReadingConfig
from workers.cli.command_settings import settings_of
from workers.queue.bootstrap import client_of, reading_of
from workers.settings.all_settings import Settings
from workers.settings.settings_loader import SettingsFault


def settings_if_any(context: typer.Context) -> Settings | None:
    """The settings of this command, or None where there are none or they are not usable."""
    try:
        return settings_of(context)
    except SettingsFault:
        return None


def client_for(context: typer.Context, url: str) -> FhirClient:
    """A client for this address. Credentials go to the server of the settings and to no other."""
    settings = settings_if_any(context)
    if settings and settings.fhir_base_url == url.rstrip("/"):
        return client_of(settings)
    return FhirClient(url.rstrip("/"))


def reading_for(context: typer.Context, url: str = "") -> ReadingConfig:
    """How the institution of the settings reads its own record; carefully where there are no settings."""
    settings = settings_if_any(context)
    if settings and url.rstrip("/") in ("", settings.fhir_base_url):
        return reading_of(settings)
    return ReadingConfig(base_url=url.rstrip("/"))
