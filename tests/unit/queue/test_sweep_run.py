"""A run keeps as many requests under way as its settings say, and ends when nobody is left."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Barrier, current_thread

import pytest

from adapter.errors import SoftwareFault
from adapter.fhir import FhirClient
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, admitted
from workers.ledger import reviews
from workers.queue.runtime import Runtime
from workers.queue.sweep_run import until_none_is_left, work_off
from workers.sandbox import Sandbox

AT_ONCE = 3
LONGEST = 20.0  # seconds until a thread that waits alone gives up


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    ledger = f"sqlite:///{tmp_path}/ledger.sqlite"
    with Sandbox() as server:
        admitted(server.base_url, [a_gp()])
        for patient in ("p1", "p2", "p3", "p4"):
            admitted(server.base_url, [a_patient(patient), a_t_score(patient)])
        with a_runtime(server.base_url, threads=AT_ONCE, batch_size=1, ledger_url=ledger) as runtime:
            yield runtime


class MeetingAuth:
    """The first request of a thread goes when those of the others are about to go too."""

    def __init__(self) -> None:
        self._together = Barrier(AT_ONCE, timeout=LONGEST)
        self._met: set[str] = set()

    def headers(self) -> Mapping[str, str]:
        if current_thread().name not in self._met and len(self._met) < AT_ONCE:
            self._met.add(current_thread().name)
            self._together.wait()
        return {}

    def renew(self) -> bool:
        return False


def test_a_run_has_as_many_requests_under_way_as_it_may(runtime: Runtime) -> None:
    told, client = list[int](), FhirClient(runtime.server, auth=MeetingAuth())
    reviews.request_reviews(runtime.ledger, ["p1", "p2", "p3", "p4"], runtime.clock())

    with client:
        work_off(
            replace(runtime, client=client), lambda: told.append(reviews.count_unsettled(runtime.ledger))
        )

    assert told[-1] == 0
    assert reviews.unsettled_reviews(runtime.ledger) == ()


@pytest.mark.parametrize("side_by_side", [1, AT_ONCE])
def test_each_piece_of_work_is_taken_once_and_the_last_look_comes_after_all(side_by_side: int) -> None:
    left, done, told = iter(range(20)), list[int](), list[int]()

    def work_one() -> bool:
        number = next(left, None)
        if number is not None:
            done.append(number)
        return number is not None

    until_none_is_left(work_one, side_by_side, lambda: told.append(len(done)))

    assert sorted(done) == list(range(20))
    assert told[-1] == 20


@pytest.mark.parametrize("side_by_side", [1, AT_ONCE])
def test_what_breaks_a_batch_ends_the_run_and_no_more_is_taken(side_by_side: int) -> None:
    taken = list[None]()

    def work_one() -> bool:
        taken.append(None)
        raise SoftwareFault("the ledger has gone")

    with pytest.raises(SoftwareFault, match="has gone"):
        until_none_is_left(work_one, side_by_side, lambda: None)

    assert len(taken) <= side_by_side
