"""Patients on a FHIR server, and a runtime beside it: plain functions with defaults."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from adapter.fhir import FhirClient
from adapter.fhir.bundles import Entry
from adapter.input.wire_json import Json
from workers.host.clock import Clock, system_clock
from workers.ledger import reviews
from workers.queue.runtime import Runtime, set_up
from workers.review.review_outcome import ReviewOutcome
from workers.settings.all_settings import Settings
from workers.settings.setting_variables import variable_name
from workers.settings.settings_loader import load_settings


def settings_for(base_url: str, **given: Any) -> Settings:
    """Settings for one test: in memory, in English, without waiting."""
    plain = {"ledger_url": "sqlite://", "language": "en", "site": "test", "threads": "1", "clock_margin": "0"}
    values = plain | {"fhir_base_url": base_url} | {name: str(value) for name, value in given.items()}
    return load_settings({variable_name(name): value for name, value in values.items()})


def a_runtime(base_url: str, clock: Clock = system_clock, **given: Any) -> Runtime:
    """Everything that a process works with; to be used as a context."""
    return set_up(settings_for(base_url, **given), clock)


def admitted(base_url: str, resources: Iterable[Json]) -> None:
    """Put resources on a server under their own ids."""
    with FhirClient(base_url) as client:
        client.transaction([Entry("PUT", f"{it['resourceType']}/{it['id']}", it) for it in resources])


def reviewed(runtime: Runtime, *patients: str) -> list[ReviewOutcome]:
    """The outcomes of reviewing these patients now, through the ledger as a worker does it."""
    reviews.request_reviews(runtime.ledger, patients, runtime.clock())
    return runtime.review(patients)


def written_for(base_url: str, patient: str) -> dict[str, list[Json]]:
    """What is on the server about a patient by our hand, by type."""
    with FhirClient(base_url) as client:
        asked = [(kind, [("subject", f"Patient/{patient}")], None) for kind in ("CarePlan", "Communication")]
        found = client.batch_searches([*asked, ("Task", [("patient", f"Patient/{patient}")], None)])
    return {
        kind: result.matches
        for kind, result in zip(("CarePlan", "Communication", "Task"), found, strict=True)
    }


def versions_of(written: dict[str, list[Json]]) -> dict[str, str]:
    """`Type/id` to version."""
    return {
        f"{it['resourceType']}/{it['id']}": it["meta"]["versionId"]
        for held in written.values()
        for it in held
    }


def after(clock: Clock, **later: float) -> Clock:
    """The same clock, put forward."""
    return lambda: clock() + timedelta(**later)
