"""To whom WHO classes apply, and which of the classes that rules gave stands.

The rules that give a class are ``C-01``, ``C-02a`` and ``C-02b`` of ``core.yaml``.
"""

from collections.abc import Container

from adapter.clinical.core_parameters import AgeGate
from adapter.clinical.decision import Category
from adapter.clinical.model import Menopause, Sex

# Of the classes that rules gave, the first one here stands.
PRECEDENCE = (
    # Where the scale is not for this person (C-49), no T-score makes a class, and a low one no osteoporosis
    # either. It reassures nobody: the finding is flagged, and the clinician decides.
    Category.NOT_CLASSIFIABLE,
    # From here on the least reassuring first. One low site is enough, and no doubt about
    # another one makes it better.
    Category.OSTEOPOROSIS,
    # What is in doubt may be osteoporosis, so neither of the milder classes answers it.
    Category.INDETERMINATE,
    Category.OSTEOPENIA,
    Category.NORMAL,
)


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
