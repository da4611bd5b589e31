"""HL7 v2 in: messages read, mapped, kept on disk and acknowledged, beside what the library alone does with the same messages.

    python bench/hl7v2.py [seconds]

A sender in another process sends over loopback on several lines at once and waits for its answers, as an engine does after an outage.
Both figures are from the same run, per second of the processor, so that other work on the machine does not count.
"""

import asyncio
import multiprocessing
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import hl7
from cryptography.fernet import Fernet, MultiFernet

from mappings.hl7v2.input.sender_map import SenderMap
from tests.unit.hl7v2.messages import MAP, OBR, PID, msh, obx, wire
from workers.clock import system_clock
from workers.intake.inbox import ArrivalInbox
from workers.intake.message_reception import MessageReception
from workers.intake.mllp_frames import END, START
from workers.intake.mllp_listener import MllpListener
from workers.intake_settings import IntakeSettings

LINES, AHEAD = 4, 8
PV1 = "PV1|1|O|RAD^^^ZKH||||1234^Voorbeeld^A^^^dr|5678^Ander^B^^^dr||RAD||||1|||1234^Voorbeeld^A^^^dr|POL|V123^^^ZKH^VN"
ORC = "ORC|RE|P1|F1||CM||||20260601101400|||1234^Voorbeeld^A^^^dr"
LEAST = 0.8  # of the library alone
PER_CORE = 100


def message(number: int) -> bytes:
    results = [obx("TLS^T-score^L", f"-2,{it}", sub=str(it)) for it in range(8)]
    head = msh(control_id=f"M{number}", charset="UNICODE UTF-8")
    return wire(head, PID, PV1, ORC, OBR.replace("F1", f"F{number}"), *results)


def library_rate(seconds: float) -> float:
    text = message(1).decode()
    return rate(lambda: hl7.parse(text), seconds)


def rate(action: Callable[[], object], seconds: float) -> float:
    done, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        action()
        done += 1
    return done / (time.process_time() - start)


def send(port: int, first: int, seconds: float) -> None:
    """One line: some messages ahead of their answers."""
    number = first
    with socket.create_connection(("127.0.0.1", port)) as line:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            line.sendall(b"".join(START + message(number + it) + END + b"\r" for it in range(AHEAD)))
            number += AHEAD
            got = 0
            while got < AHEAD:
                got += line.recv(65536).count(END)


def listen(folder: Path, seconds: float) -> tuple[float, float]:
    """Messages per second, and processor seconds per second, of one listener."""
    inbox = ArrivalInbox(folder / "inbox.sqlite", MultiFernet([Fernet(Fernet.generate_key())]))
    reception = MessageReception(inbox, [SenderMap.model_validate(MAP)], system_clock)
    took: list[float] = []

    async def run() -> None:
        stop = asyncio.Event()
        senders: list[multiprocessing.Process] = []

        def ready(_: str, port: int) -> None:
            for it in range(LINES):
                senders.append(multiprocessing.Process(target=send, args=(port, it * 10_000_000, seconds)))
                senders[-1].start()

        listener = MllpListener(IntakeSettings(port=0), reception.take, reception.refuse)
        server = asyncio.create_task(listener.listen(ready, stop))
        start, cpu = time.perf_counter(), time.process_time()
        await asyncio.sleep(seconds)
        took.extend((time.perf_counter() - start, time.process_time() - cpu))
        await asyncio.to_thread(lambda: [it.join() for it in senders])
        stop.set()
        await server

    asyncio.run(run())
    kept = inbox.counts()["waiting"]
    inbox.close()
    return kept / took[0], took[1] / took[0]


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    before = library_rate(seconds / 2)
    with tempfile.TemporaryDirectory() as folder:
        kept, cores = listen(Path(folder), seconds)
    alone = (before + library_rate(seconds / 2)) / 2
    per_core = kept / max(cores, 0.01)
    print(f"library alone                {alone:6.0f} messages per second of one core")
    print(
        f"read, mapped, kept, answered {per_core:6.0f} messages per second of one core (at least {PER_CORE})"
    )
    print(
        f"ratio                        {per_core / alone:6.2f} (at least {LEAST}); {kept:.0f} messages per second on {cores:.2f} cores"
    )


if __name__ == "__main__":
    main()
