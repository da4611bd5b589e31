"""Parts done by processes of this machine, and given back in order.

No more of them are under way than keep the processes busy, so that memory does not grow
with the number of patients.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from adapter.errors import SoftwareFault
from workers.host.process_memory import tune_memory

PATIENTS_OF_PART = 50  # enough that a process is asked seldom, few enough that the last ones end together
AHEAD = 2  # parts under way for each process
T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")
Given = TypeVar("Given")
Made = TypeVar("Made")


class PartWorker(Protocol[T_co]):
    """Does one part after the other: the one that begins behind so many patients."""

    def __call__(self, start: int, /) -> T_co: ...

    def close(self) -> None:
        """Let go of what it holds."""


def core_count() -> int:
    """How many this process may use; of the machine where the system does not say."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


class InOrder(Protocol):
    """What a function makes of each, in their order: here, as ``map`` does, or in other processes."""

    def __call__(self, work: Callable[[Given], Made], todo: Iterable[Given], /) -> Iterator[Made]: ...


@dataclass(frozen=True, slots=True)
class ReadyProcesses(Generic[T]):
    """Processes at hand: for the parts that begin behind so many patients, and for any function."""

    parts: Callable[[Iterable[int]], Generator[T, None, None]]
    in_order: InOrder


@contextmanager
def ready_processes(make: Callable[[], PartWorker[T]], processes: int) -> Iterator[ReadyProcesses[T]]:
    """Processes that have what they need when this one has found out what is to be done.

    What ``make`` makes does the parts, in each of them; it may not need what is not there yet. It is made
    here, and they begin as copies of this process, where that can be: to load takes each of them a second.
    Raises SoftwareFault for a process that died.
    """
    if processes == 1:
        yield ReadyProcesses(partial(_done_here, make), map)
        return
    if copies := _may_copy_itself():
        make = partial(_identity, make())
        tune_memory()
    context = multiprocessing.get_context("fork" if copies else "spawn")
    with ProcessPoolExecutor(processes, context, _prepare, (make,)) as pool:
        for _ in range(processes):
            pool.submit(_begin)
        try:
            in_order = _PoolInOrder(pool, AHEAD * processes)
            yield ReadyProcesses(partial(in_order, _work_part), in_order)
        finally:
            pool.shutdown(cancel_futures=True)


def _may_copy_itself() -> bool:
    """A copy takes every lock along, and no thread that would let go of it.

    On macOS libraries of the system run threads that nobody here counts.
    """
    return sys.platform == "linux" and threading.active_count() == 1


def _identity(made: T) -> T:
    return made


def _done_here(make: Callable[[], PartWorker[T]], todo: Iterable[int]) -> Generator[T, None, None]:
    with closing(make()) as worker:
        tune_memory()
        yield from map(worker, todo)


@dataclass(frozen=True, slots=True)
class _PoolInOrder:
    pool: ProcessPoolExecutor
    ahead: int

    def __call__(
        self, work: Callable[[Given], Made], todo: Iterable[Given], /
    ) -> Generator[Made, None, None]:
        under_way: deque[Future[Made]] = deque()
        try:
            for given in todo:
                under_way.append(self.pool.submit(work, given))
                if len(under_way) > self.ahead:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BrokenProcessPool:
            raise SoftwareFault(
                "A process died, perhaps for want of memory; the same command does it again, or goes on from there."
            ) from None


_workers: list[PartWorker[object]] = []  # one, once a process is prepared


def _prepare(make: Callable[[], PartWorker[object]]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is heard by all; the command has them end
    threading.Thread(target=_end_with_the_command, daemon=True).start()
    _workers[:] = [make()]
    tune_memory()


def _end_with_the_command() -> None:
    """A pool waits for work for ever, also when whoever gives it was killed."""
    if command := multiprocessing.parent_process():
        command.join()
        os._exit(1)


def _begin() -> None:
    """A pool begins a process when there is something to do."""


# Of the type that `make` gave to the pool in the other process, which no annotation can follow.
def _work_part(start: int) -> Any:
    return _workers[0](start)
