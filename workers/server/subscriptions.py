"""The Subscriptions on the server: seen, made, mended and taken away. Those of others are left alone."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import assert_never

from adapter.errors import ConfigurationFault, OsteoHandoverError, VersionConflict
from adapter.fhir import FhirClient
from adapter.fhir.search import version
from adapter.input.outside_text import shown
from adapter.input.wire_json import Json
from mappings.outbound import gate
from mappings.outbound.resources.subscription import Subscriptions, SubscriptionState, endpoint_of, state_of
from workers.queue.bootstrap import reading_of
from workers.queue.runtime import sweep_targets
from workers.server.admission import secret_of
from workers.settings.all_settings import Settings

SERVERS_OWN_WRITES = 2  # to one Subscription while ours is under way


@dataclass(frozen=True, slots=True)
class SearchSubscription:
    """One search: how its Subscription stands, and what the server says of it."""

    search: str
    state: SubscriptionState
    said: str = ""
    held: Json | None = field(default=None, repr=False)


def subscriptions_of(settings: Settings, server: str, *, payload: bool) -> Subscriptions:
    """For a server of `serve.servers`; raises ConfigurationFault where hints could not come in."""
    serve = settings.serve
    if server not in serve.servers:
        known = ", ".join(serve.servers) or "none"
        raise ConfigurationFault(
            f"serve.servers has no {server}; there is {known}. It holds the secret of each."
        )
    if not serve.public_url:
        raise ConfigurationFault(
            "serve.public_url is needed: the address at which the server reaches `serve`."
        )
    swept = sweep_targets(settings, reading_of(settings))
    # Or each of our writes would come back as a hint.
    searches = [(search.type, search.params) for search in swept if not search.own]
    secret = secret_of(server, serve.servers[server]).decode()
    return Subscriptions(searches, f"{serve.public_url}/hints/{server}", secret, payload)


def subscription_states(client: FhirClient, wanted_subscriptions: Subscriptions) -> list[SearchSubscription]:
    """Each search with what is there for it, and after them what is ours and no longer wanted."""
    held, wanted = _own_by_address(client, wanted_subscriptions), wanted_subscriptions.wanted()
    found = [
        SearchSubscription(
            search["criteria"], state_of(search, held.get(at)), _error(held.get(at)), held.get(at)
        )
        for at, search in wanted.items()
    ]
    surplus = [resource for at, resource in held.items() if at not in wanted]
    return found + [
        SearchSubscription(
            shown(resource.get("criteria", "")), SubscriptionState.DIFFERENT, "no longer wanted", resource
        )
        for resource in surplus
    ]


def subscribe_searches(client: FhirClient, wanted_subscriptions: Subscriptions) -> int:
    """Makes the absent, mends what differs or failed, removes the unwanted; returns the number of writes."""
    held, wanted = _own_by_address(client, wanted_subscriptions), wanted_subscriptions.wanted()
    writes = sum(_write_one(client, at, resource, held.get(at)) for at, resource in wanted.items())
    surplus = [resource for at, resource in held.items() if at not in wanted]
    return writes + _remove_all(client, surplus)


def unsubscribe_searches(client: FhirClient, wanted_subscriptions: Subscriptions) -> int:
    """Take away all that are ours; gives their number."""
    return _remove_all(client, list(_own_by_address(client, wanted_subscriptions).values()))


def _write_one(client: FhirClient, at: str, wanted: Json, held: Json | None) -> int:
    match state_of(wanted, held):
        case SubscriptionState.ACTIVE | SubscriptionState.REQUESTED:
            return 0
        case SubscriptionState.ABSENT:
            gate.admit_other(wanted)
            client.create_conditional(wanted, {"url": at})
            return 1
        case SubscriptionState.DIFFERENT | SubscriptionState.FAILED:
            _replace_subscription(client, wanted, held or {})
            return 1
        case unreachable:
            assert_never(unreachable)


def _replace_subscription(client: FhirClient, wanted: Json, held: Json) -> None:
    again = {**wanted, "id": held["id"]}
    gate.admit_other(again)

    def write_over() -> None:
        standing = client.read("Subscription", held["id"])
        client.update(again, if_match=version(standing))

    _write_beside_server(write_over)


def _remove_all(client: FhirClient, held: list[Json]) -> int:
    for resource in held:
        _write_beside_server(partial(client.delete, "Subscription", resource["id"]))
    return len(held)


def _write_beside_server(write: Callable[[], object]) -> None:
    """Writes again if the server itself wrote to the Subscription meanwhile, as it does on looking at it."""
    for _ in range(SERVERS_OWN_WRITES):
        with suppress(VersionConflict):
            write()
            return
    write()


def _own_by_address(client: FhirClient, wanted_subscriptions: Subscriptions) -> Mapping[str, Json]:
    """Ours by address; of two with the same address the first, and the other is taken away as surplus."""
    found = client.search("Subscription", {"type": "rest-hook"}, accept=wanted_subscriptions.owns)
    if found.gaps:
        raise OsteoHandoverError("The Subscriptions of the server did not come whole; nothing was changed.")
    return dict(_by_address(found.matches))


def _by_address(held: list[Json]) -> Iterator[tuple[str, Json]]:
    seen = set[str]()
    for resource in held:
        endpoint = endpoint_of(resource)
        yield (f"{endpoint} again {resource['id']}" if endpoint in seen else endpoint), resource
        seen.add(endpoint)


def _error(held: Json | None) -> str:
    told = (held or {}).get("error")
    return shown(told) if isinstance(told, str) else ""
