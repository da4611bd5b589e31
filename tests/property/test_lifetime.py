"""Whatever happens to a patient, in any order: nothing is lost, nothing stands twice, and no human's word is overwritten."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from mappings.outbound.server.server_view import ServerView
from tests.examples import FEW, MANY, size
from tests.property.lifetime import Lifetime
from workers.queue import sweep
from workers.queue.runtime import Runtime
from workers.review import write

LIVES = settings(
    max_examples=size(few=6, full=100, many=1000),
    stateful_step_count=12,
    deadline=None,
    derandomize=not MANY,  # the same ones in every ordinary run; others each time that one asks for many
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
FIRST_FAULT = settings(LIVES, max_examples=300, derandomize=True, phases=[Phase.generate])

Broken = Callable[[pytest.MonkeyPatch], None]
CONTROLS: dict[str, Broken] = {
    "an edit of a human is seen": lambda patch: patch.setattr(ServerView, "edited", lambda *_: False),
    "a late first write is put back": lambda patch: patch.setattr(write, "overwrote", lambda *_, **__: False),
    "the watermark is ahead of no clock": lambda patch: patch.setattr(
        sweep, "_until", lambda *seen: seen[-1]
    ),
    "a lost message is handed out again soon": lambda patch: patch.setattr(
        Runtime, "lease", property(lambda _: timedelta(days=1))
    ),
}


@pytest.mark.drill
def test_a_lifetime_loses_nothing_doubles_nothing_and_overwrites_nobody() -> None:
    run_state_machine_as_test(Lifetime, settings=LIVES)


@pytest.mark.slow
@pytest.mark.skipif(FEW, reason="each looks at lives until one goes wrong")
@pytest.mark.parametrize("control", CONTROLS)
def test_without_one_of_the_controls_a_lifetime_goes_wrong(
    control: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    CONTROLS[control](monkeypatch)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Lifetime, settings=FIRST_FAULT)
