"""R4 Subscriptions, by which a server says that something changed.

One for each search of a sweep, each with its own address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote

from adapter.input.wire_json import Json, ReadOnlyJson

REASON = "A bone density, or what a care plan rests on, may have changed"
PAYLOAD = "application/fhir+json"


class SubscriptionState(StrEnum):
    """How the Subscription of one search stands on the server."""

    ACTIVE = "active"
    REQUESTED = "requested"  # the server has not looked at it yet
    ABSENT = "absent"
    DIFFERENT = "different"  # other criteria, secret or payload than today's
    FAILED = "failed"  # the server gave up, or somebody switched it off


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """What there should be: searches by type, where hints go, and the secret that comes with them."""

    searches: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    address: str
    secret: str = field(repr=False)
    payload: bool = True

    def wanted(self) -> Mapping[str, Json]:
        """By address of the hints, which is what makes a Subscription ours."""
        return {
            endpoint: self._resource(kind, params, endpoint)
            for number, (kind, params) in enumerate(self.searches)
            for endpoint in (f"{self.address}/{number}-{kind}",)
        }

    def owns(self, held: ReadOnlyJson) -> bool:
        """Whether a Subscription on the server brings its hints here."""
        return endpoint_of(held).startswith(f"{self.address}/")

    def _resource(self, kind: str, params: Sequence[tuple[str, str]], endpoint: str) -> Json:
        asked = "&".join(f"{name}={quote(value, safe=',:|/-.')}" for name, value in params)
        channel: Json = {
            "type": "rest-hook",
            "endpoint": endpoint,
            "header": [f"Authorization: Bearer {self.secret}"],
        }
        return {
            "resourceType": "Subscription",
            "status": "requested",  # a client sets no other (R4 Subscription.status)
            "reason": REASON,
            "criteria": f"{kind}?{asked}",
            "channel": channel | ({"payload": PAYLOAD} if self.payload else {}),
        }


def endpoint_of(held: ReadOnlyJson) -> str:
    """Where a Subscription sends its hints; empty where it does not say."""
    channel = held.get("channel")
    return str(channel.get("endpoint", "")) if isinstance(channel, Mapping) else ""


def state_of(wanted: ReadOnlyJson, held: ReadOnlyJson | None) -> SubscriptionState:
    """How what is there compares with what should be there."""
    if held is None:
        return SubscriptionState.ABSENT
    same = all(held.get(name) == wanted[name] for name in ("criteria", "channel"))
    match held.get("status"):
        case "active" | "requested" as status if same:
            return SubscriptionState(status)
        case "active" | "requested":
            return SubscriptionState.DIFFERENT
        case _:
            return SubscriptionState.FAILED
