"""What the product texts forbid, read from the facts alone (GL-59 to GL-68, C-28, C-29): a second opinion.

Nothing of the core is asked here, neither its terms nor its rules.
"""

from datetime import date
from decimal import Decimal

from adapter.clinical.model import Analyte, BoneRecord, Certainty, ConditionKind, LabMark, Menopause, Sex

BISPHOSPHONATES = frozenset({"alendronate", "risedronate", "zoledronate"})
EVER = (Certainty.CONFIRMED, Certainty.SUSPECTED)


OLDEST = date(2025, 11, 20)  # a value from before it verifies nothing on the day of these tests (C-60)


def lab(record: BoneRecord, analyte: Analyte) -> Decimal | None:
    return next((it.value for it in record.labs if it.analyte is analyte and it.on and it.on >= OLDEST), None)


def mark(record: BoneRecord, analyte: Analyte) -> LabMark | None:
    return next((it.mark for it in record.labs if it.analyte is analyte and it.on and it.on >= OLDEST), None)


def now(record: BoneRecord, *kinds: ConditionKind) -> bool:
    return any(
        c.kind in kinds and c.active and c.certainty is Certainty.CONFIRMED for c in record.conditions.items
    )


def ever(record: BoneRecord, *kinds: ConditionKind) -> bool:
    return any(c.kind in kinds and c.certainty in EVER for c in record.conditions.items)


def renal_function(record: BoneRecord, on: date) -> Decimal | None:
    """Creatinine clearance as reported, else by Cockcroft and Gault, else the eGFR (C-29)."""
    reported = lab(record, Analyte.CREATININE_CLEARANCE)
    if reported is not None:
        return reported
    creatinine, weight, born = lab(record, Analyte.CREATININE), record.weight_kg, record.birth_date
    if creatinine and weight and born and record.sex:
        age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
        mg_per_dl = creatinine / Decimal("88.42")
        clearance = (140 - age) * weight / (72 * mg_per_dl)
        return clearance * Decimal("0.85") if record.sex is Sex.FEMALE else clearance
    return lab(record, Analyte.EGFR)


def forbidden(record: BoneRecord, on: date) -> frozenset[str]:
    """The drugs that are known to be contraindicated for this patient."""
    renal = renal_function(record, on)
    severe = now(record, ConditionKind.SEVERE_RENAL_IMPAIRMENT)
    low = now(record, ConditionKind.HYPOCALCAEMIA) or mark(record, Analyte.CALCIUM) is LabMark.LOW
    high = now(record, ConditionKind.HYPERCALCAEMIA) or mark(record, Analyte.CALCIUM) is LabMark.HIGH
    below_35 = severe or (renal is not None and renal < 35)
    below_30 = severe or (renal is not None and renal < 30)
    not_a_postmenopausal_woman = record.sex is Sex.MALE or record.menopause is Menopause.PRE
    heart_or_brain = ever(record, ConditionKind.MYOCARDIAL_INFARCTION, ConditionKind.STROKE)
    table = {
        "alendronate": below_35
        or low
        or now(record, ConditionKind.OESOPHAGEAL_DISEASE)
        or record.cannot_sit_upright is True,
        "risedronate": below_30 or low or record.pregnant is True or record.lactating is True,
        "zoledronate": below_35 or low,
        "denosumab": low,
        "romosozumab": low or heart_or_brain or not_a_postmenopausal_woman,
        "teriparatide": high
        or below_30
        or mark(record, Analyte.ALKALINE_PHOSPHATASE) is LabMark.HIGH
        or ever(
            record,
            ConditionKind.PAGET_DISEASE,
            ConditionKind.HYPERPARATHYROIDISM,
            ConditionKind.SKELETAL_RADIATION,
            ConditionKind.BONE_METASTASIS,
            ConditionKind.MULTIPLE_MYELOMA,
        ),
        "raloxifene": not_a_postmenopausal_woman
        or below_30
        or ever(record, ConditionKind.VENOUS_THROMBOEMBOLISM, ConditionKind.STROKE)
        or now(record, ConditionKind.HEPATIC_IMPAIRMENT, ConditionKind.UTERINE_BLEEDING),
    }
    told = BISPHOSPHONATES if record.bisphosphonate_contraindicated is True else frozenset()
    return frozenset(drug for drug, bad in table.items() if bad) | told
