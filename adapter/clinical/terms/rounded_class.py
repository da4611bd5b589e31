"""Whether a T-score that somebody rounds to one decimal would have another class (C-41). It decides no class.

The class of a patient comes from the definitions ``class_is_...`` of ``core.yaml``. A rounded score
is no fact of the record, so that no rule can ask about it: here the same limits are applied once
more. A test holds both equal.
"""

from decimal import ROUND_HALF_UP, Decimal

from adapter.clinical.core_parameters import ClassLimits
from adapter.clinical.decision import Category
from adapter.clinical.model import TScore

TENTH = Decimal("0.1")


def class_of_number(score: TScore, limits: ClassLimits) -> Category:
    """WHO class of one T-score: the limits are data, their inclusiveness is a settled rule (C-01, C-02).

    It takes a score and no number, so that a density or a Z-score has no class.
    """
    return _category(score.value, limits)


def _category(value: Decimal, limits: ClassLimits) -> Category:
    if value <= limits["osteoporosis_at_or_below"]:
        return Category.OSTEOPOROSIS
    normal_from = limits["normal_from"]
    normal = value >= normal_from if limits["normal_includes_minus_1"] else value > normal_from
    return Category.NORMAL if normal else Category.OSTEOPENIA


def rounding_changes(score: TScore, limits: ClassLimits) -> bool:
    """Whether a reader who rounds to one decimal would see another class (C-41)."""
    tenth = score.value.quantize(TENTH, ROUND_HALF_UP)
    if tenth == score.value:
        return False
    return _category(tenth, limits) is not class_of_number(score, limits)
