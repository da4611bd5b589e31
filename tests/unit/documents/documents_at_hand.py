"""A letter with its drafts, ready to be filed."""

from dataclasses import replace
from typing import Any

from adapter.clinical.decision import Decision
from adapter.input.wire_json import Json
from adapter.letter import Correction, Letter, chart_svg, letter, patient_letter, render_html
from mappings.documents import Attestation, DocumentMetadata, RenderedLetter, metadata_of
from mappings.outbound import ActivityStyle
from mappings.texts import load
from tests.unit.letter.patients import ON, decision, people, record
from tests.unit.outbound.server_in_memory import CONTEXT, HOSPITAL, drawn

PATIENT: Json = {
    "resourceType": "Patient",
    "id": "17",
    "meta": {"versionId": "3"},
    "identifier": [{"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "999911120"}],
    "name": [{"text": "A. de Vries"}],
    "gender": "female",
    "birthDate": "1956-03-04",
    "address": [{"city": "Tilburg"}],
    "generalPractitioner": [{"reference": "Practitioner/gp"}],
}
DOCTOR: Json = {"reference": "Practitioner/internist", "display": "J. Jansen, internist"}
RELEASE = Attestation(DOCTOR, "2026-11-13T10:00:00Z")
RELEASED: Json = {"released_by": ("internist", "J. Jansen"), "released_on": "2026-11-13"}
CHANGED: Json = {"corrected": Correction((("t_score", "-2.9", "-2.1"),), "amended", "2026-11-12")}
CHART = chart_svg(record().t_scores, load("en"), ON)
PDF = b"%PDF-1.7 not a real one"


def metadata(about: Decision | None = None, **changes: Any) -> DocumentMetadata:
    """The first letter to the one GP, not released."""
    plain = metadata_of(drawn(about or decision()), PATIENT)
    return replace(plain, custodian=HOSPITAL, **changes)


def referring(about: Decision | None = None) -> DocumentMetadata:
    """The same with a plan that refers to its steps."""
    context = replace(CONTEXT, activity_style=ActivityStyle.REFERENCE)
    return metadata_of(drawn(about or decision(), context=context), PATIENT)


def rendered(about: Decision | None = None, language: str = "en", **named: Any) -> RenderedLetter:
    """The letter to the GP about the same decision."""
    return printed(letter(about or decision(), record(), people(**named), load(language)))


def rendered_for_patient(**named: Any) -> RenderedLetter:
    """The patient's copy."""
    return printed(patient_letter(decision(), record(), people(**named), load("nl")))


def printed(written: Letter) -> RenderedLetter:
    """As the renderers would give it, but for the PDF, which takes time and is tested elsewhere."""
    return RenderedLetter(written, PDF, render_html(written, CHART), CHART)


def released(edition: int = 1, **more: Any) -> tuple[RenderedLetter, DocumentMetadata]:
    """Released by a clinician; from the second edition on as a correction."""
    words = RELEASED | (CHANGED if edition > 1 else {})
    return rendered(**words), metadata(released=RELEASE, edition=edition, **more)
