"""Starts and stops the intake: it listens, keeps and writes until SIGTERM or SIGINT."""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from adapter.errors import ConfigurationFault, OsteoHandoverError, TryAgainLater
from mappings.hl7v2.input.sender_map import SenderMap, load_sender_map
from workers.host.clock import Clock, system_clock
from workers.intake.inbox import ArrivalInbox
from workers.intake.inbox_cipher import cipher_of
from workers.intake.inbox_work import InboxWork
from workers.intake.message_reception import MessageReception
from workers.intake.mllp_listener import MllpListener
from workers.intake.patient_writer import PatientWriter
from workers.intake.record_writer import RecordWriter
from workers.intake.result_writer import ResultWriter
from workers.intake.watched_folder import WatchedFolder
from workers.queue.broker_calls import follow_up_of
from workers.queue.runtime import Runtime, set_up
from workers.settings.all_settings import Settings

log = logging.getLogger(__name__)

_LOOK = 1.0  # seconds between two looks for what is due


@dataclass(slots=True)
class _WritingThread:
    """The thread that writes; woken when something came."""

    work: InboxWork
    came: threading.Event
    over: threading.Event

    def run(self) -> None:
        while not self.over.is_set():
            self.came.wait(_LOOK)
            self.came.clear()
            try:
                self.work.work_inbox()
            except OsteoHandoverError as fault:
                log.warning("the inbox waits: %s", fault)
            except Exception as bug:  # noqa: BLE001 - a thread that ended would leave all that comes unwritten; its text may quote a patient
                log.error("the inbox waits: %s in our own code", type(bug).__name__)  # noqa: TRY400 - as above


def senders_of(settings: Settings) -> tuple[SenderMap, ...]:
    """The maps of the settings; raises ConfigurationFault."""
    senders = tuple(load_sender_map(file) for file in settings.intake.maps)
    if len({sender.id for sender in senders}) < len(senders):
        raise ConfigurationFault("intake.maps: two maps have the same id")
    return senders


def inbox_of(settings: Settings) -> ArrivalInbox:
    """The inbox of the settings; raises ConfigurationFault."""
    if settings.intake.key is None:
        raise ConfigurationFault("intake.key is needed: make one with `osteo-handover hl7 new-key FILE`.")
    return ArrivalInbox(settings.intake.inbox, cipher_of(settings.intake.key))


def work_of(runtime: Runtime, inbox: ArrivalInbox, senders: Sequence[SenderMap]) -> InboxWork:
    """What is done with what came, with the client and the ledger of this process."""
    settings = runtime.settings
    return InboxWork(
        inbox,
        senders,
        ResultWriter(
            runtime.client, settings.fhir_base_url, runtime.clock, runtime.institution.update_create
        ),
        PatientWriter(runtime.client, create=settings.intake.patients == "create"),
        RecordWriter(runtime.client, settings.fhir_base_url, runtime.institution.update_create),
        runtime.ledger,
        runtime.clock,
        tuple(timedelta(seconds=seconds) for seconds in settings.retry_delays),
        keep=settings.intake.keep,
        follow_up=follow_up_of(settings),
    )


@contextmanager
def run_writing(work: InboxWork) -> Iterator[threading.Event]:
    """Write in a thread as long as this lasts; set the event when something came."""
    came, over = threading.Event(), threading.Event()
    thread = threading.Thread(target=_WritingThread(work, came, over).run, name="inbox", daemon=True)
    thread.start()
    try:
        yield came
    finally:
        over.set()
        came.set()
        thread.join(30)


def listen_forever(settings: Settings, on_ready: Callable[[str], None], clock: Clock = system_clock) -> None:
    """Only from the main thread; returns after the signal."""
    senders = senders_of(settings)
    if not senders:
        raise ConfigurationFault("intake.maps is needed: a map for each sender of HL7 v2.")
    if settings.dry_run:
        raise ConfigurationFault(
            "dry_run: nothing is written, so nothing can be acknowledged. `hl7 explain` shows a message."
        )
    inbox, arriving = inbox_of(settings), inbox_of(settings)
    try:
        with set_up(settings, clock) as runtime, run_writing(work_of(runtime, inbox, senders)) as came:
            reception = MessageReception(arriving, senders, clock)
            arriving.due_items(clock(), 1)  # with another key nothing that waits could ever be written

            def take(frames: Sequence[bytes]) -> list[bytes | None]:
                answers = reception.take_frames(frames)
                came.set()
                return answers

            asyncio.run(
                _serve_until_signalled(MllpListener(settings.intake, take, reception.refuse_frame), on_ready)
            )
    finally:
        inbox.close()
        arriving.close()


def watch_forever(
    settings: Settings, on_ready: Callable[[str], None], *, once: bool, clock: Clock = system_clock
) -> None:
    """Watch the folder until SIGTERM or SIGINT; with `once` until nothing of it is left to do now.

    Only from the main thread.
    """
    if settings.intake.folder is None:
        raise ConfigurationFault("intake.folder is needed: the folder to watch.")
    if settings.dry_run:
        raise ConfigurationFault("dry_run: nothing is written, so no file is taken.")
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)
    }
    inbox = inbox_of(settings)
    try:
        with set_up(settings, clock) as runtime:
            work = work_of(runtime, inbox, senders_of(settings))
            folder = WatchedFolder(settings.intake.folder, work.senders, inbox, clock)
            folder.look_for_files()
            on_ready(str(settings.intake.folder))
            while not stop.is_set():
                _watch_folder(folder, work)
                if once or stop.wait(_LOOK):
                    break
    finally:
        inbox.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch_folder(folder: WatchedFolder, work: InboxWork) -> None:
    try:
        folder.look_for_files()
        work.work_inbox()
        folder.look_for_files()  # what was written now is moved now
    except TryAgainLater as fault:
        log.warning("the folder waits: %s", fault)


async def _serve_until_signalled(listener: MllpListener, on_ready: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await listener.listen(lambda host, port: on_ready(f"mllp://{host}:{port}"), stop)
