"""Facts and outputs as short statements: a function for each kind, no layout, no choice of what to say."""

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import chain

from adapter.clinical.decision import Flag, FollowUp, Goal
from adapter.clinical.model import (
    Fracture,
    Rejected,
    Side,
    Site,
    TScore,
    VertebralFracture,
    Vfa,
)
from adapter.letter.layout import sensitive
from adapter.letter.people import clean
from adapter.letter.text_entries import Texts

KEPT = 2048  # what is said of codes: several times what one pathway can say

# A detail or a reason may be a code of any kind: the first section that knows it words it.
ANY_CODE = (
    "not_offered", "drug", "lab", "value", "check", "symptom", "condition", "medicine", "fracture_site", "site",
    "route", "flag", "follow_up", "trigger", "activity", "option", "fact", "category", "treatment", "diagnosis",
)  # fmt: skip


def capital(text: str) -> str:
    """The same text with a capital to begin a statement."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """The same text to stand inside a sentence; an abbreviation keeps its capitals."""
    return text if text[1:2].isupper() or text[1:2] == "-" else text[:1].lower() + text[1:]


def sentence(text: str) -> str:
    """The same text with its full stop."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def site_name(site: Site, side: Side | None, texts: Texts) -> str:
    """Where something was measured, with its side where that is known."""
    name = texts.name("site", site)
    return texts.say("format.site_side", site=name, side=texts.name("side", side)) if side else name


def t_score(score: TScore, texts: Texts) -> str:
    """``T-score lumbar spine -2.9``."""
    return texts.say(
        "line.t_score", site=site_name(score.site, score.side, texts), value=texts.score(score.value)
    )


def fracture(broken: Fracture, texts: Texts) -> str:
    """Bone, level, date and force, each as far as it is known."""
    energy = {True: "low", False: "high", None: "unknown"}[broken.low_energy]
    bone = " ".join(filter(None, (texts.name("fracture_site", broken.site), clean(broken.level, 20))))
    on = texts.day(broken.on) if broken.on else texts.say("line.date_unknown")
    return capital(f"{bone}, {on}, {texts.say(f'energy.{energy}')}")


def vertebra(broken: VertebralFracture, seen: Vfa, texts: Texts) -> str:
    """One graded vertebra of a VFA."""
    level = clean(broken.level, 20) or texts.say("line.level_unknown")
    on = texts.day(seen.on) if seen.on else texts.say("line.date_unknown")
    return texts.say(
        "line.vfa_fracture",
        grade=str(broken.grade),
        level=level,
        severity=_severity(broken.grade, texts),
        date=on,
    )


def _severity(grade: int, texts: Texts) -> str:
    return texts.name("vfa_grade", str(grade))


def amount(goal: Goal, texts: Texts) -> str:
    """``at least 1100 mg per day``; without a bound the amount is for the clinician to set."""
    unit = _unit(goal, texts)
    low = texts.number(goal.low) if goal.low is not None else ""
    high = texts.number(goal.high) if goal.high is not None else ""
    match (bool(low), bool(high)):
        case (True, True) if low == high:
            return f"{low} {unit}"
        case (True, True):
            return texts.say("amount.between", low=low, high=high, unit=unit)
        case (True, False):
            return texts.say("amount.at_least", low=low, unit=unit)
        case (False, True):
            return texts.say("amount.at_most", high=high, unit=unit)
        case _:
            return texts.say("amount.open")


def _unit(goal: Goal, texts: Texts) -> str:
    """In the singular where the last number said is one."""
    said = goal.low if goal.high is None else goal.high
    section = "unit_one" if said == 1 and texts.knows("unit_one", goal.unit) else "unit"
    return texts.say(f"{section}.{goal.unit}") if texts.knows(section, goal.unit) else goal.unit


def goal(target: Goal, texts: Texts) -> str:
    """What to reach, and how much of it."""
    return f"{texts.name('goal', target.code)} {amount(target, texts)}"


def flag(raised: Flag, texts: Texts) -> str:
    """A remark, with the disease, site or drug that it is about."""
    named = texts.name("flag", raised.code)
    detail = raised.detail or ""
    return texts.pair(named, value(detail, texts)) if detail and not sensitive(detail) else named


@lru_cache(KEPT)
def details(pairs: tuple[tuple[str, str], ...], texts: Texts) -> str:
    """The worded details of an output in brackets; a detail nobody worded is internal and stays out."""
    said = [
        texts.say(f"detail.{key}", value=values(raw, texts))
        for key, raw in pairs
        if texts.knows("detail", key) and raw not in ("", "False") and not sensitive(f"{key}_{raw}")
    ]
    return f" ({'; '.join(said)})" if said else ""


def values(raw: str, texts: Texts) -> str:
    """A comma-separated list of codes in words."""
    return texts.series([value(item.strip(), texts) for item in raw.split(",") if item.strip()])


@lru_cache(KEPT)
def value(raw: str, texts: Texts, kind: str = "") -> str:
    """A code in words, of its ``kind`` where that is known, or a number or date in the language's form."""
    if not raw:
        return ""
    try:
        return worded(raw, texts, kind) or texts.number(Decimal(raw))
    except InvalidOperation:
        return texts.interval(texts.day_text(clean(raw)))


def worded(raw: str, texts: Texts, kind: str = "") -> str | None:
    """The words for a code of any kind, where there are any."""
    code = raw.lower().replace("-", "_")
    known = texts.sections.get(code)
    section = next((it for it in (kind, *ANY_CODE) if it in known), None) if known else None
    return texts.say(f"{section}.{code}").rstrip(".") if section else None


def when(later: FollowUp, texts: Texts) -> str:
    """A date, an event, an interval, or plainly that a human sets it."""
    if later.due is not None:
        return texts.say("when.due", date=texts.day(later.due))
    if later.trigger is not None:
        return texts.say("when.trigger", event=texts.first(("trigger", "follow_up"), later.trigger))
    if later.interval is not None:
        return texts.say("when.interval", interval=texts.interval(later.interval))
    return texts.say(f"when_open.{later.code}" if texts.knows("when_open", later.code) else "when.open")


def refused(inputs: Sequence[Rejected], texts: Texts) -> list[tuple[str, str]]:
    """Each kind of unused input once, with how often it occurred, as (reason, statement)."""
    said: dict[tuple[str, str], int] = {}
    for item in inputs:
        what = texts.name("concern", item.concerns)
        where = site_name(item.site, item.side, texts) if item.site else ""
        on = f"({texts.day(item.on)})" if item.on else ""
        statement = texts.say(
            "line.rejected",
            what=" ".join(filter(None, (what, where, on))),
            reason=texts.name("reason", item.reason),
        )
        said[item.reason.value, statement] = said.get((item.reason.value, statement), 0) + 1
    return [
        (reason, statement if count == 1 else texts.say("line.times", statement=statement, n=str(count)))
        for (reason, statement), count in said.items()
    ]


def unique(lines: Iterable[Iterable[str]]) -> list[str]:
    """Statements once each, in the order of their first mention."""
    return list(dict.fromkeys(chain.from_iterable(lines)))
