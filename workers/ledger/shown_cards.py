"""Which cards were shown, by which rules, and what clinicians made of them: no patient, no text, no names.

A system may tell twice, and may change its mind: the last word counts. A card that nobody
answered is forgotten after a while.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import JSON, Column, Index, String, Table, and_, delete, select, update

from workers.ledger.database import Ledger
from workers.ledger.ledger_faults import retry_undone
from workers.ledger.tables import Instant, metadata

KEPT = timedelta(days=90)  # an unanswered card

shown = Table(
    "shown_card",
    metadata,
    Column("scope", String, primary_key=True),
    Column("card", String, primary_key=True),  # its uuid
    Column("rules", JSON, nullable=False),
    Column("shown_at", Instant, nullable=False),
    Column("outcome", String),
    Column("reason", String),  # a code of ours; what was typed is not kept
    Index("shown_card_unanswered", "scope", "outcome", "shown_at"),
)


class CardOutcome(StrEnum):
    """What a clinician did with a card, in the codes of CDS Hooks."""

    ACCEPTED = "accepted"
    OVERRIDDEN = "overridden"


@dataclass(frozen=True, slots=True)
class RuleFeedback:
    """What came of the cards of one rule: how often shown, and how often each outcome with its reason."""

    rule: str
    shown: int
    answers: tuple[tuple[str, str, int], ...]  # (outcome, reason or "", count)


@retry_undone
def note_cards(ledger: Ledger, cards: Sequence[tuple[str, Sequence[str]]], now: datetime) -> None:
    """Cards about to be shown, each with its rules. A second call changes nothing."""
    old = and_(shown.c.scope == ledger.scope, shown.c.outcome.is_(None), shown.c.shown_at < now - KEPT)
    with ledger.transaction() as connection:
        connection.execute(delete(shown).where(old))
        ledger.insert_missing(
            connection, shown, [{"card": card, "rules": [*rules], "shown_at": now} for card, rules in cards]
        )


@retry_undone
def record_card_outcome(ledger: Ledger, card: str, outcome: CardOutcome, reason: str | None) -> bool:
    """Keep the last word about a card; False for one that was never shown, or is forgotten."""
    row_of_card = and_(shown.c.scope == ledger.scope, shown.c.card == card)
    with ledger.transaction() as connection:
        changed = connection.execute(
            update(shown).where(row_of_card).values(outcome=outcome.value, reason=reason)
        )
    return bool(changed.rowcount)


def rule_feedback(ledger: Ledger) -> tuple[RuleFeedback, ...]:
    """For each rule what came of its cards, by rule id."""
    counted: dict[str, dict[tuple[str, str], int]] = {}
    for rules, outcome, reason in _rows(ledger):
        for rule in rules:
            answers = counted.setdefault(rule, {})
            answers[outcome, reason] = answers.get((outcome, reason), 0) + 1
    return tuple(
        RuleFeedback(
            rule,
            sum(answers.values()),
            tuple(
                (*outcome_and_reason, count)
                for outcome_and_reason, count in sorted(answers.items())
                if outcome_and_reason[0]
            ),
        )
        for rule, answers in sorted(counted.items())
    )


def _rows(ledger: Ledger) -> Iterator[tuple[Sequence[str], str, str]]:
    query = select(shown.c.rules, shown.c.outcome, shown.c.reason).where(shown.c.scope == ledger.scope)
    with ledger.transaction() as connection:
        for row in connection.execute(query):
            yield row.rules, row.outcome or "", row.reason or ""
