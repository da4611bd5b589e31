"""What the core of the letter says: what is asked of the GP, what is proposed, and what stands in the way."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.decision import (
    Activity,
    Category,
    Classification,
    Diagnosis,
    DiagnosisStatus,
    Goal,
    Handover,
    NotOffered,
    Option,
    TreatmentDecision,
)
from adapter.clinical.model import (
    Condition,
    ConditionKind,
    Listing,
    Reason,
    Rejected,
)
from adapter.errors import SoftwareFault
from adapter.letter import letter, patient_letter
from adapter.letter.layout import ACTIVITIES, OWN_CLINIC
from mappings.texts import LANGUAGES, load
from tests.unit.letter.letters_in_words import ENGLISH, keys_of, texts_of, treated, written
from tests.unit.letter.patients import (
    SPINE,
    WHY,
    activities,
    decision,
    flags,
    people,
    record,
    score,
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("doubt", ["incomplete", "outdated", "newer_study_unreadable", "contradicted"])
def test_a_result_with_a_doubt_is_never_plainly_normal(doubt: str, language: str) -> None:
    high = score(value="-0.6")
    found = Classification(Category.NORMAL, WHY, high, (high,), doubts=(doubt,))
    texts = load(language)
    decided = decision(classification=found, diagnosis=Diagnosis(DiagnosisStatus.NONE, WHY))
    plain = re.compile(rf"(^|[.:;] ){texts.name('category', 'normal')}", re.IGNORECASE)

    gp = letter(decided, record(t_scores=(high,)), people(), texts)
    copy = patient_letter(decided, record(t_scores=(high,)), people(), texts)

    assert [line.text for line in gp.lines() if plain.search(line.text)] == []
    assert texts.say("line.diagnosis_open") in texts_of(gp, "conclusion")
    assert texts.say("patient_category.normal") not in [line.text for line in copy.lines()]


def test_an_old_result_is_told_as_history_with_its_day() -> None:
    low = score(value="-2.8", on=date(2010, 5, 6))
    found = Classification(Category.OSTEOPOROSIS, WHY, low, (low,), doubts=("outdated",))

    it = written(classification=found, activities=activities("dxa_request"), flags=flags("dxa_outdated"))

    assert texts_of(it, "conclusion")[0] == (
        "History, of 6 May 2010: osteoporosis by bone density, lowest value T-score lumbar spine -2.8. "
        "This is too old to rest on today."
    )
    assert ENGLISH.say("line.new_dxa_since", date="6 May 2010") in texts_of(it, "ask")
    assert "flag.dxa_outdated" not in keys_of(it)


@pytest.mark.parametrize(
    "code", [code for code, row in ACTIVITIES.items() if row[0] == "ask" and code not in OWN_CLINIC]
)
def test_what_is_asked_of_the_gp_comes_first(code: str) -> None:
    it = written(activities=activities("lifestyle_advice", code))

    assert ENGLISH.say(f"activity.{code}") in texts_of(it, "ask")
    assert it.parts[1].blocks[0].key == "ask"


@pytest.mark.parametrize("code", sorted(OWN_CLINIC))
def test_a_clinic_does_not_ask_to_be_referred_to(code: str) -> None:
    to_gp = written(activities=activities(code))
    to_referrer = written(
        activities=activities(code), handover=Handover("referrer", "clinician_release", False, WHY)
    )

    assert f"activity.{code}" in keys_of(to_gp)
    assert not any("refer" in text for text in texts_of(to_gp, "ask"))
    assert ENGLISH.say(f"activity.{code}") in texts_of(to_referrer, "ask")


def test_a_call_for_today_is_the_first_thing_asked_and_the_letter_is_urgent() -> None:
    it = written(activities=activities("dxa_request", "urgent_contact_prescriber"))

    assert texts_of(it, "ask")[1].startswith("Call the prescriber today")
    assert any("urgent, contact the prescriber today" in text for text in texts_of(it, "envelope"))


@pytest.mark.parametrize(("role", "called"), [("gp_and_specialist", "specialist"), ("clinic", "prescriber")])
def test_a_reader_who_prescribes_is_not_told_to_call_the_prescriber(role: str, called: str) -> None:
    told = Handover("general_practitioner", "clinician_release", False, WHY, (("prescriber", role),))
    it = written(activities=activities("urgent_contact_prescriber"), handover=told)

    assert texts_of(it, "ask")[1].startswith(f"Call the {called} today")
    assert any(f"urgent, contact the {called} today" in text for text in texts_of(it, "envelope"))


def test_when_nothing_is_asked_it_says_so() -> None:
    it = written(activities=(), **treated(TreatmentDecision.NONE))

    assert "We ask no action" in texts_of(it, "ask")[-1]


def test_a_conditional_option_names_its_checks_and_asks_for_them() -> None:
    option = Option(
        "oral_bisphosphonate", ("alendronate", "risedronate"), WHY, ("renal_function", "medications")
    )

    it = written(**treated(TreatmentDecision.PROPOSE, option))

    assert texts_of(it, "treatment")[1] == (
        "Option: oral bisphosphonate, once weekly (alendronate or risedronate), only after the checks named above."
    )
    assert any(
        "we need to know renal function and the list of current medicines" in text
        for text in texts_of(it, "ask")
    )


def test_a_firm_option_asks_for_nothing() -> None:
    it = written(**treated(TreatmentDecision.PROPOSE, Option("raloxifene", ("raloxifene",), WHY)))

    assert texts_of(it, "treatment")[1] == "Option: raloxifene."
    assert "line.ask_checks" not in keys_of(it)


def test_what_a_guard_took_away_is_said_once_with_every_reason() -> None:
    gone = (
        NotOffered("alendronate", "renal_contraindication, hypocalcaemia", WHY),
        NotOffered("raloxifene", "GL-68", WHY),
    )

    it = written(**treated(TreatmentDecision.CLINICIAN_DECIDES, gone=gone), not_proposed=gone)

    assert texts_of(it, "treatment")[1:3] == [
        "Not an option: alendronate, because: renal function is too low and serum calcium is low.",
        "Not an option: raloxifene, because: a rule of the pathway.",
    ]
    assert texts_of(it, "rejected") == []


def test_a_drug_that_is_taken_is_never_said_to_be_stopped() -> None:
    it = written(
        activities=activities("do_not_stop_without_consultation"), **treated(TreatmentDecision.CONTINUE)
    )

    assert any(text.startswith("Do not stop") for text in texts_of(it, "treatment"))
    with pytest.raises(SoftwareFault, match="stop_medication"):
        written(activities=activities("stop_medication"))


def test_skin_and_veil_are_never_handed_on() -> None:
    it = written(
        unknown=("skin", "veil", "skin_dark", "outdoors"),
        flags=flags("rf_skin", "veil_recorded", "vitamin_d_no_matching_row:skin_dark", "rf_smoking"),
        activities=(
            Activity("vitamin_d_supplement", WHY, details=(("labs", "veil"), ("suggestion", "skin_dark"))),
            Activity("ask_about_veil", WHY),
        ),
        handover=Handover(
            "referrer", "immediate", False, WHY, (("skin_is_dark", ""), ("source_version", "skin_dark"))
        ),
    )

    said = "\n".join(line.text + line.key for line in it.lines()).lower()
    assert "skin" not in said
    assert "veil" not in said
    assert texts_of(it, "unknown") == ["time outdoors"]


def test_no_rule_id_is_printed_because_some_rules_name_what_is_sensitive() -> None:
    why = replace(WHY, rules=("ETZ-49", "ETZ-50"))

    it = written(goals=(Goal("vitamin_d_ug", "ug/d", why, Decimal(20)),))

    assert not any("ETZ" in line.text for line in it.lines())


def test_a_warning_stands_in_the_conclusion_and_a_risk_factor_in_the_summary() -> None:
    it = written(flags=flags("sign_suspect", "rf_disease:rheumatoid_arthritis", "rf_smoking"))

    assert texts_of(it, "conclusion")[-1].startswith("Attention: a positive T-score")
    assert texts_of(it, "risk_factors") == ["disease that weakens bone: rheumatoid arthritis", "smoking"]


def test_what_stands_in_the_way_of_a_diagnosis_is_named() -> None:
    why = replace(WHY, evidence=("Condition/1/_history/1",))
    held = Condition(ConditionKind.OSTEOMALACIA, evidence="Condition/1/_history/1")
    other = Condition(ConditionKind.KYPHOSIS, evidence="Condition/2/_history/1")

    it = written(
        of={"conditions": Listing.of([held, other])}, diagnosis=Diagnosis(DiagnosisStatus.BLOCKED, why)
    )

    assert texts_of(it, "conclusion")[1].endswith("On record: osteomalacia.")


def test_without_a_class_no_diagnosis_is_no_reassurance() -> None:
    it = written(
        classification=Classification(Category.INDETERMINATE, WHY),
        diagnosis=Diagnosis(DiagnosisStatus.NONE, WHY),
        rejected=(Rejected(Reason.NON_NUMERIC, "t_score"),),
        of={"t_scores": ()},
    )

    assert texts_of(it, "conclusion")[1].endswith("that is no reassurance.")
    assert "without a usable T-score" in texts_of(it, "ask")[0]


def test_a_remark_does_not_repeat_why_an_input_was_not_used() -> None:
    refused = Rejected(Reason.NON_NUMERIC, "t_score")

    it = written(rejected=(refused,), flags=flags("non_numeric_t_score", "site_not_decisive"))

    assert "flag.non_numeric_t_score" not in keys_of(it)
    assert "flag.site_not_decisive" in keys_of(it)


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (None, ""),
        ("gp", "as the GP, Clinic"),
        ("house_role", "house_role"),
    ],
)
def test_who_prescribes_is_named_once_where_the_pathway_says_so(role: str | None, said: str) -> None:
    statements = (("prescriber", role), ("prescriber_institution", "Clinic")) if role else ()
    it = written(handover=replace(decision().handover, statements=statements))

    lines = [line.text for line in it.lines() if line.key == "line.prescriber"]

    assert len(lines) == bool(role)
    assert said in "".join(lines)


@pytest.mark.parametrize(
    ("doubt", "asked"),
    [
        ("outdated", ENGLISH.say("line.new_dxa_since", date=ENGLISH.day(SPINE.on))),
        ("hip_missing", ENGLISH.say("line.new_dxa")),
    ],
)
def test_a_new_scan_is_asked_for_by_its_reason(doubt: str, asked: str) -> None:
    doubtful = replace(decision().classification, doubts=(doubt,))

    it = written(classification=doubtful, activities=activities("dxa_request"))

    assert asked.rstrip(".") in " ".join(line.text for line in it.lines())
