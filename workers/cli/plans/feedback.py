"""`feedback`: what clinicians made of the cards that were shown to them, rule by rule."""

import typer

from workers.cli.command_settings import settings_of
from workers.cli.contract.operation_output import FeedbackOutput, FeedbackRow
from workers.cli.output import count_text, say, show_json
from workers.cli.root import AsJson
from workers.cli.terminal import show_table
from workers.ledger import open_ledger, shown_cards
from workers.ledger.shown_cards import CardOutcome, RuleFeedback
from workers.queue.bootstrap import institution_of, scope_of

COLUMNS = ("rule", "shown", "accepted", "overridden", "reasons", "says")


def register(root: typer.Typer) -> None:
    root.command()(feedback)


def feedback(context: typer.Context, json: AsJson = False) -> None:
    """Show what clinicians made of CDS Hooks cards, rule by rule: no patient, nobody's name."""
    settings = settings_of(context)
    institution = institution_of(settings)
    ledger = open_ledger(settings.ledger_url.get_secret_value(), scope_of(settings, institution))
    try:
        found = shown_cards.rule_feedback(ledger)
    finally:
        ledger.close()
    says = {rule.id: rule.says for rule in institution.pathway.rules}
    rows = [
        _feedback_row(feedback_of_rule, says.get(feedback_of_rule.rule, "")) for feedback_of_rule in found
    ]
    if json:
        show_json(FeedbackOutput(rules=rows))
        return
    show_table("Cards by rule", COLUMNS, (_feedback_cells(row) for row in rows))
    say(f"{count_text(len(rows), 'rule')}.")


def _feedback_row(found: RuleFeedback, says: str) -> FeedbackRow:
    return {
        "rule": found.rule,
        "shown": found.shown,
        "accepted": _outcome_count(found, CardOutcome.ACCEPTED),
        "overridden": _outcome_count(found, CardOutcome.OVERRIDDEN),
        "reasons": {reason: count for _, reason, count in found.answers if reason},
        "says": says,
    }


def _outcome_count(found: RuleFeedback, outcome: CardOutcome) -> int:
    return sum(count for answered, _, count in found.answers if answered == outcome)


def _feedback_cells(row: FeedbackRow) -> list[object]:
    reasons = ", ".join(f"{reason} {count}" for reason, count in row["reasons"].items())
    return [row["rule"], row["shown"], row["accepted"], row["overridden"], reasons, row["says"]]
