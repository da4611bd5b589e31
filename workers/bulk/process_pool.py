"""Parts done by processes of this machine, and given back in order.

No more of them are under way than keep the processes busy, so that memory does not grow
with the number of patients.
"""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from typing import Any, Protocol, TypeVar

from adapter.errors import SoftwareFault
from workers.queue.runtime import keep_what_is_loaded

PATIENTS_OF_PART = 50  # enough that a process is asked seldom, few enough that the last ones end together
AHEAD = 2  # parts under way for each process
T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class PartWorker(Protocol[T_co]):
    """Does one part after the other: the one that begins behind so many patients."""

    def __call__(self, start: int, /) -> T_co: ...

    def close(self) -> None:
        """Let go of what it holds."""


def cores() -> int:
    """How many this process may use; of the machine where the system does not say."""
    mine = getattr(os, "sched_getaffinity", None)
    return len(mine(0)) if mine else os.cpu_count() or 1


def done_in_order(
    make: Callable[[], PartWorker[T]], todo: Iterable[int], processes: int
) -> Generator[T, None, None]:
    """Each part by a worker that ``make`` made once per process; raises SoftwareFault if one died."""
    if processes == 1:
        with closing(make()) as worker:
            yield from map(worker, todo)
        return
    context = multiprocessing.get_context("spawn")  # a fork would take along the threads of the progress bar
    with ProcessPoolExecutor(processes, context, _prepare, (make,)) as pool:
        under_way: deque[Future[T]] = deque()
        try:
            for start in todo:
                under_way.append(pool.submit(_work, start))
                if len(under_way) > AHEAD * processes:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BrokenProcessPool:
            raise SoftwareFault(
                "A process died, perhaps for want of memory; the same command does it again, or goes on from there."
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


_workers: list[PartWorker[Any]] = []  # one, once a process is prepared


def _prepare(make: Callable[[], PartWorker[Any]]) -> None:
    threading.Thread(target=_end_with_the_command, daemon=True).start()
    _workers[:] = [make()]
    keep_what_is_loaded()


def _end_with_the_command() -> None:
    """A pool waits for work for ever, also when whoever gives it was killed."""
    if command := multiprocessing.parent_process():
        command.join()
        os._exit(1)


def _work(start: int) -> Any:
    return _workers[0](start)
