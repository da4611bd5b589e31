"""What a document is about is refused before it is filed wrongly."""

from dataclasses import replace

import pytest

from adapter.errors import RecordFault, SoftwareFault
from mappings.documents import DocumentMetadata, RenderedLetter, document_bundle, metadata_of
from tests.unit.documents.documents_at_hand import (
    PATIENT,
    RELEASE,
    RELEASED,
    metadata,
    rendered,
)
from tests.unit.letter.patients import decision
from tests.unit.outbound.server_in_memory import CONTEXT, drawn


@pytest.mark.parametrize(
    ("written", "where"),
    [(rendered(), metadata(released=RELEASE)), (rendered(**RELEASED), metadata())],
    ids=["says proposed, filed as final", "says released, filed as preliminary"],
)
def test_a_document_never_stands_higher_or_lower_than_its_own_words(
    written: RenderedLetter, where: DocumentMetadata
) -> None:
    with pytest.raises(SoftwareFault, match="cannot be filed as"):
        document_bundle(written, where)


def test_a_letter_about_one_patient_is_not_filed_with_another() -> None:
    with pytest.raises(RecordFault, match="about another patient"):
        metadata(patient=PATIENT | {"id": "18"})


def test_there_is_no_edition_before_the_first() -> None:
    with pytest.raises(SoftwareFault, match="counted from one"):
        metadata(edition=0)


def test_a_letter_to_nobody_is_not_filed() -> None:
    with pytest.raises(SoftwareFault, match="no letter to file"):
        metadata_of(drawn(decision(), context=replace(CONTEXT, gp=())), PATIENT)


def test_a_communication_of_somebody_else_is_not_filed() -> None:
    with pytest.raises(SoftwareFault, match="without a plan-key identifier"):
        document_bundle(rendered(), metadata(communication={"resourceType": "Communication", "id": "x"}))
