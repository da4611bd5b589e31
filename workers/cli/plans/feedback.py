"""`feedback`: what clinicians made of the cards that were shown to them, rule by rule."""

import typer

from workers.cli.output import say, show_json
from workers.cli.root import AsJson
from workers.cli.terminal import show_table
from workers.ledger import open_ledger, shown_cards
from workers.queue.bootstrap import institution_of, scope_of
from workers.settings import settings_of_process

COLUMNS = ("rule", "shown", "accepted", "overridden", "reasons", "says")


def register(root: typer.Typer) -> None:
    root.command()(feedback)


def feedback(json: AsJson = False) -> None:
    """Show what clinicians made of CDS Hooks cards, rule by rule: no patient, nobody's name."""
    settings = settings_of_process()
    institution = institution_of(settings)
    ledger = open_ledger(settings.ledger_url.get_secret_value(), scope_of(settings, institution))
    try:
        found = shown_cards.by_rule(ledger)
    finally:
        ledger.close()
    says = {rule.id: rule.says for rule in institution.pathway.rules}
    rows = [
        {
            "rule": it.rule,
            "shown": it.shown,
            **{
                outcome.value: sum(count for told, _, count in it.answers if told == outcome)
                for outcome in shown_cards.CardOutcome
            },
            "reasons": {reason: count for _, reason, count in it.answers if reason},
            "says": says.get(it.rule, ""),
        }
        for it in found
    ]
    if json:
        show_json({"rules": rows})
        return
    show_table("Cards by rule", COLUMNS, ([_cell(it[name]) for name in COLUMNS] for it in rows))
    say(f"{len(rows)} rules.")


def _cell(value: object) -> object:
    return (
        ", ".join(f"{reason} {count}" for reason, count in value.items())
        if isinstance(value, dict)
        else value
    )
