"""What crosses the wire is not in the `repr` of its holder: an assertion or crash may show it anywhere."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator

import adapter.fhir
import workers.delivery
import workers.intake
import workers.server

ROOMS = (adapter.fhir, workers.delivery, workers.intake, workers.server)
# Bodies, and all that is part of an address or of a header: queries and logins stand there.
HELD = frozenset({
    "body", "content", "document", "headers", "resource", "matches", "included", "params", "url", "full_url", "location",
    "next_link", "if_none_exist", "patients", "token", "password", "secret", "raw", "payload",
})  # fmt: skip
OPEN = {("TokenServer", "url"): "the address of an authorisation server, without a login in it"}


def test_no_value_of_the_wire_shows_what_it_holds() -> None:
    shown = {
        (kind.__name__, it.name)
        for kind in _classes()
        for it in dataclasses.fields(kind)
        if it.repr and it.name in HELD
    }

    assert shown == OPEN.keys()


def _classes() -> Iterator[type]:
    for room in ROOMS:
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            module = importlib.import_module(found.name)
            own = (it for it in vars(module).values() if getattr(it, "__module__", "") == found.name)
            yield from (it for it in own if isinstance(it, type) and dataclasses.is_dataclass(it))
