"""Notifications of topic subscriptions (R5 backport), as a server sends them."""

import json

from adapter.input.wire_json import Json, JsonValue

SUBSCRIPTION = "https://fhir.example/r4/Subscription/1"


def event(number: int, focus: str) -> Json:
    return {
        "name": "notification-event",
        "part": [
            {"name": "event-number", "valueString": str(number)},
            {"name": "focus", "valueReference": {"reference": focus}},
        ],
    }


def topic(kind: str, total: int, *events: Json, resources: JsonValue = ()) -> bytes:
    parameters = [
        {"name": "subscription", "valueReference": {"reference": SUBSCRIPTION}},
        {"name": "type", "valueCode": kind},
        {"name": "events-since-subscription-start", "valueString": str(total)},
        *events,
    ]
    status = {"resourceType": "Parameters", "parameter": parameters}
    entries = [{"resource": it} for it in (status, *resources)]
    return json.dumps({"resourceType": "Bundle", "type": "history", "entry": entries}).encode()
