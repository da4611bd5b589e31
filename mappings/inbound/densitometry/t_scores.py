"""T-scores: a listed code, a place, a plain number in no unit, a date; anything less is refused with its reason.

A T-score never comes from text, from a Z-score or BMD code, or from a number with a unit of mass per area. Of a refused
one the site, side and date are kept where known, so that the core can say which site has no valid value (C-50, C-52).
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from adapter.clinical.model import Reason, Rejected, Side, Site, Standing, TScore
from mappings.codes import LOINC, NotACode, Ucum
from mappings.inbound.config import ReadingConfig
from mappings.inbound.densitometry.sites import Contradiction, ScoreSite, UnknownPlace, coded_place, place
from mappings.inbound.resources.datatypes import number, obj, text
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.refusals import T_SCORE
from mappings.valuesets import table

PLAUSIBLE = Decimal(10)  # |T| above this is not a T-score (C-05)


def t_scores(
    measured: Iterable[Measurement], config: ReadingConfig, on: date
) -> tuple[tuple[TScore, ...], tuple[Rejected, ...]]:
    """All T-scores, each value once, and those that were refused."""
    found: dict[tuple[Any, ...], TScore] = {}
    refused: set[Rejected] = set()
    for one in measured:
        match read(one, config, on):
            case TScore() as score:
                key = (
                    score.site,
                    score.side,
                    score.level,
                    score.on,
                    score.value,
                    score.standing,
                    score.site_assumed,
                )
                known = found.get(key)
                if known is None or score.evidence < known.evidence:
                    found[key] = score
            case Rejected() as rejection:
                refused.add(rejection)
            case None:
                pass
    return tuple(sorted(found.values(), key=_order)), tuple(refused)


def read(one: Measurement, config: ReadingConfig, on: date) -> TScore | Rejected | None:
    """The T-score in a measurement, why it is refused, or ``None`` when it never was one."""
    try:
        coded = coded_place(one, config)
        if coded is None:
            return _unlisted(one)
        where = place(one, coded, config)
    except Contradiction:
        return Rejected(Reason.CODES_DISAGREE, T_SCORE, one.evidence, on=one.on)
    except UnknownPlace:
        return Rejected(Reason.NO_SITE, T_SCORE, one.evidence, on=one.on)
    return _valued(one, where, on)


def _valued(one: Measurement, where: ScoreSite, on: date) -> TScore | Rejected | None:
    kind, value = one.value
    if one.grouped and value is None and not one.problem(on):
        return None  # its components or members carry the values
    reason = one.problem(on) or _value_problem(kind, value)
    if reason or one.on is None:
        return Rejected(reason or Reason.NO_DATE, T_SCORE, one.evidence, where.site, where.side, one.on)
    score = number(obj(value).get("value")) or Decimal(0)
    trust = one.standing or Standing.PRELIMINARY
    return TScore(where.site, score, one.on, where.side, trust, where.level, where.assumed, one.evidence)


def _value_problem(kind: str, value: Any) -> Reason | None:
    """What is wrong with the value itself; digits are taken as they are and never rounded (C-41)."""
    if value is None:
        return Reason.NO_VALUE
    if kind != "Quantity" or not isinstance(value, dict):
        return Reason.NON_NUMERIC
    if value.get("comparator"):
        return Reason.COMPARATOR
    if not is_t_unit(value):
        return Reason.UNIT_MISMATCH
    return _number_problem(value)


def _number_problem(quantity: dict[str, Any]) -> Reason | None:
    if quantity.get("value") is None:
        return Reason.NO_VALUE
    score = number(quantity["value"])
    if score is None:
        return Reason.NON_NUMERIC
    return Reason.IMPLAUSIBLE if abs(score) > PLAUSIBLE else None


def is_t_unit(quantity: dict[str, Any]) -> bool:
    """Whether the unit is one of a T-score or none at all; the code decides, unless the text speaks of another unit."""
    code, unit = text(quantity.get("code")), text(quantity.get("unit"))
    if not code:
        return _t_unit(unit)
    return _t_unit(code) and not any(sign in unit for sign in "/%²")


def _t_unit(written: str) -> bool:
    """Case carries no meaning inside braces, and the same words occur without them."""
    if not written:
        return True
    try:
        return any(table("unit").lookup(Ucum(form)) for form in (written, f"{{{written.strip('{}')}}}"))
    except NotACode:
        return False


def _unlisted(one: Measurement) -> Rejected | None:
    """A number that says it is a T-score under a local code that nobody listed: somebody should map that code.

    Under a LOINC code it is left alone: questionnaires (PROMIS) have T-scores of quite another kind.
    """
    quantity = obj(one.value[1])
    named = {text(quantity.get(name)).strip("{}").lower().replace("-", "") for name in ("code", "unit")}
    local = one.code.coded and not any(c.system == LOINC for c in one.code.codes)
    if "tscore" not in named or not local or one.problem(date.max):
        return None
    return Rejected(Reason.UNKNOWN_CODE, T_SCORE, one.evidence, on=one.on)


def _order(score: TScore) -> tuple[date, Site, Side | str, str, Decimal, str]:
    return score.on, score.site, score.side or "", score.level or "", score.value, score.evidence
