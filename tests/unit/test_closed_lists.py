"""In the rooms below, a new member of a closed list is noticed wherever somebody picked among its members.

A `match` breaks in mypy. What mypy does not see is held here: a table over an enumeration has every member,
or says which it leaves out; and who adds a member to one that is compared is told every place to look at.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests import structure

# From the record to the letter that goes out, and what workers write down about it. Not yet: the FHIR client,
# the sandbox and the commands.
ROOMS = (
    ("adapter", "clinical"),
    ("adapter", "letter"),
    ("mappings", "inbound"),
    ("mappings", "handover"),
    ("mappings", "outbound"),
    ("mappings", "cards"),
    ("workers", "ledger"),
    ("workers", "queue"),
    ("workers", "delivery"),
)

NO_BONE_DRUG = "CALCIUM VITAMIN_D SYSTEMIC_GLUCOCORTICOID ANTIEPILEPTIC ANTIHORMONAL FALL_RISK_DRUG OTHER"
ANABOLIC = "TERIPARATIDE ROMOSOZUMAB"
ORAL = "ALENDRONATE RISEDRONATE IBANDRONATE"
NOT_RENAL = "CALCIUM VITAMIN_D_25OH ALKALINE_PHOSPHATASE ALBUMIN TSH PHOSPHATE ESR PTH"
OTHER_BONES = "RIBS CLAVICLE LOWER_LEG ANKLE HAND_OR_FOOT FINGER TOE FACE SKULL"
OF_THE_PLAN = (
    "WITHDRAWN DELETED AMENDED NEWER_STUDY NEW_FRACTURE NEW_CONTRAINDICATION GP_CHANGED PATHWAY_CHANGED "
    "NEW_INFORMATION"
)

# Table: the members that it leaves out on purpose. A table that is not here has them all.
LEFT_OUT: Mapping[str, str] = {
    "courses.ORAL_BISPHOSPHONATES": f"ZOLEDRONATE RALOXIFENE DENOSUMAB {ANABOLIC} OTHER_BONE_DRUG {NO_BONE_DRUG}",
    "courses.BISPHOSPHONATES": f"RALOXIFENE DENOSUMAB {ANABOLIC} OTHER_BONE_DRUG {NO_BONE_DRUG}",
    "courses.ANTIRESORPTIVES": f"RALOXIFENE {ANABOLIC} OTHER_BONE_DRUG {NO_BONE_DRUG}",
    "courses.ANABOLICS": f"{ORAL} ZOLEDRONATE RALOXIFENE DENOSUMAB OTHER_BONE_DRUG {NO_BONE_DRUG}",
    "courses.BONE_DRUGS": NO_BONE_DRUG,
    "courses.IN_ORDER": NO_BONE_DRUG,
    "courses.INTERVALS": f"{ORAL} RALOXIFENE {ANABOLIC} OTHER_BONE_DRUG {NO_BONE_DRUG}",
    "courses.NOT_TAKEN": "ACTIVE ON_HOLD ENDED STOPPED GIVEN DISPENSED",
    "courses.CURRENT": "OVERDUE STOPPED HOLIDAY OVER",
    "kinds.HIP_SITES": "LUMBAR_SPINE SINGLE_VERTEBRA RADIUS_33 FOREARM CALCANEUS HUMERUS OTHER",
    "lab_marks._RENAL": f"CREATININE {NOT_RENAL}",
    "lab_marks.HARMS_BY": "CALCIUM TSH PHOSPHATE PTH",  # they harm on both sides
    "lab_marks.DECIDES_BY_NUMBER": NOT_RENAL,
    "labs.RENAL": NOT_RENAL,
    "verification.ALARMS": "EGFR CREATININE_CLEARANCE CREATININE ALBUMIN TSH PHOSPHATE ESR PTH",
    "dxa_sites.REPLACED": "GASTRIC_SURGERY LUMBAR_FIXATION",
    "fractures.HIP_OR_VERTEBRA": (
        f"CERVICAL_SPINE WRIST FOREARM HUMERUS PELVIS FEMUR UNSPECIFIED {OTHER_BONES}"
    ),
    "medicines.LONG_TERM_KINDS": (
        f"{ORAL} ZOLEDRONATE RALOXIFENE DENOSUMAB {ANABOLIC} OTHER_BONE_DRUG CALCIUM VITAMIN_D ANTIHORMONAL "
        "FALL_RISK_DRUG OTHER"
    ),
    "sites.CENTRAL": "SINGLE_VERTEBRA RADIUS_33 FOREARM CALCANEUS HUMERUS OTHER",
    # none is a whole with parts
    "sites._NARROWS": "FEMORAL_NECK SINGLE_VERTEBRA RADIUS_33 CALCANEUS HUMERUS OTHER",
    "fracture_history.EXCLUDED": (
        "HIP VERTEBRA WRIST FOREARM HUMERUS PELVIS RIBS CLAVICLE FEMUR LOWER_LEG ANKLE HAND_OR_FOOT UNSPECIFIED"
    ),
    "fracture_history._COARSE": f"HIP VERTEBRA CERVICAL_SPINE WRIST HUMERUS PELVIS {OTHER_BONES}",
    "fracture_traces._OF_SPINE": (f"HIP CERVICAL_SPINE WRIST FOREARM HUMERUS PELVIS FEMUR {OTHER_BONES}"),
    "dosages._ORAL": f"IBANDRONATE ZOLEDRONATE DENOSUMAB {ANABOLIC} OTHER_BONE_DRUG {NO_BONE_DRUG}",
    "dosages.NOT_ORAL": f"{ORAL} RALOXIFENE OTHER_BONE_DRUG {NO_BONE_DRUG}",
    "laboratory._RENAL": f"CREATININE {NOT_RENAL}",
    "laboratory_words._WORDS": "CREATININE_CLEARANCE TSH PHOSPHATE ESR",
    "medication_history._CLAIMING": "ENDED STOPPED GIVEN DISPENSED NOT_GIVEN PROHIBITED",
    "medication_history._ONCE": "ACTIVE ON_HOLD ENDED STOPPED PROHIBITED",
    "medication_history._WITHOUT_DOSE": "ACTIVE ON_HOLD ENDED STOPPED GIVEN DISPENSED",
    "observations._STANDING": "UNKNOWN",  # no standing at all: it is refused
    "subjects._MAPPED": "VFA ANSWER FRAX BODY",
    "letter_documents.STANDING": "LEAVE REDRAW WITHDRAW READDRESS CLOSE RENEW",
    "situation.SILENT": "LEAVE REDRAW CORRECT READDRESS RENEW",
    "change_detection.CLASSED": "INDETERMINATE NOT_CLASSIFIABLE",
    "change_detection.ABOUT_THE_RECORD": f"BASIS_GONE NOTHING {OF_THE_PLAN}",
    "change_detection.QUESTIONS": "MERGED DECEASED RECORD_CLOSED NOTHING",
    "withdrawal.REASON_OF": f"RECORD_CLOSED NOTHING {OF_THE_PLAN}",
    # no fact that a plan has measured
    "checks.FACT_OF": "ALKALINE_PHOSPHATASE ALBUMIN TSH PHOSPHATE ESR PTH",
    "drugs.DOSES": "ACTIVE ON_HOLD ENDED STOPPED NOT_GIVEN PROHIBITED",
    "drugs.SILENT": "ACTIVE ON_HOLD ENDED STOPPED GIVEN DISPENSED",
    "drugs.SUPPLEMENTS": (
        f"{ORAL} ZOLEDRONATE RALOXIFENE DENOSUMAB {ANABOLIC} OTHER_BONE_DRUG SYSTEMIC_GLUCOCORTICOID ANTIEPILEPTIC "
        "ANTIHORMONAL FALL_RISK_DRUG OTHER"
    ),
    "letter_core.GIVEN": "BLOCKED CLINICIAN_DECIDES NONE",
    "plan_changes.REASONS": "CREATE UPDATE UNCHANGED",  # our own writes are no question
    "task_transitions.OWNER": "REQUESTER",
    "tables.OPEN": "DONE QUARANTINED",
    "deliveries.DELIVERED": "QUEUED ACCEPTED DECLINED REFUSED CANCELLED",
    "deliveries.ANSWERED": "QUEUED SENT RECEIVED REFUSED CANCELLED",
}

# Table over a long list: what holds for every member that it does not name, a new one included.
FOR_THE_REST: Mapping[str, str] = {
    "study.OF_SOMEBODY_ELSE": "what was refused may be of this patient",
    "case.NOT_OF_THIS_PATIENT": "what was refused may be of this patient, so a list is not complete",
    "study.NO_STUDY": "what was refused is a doubt about the scan",
    "study.REPLACEABLE": "what was refused stays a doubt beside a usable value",
    "dxa_doubts.NO_SCORE": "somebody may have seen a T-score, so it is a doubt",
    "case.NO_CHECK": "a check was made that nobody could read",
    "conditions.ELSEWHERE": "the kind has a term of its own",
    "indications._IN_BONE": "it explains no indication that names a tumour in bone, which stays",
    "medication_history._OF_NO_RULE": "a rule may act on it",
    "narratives._CONCERNS": "it is told as a condition",
    "habits._IMPLIED": "it answers no question of the patient, which stays open",
    "habits._AFTER_MENOPAUSE": "it says nothing of the menopause, which stays unknown",
    "habits._EXCLUSIONS": "its absence excludes nothing",
    "refusals._DOUBTS": "a human sees it where it concerns what guards",
    "situation.LOW_DENSITY": "it is no diagnosis of low density",
}

# Enumeration of which a member is compared, with its members at the time when every such place was looked at.
COMPARED: Mapping[str, str] = {
    "Action": "CREATE UPDATE UNCHANGED RESPECT RELEASED",
    "ActivityStyle": "DETAIL REFERENCE",
    "Adherence": "GOOD POOR",
    "AnswerKind": "YES_NO NUMBER CHOICE DATE",
    "Category": "NORMAL OSTEOPENIA OSTEOPOROSIS INDETERMINATE NOT_CLASSIFIABLE",
    "Certainty": "CONFIRMED SUSPECTED REFUTED",
    "Change": f"MERGED DECEASED RECORD_CLOSED BASIS_GONE {OF_THE_PLAN} NOTHING",
    "Consequence": "LEAVE REDRAW WITHDRAW CORRECT RETRACT READDRESS CLOSE RENEW",
    "DeliveryState": "QUEUED SENT RECEIVED ACCEPTED DECLINED REFUSED CANCELLED",
    "DiagnosisStatus": "NONE PROVISIONAL BLOCKED",
    "FileKind": "OUTPUT ERROR",
    "LabMark": "LOW NORMAL HIGH",
    "MedicineStatus": "ACTIVE ON_HOLD ENDED STOPPED GIVEN DISPENSED NOT_GIVEN PROHIBITED",
    "Menopause": "PRE POST",
    "Mode": "DETERMINISTIC PROPOSE INFORMATION GUARD NOT_PROPAGATED",
    "OutcomeCode": "PLANNED UNCHANGED AS_BEFORE NOTHING_TO_PROPOSE DECEASED MERGED INACTIVE TEST_DATA RESPECTED FAILED RETRY",
    "PassState": "READING READ SETTLED PARTIAL ABANDONED",
    "Phase": "RUNNING IN_INTERVAL OVERDUE STOPPED HOLIDAY OVER",
    "PlanStage": "NONE DRAFT INTERIM QUEUED SENT RETRACTED CLOSED",
    "Relative": "OSTEOPOROSIS HIP_FRACTURE",
    "ReviewState": "QUEUED RUNNING WAITING DONE QUARANTINED",
    "RowOwner": "GP CLINIC CLINICIAN PRESCRIBER PHYSIO DENTIST SHARED PATIENT",
    "Sex": "FEMALE MALE",
    "Standing": "VALID PRELIMINARY WITHDRAWN",
    "TaskStyle": "NONE SCP",
    "Tier": "BLOCKED OVERRIDE CONTINUE STOP PROPOSE GAP NONE",
    "TreatmentDecision": "BLOCKED CONTINUE CLINICIAN_DECIDES PROPOSE NONE",
    "Verb": "SEARCH WRITE DELETE",
}
# Of these a rule asks for one by its name, which says nothing of the others.
NAMES = {"Analyte", "ConditionKind", "FractureSite", "MedicineKind", "Procedure", "Reason", "Site"}


def _modules() -> Iterator[tuple[Path, ModuleType]]:
    for path in structure.modules():
        if path.parts[:2] in ROOMS:
            yield path, import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))


def _kind(table: object) -> type[Enum] | None:
    """The enumeration that the keys or entries of a table are members of; ``None`` beside them is allowed."""
    if not isinstance(table, Mapping | AbstractSet | Sequence) or isinstance(table, str):
        return None
    kinds = {type(it) for it in table if it is not None}
    return next((it for it in kinds if len(kinds) == 1 and issubclass(it, Enum)), None)


@cache
def tables() -> Mapping[str, tuple[type[Enum], set[str]]]:
    """Each table over an enumeration where it is written, with the names of the members that it has."""
    found = {}
    for path, module in _modules():
        for node in structure.tree(path).body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            for name in (it.id for it in targets if isinstance(it, ast.Name)):
                table: Any = getattr(module, name, None)
                if kind := _kind(table):
                    found[f"{path.stem}.{name}"] = kind, {it.name for it in table if it is not None}
    return found


@cache
def compared() -> Mapping[type[Enum], set[str]]:
    """Each enumeration of which a member is compared, and where."""
    found = defaultdict(set)
    for path, module in _modules():
        for node in (it for it in structure.nodes(path) if isinstance(it, ast.Compare)):
            for member in filter(None, (_member(module, it) for it in ast.walk(node))):
                found[type(member)].add(f"{path}:{node.lineno}")
    return found


def _member(module: ModuleType, node: ast.AST) -> Enum | None:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        found = getattr(getattr(module, node.value.id, None), node.attr, None)
    else:
        found = getattr(module, node.id, None) if isinstance(node, ast.Name) else None
    return found if isinstance(found, Enum) else None


@pytest.mark.parametrize("name", sorted(tables().keys() - FOR_THE_REST.keys()))
def test_a_table_has_every_member_or_says_which_it_leaves_out(name: str) -> None:
    kind, held = tables()[name]
    left_out = LEFT_OUT.get(name, "").split()

    assert sorted([*held, *left_out]) == sorted(kind.__members__)


def test_only_tables_that_leave_members_out_are_listed() -> None:
    assert not LEFT_OUT.keys() & FOR_THE_REST.keys()
    assert LEFT_OUT.keys() | FOR_THE_REST.keys() <= tables().keys()
    assert {"classify.PRECEDENCE", "correction._ROWS"} <= tables().keys() - LEFT_OUT.keys()


def test_every_enumeration_of_which_a_member_is_compared_is_listed() -> None:
    assert {it.__name__ for it in compared()} == COMPARED.keys() | NAMES


@pytest.mark.parametrize(("kind", "places"), [it for it in compared().items() if it[0].__name__ in COMPARED])
def test_who_adds_a_member_is_told_where_the_others_are_compared(kind: type[Enum], places: set[str]) -> None:
    assert sorted(kind.__members__) == sorted(COMPARED[kind.__name__].split()), (
        f"look at each: {sorted(places)}"
    )
