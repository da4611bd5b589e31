"""The document Bundle: what is in it, how final it is, and that it stands alone."""

from copy import deepcopy
from dataclasses import replace

import orjson
from fhir.resources.R4B import get_fhir_model_class

from mappings.documents import broken, metadata_of
from tests.unit.documents.documents_at_hand import (
    PATIENT,
    released,
    rendered,
    rendered_for_patient,
)
from tests.unit.documents.opened_documents import (
    CASES,
    EVERY,
    bundle,
    first,
)
from tests.unit.letter.patients import decision
from tests.unit.outbound.server_in_memory import CONTEXT, GP, OTHER_GP, drawn


@EVERY
def test_every_document_is_valid_and_keeps_the_rules(case: str) -> None:
    document = bundle(*CASES[case])

    assert broken(document) == ()
    get_fhir_model_class("Bundle").model_validate(document)
    for entry in document["entry"]:
        get_fhir_model_class(entry["resource"]["resourceType"]).model_validate(entry["resource"])


@EVERY
def test_the_same_letter_gives_the_same_bytes(case: str) -> None:
    written, where = CASES[case]

    assert orjson.dumps(bundle(written, where)) == orjson.dumps(
        deepcopy(bundle(deepcopy(written), deepcopy(where)))
    )


def test_a_proposal_and_its_release_are_two_documents_of_one_letter() -> None:
    proposed, final = bundle(), bundle(*released())

    assert proposed["identifier"] != final["identifier"]
    assert first(proposed)["identifier"] == first(final)["identifier"]


def test_two_recipients_and_the_patient_get_documents_of_their_own() -> None:
    drafts = drawn(decision(), context=replace(CONTEXT, gp=(GP, OTHER_GP)))
    documents = [
        bundle(rendered(), metadata_of(drafts, PATIENT, 0)),
        bundle(rendered(), metadata_of(drafts, PATIENT, 1)),
        bundle(rendered_for_patient(), metadata_of(drafts, PATIENT, 0)),
    ]

    assert len({it["identifier"]["value"] for it in documents}) == 3
    assert len({first(it)["identifier"]["value"] for it in documents}) == 3
