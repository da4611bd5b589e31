"""Documents on real servers: kept as sent, found again as ours, and valid in HAPI's eyes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from adapter.input.wire_json import Json
from adapter.letter import render_pdf
from mappings.documents import DocumentMetadata, document_bundle, document_reference
from mappings.outbound import Action, Write
from mappings.outbound.content import digest
from mappings.outbound.server.server_view import ServerView
from tests.contract.hospital import Hospital, errors
from tests.unit.documents.documents_at_hand import CHART, metadata, released, rendered
from tests.unit.documents.opened_documents import CASES


@pytest.fixture
def hospital(fhir_server: str, unique_id: Callable[[str], str]) -> Hospital:
    return Hospital(fhir_server, unique_id("patient"))


def content_of(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if name != "meta"}


def test_a_server_keeps_the_document_as_it_was_sent(hospital: Hospital) -> None:
    document = document_bundle(*hospital.filed(released()))

    # HAPI writes narratives anew; what they say is the same.
    assert digest(content_of(hospital.put(document))) == digest(document)


@pytest.mark.parametrize("edition", [1, 2])
def test_the_letter_is_kept_under_its_reference_and_recognised_as_ours(
    hospital: Hospital, edition: int
) -> None:
    written, where = hospital.filed(released(edition))
    where = replace(where, device={"resourceType": "Device", "id": f"device-{hospital.patient}"})
    plan = {
        "resourceType": "CarePlan",
        "id": f"plan-{hospital.patient}",
        "status": "draft",
        "intent": "proposal",
    }
    subject = {"subject": {"reference": f"Patient/{hospital.patient}"}}
    where = replace(where, plan=plan | subject, released=replace_who(where))
    hospital.put(where.device)
    hospital.put(where.plan)
    draft = document_reference(replace(written, pdf=render_pdf(written.letter, CHART)), where)

    hospital.transact((Write(Action.CREATE, draft, draft.location),), update_create=True)

    found = hospital.get(draft.location)
    assert ServerView({draft.location: found}, {}).edited(draft.location) is False
    assert found["content"] == draft.resource["content"]
    assert (
        hospital.get(f"DocumentReference?patient={hospital.patient}")["entry"][0]["resource"]["id"]
        == found["id"]
    )


def replace_who(where: DocumentMetadata) -> Any:
    return replace(where.released, who={"display": "J. Jansen, internist"}) if where.released else None


@pytest.mark.parametrize("case", CASES)
def test_hapi_finds_no_error_in_a_document(hapi: str, case: str) -> None:
    written, where = CASES[case]

    assert errors(hapi, document_bundle(written, where)) == []
    assert errors(hapi, document_reference(written, where).resource) == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda it: it.pop("timestamp"), "bdl-10"),
        (lambda it: it["identifier"].pop("system"), "bdl-9"),
        (lambda it: it["entry"].reverse(), "bdl-11"),
        (lambda it: it["entry"][0]["resource"].pop("type"), "Composition.type"),
        (
            lambda it: it["entry"][0]["resource"]["section"][0].update(
                text={"status": "generated", "div": "<b>"}
            ),
            "",
        ),
    ],
)
def test_hapi_would_have_found_one(hapi: str, damage: Callable[[Json], Any], said: str) -> None:
    document = orjson.loads(orjson.dumps(document_bundle(rendered(), metadata())))
    damage(document)

    found = errors(hapi, document)
    assert found
    assert any(said in it for it in found)
