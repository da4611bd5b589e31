"""An answer from which something is missing says neither "nobody" nor "this one alone"."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from adapter.errors import OsteoHandoverError, RecordFault, TryAgainLater
from adapter.fhir import FhirClient
from mappings.hl7v2.input.oru import ObservedResults
from mappings.hl7v2.input.patient_key import PatientKey
from mappings.hl7v2.input.sender_map import SenderMap
from mappings.hl7v2.input.translation import header_of, translated
from tests.made_resources import a_patient, a_t_score
from tests.unit.hl7v2.messages import MAP, OBR, PID, msh, obx, wire
from workers.intake.file_arrivals import arrivals_of
from workers.intake.patient_lookup import PatientUnknown, find_patient
from workers.intake.patient_writer import PatientWriter
from workers.intake.record_writer import RecordWriter
from workers.intake.result_writer import ResultWriter
from workers.sandbox import FaultEffect, Sandbox

SYSTEM = str(MAP["patient"][0]["system"])
SENDER = SenderMap.model_validate(MAP)
KEYS = (PatientKey(SYSTEM, "12345"),)
MESSAGE = wire(msh(), PID, OBR, obx("TLS^T^L", "-2,8"))


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[tuple[Sandbox, FhirClient]]:
    with FhirClient(sandbox.base_url) as client:
        yield sandbox, client


def patient_with(key: str, value: str = "12345") -> object:
    return a_patient(key, None, identifier=[{"system": SYSTEM, "value": value}])


SPOILED: list[tuple[FaultEffect, int | str]] = [
    (FaultEffect.SHORT_ANSWER, 0),
    (FaultEffect.SHORT_ANSWER, 1),
    (FaultEffect.WARNING, "incomplete"),
    (FaultEffect.UNREADABLE_ENTRY, "nan Patient/b"),
]


@pytest.mark.parametrize(("effect", "value"), SPOILED)
def test_a_short_answer_names_nobody_and_nobody_alone(
    server: tuple[Sandbox, FhirClient], effect: FaultEffect, value: int | str
) -> None:
    sandbox, client = server
    sandbox.load([patient_with("a"), patient_with("b")])
    sandbox.faults.add_rule(effect, value, type="Patient")

    with pytest.raises(TryAgainLater):
        find_patient(KEYS, client, sandbox.base_url)


@pytest.mark.parametrize(
    ("there", "raised"), [(["a"], None), ([], PatientUnknown), (["a", "b"], RecordFault)]
)
def test_who_may_not_see_everything_goes_by_what_is_seen(
    server: tuple[Sandbox, FhirClient], there: list[str], raised: type[OsteoHandoverError] | None
) -> None:
    sandbox, client = server
    sandbox.load([patient_with("other", "9"), *map(patient_with, there)])
    sandbox.faults.add_rule(FaultEffect.WARNING, "suppressed", type="Patient")

    if raised:
        with pytest.raises(raised):
            find_patient(KEYS, client, sandbox.base_url)
    else:
        assert find_patient(KEYS, client, sandbox.base_url).id == "a"


def results(client: FhirClient, base_url: str) -> None:
    content = translated(MESSAGE, header_of(MESSAGE), SENDER).content
    assert isinstance(content, ObservedResults)
    PatientWriter(client).introduce_patients(content, SENDER)
    ResultWriter(client, base_url, lambda: datetime(2026, 6, 1, tzinfo=UTC)).write_results(
        content, SENDER, "M1"
    )


def records(client: FhirClient, base_url: str) -> None:
    (arrival,) = arrivals_of("a.json", b'{"resourceType": "Observation", "id": "x", "status": "final"}', ())
    RecordWriter(client, base_url).write_record(arrival.content)


@pytest.mark.parametrize("write", [results, records])
def test_nothing_is_written_over_what_may_stand_there_unseen(
    server: tuple[Sandbox, FhirClient], write: Callable[[FhirClient, str], None]
) -> None:
    sandbox, client = server
    sandbox.load([patient_with("a"), a_t_score("a", id="x")])
    rule = sandbox.faults.add_rule(FaultEffect.WARNING, "incomplete", type="Observation")
    sandbox.recorder.clear()

    with pytest.raises(TryAgainLater):
        write(client, sandbox.base_url)
    assert not sandbox.recorder.writes
    sandbox.faults.remove_rule(rule)
    write(client, sandbox.base_url)
    assert sandbox.recorder.writes
