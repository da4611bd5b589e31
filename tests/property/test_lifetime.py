"""Whatever happens to a patient in whatever order: nothing is lost or double, no human's word overwritten."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from mappings.handover.plan import plan_history
from mappings.outbound.server import reconcile
from mappings.outbound.server.server_view import ServerView
from tests.examples import MANY, size
from tests.property.lifetime import Lifetime
from workers.queue import sweep
from workers.queue.runtime import Runtime
from workers.review import write

Patch = Callable[[pytest.MonkeyPatch], None]
Life = Callable[[Lifetime], None]

LIVES = settings(
    max_examples=size(few=5, full=20, many=1000),
    stateful_step_count=12,
    deadline=None,
    derandomize=not MANY,  # the same ones in every ordinary run; others each time that one asks for many
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.drill
def test_a_lifetime_loses_nothing_doubles_nothing_and_overwrites_nobody() -> None:
    run_state_machine_as_test(Lifetime, settings=LIVES)


def edited(life: Lifetime) -> None:
    life.swept()
    life.noted("Seen by me")
    life.measured("spine", -0.4)
    life.swept()


def written_late(life: Lifetime) -> None:
    life.overtaken_by_a_successor()


def in_another_time(life: Lifetime) -> None:
    life.clock_stepped(3, "ours")
    life.swept()
    life.clock_stepped(0, "ours")
    life.measured("spine", -0.4)
    life.time.move(minutes=30)


def unheard(life: Lifetime) -> None:
    life.swept_and_message_lost()


def right_again(life: Lifetime) -> None:
    life.clock_stepped(3, "ours")
    life.swept()
    life.clock_stepped(0, "ours")
    life.retracted_from("spine")
    life.swept()


def withdrawn(life: Lifetime) -> None:
    life.swept()
    life.approved_by_hand()
    life.retracted_from("spine")
    life.swept()


def no_watermark(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sweep, "_until", lambda *seen: seen[-1])
    patch.setattr(sweep, "_clock_went_back", lambda *_: None)


# What each control is for: taken out of the program, a life that needs it must go wrong. These are the
# only places of the tests where our own code is replaced, for a test that finds nothing without a
# control proves nothing with it.
CONTROLS: dict[str, tuple[Life, Patch]] = {
    "an edit of a human is seen": (edited, lambda it: it.setattr(ServerView, "edited", lambda *_: False)),
    "a late first write is put back": (
        written_late,
        lambda it: it.setattr(write, "overwrote", lambda *_, **__: False),
    ),
    "the watermark is ahead of no clock": (in_another_time, no_watermark),
    "a lost message is handed out again soon": (
        unheard,
        lambda it: it.setattr(Runtime, "lease", property(lambda _: timedelta(hours=3))),
    ),
    "a Task is not changed before it was made": (
        right_again,
        lambda it: it.setattr(reconcile, "in_order", lambda *_: True),
    ),
    "what was in force is no draft again": (
        withdrawn,
        lambda it: it.setattr(plan_history, "_had_begun", lambda _: False),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("control", CONTROLS)
def test_a_life_goes_wrong_without_the_control_that_it_needs(
    control: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    life, taken_out = CONTROLS[control]

    assert went_wrong(life) is False
    taken_out(monkeypatch)
    assert went_wrong(life) is True


def went_wrong(life: Life) -> bool:
    """On a server that does not know `If-None-Match` either."""
    lived = Lifetime()
    try:
        lived.first_measured("spine", -2.6, careless=True)
        life(lived)
        lived.teardown()
    except AssertionError:
        return True
    return False
