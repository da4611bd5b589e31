"""A laboratory result under a code that nobody listed: named as each check that it may be, and never used."""

from decimal import Decimal

import pytest

from adapter.clinical import decide
from adapter.clinical.model import Analyte, Reason
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import LOINC
from mappings.pathways import load
from tests.unit.inbound.made_records import (
    DXA_DAY,
    SUBJECT,
    TODAY,
    answer,
    coded,
    observation,
    quantity,
    read,
    t_score,
)

HOUSE = "http://codes.example.org/house"
MARKS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
A = Analyte


def of(category: str) -> list[Json]:
    return [coded((CATEGORY, category))]


def result(words: str | None, unit: str | None = None, code: Json | None = None, **more: JsonValue) -> Json:
    named = code or {**coded((HOUSE, "4711")), **({"text": words} if words else {})}
    value = {"valueQuantity": quantity(Decimal("2.9"), unit)}
    return observation(named, **{"id": "unlisted", "category": of("laboratory"), **value, **more})


def named(*resources: Json) -> set[str]:
    record = read(*resources).record
    return {
        it.about
        for it in record.rejected
        if it.concerns == "lab" and it.evidence.startswith("Observation/unlisted")
    }


@pytest.mark.parametrize(
    ("words", "analyte"),
    [
        *((it, A.CALCIUM) for it in ("Calcium", "Calcium gecorrigeerd", "Ca", "Ca2+ totaal", "Calcémie", "Kalzium i.S.", "Kalcium")),
        *((it, A.CREATININE) for it in ("Kreatinine", "Creatinine serum", "Créatinine", "Kreatinin", "kreat")),
        *((it, A.CREATININE_CLEARANCE) for it in ("Creatinine clearance 24u urine", "Kreatinineklaring", "Clairance de la créatinine")),
        *((it, A.EGFR) for it in ("eGFR (CKD-EPI)", "MDRD", "Nierfunctie", "DFG estimé", "glomerulaire filtratie", "GFR")),
        *((it, A.VITAMIN_D_25OH) for it in ("Vitamine D", "25-OH-D3", "25(OH) vit. D", "25-Hydroxyvitamin D", "Calcidiol", "Vit D")),
        *((it, A.ALKALINE_PHOSPHATASE) for it in ("Alkalische fosfatase", "Alkaline phosphatase", "Phosphatases alcalines", "ALP", "Alk. fosf.")),
        *((it, A.ALBUMIN) for it in ("Albumine", "Albumin i.S.", "Alb")),
        *((it, A.PTH) for it in ("PTH", "iPTH", "Parathormoon", "Parathyroïdhormoon", "bijschildklierhormoon")),
    ],
)  # fmt: skip
def test_words_say_which_check_it_may_be(words: str, analyte: Analyte) -> None:
    assert named(result(words)) == {analyte}


@pytest.mark.parametrize(
    "words",
    [
        "Natrium", "Kalium", "Glucose", "Cholesterol", "Hemoglobine", "CA 125", "CA 15-3", "CA19-9", "Calcium ionised",
        "Geïoniseerd calcium", "Calcium in 24-uurs urine", "Albumine/kreatinine ratio", "Prealbumine", "Microalbumine", "Albuminurie", "Creatine kinase", "CK",
        "Calcitriol", "1,25-dihydroxy vitamine D", "Vitamine B12", "Calciumscore coronairen", "ALAT", "Fosfaat", "TSH",
        "Calciuminname per dag", "Calcitonine", "Troponine", "Cafeïne", "calprotectine",
    ],
)  # fmt: skip
def test_another_result_is_none_of_them(words: str) -> None:
    assert named(result(words, "mmol/L")) == set()


@pytest.mark.parametrize(
    ("words", "mark", "asked"),
    [
        ("Calcium.ionized [Moles/volume] in Serum or Plasma", "H", True),
        ("Geïoniseerd calcium", "L", True),
        ("Geïoniseerd calcium", "N", False),
        ("Calcium ionised", None, False),
        ("Calcium vrij in urine", "H", False),
        ("Free T4", "H", False),
    ],
)
def test_free_calcium_out_of_range_is_not_overheard(words: str, mark: str | None, asked: bool) -> None:
    marked: Json = {"interpretation": [coded((MARKS, mark))]} if mark else {}

    assert named(result(words, "mmol/L", **marked)) == ({A.CALCIUM} if asked else set())


@pytest.mark.parametrize(
    ("limits", "asked"),
    [
        ({"low": {"value": 1}, "high": {"value": 3}}, False),
        ({"low": {"value": 1}, "high": {"value": 2}}, True),
        ({"low": {"value": 3}, "high": {"value": 4}}, True),
        ({"high": {"value": 2}}, True),
        ({"high": {"value": 3}}, False),
    ],
)
def test_free_calcium_is_judged_by_the_range_beside_it_where_nobody_marked_it(
    limits: Json, asked: bool
) -> None:
    found = result("Geïoniseerd calcium", "mmol/L", referenceRange=[limits])  # of 2.9

    assert named(found) == ({A.CALCIUM} if asked else set())


@pytest.mark.parametrize(
    ("code", "more", "reason"),
    [
        (coded((HOUSE, "4711"), text="Calcium"), {}, Reason.UNKNOWN_CODE),
        ({"text": "Calcium"}, {}, Reason.UNCODED),
        ({"text": "Calcium"}, {"status": "entered-in-error"}, Reason.WITHDRAWN),
        ({"text": "Calcium"}, {"effectiveDateTime": None}, Reason.NO_DATE),
    ],
)
def test_it_is_named_with_the_reason_why_it_does_not_count(code: Json, more: Json, reason: Reason) -> None:
    assert [it.reason for it in read(result(None, "mmol/L", code, **more)).record.rejected] == [reason]


@pytest.mark.parametrize(
    ("unit", "analytes"),
    [
        ("mmol/L", {A.CALCIUM}),
        ("mL/min", {A.EGFR}),
        ("nmol/L", {A.VITAMIN_D_25OH}),
        ("10*9/L", set()),
        ("%", set()),
        (None, {A.CALCIUM, A.CREATININE, A.EGFR, A.VITAMIN_D_25OH, A.ALKALINE_PHOSPHATASE, A.ALBUMIN, A.PTH}),
        ("g/dL", {A.ALBUMIN}),
    ],
)
def test_without_a_word_it_may_be_what_is_measured_in_its_unit(
    unit: str | None, analytes: set[Analyte]
) -> None:
    assert named(result(None, unit)) == analytes


CALCIUM = observation(
    coded((LOINC, "2000-8")), id="calcium", valueQuantity=quantity(Decimal("2.4"), "mmol/L")
)


@pytest.mark.parametrize(
    "resources",
    [
        pytest.param((result(None, "mmol/L"), CALCIUM), id="a nameless one on the day of a readable calcium"),
        pytest.param(
            (result(None, "mmol/L", coded((LOINC, "2951-2"))),), id="sodium by a code that was looked up"
        ),
        pytest.param((result(None, "mg/L", coded((LOINC, "1988-5"))),), id="a protein of inflammation"),
        pytest.param((result(None, "ug/L", coded((LOINC, "2276-4"))),), id="ferritin"),
        pytest.param((result(None, "mmol/L", category=of("vital-signs")),), id="no result of the laboratory"),
        pytest.param((result(None, "mmol/L", category=None),), id="nameless, and of no category"),
        pytest.param((result("Calcium", category=of("survey")),), id="a question"),
        pytest.param(
            (result("Panel", valueQuantity=None, component=[{"code": {"text": "Natrium"}}]),), id="a panel"
        ),
    ],
)
def test_what_is_told_otherwise_or_is_no_laboratory_result_is_not_named(resources: tuple[Json, ...]) -> None:
    assert named(*resources) == set()


def test_a_house_code_that_is_a_word_says_it_too() -> None:
    assert named(result(None, "x", coded((HOUSE, "CALCIUM_G")))) == {A.CALCIUM}
    assert named(result(None, "x", coded((HOUSE, "ALP")))) == {A.ALKALINE_PHOSPHATASE}


def test_a_component_of_a_panel_is_one_too() -> None:
    part = {"code": {"text": "Calcium"}, "valueQuantity": quantity(Decimal("2.9"), "mmol/L")}

    assert named(result("Panel", valueQuantity=None, component=[part])) == {A.CALCIUM}


@pytest.mark.parametrize("words", ["Calcium", None])
def test_the_option_that_was_firm_waits_for_it(words: str | None) -> None:
    known = (
        t_score(),
        observation(coded((LOINC, "98979-8")), id="egfr", valueQuantity=quantity(75, "mL/min")),
        *(answer(f"no-known-{it}", id=f"no-{it}") for it in ("conditions", "medications", "fractures")),
        answer("exclusion-screen", "negative"),
        answer("menopausal-status", "post"),
    )

    def waits(*more: Json) -> list[tuple[str, ...]]:
        decision = decide(read(*known, *more).record, load("antonius"), TODAY)
        return [it.waits_for for it in decision.treatment.options]

    assert waits() == [()]
    assert waits(result(words, "mmol/L")) == [("calcium",)]


@pytest.mark.parametrize(
    ("value", "unit", "mark", "low"),
    [
        ("22", "g/L", None, True),
        ("34.9", "g/L", None, True),
        ("35", "g/L", None, False),
        ("42", "g/L", None, False),
        ("4.2", "g/dL", None, False),
        ("42", "g/L", "L", True),
        ("7", "furlong", "N", False),
    ],
)
def test_an_unlisted_albumin_is_named_only_where_it_may_be_low(
    value: str, unit: str, mark: str | None, low: bool
) -> None:
    marked: Json = {"interpretation": [coded((MARKS, mark))]} if mark else {}
    found = result("Albumine", None, valueQuantity=quantity(Decimal(value), unit), **marked)

    assert named(found) == ({A.ALBUMIN} if low else set())


@pytest.mark.parametrize(
    ("resource", "lost"),
    [
        (
            {
                "resourceType": "DiagnosticReport",
                "result": [{"reference": "#ca"}],
                "contained": [{"\u2318": "?"}],
            },
            True,
        ),
        ({"resourceType": "Observation", "component": [{"\u2318": "?"}]}, True),
        ({"resourceType": "Observation", "component": [{"\u2318": "?"}], "status": "cancelled"}, False),
        ({"resourceType": "Observation", "component": [{"code": {"text": "Hb"}}]}, False),
        ({"resourceType": "DiagnosticReport", "result": [{"reference": "Observation/elsewhere"}]}, False),
        (
            {
                "resourceType": "Observation",
                "component": [{"\u2318": "?"}],
                "category": [{"coding": [{"code": "vital-signs"}]}],
            },
            False,
        ),
    ],
)
@pytest.mark.hazard(id="H32")
def test_a_part_of_a_laboratory_panel_that_nobody_can_read_may_have_been_any_check(
    resource: Json, lost: bool
) -> None:
    made = {
        "id": "it",
        "status": "final",
        "subject": SUBJECT,
        "code": {"text": "Chemie"},
        "effectiveDateTime": DXA_DAY,
    }

    refused = [it for it in read({**made, **resource}).record.rejected if it.concerns == "lab"]

    assert ({it.about for it in refused} >= {"calcium", "egfr"}) is lost
