"""`subscriptions`: have the FHIR server say at once that something changed."""

from typing import Annotated

import typer

from mappings.outbound.resources.subscription import SubscriptionState
from workers.cli.command_settings import settings_of
from workers.cli.contract.exit_codes import Exit
from workers.cli.contract.operation_output import SubscriptionRow, SubscriptionsOutput
from workers.cli.output import count_text, say, show_json
from workers.cli.root import AsJson
from workers.cli.terminal import show_table
from workers.queue.bootstrap import client_of
from workers.server.subscriptions import (
    subscribe_searches,
    subscription_states,
    subscriptions_of,
    unsubscribe_searches,
)

group = typer.Typer(
    help="Subscriptions on the FHIR server, whose hints `serve` takes. The sweep finds the same without them.",
    no_args_is_help=True,
)
Server = Annotated[str, typer.Argument(help="The name of the server in serve.servers.")]
IdsOnly = Annotated[bool, typer.Option("--empty", help="Ask for notifications without the resource.")]
_WELL = (SubscriptionState.ACTIVE, SubscriptionState.REQUESTED)


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="subscriptions")


@group.callback()
def subscriptions() -> None:
    """Subscriptions on the FHIR server, whose hints `serve` takes. The sweep finds the same without them."""


@group.command(name="subscribe")
def subscribe_(context: typer.Context, server: Server, empty: IdsOnly = False) -> None:
    """Make the absent, mend what differs or failed, remove the unwanted. A second call changes nothing."""
    settings = settings_of(context)
    with client_of(settings) as client:
        count = subscribe_searches(client, subscriptions_of(settings, server, payload=not empty))
    say(f"{count_text(count, 'Subscription')} written.")


@group.command()
def status(context: typer.Context, server: Server, empty: IdsOnly = False, json: AsJson = False) -> None:
    """Say how each search of the sweep is subscribed to. Ends with 1 if `subscribe` would change any."""
    settings = settings_of(context)
    with client_of(settings) as client:
        found = subscription_states(client, subscriptions_of(settings, server, payload=not empty))
    rows: list[SubscriptionRow] = [
        {"search": subscription.search, "state": subscription.state.value, "said": subscription.said}
        for subscription in found
    ]
    if json:
        show_json(SubscriptionsOutput(subscriptions=rows))
    else:
        cells = ([_short_search(row["search"]), row["state"], row["said"]] for row in rows)
        show_table("Subscriptions", ("search", "state", "the server says"), cells)
    raise typer.Exit(
        Exit.FINE if all(subscription.state in _WELL for subscription in found) else Exit.ATTENTION
    )


@group.command(name="unsubscribe")
def unsubscribe_(context: typer.Context, server: Server) -> None:
    """Take away all Subscriptions that send their hints here; those of others stay."""
    settings = settings_of(context)
    with client_of(settings) as client:
        count = unsubscribe_searches(client, subscriptions_of(settings, server, payload=True))
    say(f"{count_text(count, 'Subscription')} taken away.")


def _short_search(search: str) -> str:
    return search if len(search) <= 60 else f"{search[:59]}\N{HORIZONTAL ELLIPSIS}"
