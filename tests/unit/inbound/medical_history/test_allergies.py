"""Which allergies rule out which drugs, and which ones a human has to look at."""

import pytest

from adapter.clinical.model import MedicineKind
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import ATC, SNOMED
from tests.unit.inbound.made_records import SUBJECT, coded, read, reasons, snomed

K = MedicineKind
BISPHOSPHONATES = {K.ALENDRONATE, K.RISEDRONATE, K.IBANDRONATE, K.ZOLEDRONATE}
VERIFIED = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"


def allergy(code: JsonValue, **more: JsonValue) -> Json:
    body = {"resourceType": "AllergyIntolerance", "id": "all", "patient": SUBJECT, "code": code, **more}
    return {name: value for name, value in body.items() if value is not None}


def kinds(resource: Json) -> set[MedicineKind]:
    return {kind for it in read(resource).record.allergies for kind in it.kinds}


@pytest.mark.parametrize(
    ("code", "ruled_out"),
    [
        (coded((ATC, "M05BA04")), {K.ALENDRONATE}),
        (coded((ATC, "M05BA")), BISPHOSPHONATES | {K.OTHER_BONE_DRUG}),  # the class is the drug
        (coded((ATC, "M05BX04")), {K.DENOSUMAB}),
        (coded((ATC, "H05AA02")), {K.TERIPARATIDE}),
        (coded((ATC, "M05BX06")), {K.ROMOSOZUMAB}),
        (snomed("109029006"), {K.RALOXIFENE}),
    ],
)
def test_a_class_or_a_substance_rules_out_its_drugs(code: Json, ruled_out: set[MedicineKind]) -> None:
    assert kinds(allergy(code)) >= ruled_out - {K.OTHER_BONE_DRUG}


def test_the_substance_of_a_reaction_counts_as_well() -> None:
    reacted = allergy({"text": "geneesmiddelreactie"}, reaction=[{"substance": coded((ATC, "M05BA04"))}])

    assert kinds(reacted) == {K.ALENDRONATE}


@pytest.mark.parametrize(
    "more",
    [
        {"verificationStatus": coded((VERIFIED, "refuted"))},
        {"verificationStatus": coded((VERIFIED, "entered-in-error"))},
        {"clinicalStatus": coded((CLINICAL, "inactive"))},
        {"clinicalStatus": coded((CLINICAL, "resolved"))},
    ],
)
def test_what_was_refuted_or_is_over_rules_nothing_out(more: Json) -> None:
    reading = read(allergy(coded((ATC, "M05BA04")), **more))

    assert (reading.record.allergies, reading.needs_human) == ((), ())


@pytest.mark.parametrize(
    ("code", "more", "why"),
    [
        ({"text": "Alendronaat - anafylactische reactie"}, {}, "bone_drug_like_unmapped"),
        ({"text": "Prolia"}, {"category": ["food"]}, "bone_drug_like_unmapped"),
        (
            coded(("urn:oid:2.16.840.1.113883.2.4.3.11.999.1", "ZOL"), text="zoledroninezuur"),
            {},
            "bone_drug_like_unmapped",
        ),
        (coded((ATC, "N02BE01")), {"note": [{"text": "ook op Fosamax"}]}, "bone_drug_like_unmapped"),
        (
            coded((ATC, "N02BE01")),
            {"reaction": [{"description": "na alendronaat"}]},
            "bone_drug_like_unmapped",
        ),
        ({"text": "infuus op de dagbehandeling"}, {}, "uncoded_text"),
        (None, {}, "uncoded_text"),
        (coded(("urn:oid:2.16.840.1.113883.2.4.3.11.999.1", "X1")), {}, "unknown_code"),
        (snomed("416098002"), {}, "unknown_code"),  # to a drug, and to which?
        (coded(("urn:oid:2.16.840.1.113883.2.4.4.1.750", "10499")), {}, "unknown_code"),
        (
            coded(("urn:oid:2.16.840.1.113883.2.4.4.1.725", "10499"), text="IBANDRONINEZUUR"),
            {},
            "bone_drug_like_unmapped",
        ),
        (
            coded(("urn:oid:2.16.840.1.113883.2.4.4.7", "10499"), text="MERK TABLET"),
            {},
            "unknown_code",
        ),  # a brand hides
        (coded((SNOMED, "36758018")), {}, "unknown_code"),  # nobody here has a name for it
        (coded((ATC, "M05BA04")), {"modifierExtension": [{"url": "x"}]}, "modifier_extension"),
    ],
)
@pytest.mark.hazard(id="H31")
def test_an_allergy_that_cannot_be_read_is_for_a_human(code: object, more: Json, why: str) -> None:
    reading = read(allergy(code, **more))

    assert [(r.concerns, r.reason.value) for r in reading.needs_human] == [("allergy", why)]


@pytest.mark.parametrize(
    ("code", "more"),
    [
        (coded((ATC, "J01CA04")), {}),  # amoxicillin
        (snomed("91936005"), {}),  # allergy to penicillin
        (snomed("716186003"), {}),  # no known allergy
        (snomed("409137002"), {}),  # no known drug allergy
        (coded(("urn:oid:2.16.840.1.113883.2.4.4.1.750", "10499"), text="AMOXICILLINE"), {}),
        ({"text": "Graspollen"}, {"category": ["environment"]}),
        ({"text": "pinda"}, {"category": ["food"]}),
    ],
)
def test_an_allergy_to_something_else_is_no_question(code: object, more: Json) -> None:
    reading = read(allergy(code, **more))

    assert (reading.record.allergies, reasons(reading)) == ((), [])


def test_the_resource_is_a_source() -> None:
    assert "AllergyIntolerance/all" in read(allergy(coded((ATC, "M05BX04")))).sources


@pytest.mark.parametrize(
    ("code", "none"),
    [
        ({"text": "NKDA"}, True),
        ({"text": "Geen bekende allergieën"}, True),
        ({"text": "No known drug allergies"}, True),
        ({"text": "Aucune allergie connue"}, True),
        ({"text": "Keine bekannten Allergien"}, True),
        (coded(("http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips", "no-known-allergies")), True),
        (coded(("http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips", "no-allergy-info")), False),
        ({"text": "Geen bekende allergieën behalve pleisters"}, False),
        ({"text": "geen"}, False),
    ],
)
def test_who_says_that_there_is_none_warns_of_none(code: Json, none: bool) -> None:
    assert bool(read(allergy(code)).needs_human) is not none
    if none and "text" in code:
        assert read(allergy(code, note=[{"text": "wel overgevoelig voor een tablet"}])).needs_human
