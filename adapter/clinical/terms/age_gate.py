"""Whether WHO classes apply to a person."""

from adapter.clinical.core_parameters import AgeGate
from adapter.clinical.model import Menopause, Sex


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
