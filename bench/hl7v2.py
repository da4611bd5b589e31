"""HL7 v2 in: messages read, mapped, stored and acknowledged, beside what the library alone does with them.

    python bench/hl7v2.py [rounds]

Senders in other processes send over loopback on several lines at once and wait for their answers, as an
engine does after an outage. Every message has its own patient, order and time, and what is counted is on disk
and acknowledged. Each round measures the library before and after; all figures are of the same run, per
second of the processor, so that other work on the machine counts little.
"""

import asyncio
import multiprocessing
import socket
import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import hl7
from cryptography.fernet import Fernet, MultiFernet

from mappings.hl7v2.input.sender_map import SenderMap
from tests.unit.hl7v2.messages import MAP, OBR, PID, msh, obx, wire
from workers.host.clock import system_clock
from workers.intake.inbox import ArrivalInbox
from workers.intake.message_reception import MessageReception
from workers.intake.mllp_frames import END, START
from workers.intake.mllp_listener import MllpListener
from workers.settings.intake_settings import IntakeSettings

LINES, AHEAD = 4, 8
SECONDS = 3.0  # of one round
PV1 = "PV1|1|O|RAD^^^ZKH||||1234^Voorbeeld^A^^^dr|5678^Ander^B^^^dr||RAD||||1|||1234^Voorbeeld^A^^^dr|POL|V123^^^ZKH^VN"
ORC = "ORC|RE|P1|F1||CM||||20260601101400|||1234^Voorbeeld^A^^^dr"
LEAST = 0.8  # of the library alone
PER_CORE = 100


def message(number: int) -> bytes:
    results = [obx("TLS^T-score^L", f"-2,{it}", sub=str(it)) for it in range(8)]
    head = msh(control_id=f"M{number}", charset="UNICODE UTF-8")
    at = f"{datetime(2020, 1, 1) + timedelta(minutes=number):%Y%m%d%H%M}"  # noqa: DTZ001 - as a sender writes it
    pid, obr = PID.replace("12345", f"{number}"), OBR.replace("F1", f"F{number}").replace("202606011100", at)
    return wire(head, pid, PV1, ORC, obr, *results)


def library_rate(seconds: float) -> float:
    """The same messages, taken apart by the library and dropped."""
    done, texts = 0, cycle([message(it).decode() for it in range(1000)])
    start = time.process_time()
    while time.process_time() - start < seconds:
        hl7.parse(next(texts))
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


def listen(folder: Path, seconds: float) -> float:
    """Messages per second of one core: of one listener, from the socket to its answers."""
    inbox = ArrivalInbox(folder / "inbox.sqlite", MultiFernet([Fernet(Fernet.generate_key())]))
    reception = MessageReception(inbox, [SenderMap.model_validate(MAP)], system_clock)
    cpu: list[float] = []  # when the senders are there, and when they have all their answers

    async def run() -> None:
        stop = asyncio.Event()
        senders: list[multiprocessing.Process] = []

        def ready(_: str, port: int) -> None:
            for it in range(LINES):
                senders.append(multiprocessing.Process(target=send, args=(port, it * 1_000_000, seconds)))
                senders[-1].start()
            cpu.append(time.process_time())

        listener = MllpListener(IntakeSettings(port=0), reception.take_frames, reception.refuse_frame)
        server = asyncio.create_task(listener.listen(ready, stop))
        await asyncio.sleep(seconds)
        for sender in senders:
            await asyncio.to_thread(sender.join)
        cpu.append(time.process_time())
        stop.set()
        await server

    asyncio.run(run())
    kept = inbox.count_states()["waiting"]
    inbox.close()
    return kept / (cpu[1] - cpu[0])


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print("          library alone   read, mapped, kept, answered      ratio")
    found = [one_round() for _ in range(rounds)]
    for alone, whole in found:
        print(f"round     {alone:13.0f}   {whole:28.0f}   {whole / alone:8.2f}")
    alone, whole, ratio = (
        statistics.median(it) for it in zip(*((*it, it[1] / it[0]) for it in found), strict=True)
    )
    print(f"median    {alone:13.0f}   {whole:28.0f}   {ratio:8.2f}")
    print(f"messages per second of one core; at least {PER_CORE}, and a ratio of at least {LEAST}")
    sys.exit(0 if whole >= PER_CORE and ratio >= LEAST else 1)


def one_round() -> tuple[float, float]:
    """Messages per second of one core: by the library alone, and the whole way."""
    before = library_rate(SECONDS / 2)
    with tempfile.TemporaryDirectory() as folder:
        whole = listen(Path(folder), SECONDS)
    return (before + library_rate(SECONDS / 2)) / 2, whole


if __name__ == "__main__":
    main()
