"""`deliveries`: letters on their way, those that went wrong, and what can be done about them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from workers.cli.command_settings import settings_of
from workers.cli.contract.exit_codes import Exit
from workers.cli.contract.operation_output import DeclinedRow, DeliveriesOutput, RoundOutput
from workers.cli.output import count_text, say, show_json
from workers.cli.root import AsJson
from workers.cli.terminal import show_table
from workers.delivery import DeliveryService, collect_answers, dispatch_letters
from workers.host.clock import system_clock
from workers.ledger import outbox
from workers.ledger.outbox import Delivery, DeliveryState
from workers.queue.deliver import delivery_service_of
from workers.queue.runtime import set_up

OPEN = (DeliveryState.QUEUED, DeliveryState.SENT, DeliveryState.RECEIVED)
FAILED = (DeliveryState.REFUSED, DeliveryState.DECLINED)

NOWHERE = (
    "No letter leaves the server: channel of delivery is none. Released letters stay there as Communications."
)

group = typer.Typer(
    help="List letters on their way to the GP, send them and try them again.", invoke_without_command=True
)


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="deliveries")


@group.callback()
def deliveries(
    context: typer.Context,
    only_open: Annotated[bool, typer.Option("--open", help="Only those that are not answered.")] = False,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only those that were refused or declined.")
    ] = False,
    json: AsJson = False,
) -> None:
    """List letters by their message id. Ends with 1 when some were refused or declined."""
    if context.invoked_subcommand:
        return
    states = (*(OPEN if only_open else ()), *(FAILED if failed else ())) or tuple(DeliveryState)
    with _sending_service(context) as service:
        ledger = service.context.ledger
        entries, counts, reasons = (
            outbox.deliveries_in_state(ledger, *states),
            outbox.count_states(ledger),
            outbox.count_declined_rules(ledger),
        )
    if json:
        declined: list[DeclinedRow] = [
            {"rule": rule, "reason": why, "letters": count} for (rule, why), count in sorted(reasons.items())
        ]
        show_json(DeliveriesOutput(counts=counts, letters=[*entries], declined=declined))
    else:
        show_table(
            "Letters", ("message", "letter", "state", "tries", "why", "next"), map(_delivery_row, entries)
        )
        rows = ((rule, why, count) for (rule, why), count in sorted(reasons.items()))
        show_table("Declined, by rule and reason", ("rule", "reason", "letters"), rows)
        say(
            ", ".join(f"{count} {state}" for state, count in counts.items() if count)
            or f"There are no letters.{_refuse_sending(context)}"
        )
    raise typer.Exit(Exit.ATTENTION if any(counts[state] for state in FAILED) else Exit.FINE)


@group.command()
def retry(
    context: typer.Context, message: Annotated[str, typer.Argument(help="The message id, as listed.")]
) -> None:
    """Send a queued or refused letter again, with all tries, at the next round."""
    with _sending_service(context) as service:
        done = outbox.retry_letter(service.context.ledger, message, system_clock())
    say("It is queued." if done else "There is no queued or refused letter with this id.")
    raise typer.Exit(Exit.FINE if done else Exit.ATTENTION)


@group.command()
def send(context: typer.Context, json: AsJson = False) -> None:
    """Send what is due and read the answers, here and now. Ends with 3 when letters wait for another try."""
    with _sending_service(context) as service:
        sent = dispatch_letters(service.context, limit=10_000)
        answered = collect_answers(service.context, service.task_at_recipient)
        waiting = outbox.count_states(service.context.ledger)[DeliveryState.QUEUED]
    if json:
        show_json(RoundOutput(sent=sent, answers=answered, waiting=waiting))
    else:
        show_table("Letters", ("became", "letters"), sorted(sent.items()))
        show_table("Answers", ("answer", "letters"), sorted(answered.items()))
        say(f"{count_text(waiting, 'letter')} waiting for another try.")
        if nowhere := _refuse_sending(context).strip():
            say(nowhere)
    raise typer.Exit(Exit.LATER if waiting else Exit.FINE)


def _refuse_sending(context: typer.Context) -> str:
    return f" {NOWHERE}" if settings_of(context).delivery.channel == "none" else ""


@contextmanager
def _sending_service(context: typer.Context) -> Iterator[DeliveryService]:
    with set_up(settings_of(context)) as runtime, delivery_service_of(runtime) as service:
        yield service


def _delivery_row(entry: Delivery) -> tuple[object, ...]:
    due = entry.next_attempt_at if entry.state is DeliveryState.QUEUED else entry.answer_due_at
    moment = due.isoformat(timespec="minutes") if due else ""
    return (entry.message_id, entry.communication, entry.state, entry.attempts, entry.reason or "", moment)
