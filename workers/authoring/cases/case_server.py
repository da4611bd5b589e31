"""A FHIR server with the records of cases: a review knows of them only what its own searches bring."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from adapter.fhir import FhirClient
from workers.authoring.cases.case_table import TableFault, WorkedCase
from workers.queue.bootstrap import client_of
from workers.review.fhir_server import FhirServer
from workers.sandbox import RequestRefused, Sandbox
from workers.settings.setting_variables import variable_name
from workers.settings.settings_loader import load_settings


@dataclass(frozen=True, slots=True)
class CaseServer:
    """A server and the address that its absolute references begin with."""

    client: FhirServer
    base_url: str


@contextmanager
def run_case_server(cases: Iterable[WorkedCase]) -> Iterator[CaseServer]:
    """A sandbox with the records as they are, whether valid or not, and a client set up as for a hospital."""
    with Sandbox() as sandbox:
        for case in cases:
            _load_case(sandbox, case)
        with case_client(sandbox.base_url) as client:
            yield CaseServer(client, sandbox.base_url)


def _load_case(sandbox: Sandbox, case: WorkedCase) -> None:
    for number, resource in enumerate(case.resources, 1):
        try:
            sandbox.load([resource])
        except RequestRefused as refused:
            raise TableFault(
                f"{case.place}: resource {number}: {refused} Correct it, or take it out."
            ) from None


def case_client(base_url: str) -> FhirClient:
    """A client with the settings of a hospital that changed none of them."""
    return client_of(load_settings({variable_name("fhir_base_url"): base_url}))
