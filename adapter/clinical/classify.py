"""Classify: which of the classes that rules gave stands, and the T-score behind it.

In ``core.yaml`` the rules ``C-01``, ``C-02a`` and ``C-02b`` give a WHO class, ``C-49a`` says that the scale
is not for this person, and ``C-52`` leaves the class open where no other rule gives one.
"""

from collections.abc import Container

from adapter.clinical.decision import Category, Classification, Why
from adapter.clinical.pathway.evaluation import Evaluation, grouped
from adapter.clinical.pathway.rules import Stage
from adapter.clinical.study import Study

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


def classify(evaluation: Evaluation) -> tuple[Category, Why]:
    """The class of the latest study, with its rules and its evidence."""
    given = grouped(evaluation.effects(Stage.CLASS)["class"])
    category = class_that_stands(given)
    return category, evaluation.why(given[category])


def classification(category: Category, why: Why, study: Study, doubts: tuple[str, ...]) -> Classification:
    """The class with the score that decides it and what is doubtful about it."""
    deciding = study.deciding if category.by_t_score else None
    return Classification(category, why, deciding, study.shown, doubts)
