"""The WHO class of one T-score, and to whom such classes apply. The limits are the pathway's."""

from collections.abc import Container
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from adapter.clinical.core_parameters import AgeGate, ClassLimits
from adapter.clinical.decision import Category
from adapter.clinical.model import Menopause, Sex, TScore

# Of the classes that rules gave, the first one here stands.
PRECEDENCE = (
    # Where the scale is not for this person (C-49), no T-score makes a class, and a low one no osteoporosis either. It
    # reassures nobody: the finding is flagged, and the clinician decides.
    Category.NOT_CLASSIFIABLE,
    # From here on the least reassuring first. One low site is enough, and no doubt about another one makes it better.
    Category.OSTEOPOROSIS,
    # What is in doubt may be osteoporosis, so neither of the milder classes answers it.
    Category.INDETERMINATE,
    Category.OSTEOPENIA,
    Category.NORMAL,
)
TENTH = Decimal("0.1")


def class_that_stands(classes: Container[str]) -> Category:
    """One of those that rules gave; a doubt is never resolved towards a more reassuring one."""
    return next(category for category in PRECEDENCE if category in classes)


def t_scores_apply(
    sex: Sex | None, menopause: Menopause | None, age: int | None, gate: AgeGate
) -> bool | None:
    """Whether WHO classes apply to this person (C-49, GL-52, GL-53); ``None`` when the age is not known."""
    if not gate["enabled"]:
        return True
    if sex is not Sex.MALE and menopause is not None:
        return menopause is Menopause.POST
    if age is None:
        return None
    return bool(age >= gate["men_from" if sex is Sex.MALE else "women_unknown_from"])


def category_of(score: TScore, limits: ClassLimits) -> Category:
    """WHO class of one T-score: the limits are data, their inclusiveness is a settled rule (C-01, C-02).

    It takes a score and no number, so that a density or a Z-score has no class.
    """
    value = score.value
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
    return category_of(replace(score, value=tenth), limits) is not category_of(score, limits)
