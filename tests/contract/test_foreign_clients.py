"""Clients that nobody here wrote find the plan, the outgoing letter and the filed one, and read the same."""

import json
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from fhirclient.client import FHIRClient
from fhirclient.models.careplan import CarePlan
from fhirclient.models.communication import Communication
from fhirclient.models.documentreference import DocumentReference
from fhirpy import SyncFHIRClient

from adapter.letter import chart_svg, letter, render_html, render_pdf
from mappings.documents import RenderedLetter, document_reference, metadata_of
from mappings.outbound import Action, Write
from mappings.texts import load
from tests.contract.hospital import Hospital
from tests.factories import a_bone_record, a_decision, an_activity
from tests.servers.node_packages import node_packages
from tests.unit.letter.patients import people

SCRIPT = Path(__file__).parents[1] / "servers" / "node" / "read.mjs"
CLIENT = "fhir-kit-client@2.0.3"
DECISION = a_decision(activities=(an_activity("dxa_request"), an_activity("coffee_advice")))


@dataclass(frozen=True)
class Seen:
    """What a reader makes of what we wrote."""

    title: str
    status: str
    steps: tuple[str, ...]
    text: str
    pdf: bytes


def by_fhirclient(base: str, patient: str) -> Seen:
    """SMART's client for Python, which refuses what its models of R4 do not know."""
    server = FHIRClient(settings={"app_id": "reader", "api_base": base}).server
    plan = _search_and_read(CarePlan, {"patient": patient}, server)
    communication = _search_and_read(Communication, {"subject": f"Patient/{patient}"}, server)
    document = _search_and_read(DocumentReference, {"patient": patient}, server)
    (pdf,) = (it.attachment for it in document.content if it.attachment.contentType == "application/pdf")
    return Seen(
        plan.title,
        plan.status,
        tuple(it.detail.code.text for it in plan.activity),
        communication.payload[0].contentString,
        b64decode(pdf.data),
    )


def _search_and_read(model: Any, question: dict[str, str], server: Any) -> Any:
    (found,) = model.where(question).perform_resources_iter(server)
    return model.read(found.id, server)


def by_fhirpy(base: str, patient: str) -> Seen:
    """Beda's client for Python."""
    client = SyncFHIRClient(base)
    plan = client.resources("CarePlan").search(patient=patient).get()
    communication = client.resources("Communication").search(subject=f"Patient/{patient}").get()
    document = client.resources("DocumentReference").search(patient=patient).get()
    files = document["content"]
    (pdf,) = (it["attachment"] for it in files if it["attachment"]["contentType"] == "application/pdf")
    return Seen(
        plan["title"],
        plan["status"],
        tuple(it["detail"]["code"]["text"] for it in plan["activity"]),
        communication["payload"][0]["contentString"],
        b64decode(pdf["data"]),
    )


def by_fhir_kit_client(base: str, patient: str) -> Seen:
    """Vermonster's client for JavaScript."""
    script = shutil.copy(SCRIPT, node_packages(CLIENT, without="fhir-kit-client does not read what we write"))
    ran = subprocess.run(
        ["node", script, base, patient],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    return Seen(told["title"], told["status"], tuple(told["steps"]), told["text"], b64decode(told["pdf"]))


@pytest.fixture
def written(fhir_server: str, unique_id: Callable[[str], str]) -> tuple[Hospital, Seen]:
    """A plan, its letter and the filed letter on a server, and what is to be read in them."""
    hospital = Hospital(fhir_server, unique_id("patient"))
    drawn = hospital.drawn(DECISION)
    texts, record = load("nl"), a_bone_record()
    told = letter(DECISION, record, people(), texts)
    chart = chart_svg(record.t_scores, texts, DECISION.on)
    paper = RenderedLetter(told, render_pdf(told, chart), render_html(told, chart), chart)
    document = document_reference(
        paper, metadata_of(drawn, {"resourceType": "Patient", "id": hospital.patient})
    )
    hospital.review(drawn, update_create=True)
    hospital.transact((Write(Action.CREATE, document, document.location),), update_create=True)
    assert drawn.plan is not None
    plan, (communication,) = drawn.plan.resource, drawn.communications
    steps = tuple(it["detail"]["code"]["text"] for it in plan["activity"])
    text = communication.resource["payload"][0]["contentString"]
    return hospital, Seen(plan["title"], "draft", steps, text, paper.pdf)


@pytest.mark.parametrize("read", [by_fhirclient, by_fhirpy, by_fhir_kit_client])
def test_an_independent_client_reads_what_we_wrote(
    written: tuple[Hospital, Seen], read: Callable[[str, str], Seen]
) -> None:
    hospital, expected = written

    seen = read(hospital.base, hospital.patient)

    assert seen == expected
    assert seen.pdf.startswith(b"%PDF-")
    assert len(seen.steps) == 4


@pytest.mark.parametrize("read", [by_fhirclient, by_fhirpy, by_fhir_kit_client])
def test_a_client_reads_what_is_there_and_not_what_we_expect(
    written: tuple[Hospital, Seen], read: Callable[[str, str], Seen]
) -> None:
    hospital, expected = written
    (plan,) = (it for it in hospital.existing().values() if it["resourceType"] == "CarePlan")
    hospital.put(plan | {"title": "A clinician's own title"})

    assert read(hospital.base, hospital.patient) == replace(expected, title="A clinician's own title")
