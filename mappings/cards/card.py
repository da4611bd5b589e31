"""One card: what it says, how grave it is, which rules stand behind it; and its form on the wire."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NotRequired
from uuid import UUID, uuid5

from typing_extensions import TypedDict

from adapter.input.wire_json import Json
from adapter.letter import Texts
from mappings.codes import BASE
from mappings.handover.institution import Institution

OVERRIDE = f"{BASE}/CodeSystem/override"
_MARKUP = re.compile(r"[\\`*_\[\]<>#|]")
_LONGEST = 139  # a summary is shorter than 140 characters (CDS Hooks 2.0, card attributes)


class Indicator(StrEnum):
    """How urgent a card is, in the codes of CDS Hooks."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Advice:
    """What one card says; ``plan`` is offered to be taken over as a proposal."""

    summary: str = field(repr=False)
    detail: str = field(repr=False)
    indicator: Indicator
    rules: tuple[str, ...]
    plan: Json | None = field(default=None, repr=False)


class OverrideReason(TypedDict):
    """A Coding: why a clinician may leave a card aside."""

    code: str
    system: str
    display: str


class CardAction(TypedDict):
    """A resource that the clinician's system may create when the suggestion is taken."""

    type: str
    description: str
    resource: Json


class CardSuggestion(TypedDict):
    """What a card offers to do."""

    label: str
    uuid: str
    actions: list[CardAction]


class CardOnTheWire(TypedDict):
    """A card of CDS Hooks 2.0."""

    uuid: str
    summary: str
    detail: str
    indicator: str
    source: dict[str, str]
    overrideReasons: list[OverrideReason]
    suggestions: NotRequired[list[CardSuggestion]]
    selectionBehavior: NotRequired[str]


def card_of(advice: Advice, number: int, call: UUID, institution: Institution) -> CardOnTheWire:
    """The card; a call that is repeated gives the same card the same id."""
    texts, key = institution.texts, uuid5(call, str(number))
    card: CardOnTheWire = {
        "uuid": str(key),
        "summary": _short(advice.summary),
        "detail": advice.detail,
        "indicator": advice.indicator.value,
        "source": {"label": institution.pathway.ref.title},
        "overrideReasons": _reasons(texts),
    }
    if advice.plan is None:
        return card
    action: CardAction = {
        "type": "create",
        "description": texts.say("card.create_plan"),
        "resource": advice.plan,
    }
    suggestion: CardSuggestion = {
        "label": texts.say("card.take_over"),
        "uuid": str(uuid5(key, "plan")),
        "actions": [action],
    }
    return {**card, "suggestions": [suggestion], "selectionBehavior": "any"}


def plain(text: str) -> str:
    """Words of a record inside Markdown, where they must make no link, picture or heading."""
    return _MARKUP.sub(r"\\\g<0>", text)


def override_reasons(texts: Texts) -> Mapping[str, str]:
    """Why a clinician may leave a card aside: codes of our own, in words."""
    named = {
        key.partition(".")[2]: said for key, said in texts.entries.items() if key.startswith("override.")
    }
    return dict(sorted(named.items()))


def _reasons(texts: Texts) -> list[OverrideReason]:
    return [
        {"code": code, "system": OVERRIDE, "display": said} for code, said in override_reasons(texts).items()
    ]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"
