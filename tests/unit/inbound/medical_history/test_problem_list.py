from datetime import date

import pytest

from adapter.clinical.model import Certainty, ConditionKind, Menopause, Reason
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import ICD10_CM, ICD10_NL, ICD10_WHO, ICPC_2, INTAKE, SNOMED
from mappings.inbound import ReadingConfig
from mappings.inbound.resources.problem_state import CERTAINTY_MARK
from tests.unit.inbound.made_records import (
    CONFIRMED,
    SUBJECT,
    answer,
    coded,
    condition,
    intake,
    read,
    reasons,
    snomed,
)

ICD10_GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"


def kinds(*resources: Json) -> list[ConditionKind]:
    return [c.kind for c in read(*resources).record.conditions.items]


@pytest.mark.parametrize(
    ("system", "code", "kind"),
    [
        (SNOMED, "109989006", ConditionKind.MULTIPLE_MYELOMA),
        (ICD10_WHO, "C90.0", ConditionKind.MULTIPLE_MYELOMA),
        (ICD10_NL, "C90.0", ConditionKind.MULTIPLE_MYELOMA),
        (ICD10_CM, "C90.00", ConditionKind.MULTIPLE_MYELOMA),
        (SNOMED, "94222008", ConditionKind.BONE_METASTASIS),
        (ICD10_CM, "C79.51", ConditionKind.BONE_METASTASIS),
        (SNOMED, "4598005", ConditionKind.OSTEOMALACIA),
        (ICD10_WHO, "M83.9", ConditionKind.OSTEOMALACIA),
        (ICD10_WHO, "M81.9", ConditionKind.OSTEOPOROSIS),
        (ICD10_CM, "M81.0", ConditionKind.OSTEOPOROSIS),
        (ICPC_2, "L95", ConditionKind.OSTEOPOROSIS),
        (ICD10_NL, "M85.8", ConditionKind.OSTEOPENIA),
        (SNOMED, "399211009", ConditionKind.MYOCARDIAL_INFARCTION),  # history of it
        (SNOMED, "275546001", ConditionKind.VENOUS_THROMBOEMBOLISM),
        (SNOMED, "230690007", ConditionKind.STROKE),
        (SNOMED, "63305008", ConditionKind.OESOPHAGEAL_DISEASE),
        (SNOMED, "48531003", ConditionKind.OESOPHAGEAL_DISEASE),
        (SNOMED, "46635009", ConditionKind.TYPE_1_DIABETES),
        (INTAKE, "severe-gastric-disease", ConditionKind.SEVERE_GASTRIC_DISEASE),
        (INTAKE, "hepatic-impairment", ConditionKind.HEPATIC_IMPAIRMENT),
        (INTAKE, "reduced-balance", ConditionKind.REDUCED_BALANCE),
        (INTAKE, "kyphosis", ConditionKind.KYPHOSIS),
        (SNOMED, "38341003", ConditionKind.OTHER),
        (ICD10_NL, "I10", ConditionKind.OTHER),
        (ICD10_GM, "C79.5", ConditionKind.BONE_METASTASIS),
        (ICD10_GM, "M81.08", ConditionKind.OSTEOPOROSIS),  # its fifth character is the site
        (ICD10_GM, "I10.90", ConditionKind.OTHER),
        ("urn:oid:2.16.840.1.113883.2.4.4.31.1", "L95", ConditionKind.OSTEOPOROSIS),
    ],
)
def test_a_code_of_any_system_that_is_read_names_the_kind(
    system: str, code: str, kind: ConditionKind
) -> None:
    assert kinds(condition(coded((system, code)))) == [kind]


def test_every_kind_can_be_carried_by_our_own_code() -> None:
    for kind in set(ConditionKind) - {ConditionKind.OTHER}:
        assert kinds(condition(intake(kind.replace("_", "-")))) == [kind]


def test_the_system_decides_what_an_icd_code_says() -> None:
    """M82 and I64 are not in ICD-10-CM."""
    assert kinds(condition(coded((ICD10_WHO, "I64")))) == [ConditionKind.STROKE]
    assert kinds(condition(coded((ICD10_CM, "I64")))) == [ConditionKind.OTHER]
    assert kinds(condition(coded((ICD10_WHO, "M82.0")))) == [
        ConditionKind.MULTIPLE_MYELOMA,
        ConditionKind.OSTEOPOROSIS,
    ]


@pytest.mark.parametrize(
    ("status", "certainty"),
    [
        ("confirmed", Certainty.CONFIRMED),
        ("unconfirmed", Certainty.SUSPECTED),
        ("provisional", Certainty.SUSPECTED),
        ("differential", Certainty.SUSPECTED),
        ("refuted", Certainty.REFUTED),
        ("banana", Certainty.SUSPECTED),
    ],
)
@pytest.mark.hazard(id="H17")
def test_the_verification_status_says_how_sure(status: str, certainty: Certainty) -> None:
    (found,) = read(condition(snomed("109989006"), sure=status)).record.conditions.items

    assert found.certainty is certainty


@pytest.mark.parametrize(
    ("status", "certainty"),
    [
        (None, Certainty.CONFIRMED),
        (snomed("410605003"), Certainty.CONFIRMED),
        (snomed("415684004"), Certainty.SUSPECTED),
        (snomed("410590009"), Certainty.SUSPECTED),
        (snomed("410516002"), Certainty.REFUTED),
        (snomed("410516002", "410605003"), Certainty.SUSPECTED),  # absent and present
        ({"text": "zeker niet"}, Certainty.SUSPECTED),
    ],
)
def test_the_snomed_context_of_a_dutch_problem_counts_too(status: object, certainty: Certainty) -> None:
    (found,) = read(condition(snomed("109989006")) | {"verificationStatus": status}).record.conditions.items

    assert found.certainty is certainty


@pytest.mark.parametrize("beside", ["confirmed", "provisional"])
def test_one_that_is_in_error_and_holds_all_the_same_is_kept_and_asked_about(beside: str) -> None:
    both = coded((CONFIRMED, "entered-in-error"), (CONFIRMED, beside))
    reading = read(condition(snomed("109989006")) | {"verificationStatus": both})

    (found,) = reading.record.conditions.items
    assert found.certainty is not Certainty.REFUTED
    assert [it.reason for it in reading.needs_human] == [Reason.UNREADABLE]


def test_one_that_is_in_error_and_refuted_is_none() -> None:
    both = coded((CONFIRMED, "entered-in-error"), (CONFIRMED, "refuted"))
    reading = read(condition(snomed("109989006")) | {"verificationStatus": both})

    assert [it.certainty for it in reading.record.conditions.items] == [Certainty.REFUTED]


@pytest.mark.parametrize("element", ["clinicalStatus", "verificationStatus"])
def test_a_status_that_says_that_nothing_is_known_is_as_good_as_none(element: str) -> None:
    unknown = coded(("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "UNK"))
    reading = read(condition(snomed("109989006")) | {element: unknown})

    (found,) = reading.record.conditions.items
    assert (found.certainty, found.active, reading.needs_human) == (Certainty.CONFIRMED, True, ())


def test_an_entered_in_error_condition_is_none_at_all() -> None:
    reading = read(condition(snomed("109989006"), sure="entered-in-error"))

    assert (reading.record.conditions.items, reading.record.conditions.complete) == ((), False)
    assert reading.record.rejected == ()


@pytest.mark.parametrize(
    ("state", "active"),
    [("active", True), ("recurrence", True), ("relapse", True), ("remission", False), ("resolved", False), ("inactive", False)],
)  # fmt: skip
def test_the_clinical_status_says_whether_it_is_there_now(state: str, active: bool) -> None:
    assert [c.active for c in read(condition(snomed("59282003"), state=state)).record.conditions.items] == [
        active
    ]


def test_without_a_clinical_status_an_end_decides() -> None:
    open_ended = {k: v for k, v in condition(snomed("59282003")).items() if k != "clinicalStatus"}

    assert [c.active for c in read(open_ended).record.conditions.items] == [True]
    assert [c.active for c in read(open_ended | {"abatementDateTime": "2020"}).record.conditions.items] == [
        False
    ]


@pytest.mark.parametrize(
    ("code", "concern", "why"),
    [
        ({"text": "ziekte van Kahler"}, "condition", "malignancy_like_unmapped"),
        (
            coded(("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "OTH"), text="fractuur"),
            "fracture",
            "fracture_like_unmapped",
        ),
        ({"text": "atypische femurfractuur"}, "fracture", "drug_harm_like_unmapped"),
        ({"text": "Fracture fémorale atypique"}, "fracture", "drug_harm_like_unmapped"),
        ({"text": "Kiefernekrose"}, "condition", "drug_harm_like_unmapped"),
        ({"text": "MRONJ"}, "condition", "drug_harm_like_unmapped"),
        ({"text": "suikerziekte"}, "condition", "uncoded_text"),
        ({"text": "overgevoelig voor alendronaat"}, "condition", "bone_drug_like_unmapped"),
        (None, "condition", "uncoded_text"),
        (coded(("https://hospital.example/diagnoses", "D123")), "condition", "unknown_code"),
        (
            coded(("https://hospital.example/diagnoses", "D123"), text="Schenkelhalsbruch"),
            "fracture",
            "fracture_like_unmapped",
        ),
        (coded((SNOMED, "109989007")), "condition", "unknown_code"),  # wrong check digit
        (coded((SNOMED, "Multiple myeloma")), "condition", "unknown_code"),
        (
            coded((SNOMED, "146690010004")),
            "condition",
            "unknown_code",
        ),  # a code that nobody here has a name for
        (coded((SNOMED, "36758018"), text="Fracture of patella"), "fracture", "fracture_like_unmapped"),
        (
            coded((ICD10_NL, "Z09.4"), text="controle na behandeling van fractuur"),
            "fracture",
            "fracture_like_unmapped",
        ),
    ],
)
def test_words_and_unknown_codes_are_for_a_human(code: JsonValue, concern: str, why: str) -> None:
    reading = read(
        condition(code), config=ReadingConfig(complete_lists=frozenset({"conditions", "fractures"}))
    )

    assert reading.record.conditions.items == ()
    assert (reading.record.conditions.complete, reading.record.fractures.complete) == (False, False)
    assert [(r.concerns, r.reason.value) for r in reading.needs_human] == [(concern, why)]


@pytest.mark.parametrize(
    ("words", "whys"),
    [
        (
            "Osteonecrose van de kaak (MRONJ) bij gemetastaseerd mammacarcinoom",
            {("condition", "drug_harm_like_unmapped"), ("condition", "malignancy_like_unmapped")},
        ),
        (
            "pathologische fractuur bij multipel myeloom",
            {("fracture", "fracture_like_unmapped"), ("condition", "malignancy_like_unmapped")},
        ),
        (
            "atypische femurfractuur onder alendronaat",
            {("fracture", "drug_harm_like_unmapped"), ("condition", "bone_drug_like_unmapped")},
        ),
    ],
)
def test_one_suspicion_hides_no_other(words: str, whys: set[tuple[str, str]]) -> None:
    reading = read(condition({"text": words}))

    assert {(r.concerns, r.reason.value) for r in reading.needs_human} == whys


@pytest.mark.parametrize(
    "code",
    [
        snomed("38341003"),  # hypertension, by its name
        coded((ICD10_NL, "I10")),
        coded((ICD10_NL, "C44.3"), text="basaalcelcarcinoom"),
        coded((ICD10_CM, "Z80.3"), text="Family history of malignant neoplasm of breast"),
        coded((SNOMED, "36758025"), text="Liesbreuk"),
        coded((ICPC_2, "K86")),
    ],
)
def test_a_code_that_no_rule_acts_on_keeps_the_list_whole(code: JsonValue) -> None:
    record = read(condition(code), config=ReadingConfig(complete_lists=frozenset({"conditions"}))).record

    assert ([c.kind for c in record.conditions.items], record.conditions.complete) == (
        [ConditionKind.OTHER],
        True,
    )


@pytest.mark.parametrize(
    ("site", "kind"),
    [
        (None, ConditionKind.OSTEONECROSIS_SITE_UNKNOWN),
        ("661005", ConditionKind.OSTEONECROSIS_OF_JAW),
        ("91609006", ConditionKind.OSTEONECROSIS_OF_JAW),
        ("71341001", ConditionKind.OTHER),
    ],
)
def test_the_body_site_says_where_an_osteonecrosis_is(site: str | None, kind: ConditionKind) -> None:
    place: Json = {"bodySite": [snomed(site)]} if site else {}

    (found,) = read(condition(coded((ICD10_NL, "M87.1")), **place)).record.conditions.items

    assert found.kind is kind


@pytest.mark.parametrize(
    ("system", "code", "kind"),
    [
        (SNOMED, "105502003", ConditionKind.SEVERE_RENAL_IMPAIRMENT),
        (ICD10_NL, "Z99.2", ConditionKind.SEVERE_RENAL_IMPAIRMENT),
        (ICD10_NL, "K20", ConditionKind.OESOPHAGEAL_DISEASE),
        (SNOMED, "16761005", ConditionKind.OESOPHAGEAL_DISEASE),
        (SNOMED, "94704006", ConditionKind.MULTIPLE_MYELOMA),
        (ICD10_NL, "D47.2", ConditionKind.MGUS),
        (SNOMED, "277577000", ConditionKind.MGUS),
        (ICD10_NL, "C18.7", ConditionKind.MALIGNANCY),
        (SNOMED, "118601006", ConditionKind.MALIGNANCY),
        (ICD10_NL, "C61", ConditionKind.PROSTATE_CANCER),
        (ICD10_NL, "C50.4", ConditionKind.BREAST_CANCER),
        (ICD10_NL, "C79.5", ConditionKind.BONE_METASTASIS),
        (SNOMED, "300936002", ConditionKind.TERMINAL_ILLNESS),
        (ICD10_CM, "N25.81", ConditionKind.HYPERPARATHYROIDISM),
        (ICD10_NL, "M90.7", ConditionKind.MALIGNANCY),  # a broken bone in a tumour
        (ICD10_CM, "M84.58XA", ConditionKind.MALIGNANCY),
    ],
)
def test_causes_and_harm_are_found_by_hierarchy(system: str, code: str, kind: ConditionKind) -> None:
    (found,) = read(condition(coded((system, code)))).record.conditions.items

    assert found.kind is kind


@pytest.mark.parametrize(
    ("stage", "found"),
    [
        ("431857002", [ConditionKind.SEVERE_RENAL_IMPAIRMENT]),
        ("433144002", [ConditionKind.OTHER]),
    ],  # stages 4 and 3
)
def test_the_stage_beside_a_kidney_disease_says_how_severe_it_is(
    stage: str, found: list[ConditionKind]
) -> None:
    assert kinds(condition(snomed("709044004"), stage=[{"summary": snomed(stage)}])) == found


@pytest.mark.parametrize(
    ("words", "state", "named"),
    [
        ("", "active", {"uncoded_text"}),
        ("\u2318?", "active", {"uncoded_text"}),
        ("CAVE: kaaknecrose na Prolia", "active", {"drug_harm_like_unmapped", "bone_drug_like_unmapped"}),
        ("Overgevoeligheid voor bisfosfonaten", "active", {"bone_drug_like_unmapped"}),
        ("Ostéonécrose de la mâchoire", "?", {"drug_harm_like_unmapped"}),
        ("Kaaknecrose", "inactive", set()),
        ("Kaaknecrose", "entered-in-error", set()),
        ("Contactisolatie MRSA", "active", set()),
        ("Valrisico, verhoogd fractuurrisico", "active", set()),
    ],
)
@pytest.mark.hazard(id="H31")
def test_a_warning_on_the_chart_is_not_overheard(words: str, state: str, named: set[str]) -> None:
    flag = {
        "resourceType": "Flag",
        "id": "it",
        "status": state,
        "subject": SUBJECT,
        "code": {"text": words},
    }

    assert {it.reason.value for it in read(flag).record.rejected} == named


def test_dialysis_as_an_operation_is_known_too() -> None:
    done = {
        "resourceType": "Procedure",
        "id": "pro",
        "status": "completed",
        "subject": SUBJECT,
        "code": snomed("302497006"),
    }

    (found,) = read(done).record.conditions.items

    assert found.kind is ConditionKind.SEVERE_RENAL_IMPAIRMENT
    assert read(done | {"status": "not-done"}).record.conditions.items == ()


@pytest.mark.hazard(id="H22")
def test_codes_that_contradict_leave_a_suspicion_of_each_and_a_question() -> None:
    reading = read(condition(coded((SNOMED, "69896004"), (ICD10_NL, "C90.0"))))

    assert {(c.kind, c.certainty) for c in reading.record.conditions.items} == {
        (ConditionKind.RHEUMATOID_ARTHRITIS, Certainty.SUSPECTED),
        (ConditionKind.MULTIPLE_MYELOMA, Certainty.SUSPECTED),
    }
    assert [r.reason.value for r in reading.needs_human] == ["codes_disagree"]


def test_two_codings_of_one_meaning_are_one_condition() -> None:
    assert kinds(condition(coded((SNOMED, "69896004"), (ICD10_NL, "M06.9"), ("urn:local", "RA")))) == [
        ConditionKind.RHEUMATOID_ARTHRITIS
    ]


@pytest.mark.hazard(id="H10")
def test_a_modifier_makes_a_condition_unusable() -> None:
    reading = read(condition(snomed("109989006"), modifierExtension=[{"url": "x"}]))

    assert reading.record.conditions.items == ()
    assert [r.reason.value for r in reading.needs_human] == ["modifier_extension"]


def test_the_onset_is_a_day_or_the_last_day_of_a_part() -> None:
    (found,) = read(condition(snomed("64859006"), onsetDateTime="2008")).record.conditions.items

    assert found.onset == date(2008, 12, 31)


def test_all_three_other_causes_refuted_are_a_negative_screen() -> None:
    refuted = [
        condition(snomed(code), sure="refuted", id=f"c{n}")
        for n, code in enumerate(("109989006", "94222008", "4598005"))
    ]

    assert read(*refuted).record.exclusion_screen_negative is True
    assert read(*refuted[:2]).record.exclusion_screen_negative is None
    assert read(answer("exclusion-screen", "negative")).record.exclusion_screen_negative is True
    assert read(answer("exclusion-screen", "positive")).record.exclusion_screen_negative is False
    assert read(answer("exclusion-screen", "unknown")).record.exclusion_screen_negative is None


def test_a_condition_answers_the_question_that_it_is_about_but_never_with_no() -> None:
    assert read(condition(snomed("77386006"))).record.pregnant is True
    assert read(condition(snomed("77386006"), state="resolved")).record.pregnant is None
    assert read(condition(snomed("77386006"), sure="provisional")).record.pregnant is None
    assert read(condition(snomed("76498008"))).record.menopause is Menopause.POST
    assert read(condition(snomed("373717006"))).record.menopause is Menopause.POST
    assert read(condition(snomed("71781005"))).record.height_loss is True
    assert read(condition(intake("dental-problem"))).record.dental_problem is True
    assert read(condition(snomed("77176002"))).record.lifestyle.smoker is True


def test_a_menopause_that_is_both_denied_and_coded_is_not_known() -> None:
    reading = read(condition(snomed("76498008")), answer("menopausal-status", "pre"))

    assert reading.record.menopause is None
    assert reasons(reading) == [("answer", "codes_disagree")]


def test_a_symptom_is_a_symptom_and_no_history() -> None:
    record = read(condition(intake("jaw-sore-not-healing"))).record

    assert [s.value for s in record.symptoms] == ["jaw_sore_not_healing"]
    assert (record.conditions.items, record.conditions.complete) == ((), False)


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        (coded((ICD10_NL, "S72.3"), text="atypische femurschachtfractuur"), True),
        (coded((ICD10_NL, "K10.2"), text="kaaknecrose"), True),
        (coded((ICD10_NL, "S72.3"), text="femurschachtfractuur"), False),
        (coded((ICD10_NL, "J18.9"), text="atypische pneumonie"), False),
        (coded((ICD10_NL, "K08.8"), text="risico op kaaknecrose"), False),
        (coded((SNOMED, "890095006"), text="atypische femurfractuur"), False),  # its own code says it
    ],
)
def test_harm_of_a_drug_in_the_words_beside_a_code_is_asked_about(code: JsonValue, asked: bool) -> None:
    refused = {(r.concerns, r.reason.value) for r in read(condition(code)).needs_human}

    assert (("condition", "drug_harm_like_unmapped") in refused) is asked


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        (coded((ICD10_WHO, "S22.0"), text="Fractuur Th8 bij gemetastaseerd mammacarcinoom"), True),
        (coded((ICD10_WHO, "S22.0"), text="Fractuur Th8"), False),
        (coded((ICD10_WHO, "M90.7"), text="Fractuur bij maligniteit"), False),  # its code says so
    ],
)
def test_a_tumour_in_the_words_beside_the_code_of_a_broken_bone_is_asked_about(
    code: JsonValue, asked: bool
) -> None:
    assert (("condition", "malignancy_like_unmapped") in reasons(read(condition(code)))) is asked


def test_harm_that_was_refuted_is_not_asked_about() -> None:
    said = condition(coded((ICD10_NL, "K10.2"), text="kaaknecrose"), sure="refuted")

    assert "drug_harm_like_unmapped" not in {r.reason.value for r in read(said).needs_human}


def marked(mark: JsonValue, **more: JsonValue) -> Json:
    """An osteoporosis whose German coding says how sure it is."""
    said = [{"url": CERTAINTY_MARK, "valueCoding": mark}]
    german = {"extension": said, "system": "http://fhir.de/CodeSystem/bfarm/icd-10-gm", "code": "M81.99"}
    code = {"coding": [german, {"system": SNOMED, "code": "64859006"}]}
    body = {key: it for key, it in condition(code).items() if key != "verificationStatus"}
    return {**body, **more}


def mark(code: str) -> Json:
    return {"system": "https://fhir.kbv.de/CodeSystem/KBV_CS_SFHIR_ICD_DIAGNOSESICHERHEIT", "code": code}


@pytest.mark.parametrize(
    ("resource", "certainty"),
    [
        (marked(mark("A")), Certainty.REFUTED),
        (marked(mark("V")), Certainty.SUSPECTED),
        (marked(mark("G")), Certainty.CONFIRMED),
        (marked(mark("Z")), Certainty.CONFIRMED),
        (marked(mark("?")), Certainty.SUSPECTED),
        (marked("A"), Certainty.SUSPECTED),
        (
            marked({"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "UNK"}),
            Certainty.CONFIRMED,
        ),
        (marked(mark("A"), verificationStatus=coded((CONFIRMED, "confirmed"))), Certainty.SUSPECTED),
        (marked(mark("G"), verificationStatus=coded((CONFIRMED, "confirmed"))), Certainty.CONFIRMED),
    ],
)
def test_a_mark_on_the_coding_says_how_sure_too(resource: Json, certainty: Certainty) -> None:
    (found,) = read(resource).record.conditions.items

    assert found.certainty is certainty


@pytest.mark.parametrize(
    ("told", "asked"), [(mark("?"), True), ("A", True), (mark("V"), False), (mark("G"), False)]
)
def test_a_mark_that_nobody_can_read_is_asked_about(told: object, asked: bool) -> None:
    reasons = {it.reason.value for it in read(marked(told)).needs_human if it.concerns == "condition"}

    assert ("unreadable" in reasons) is asked
    sure = marked(told, verificationStatus=coded((CONFIRMED, "confirmed")))
    assert ("unreadable" in {it.reason for it in read(sure).needs_human}) is asked
