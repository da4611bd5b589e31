"""The parts of a run, done on any number of machines: Celery carries which part, files carry all else.

A message can be lost with the worker that took it. So what was handed out is kept here, and what no
file holds, no worker has and no queue can hold any more is handed out again. A part that is done
twice is the same file twice.
"""

import contextlib
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass, field

from adapter.errors import ConfigurationFault, SoftwareFault, TryAgainLater
from adapter.input.wire_json import ReadOnlyJson
from workers.broker.broker_fault import BrokerAway
from workers.bulk.bulk_chunk import BulkChunk
from workers.bulk.bulk_folder import BulkProgress
from workers.bulk.bulk_run import BulkOrder
from workers.bulk.part_work import WorkerView
from workers.bulk.parts_folder import PartsFolder, PartsOrder
from workers.queue.broker_calls import BrokerCalls
from workers.settings.all_settings import Settings

# For a worker, which has a pathway to load before its first answer and may be on a busy machine.
MOST_CALLS = 3
POLL = 0.2  # seconds between two looks into the folder
UNFIT = {
    WorkerView.NO_FOLDER: "does not read and write {results}: let all machines share it under this path, for one user",
    WorkerView.NO_FILE: "does not see {file} as it is here: let all machines share it under this path",
    WorkerView.OTHER_RULES: "has another release, or not the same pathway file: install the same, and share that file",
}


@dataclass(frozen=True, slots=True)
class DispatchPace:
    """How long workers may take, in seconds, how many parts they hold, and how often a part is tried."""

    answer: float = 3.0  # that they have to answer
    quiet: float = 5.0  # without the next part until they are asked
    without_workers: float = 60.0  # until this ends
    ahead: int = 500  # parts under way: enough for any number of machines, few enough for one folder
    most_tries: int = 10  # of one part


PACE = DispatchPace()


def assess_parts_by_workers(
    connect: Callable[[Settings], BrokerCalls],
    order: BulkOrder,
    progress: BulkProgress,
    todo: range,
    pace: DispatchPace = PACE,
) -> Generator[BulkChunk, None, None]:
    """The parts, in order; workers that share the folders do them.

    The broker is asked for when a part is to be done.

    Raises TryAgainLater without a broker or a worker, ConfigurationFault for a worker that cannot see
    what it needs, and SoftwareFault for a part that no worker comes through with. What is done by
    then stays for the next run.
    """
    parts = PartsFolder(order.target.absolute(), order.chunk)
    if not todo:
        return
    broker = connect(order.settings)
    given = PartsOrder.of(order, progress)
    with parts.opened(given):
        yield from _Dispatch(broker, parts, [path for path, *_ in given.inputs["files"]], pace).chunks(todo)


@dataclass(slots=True)
class _Dispatch:
    broker: BrokerCalls
    parts: PartsFolder
    files: list[str]
    pace: DispatchPace
    # In order, and when each was handed out, counted in messages.
    under_way: dict[int, int] = field(default_factory=dict)
    tries: Counter[int] = field(default_factory=Counter)
    sent: int = 0
    heard: float = field(default_factory=time.monotonic)  # when a worker last answered

    def chunks(self, todo: range) -> Generator[BulkChunk, None, None]:
        if not any(self._worker_replies() for _ in range(MOST_CALLS)):
            raise TryAgainLater("No worker listens: start `osteo-handover worker` on the machines.")
        rest, since = deque(todo), time.monotonic()
        while rest or self.under_way:
            if len(self.under_way) <= self.pace.ahead // 2:
                self._hand_out([rest.popleft() for _ in range(min(len(rest), self.pace.ahead // 2))])
            head = next(iter(self.under_way))
            if chunk := self.parts.take(head):
                yield chunk
                self.parts.drop(head)
                del self.under_way[head]
                since = time.monotonic()
            elif time.monotonic() - since > self.pace.quiet:
                self._look_for_lost()
                since = time.monotonic()
            else:
                time.sleep(POLL)

    def _hand_out(self, starts: Collection[int]) -> None:
        self.under_way |= {start: self.sent + place for place, start in enumerate(starts)}
        self.sent += len(starts)
        absent = [start for start in starts if not self.parts.file(start).exists()]
        self.tries.update(absent)
        # Without a broker just now they are lost, and handed out again when it is back.
        with contextlib.suppress(BrokerAway):
            if absent:
                self.broker.publish_parts(str(self.parts.results), absent)

    def _look_for_lost(self) -> None:
        """Hand out again what a worker took along."""
        answers = self._worker_replies()
        if not answers and time.monotonic() - self.heard > self.pace.without_workers:
            raise TryAgainLater("No worker listens any more; the same command goes on from there.")
        absent = [start for start in self.under_way if not self.parts.file(start).exists()]
        held = {start for _, said in answers for start in said.get("has", ())}
        begun = self._newest_begun(held.union(self.under_way.keys() - absent))
        lost = [start for start in absent if start not in held and self.under_way[start] < begun]
        if worn := [start for start in lost if self.tries[start] >= self.pace.most_tries]:
            raise SoftwareFault(
                f"The patients behind number {worn[0]} were tried {self.pace.most_tries} times; the log of the workers says why."
            )
        self._hand_out(lost)

    def _newest_begun(self, taken: Collection[int]) -> float:
        """When the newest part in work was handed out: what went out before and is with nobody is lost."""
        try:
            if not self.broker.parts_waiting():
                return float("inf")
        except BrokerAway:
            return 0.0
        return max((self.under_way.get(start, 0) for start in taken), default=0)

    def _worker_replies(self) -> Sequence[tuple[str, ReadOnlyJson]]:
        """What workers say now; raises ConfigurationFault for the first that cannot do a part."""
        try:
            answers = self.broker.answers_about_parts(str(self.parts.results), self.pace.answer)
        except BrokerAway:
            return []
        for worker, said in answers:
            # A worker of a release that has other views answers with something else.
            view = WorkerView(said.get("view", WorkerView.OTHER_RULES))
            if view is not WorkerView.READY:
                why = UNFIT[view].format(results=self.parts.results, file=self.files[said.get("file", 0)])
                raise ConfigurationFault(f"The worker {worker} {why}.")
        if answers:
            self.heard = time.monotonic()
        return answers
