"""What stands in the letter, and where."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical.decision import (
    Activity,
    Category,
    Classification,
    Diagnosis,
    DiagnosisStatus,
    FollowUp,
    Goal,
    Handover,
    NotOffered,
    Option,
    Treatment,
    TreatmentDecision,
)
from adapter.clinical.model import (
    Condition,
    ConditionKind,
    Fracture,
    FractureSite,
    Listing,
    Medicine,
    MedicineKind,
    Menopause,
    Reason,
    Rejected,
    Site,
    Standing,
    Vfa,
)
from adapter.errors import SoftwareFault
from adapter.letter import Correction, Letter, letter, patient_letter
from adapter.letter.layout import ACTIVITIES, OWN_CLINIC
from mappings.texts import LANGUAGES, load
from tests.unit.letter.patients import (
    NECK,
    ON,
    SPINE,
    WHY,
    activities,
    decision,
    flags,
    people,
    record,
    score,
)

ENGLISH = load("en")


def written(
    *,
    language: str = "en",
    by: dict[str, Any] | None = None,
    of: dict[str, Any] | None = None,
    **changes: Any,
) -> Letter:
    return letter(decision(**changes), record(**of or {}), people(**by or {}), load(language))


def texts_of(it: Letter, block: str) -> list[str]:
    return [
        line.text for part in it.parts for held in part.blocks if held.key == block for line in held.lines
    ]


def keys_of(it: Letter) -> list[str]:
    return [line.key for line in it.lines()]


def treated(choice: TreatmentDecision, *options: Option, gone: tuple[NotOffered, ...] = ()) -> dict[str, Any]:
    return {"treatment": Treatment(choice, "C-57", WHY, options, gone)}


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        ("nl", ["Envelop", "Kern", "Dossiersamenvatting"]),
        ("en", ["Envelope", "Core", "File summary"]),
        ("fr", ["Enveloppe", "Essentiel", "Résumé du dossier"]),
    ],
)
def test_it_has_the_three_parts_that_dutch_gps_know(language: str, titles: list[str]) -> None:
    assert [part.title for part in written(language=language).parts] == titles


def test_the_same_decision_gives_the_same_letter() -> None:
    assert written() == written()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("choice", TreatmentDecision)
@pytest.mark.parametrize("status", DiagnosisStatus)
def test_every_class_and_decision_can_be_written(
    language: str, choice: TreatmentDecision, status: DiagnosisStatus
) -> None:
    for category in Category:
        found = Classification(category, WHY)
        it = written(
            language=language, classification=found, diagnosis=Diagnosis(status, WHY), **treated(choice)
        )

        assert {f"category.{category}", f"treatment.{choice}", f"diagnosis.{status}"} <= set(keys_of(it))


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


def test_until_released_it_says_that_it_is_a_proposal() -> None:
    assert written().status.text.startswith("Proposal, not confirmed")


def test_once_released_it_says_by_whom_and_when() -> None:
    by: dict[str, Any] = {"released_by": ("internist", "J. Jansen"), "released_on": "2026-11-13"}

    assert written(by=by).status.text.startswith("Released on 13 November 2026 by J. Jansen, internist.")


def test_a_role_that_is_not_on_record_is_not_told() -> None:
    by: dict[str, Any] = {"released_by": ("", "J. Jansen"), "released_on": "2026-11-13"}

    assert written(by=by).status.text == "Released on 13 November 2026 by J. Jansen."


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


@pytest.mark.parametrize(
    ("follow_up", "row"),
    [
        (FollowUp("phone_control_3m", WHY, date(2027, 3, 1)), ("3-month phone control", "clinic", "1 March 2027")),
        (FollowUp("treatment_review", WHY, interval="3y"), ("Review of the treatment, no automatic stop", "prescriber", "after 3 years")),
        (FollowUp("gp_letter_after_control", WHY, trigger="phone_control_3m"), ("Follow-up letter to the GP", "clinic", "after the 3-month phone control")),
        (FollowUp("repeat_dxa", WHY), ("Repeat DXA", "GP", "interval to be set by the clinician")),
        (FollowUp("yearly_evaluation", WHY), ("Yearly evaluation", "GP", "date to be set by the clinician")),
        (FollowUp("bone_walk", WHY), ("Bone walk (local term)", "clinician", "date to be set by the clinician")),
    ],
)  # fmt: skip
def test_the_plan_says_what_who_and_when(follow_up: FollowUp, row: tuple[str, ...]) -> None:
    it = written(activities=(), follow_ups=(follow_up,))

    assert [line.cells for part in it.parts for b in part.blocks if b.key == "plan" for line in b.lines] == [
        row
    ]


def test_a_pathway_may_say_who_acts() -> None:
    told = Activity("vfa_request", WHY, details=(("owner", "gp"),))

    assert texts_of(written(activities=(told,), follow_ups=()), "plan")[0].endswith("(GP).")


def test_only_details_with_words_are_printed() -> None:
    told = Activity(
        "exclude_other_causes",
        WHY,
        details=(("labs", "calcium, TSH"), ("row", "ETZ-50"), ("calcium_active", "False")),
    )

    text = texts_of(written(activities=(told,), follow_ups=()), "plan")[0]

    assert (
        text
        == "Exclude other causes of bone loss (calcium and TSH): before the diagnosis is confirmed (clinician)."
    )


def test_an_activity_of_an_institution_is_printed_in_words() -> None:
    it = written(activities=activities("ask_the_bone_nurse"), follow_ups=())

    assert texts_of(it, "plan") == ["Ask the bone nurse (local term): to be agreed (clinician)."]


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


def test_scores_come_with_site_side_date_and_what_each_is_worth() -> None:
    older = score(Site.TOTAL_HIP, "-1.9", date(2020, 5, 6), standing=Standing.WITHDRAWN)
    assumed = score(Site.FOREARM, "-3.3", date(2021, 5, 6), site_assumed=True)

    it = written(of={"t_scores": (older, assumed, SPINE, NECK)})

    assert texts_of(it, "measurements") == [
        "T-score lumbar spine -2.9 (10 November 2026)",
        "T-score left femoral neck -2.4 (10 November 2026)",
        "T-score forearm -3.3 (6 May 2021, site assumed from the local code)",
        "T-score total hip -1.9 (6 May 2020, withdrawn by the laboratory)",
    ]


def test_where_classes_do_not_apply_the_lowest_value_is_still_told() -> None:
    it = written(classification=Classification(Category.NOT_CLASSIFIABLE, WHY, None, (NECK, SPINE)))

    assert "Lowest value: T-score lumbar spine -2.9" in texts_of(it, "conclusion")[0]


def test_a_vfa_without_fracture_and_no_vfa_are_told_apart() -> None:
    assert texts_of(written(of={"vfa": Vfa((), ON)}), "vfa") == [
        "VFA of 10 November 2026: no vertebral fracture seen"
    ]
    assert texts_of(written(of={"vfa": None}), "vfa") == []


def test_fractures_come_newest_first_with_what_is_known() -> None:
    broken = Listing.of(
        [
            Fracture(FractureSite.RIBS),
            Fracture(FractureSite.HIP, date(2019, 1, 2), False),
            Fracture(FractureSite.VERTEBRA, date(2025, 3, 4), True, "T12"),
        ]
    )

    assert texts_of(written(of={"fractures": broken}), "fractures") == [
        "Vertebral fracture T12, 4 March 2025, low-energy trauma",
        "Hip fracture, 2 January 2019, high-energy trauma",
        "Rib fracture, date not recorded, energy of the trauma not recorded",
    ]


def test_equal_refusals_are_said_once_with_their_number() -> None:
    refused = Rejected(Reason.UNIT_MISMATCH, "t_score", site=Site.TOTAL_HIP, on=ON)

    said = texts_of(written(rejected=(refused, refused, Rejected(Reason.UNCODED, "condition"))), "rejected")

    assert said == [
        "T-score total hip (10 November 2026): not used, wrong unit (2 times)",
        "condition: not used, free text without a code",
    ]


def test_an_unknown_is_not_said_twice() -> None:
    it = written(
        flags=flags("renal_function_missing", "exclusion_not_documented"), unknown=("renal_function",)
    )

    assert texts_of(it, "remarks") == ["it is not recorded whether other causes of bone loss were excluded"]


def test_a_warning_stands_in_the_conclusion_and_a_risk_factor_in_the_summary() -> None:
    it = written(flags=flags("sign_suspect", "rf_disease:rheumatoid_arthritis", "rf_smoking"))

    assert texts_of(it, "conclusion")[-1].startswith("Attention: a positive T-score")
    assert texts_of(it, "risk_factors") == ["disease that weakens bone: rheumatoid arthritis", "smoking"]


@pytest.mark.parametrize(
    ("low", "high", "amount"),
    [
        ("1000", None, "at least 1000 mg per day"),
        (None, "2500", "at most 2500 mg per day"),
        ("1000", "1200", "1000 to 1200 mg per day"),
        ("800", "800", "800 mg per day"),
        (None, None, "amount to be set by the clinician"),
    ],
)
def test_a_goal_is_a_minimum_a_maximum_a_range_or_open(
    low: str | None, high: str | None, amount: str
) -> None:
    goal = Goal(
        "calcium_mg_per_day", "mg/d", WHY, (low and Decimal(low)) or None, (high and Decimal(high)) or None
    )

    assert texts_of(written(activities=(), goals=(goal,)), "advice") == [
        f"calcium from food and supplements together {amount}"
    ]


def test_the_account_names_pathway_version_and_how_many_records_and_the_foot_the_software() -> None:
    it = written()
    said = "; ".join(texts_of(it, "account"))

    assert "version 2026.1" in said
    assert "osteo-handover 0.1.0" in it.footer
    assert "osteo-handover" not in said
    assert "number of source records in the hospital file: 3" in said


def test_a_number_to_call_is_printed_once() -> None:
    handed = Handover(
        "referrer", "immediate", False, WHY, (("contact", "088 000 00 00"), ("contact", "013 221 03 80"))
    )

    assert texts_of(written(handover=handed), "contacts") == [
        "Fracture and osteoporosis clinic: 088 000 00 00",
        "Telephone: 013 221 03 80",
    ]


def test_without_names_every_gap_is_said() -> None:
    nobody: dict[str, Any] = dict.fromkeys(
        ("patient_name", "birth_date", "patient_identifier", "sex", "recipient", "organisation")
    )

    it = written(
        by=nobody | {"contacts": ()},
        of={"birth_date": None, "sex": None},
        handover=Handover("referrer", "clinician_release", False, WHY),
    )

    assert texts_of(it, "envelope")[:3] == [
        "From: not recorded",
        "To: referring clinician",
        "Patient: name not recorded, birth date not recorded",
    ]
    assert keys_of(it)[-1] == "account.sources"
    assert texts_of(it, "contacts") == [ENGLISH.say("line.no_contact")]


def test_an_empty_record_still_gives_a_whole_letter() -> None:
    bare: dict[str, Any] = {
        "classification": Classification(Category.INDETERMINATE, WHY),
        "unknown": ("t_scores",),
    }

    it = written(of={"t_scores": (), "vfa": None, "menopause": Menopause.POST}, **bare)

    assert texts_of(it, "ask")[0] == "Reason for this letter: review of the bone health record."
    assert texts_of(it, "conclusion")[0] == "No class, there is no usable T-score."


def test_a_correction_starts_with_what_changed_and_why() -> None:
    changes = (
        ("t_score", "-2.9", "-2.1"),
        ("category", "osteoporosis", "osteopenia"),
        ("fracture", "", "wrist"),
        ("option", "denosumab", ""),
    )

    it = written(by={"corrected": Correction(changes, "amended", "2026-10-01")})

    assert it.title == "Corrected letter on bone health care"
    assert it.parts[1].blocks[0].key == "correction"
    assert texts_of(it, "correction") == [
        "This letter replaces our letter of 1 October 2026.",
        "Reason: the DXA department corrected its result.",
        "T-score: was -2.9, is now -2.1.",
        "Bone density class: was osteoporosis by bone density, is now osteopenia.",
        "Fracture, new: wrist fracture.",
        "Drug option, withdrawn: denosumab, injection every 6 months.",
    ]


def test_a_retraction_withdraws_and_repeats_no_finding() -> None:
    it = written(by={"retraction": True})

    said = "\n".join(line.text for part in it.parts[1:] for block in part.blocks for line in block.lines)
    assert it.status.text.startswith("Withdrawn")
    assert "Do not stop or start a drug" in said
    assert "-2.9" not in said
    assert "osteoporosis by" not in "\n".join(line.text for line in it.lines())


def test_nothing_about_the_patient_shows_in_a_representation() -> None:
    shown = (
        repr(people(corrected=Correction((("t_score", "-2.9", "-2.1"),))))
        + repr(written())
        + repr(Correction(()))
    )

    for secret in ("Vries", "1956", "0012345", "-2.9"):
        assert secret not in shown


def test_a_letter_without_a_date_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        people(letter_date="today")


def test_a_number_without_a_label_gets_one() -> None:
    assert texts_of(written(by={"contacts": (("", "088 000 00 00"),)}), "contacts") == [
        "Telephone: 088 000 00 00"
    ]


def test_the_bone_drugs_in_use_are_named_with_their_dates() -> None:
    drug = Medicine(frozenset({MedicineKind.DENOSUMAB}), start=date(2024, 3, 1), last_dose=date(2026, 3, 25))
    past = Medicine(frozenset({MedicineKind.ALENDRONATE}), active=False)
    other = Medicine(frozenset({MedicineKind.CALCIUM}))

    it = written(of={"medicines": Listing.of([past, drug, other])}, **treated(TreatmentDecision.CONTINUE))

    assert [text for text in texts_of(it, "treatment") if text.startswith("In use")] == [
        "In use: denosumab (since 1 March 2024; last dose 25 March 2026)."
    ]


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


def test_of_one_drug_the_next_review_is_planned_and_no_other() -> None:
    reviews = tuple(FollowUp("treatment_review", WHY, date(year, 6, 1)) for year in (2031, 2036))

    assert texts_of(written(activities=(), follow_ups=reviews), "plan") == [
        "Review of the treatment, no automatic stop: 1 June 2031 (prescriber)."
    ]


def test_a_remark_does_not_repeat_why_an_input_was_not_used() -> None:
    refused = Rejected(Reason.NON_NUMERIC, "t_score")

    it = written(rejected=(refused,), flags=flags("non_numeric_t_score", "site_not_decisive"))

    assert "flag.non_numeric_t_score" not in keys_of(it)
    assert "flag.site_not_decisive" in keys_of(it)


def test_all_that_fell_away_stands_in_one_line_of_a_correction() -> None:
    changed = Correction(
        (
            ("category", "Osteoporosis", "Osteopenia"),
            ("activity", "Dental check", ""),
            ("activity", "Vitamin D supplement", ""),
            ("activity", "", "Review the need for vitamin D"),
        )
    )

    assert texts_of(written(by={"corrected": changed}), "correction")[1:] == [
        "Bone density class: was osteoporosis by bone density, is now osteopenia.",
        "Action, withdrawn: dental check; vitamin D supplement.",
        "Action, new: review the need for vitamin D.",
    ]


def test_a_withdrawal_says_of_which_letter_and_by_whom() -> None:
    by: dict[str, Any] = {
        "retraction": True,
        "corrected": Correction((), replaces="2026-11-13"),
        "released_by": ("internist", "J. Jansen"),
        "released_on": "2026-12-04",
    }

    it = written(by=by)

    assert it.status.text.startswith("Withdrawn on 4 December 2026 by J. Jansen, internist.")
    assert texts_of(it, "retraction")[0].startswith("We withdraw our letter of 13 November 2026")
    assert texts_of(written(by={"retraction": True}), "retraction")[0].startswith(
        "We withdraw our earlier letter"
    )
