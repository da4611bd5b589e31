"""What holds for every patient under every pathway, whatever is known and whatever is not."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.clinical import BoneRecord, Decision, Pathway, decide
from adapter.clinical.courses import courses
from adapter.clinical.decision import Category, DiagnosisStatus, Route, TreatmentDecision, Why
from adapter.clinical.model import (
    Analyte,
    Condition,
    ConditionKind,
    Fracture,
    FractureSite,
    Frax,
    Lab,
    LabMark,
    Listing,
    Medicine,
    MedicineKind,
    Menopause,
    Percent,
    Sex,
    StandardDeviations,
    Standing,
    TScore,
    VertebralFracture,
    Vfa,
)
from adapter.clinical.pathway.rules import NONE
from mappings.pathways import PATHWAY_NAMES, load
from mappings.stored_decision import canonical_bytes
from tests.examples import FEW, examples
from tests.property.oracle import forbidden, renal_function
from tests.property.strategies import (
    BONE_DRUGS,
    DECISIVE,
    NONE_KNOWN,
    SCAN,
    TODAY,
    bone_records,
    patients,
    whole,
    whole_records,
)

pytestmark = pytest.mark.slow  # half a minute of generated patients: a part of `make test`

repeatably = settings(
    derandomize=True,
    deadline=None,
    max_examples=examples(100),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
THRESHOLD = {"frax_threshold": {"mof_pct": Decimal(20), "hip_pct": Decimal(3)}}


@cache
def pathway(name: str) -> Pathway:
    """A shipped pathway; ``hvrt+frax`` is the one with an institution's FRAX threshold."""
    base, _, extra = name.partition("+")
    return load(base, THRESHOLD if extra else None)


EVERY = (*PATHWAY_NAMES, "hvrt+frax")
DRUGLESS = ("etz", "fysio")  # name no drug, so they never propose one
one_pathway = st.sampled_from(EVERY)


def decided(record: BoneRecord, name: str) -> Decision:
    return decide(record, pathway(name), TODAY)


TUPLES = ("t_scores", "procedures", "relatives", "labs", "symptoms", "rejected", "evidence")
LISTS = ("fractures", "conditions", "medicines")


def shuffled(record: BoneRecord, random: Random) -> BoneRecord:
    """The same patient, read in another order."""

    def mixed(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(items, len(items)))

    changes: dict[str, Any] = {field: mixed(getattr(record, field)) for field in TUPLES}
    for field in LISTS:
        listing = getattr(record, field)
        changes[field] = replace(listing, items=mixed(listing.items))
    if record.vfa:
        changes["vfa"] = replace(record.vfa, fractures=mixed(record.vfa.fractures))
    portions = mixed(record.lifestyle.calcium_portions)
    changes["lifestyle"] = replace(record.lifestyle, calcium_portions=portions)
    return replace(record, **changes)


# --- the same patient, the same decision --------------------------------------------------------------------


@repeatably
@given(patients, one_pathway, st.randoms(use_true_random=False))
def test_the_order_of_the_inputs_does_not_matter(record: BoneRecord, name: str, random: Random) -> None:
    assert decided(shuffled(record, random), name) == decided(record, name)


@repeatably
@given(patients, one_pathway)
def test_deciding_twice_gives_the_same_bytes(record: BoneRecord, name: str) -> None:
    first, second = decided(record, name), decided(record, name)

    assert first == second
    assert written(first) == written(second)


@repeatably
@given(patients, one_pathway)
def test_deciding_leaves_the_record_as_it_was(record: BoneRecord, name: str) -> None:
    before = canonical_bytes(record)
    decided(record, name)

    assert canonical_bytes(record) == before


def written(decision: Decision) -> bytes:
    return json.dumps(asdict(decision), default=str).encode()


FAR = st.sampled_from((date.min, date(1, 12, 31), date(9999, 12, 31), date(2024, 2, 29)))


@repeatably
@given(bone_records, one_pathway, FAR, FAR)
def test_no_date_however_odd_makes_deciding_fail(
    record: BoneRecord, name: str, one: date, other: date
) -> None:
    odd = replace(
        record,
        birth_date=one,
        phone_appointment=other,
        handover_sent=one,
        fractures=Listing.of([Fracture(FractureSite.HIP, other, low_energy=True)]),
        medicines=Listing.of(
            [Medicine(frozenset({kind}), start=one, last_dose=other) for kind in BONE_DRUGS[:6]]
        ),
    )

    assert decided(odd, name).on == TODAY


# --- unknown is never reassuring ----------------------------------------------------------------------------
#
# Only one answer reassures: the decision "none", which says that there is nothing to decide. "blocked",
# "continue", "clinician_decides" and "propose" all keep a human at it and are not compared among themselves.
# Of an option, "firm" reassures: it says that nothing is left to check. So a fact that becomes unknown
#
#   (1) may not turn "propose" or "clinician_decides" into "none", and
#   (2) may not leave an option firm that the bad value takes away or makes wait.
#
# Settled exceptions, which are not tested: medication and other causes unknown do not change
# "none" (5a, row 5); a VFA outside the pathway that requires it (C-09); calcium for other options
# than denosumab (C-29, GL-07).

HIP = Fracture(FractureSite.HIP, date(2026, 9, 15), low_energy=True, evidence="Condition/hip")
Change = Callable[[BoneRecord], BoneRecord]


def without_lab(record: BoneRecord, *analytes: Analyte) -> BoneRecord:
    return replace(record, labs=tuple(found for found in record.labs if found.analyte not in analytes))


def with_lab(record: BoneRecord, found: Lab) -> BoneRecord:
    return replace(record, labs=(*without_lab(record, found.analyte).labs, found))


RENAL = (Analyte.EGFR, Analyte.CREATININE_CLEARANCE, Analyte.CREATININE)
DECIDES: dict[str, tuple[Change, Change]] = {
    "fractures": (
        lambda r: replace(r, fractures=Listing()),
        lambda r: replace(r, fractures=whole([HIP])),
    ),
    "energy of the fracture": (
        lambda r: replace(r, fractures=whole([replace(HIP, low_energy=None)])),
        lambda r: replace(r, fractures=whole([HIP])),
    ),
    "energy of a wrist fracture": (
        lambda r: replace(r, fractures=whole([replace(HIP, site=FractureSite.WRIST, low_energy=None)])),
        lambda r: replace(r, fractures=whole([replace(HIP, site=FractureSite.WRIST)])),
    ),
    "date of the fracture": (
        lambda r: replace(r, fractures=whole([replace(HIP, site=FractureSite.WRIST, on=None)])),
        lambda r: replace(r, fractures=whole([replace(HIP, site=FractureSite.WRIST)])),
    ),
    "menopause": (
        lambda r: replace(r, sex=Sex.FEMALE, menopause=None),
        lambda r: replace(r, sex=Sex.FEMALE, menopause=Menopause.POST),
    ),
    "FRAX": (
        lambda r: replace(r, frax=None),
        lambda r: replace(r, frax=Frax(Percent(30), Percent(10))),
    ),
    "hip figure of FRAX": (
        lambda r: replace(r, frax=Frax(Percent(5), None)),
        lambda r: replace(r, frax=Frax(Percent(5), Percent(10))),
    ),
    "T-scores": (
        lambda r: replace(r, t_scores=()),
        lambda r: replace(r, t_scores=(TScore(DECISIVE[0], StandardDeviations("-3.1"), SCAN),)),
    ),
    "birth date": (lambda r: replace(r, birth_date=None), lambda r: r),
}


@pytest.mark.parametrize("fact", DECIDES)
@repeatably
@given(whole_records, one_pathway)
def test_an_unknown_fact_never_says_that_nothing_is_to_decide_where_the_bad_value_would_not(
    fact: str, record: BoneRecord, name: str
) -> None:
    unknown, bad = (decided(change(record), name) for change in DECIDES[fact])

    if bad.treatment.decision in (TreatmentDecision.PROPOSE, TreatmentDecision.CLINICIAN_DECIDES):
        assert unknown.treatment.decision is not TreatmentDecision.NONE


@repeatably
@given(whole_records)
def test_a_missing_vfa_never_says_so_where_the_pathway_requires_it(record: BoneRecord) -> None:
    broken = Vfa((VertebralFracture(3, "T12"),))
    bad = decided(replace(record, vfa=broken), "antonius")
    unknown = decided(replace(record, vfa=None), "antonius")

    if bad.treatment.decision in (TreatmentDecision.PROPOSE, TreatmentDecision.CLINICIAN_DECIDES):
        assert unknown.treatment.decision is not TreatmentDecision.NONE


BAD_CONDITIONS = (
    ConditionKind.OESOPHAGEAL_DISEASE,
    ConditionKind.SEVERE_GASTRIC_DISEASE,
    ConditionKind.SEVERE_RENAL_IMPAIRMENT,
    ConditionKind.HYPOCALCAEMIA,
    ConditionKind.HYPERCALCAEMIA,
    ConditionKind.MYOCARDIAL_INFARCTION,
    ConditionKind.STROKE,
    ConditionKind.VENOUS_THROMBOEMBOLISM,
    ConditionKind.HEPATIC_IMPAIRMENT,
    ConditionKind.PAGET_DISEASE,
    ConditionKind.MULTIPLE_MYELOMA,
)
CHECKS: dict[str, tuple[Change, Change]] = {
    "renal function": (
        lambda r: without_lab(r, *RENAL),
        lambda r: with_lab(without_lab(r, *RENAL), Lab(Analyte.CREATININE_CLEARANCE, Decimal(12), on=SCAN)),
    ),
    "medication": (
        lambda r: replace(r, medicines=Listing()),
        lambda r: replace(r, medicines=whole([Medicine(frozenset({MedicineKind.ALENDRONATE}))])),
    ),
} | {
    str(kind): (
        lambda r: replace(r, conditions=Listing()),
        lambda r, kind=kind: replace(r, conditions=whole([Condition(kind)])),
    )
    for kind in BAD_CONDITIONS
}


@pytest.mark.parametrize("fact", CHECKS)
@repeatably
@given(whole_records, one_pathway)
def test_an_unknown_check_never_leaves_an_option_firm_that_the_bad_value_does_not(
    fact: str, record: BoneRecord, name: str
) -> None:
    unknown, bad = (decided(change(record), name) for change in CHECKS[fact])

    assert firm(unknown) <= firm(bad)


@repeatably
@given(whole_records, one_pathway)
def test_denosumab_is_never_firm_while_calcium_is_unknown(record: BoneRecord, name: str) -> None:
    unmarked = without_lab(replace(record, conditions=NONE_KNOWN), Analyte.CALCIUM)

    assert "denosumab" not in firm(decided(unmarked, name))


def firm(decision: Decision) -> set[str]:
    return {option.code for option in decision.treatment.options if option.firm}


# --- the class ----------------------------------------------------------------------------------------------

WORSE = {Category.NORMAL: 0, Category.OSTEOPENIA: 1, Category.OSTEOPOROSIS: 2}


@repeatably
@given(patients, one_pathway, st.data())
def test_a_lower_t_score_at_a_decisive_site_never_gives_a_better_class(
    record: BoneRecord, name: str, data: st.DataObject
) -> None:
    places = [
        n
        for n, score in enumerate(record.t_scores)
        if score.site in DECISIVE and score.standing is Standing.VALID
    ]
    if not places:
        return
    place = data.draw(st.sampled_from(places))
    drop = data.draw(st.sampled_from([Decimal("0.01"), Decimal("0.1"), Decimal("1.5")]))
    lowered = list(record.t_scores)
    lowered[place] = replace(lowered[place], value=StandardDeviations(lowered[place].value - drop))
    before = decided(record, name).classification.category
    after = decided(replace(record, t_scores=tuple(lowered)), name).classification.category

    assert (before in WORSE) == (after in WORSE)
    assert WORSE.get(after, 0) >= WORSE.get(before, 0)


def the_deciding_score_is_the_lowest_that_is_shown_of_the_decisive_sites(
    _: BoneRecord, __: str, decision: Decision
) -> None:
    found = decision.classification
    if found.deciding:
        assert found.deciding.value == min(s.value for s in found.study if s.site in DECISIVE)
        assert all(s.on == found.deciding.on for s in found.study)


# --- drugs --------------------------------------------------------------------------------------------------

HIDDEN_DRUGS = {"iv_bisphosphonate": ("zoledronate",)}  # named by no leaflet, given as this one


def no_option_is_shown_together_with_a_known_contraindication(
    record: BoneRecord, _: str, decision: Decision
) -> None:
    shown = {
        drug
        for option in decision.treatment.options
        for drug in (option.drugs or HIDDEN_DRUGS.get(option.code, ()))
    }

    assert not shown & forbidden(record, TODAY)


def a_firm_option_means_that_renal_function_conditions_and_medication_are_known(
    record: BoneRecord, _: str, decision: Decision
) -> None:
    if firm(decision):
        assert renal_function(record, TODAY) is not None
        assert record.conditions.complete
        assert record.medicines.complete


def a_pathway_that_names_no_drug_never_offers_one(_: BoneRecord, name: str, decision: Decision) -> None:
    if name in DRUGLESS:
        assert decision.treatment.options == ()
        assert decision.treatment.decision is not TreatmentDecision.PROPOSE


# --- one decision, of one piece -----------------------------------------------------------------------------


def the_decision_and_everything_around_it_agree(record: BoneRecord, name: str, decision: Decision) -> None:
    activities = {activity.code for activity in decision.activities}
    taking = any(it.current for it in courses(record.medicines.items, pathway(name).core, TODAY))
    proposes = decision.treatment.decision is TreatmentDecision.PROPOSE

    assert bool(decision.treatment.options) == proposes
    assert ("medication_proposal" in activities) == proposes
    blocked = decision.diagnosis.status is DiagnosisStatus.BLOCKED
    assert blocked == (decision.treatment.decision is TreatmentDecision.BLOCKED)
    assert not (blocked and decision.diagnosis.routes)
    assert (decision.diagnosis.status is DiagnosisStatus.PROVISIONAL) == bool(decision.diagnosis.routes)
    assert ("do_not_stop_without_consultation" in activities) == taking
    assert "stop_medication" not in activities
    if decision.treatment.decision is TreatmentDecision.CONTINUE:
        assert taking
    if decision.treatment.decision is TreatmentDecision.NONE:
        assert decision.classification.category in (Category.NORMAL, Category.OSTEOPENIA)
        assert record.fractures.complete


def every_output_names_a_rule_of_the_pathway(_: BoneRecord, name: str, decision: Decision) -> None:
    known = {rule.id for rule in pathway(name).rules}

    for why in reasons(decision):
        assert why.rules
        assert set(why.rules) <= known
        assert set(why.rules) <= set(decision.rules_fired)


def the_evidence_is_of_this_patient_and_in_order(record: BoneRecord, _: str, decision: Decision) -> None:
    held = set(references(record))

    for why in reasons(decision):
        assert list(why.evidence) == sorted(set(why.evidence))
        assert set(why.evidence) <= held


def nothing_is_listed_twice(_: BoneRecord, __: str, decision: Decision) -> None:
    lists = (
        [goal.code for goal in decision.goals],
        [activity.code for activity in decision.activities],
        [flag.name for flag in decision.flags],
        [option.code for option in decision.treatment.options],
        [(it.code, it.due, it.trigger, it.interval) for it in decision.follow_ups],
        list(decision.unknown),
        list(decision.rules_fired),
    )
    for codes in lists:
        assert len(codes) == len(set(codes))


def references(part: object) -> Iterator[str]:
    """Every evidence reference in a record."""
    if isinstance(part, tuple):
        for item in part:
            yield from references(item)
    elif is_dataclass(part):
        for own in fields(part):
            value = getattr(part, own.name)
            yield from ([value] if own.name == "evidence" and isinstance(value, str) else references(value))


def reasons(decision: Decision) -> Iterator[Why]:
    """Every ``Why`` of a decision."""
    yield from (decision.classification.why, decision.diagnosis.why, decision.treatment.why)
    yield decision.handover.why
    for outputs in (
        decision.goals, decision.activities, decision.follow_ups, decision.flags, decision.treatment.options,
        decision.treatment.not_offered, decision.not_proposed,
    ):  # fmt: skip
        yield from (output.why for output in outputs)


# --- these patients are not all alike -----------------------------------------------------------------------


def codes_of(name: str, *kinds: str) -> set[str]:
    """The codes that the rules of a pathway can give."""
    chosen = pathway(name)
    return {
        effect.code
        for rule in chosen.rules
        if rule.id not in chosen.off
        for effect in rule.effects
        if effect.kind in kinds
    }


# What a pathway carries from the general rules and never comes to, and why.
NOT_REACHED = {
    "etz": {"medication_proposal"},
    "fysio": {"medication_proposal", "dxa_request"},  # and sends to the GP instead of asking for a scan
}


ALWAYS = (
    the_deciding_score_is_the_lowest_that_is_shown_of_the_decisive_sites,
    no_option_is_shown_together_with_a_known_contraindication,
    a_firm_option_means_that_renal_function_conditions_and_medication_are_known,
    a_pathway_that_names_no_drug_never_offers_one,
    the_decision_and_everything_around_it_agree,
    every_output_names_a_rule_of_the_pathway,
    the_evidence_is_of_this_patient_and_in_order,
    nothing_is_listed_twice,
)
Said = dict[str, dict[str, set[str]]]  # pathway -> kind of output -> codes


def note_outputs(said: dict[str, set[str]], decision: Decision) -> None:
    said["class"].add(decision.classification.category)
    said["route"].update(decision.diagnosis.routes)
    said["decision"].add(decision.treatment.decision)
    said["offer"].update(option.code for option in decision.treatment.options)
    said["activity"].update(activity.code for activity in decision.activities)


def every_output_was_seen(name: str, said: dict[str, set[str]]) -> None:
    assert said["class"] == set(Category)
    assert said["offer"] == codes_of(name, "offer")
    assert said["activity"] == codes_of(name, "activity") - NOT_REACHED.get(name, set())
    seldom = {Route.RECORDED_DIAGNOSIS}  # beside a better T-score of the record: a table row shows it
    no_route = {NONE, *([Route.HIGH_FRACTURE_RISK] if name == "hvrt" else ())}
    assert said["route"] - seldom == codes_of(name, "route") - seldom - no_route
    never = {TreatmentDecision.PROPOSE} if name in DRUGLESS else set()
    assert said["decision"] == set(TreatmentDecision) - never


def test_what_holds_always_holds_for_patients_who_make_each_pathway_say_everything_it_can() -> None:
    said: Said = {name: defaultdict(set) for name in EVERY}

    # To make up a patient takes longer than to decide about one, so one population is tried on all of it.
    # Half of them are known whole: what is offered only beside a full record is seldom met among the others.
    @settings(repeatably, max_examples=examples(3200))
    @given(patients | whole_records, one_pathway)
    def look(record: BoneRecord, name: str) -> None:
        decisions = {every: decided(record, every) for every in EVERY}
        for every, decision in decisions.items():
            note_outputs(said[every], decision)
        for holds in ALWAYS:
            holds(record, name, decisions[name])

    look()
    for name in () if FEW else EVERY:  # a sample of the examples does not show everything
        every_output_was_seen(name, said[name])


@repeatably
@given(whole_records, one_pathway)
def test_a_marked_low_calcium_never_leaves_a_bisphosphonate(record: BoneRecord, name: str) -> None:
    low = with_lab(record, Lab(Analyte.CALCIUM, mark=LabMark.LOW, on=SCAN))

    shown = {option.code for option in decided(low, name).treatment.options}
    assert not shown & {
        "bisphosphonate",
        "oral_bisphosphonate",
        "iv_bisphosphonate",
        "iv_zoledronate",
        "denosumab",
    }
