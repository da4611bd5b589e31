"""A real MLLP listener on loopback that answers as it is told, and remembers what it got."""

import socketserver
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mappings.hl7v2.er7_reader import read_loosely

START, END = b"\x0b", b"\x1c\x0d"


class Listener(socketserver.ThreadingTCPServer):
    """`answers` are used up one per message, the last one for ever; see `reply`."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, answers: Sequence[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Line)
        self.block_on_close = False
        self.answers = list(answers)
        self.messages: list[bytes] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def control_ids(self) -> list[str]:
        return [read_loosely(it).header.value(10) for it in self.messages]

    def next_answer(self) -> str:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Line(socketserver.BaseRequestHandler):
    server: Listener

    def handle(self) -> None:
        held = b""
        while END not in held:
            some = self.request.recv(65536)
            if not some:
                return
            held += some
        message = held[1 : held.index(END)]
        self.server.messages.append(message)
        for part in reply(self.server.next_answer(), read_loosely(message).header.value(10)):
            self.request.sendall(part)


FIXED = {
    "close": b"",
    "garbage": START + b"\x00\xff<html>" + END,
    "unframed": b"MSH|^~\\&|no frame at all",
    "flood": b"x" * 200_000,
}


def reply(answer: str, control_id: str) -> Iterator[bytes]:
    """The bytes of an answer; `AA+205` is a code with an error of table 0357."""
    match answer:
        case "silence":
            time.sleep(1.0)
        case "other":
            yield ack("AA", "SOMEBODYELSES")
        case "other-then-AA":
            yield ack("AR", "SOMEBODYELSES") + ack("AA", control_id)
        case "in-pieces":
            whole = ack("AA", control_id)
            for index in range(0, len(whole), 7):
                yield whole[index : index + 7]
                time.sleep(0.001)
        case _ if answer in FIXED:
            yield FIXED[answer]
        case _:
            code, _, error = answer.partition("+")
            yield ack(code, control_id, error)


def ack(code: str, control_id: str, error: str = "") -> bytes:
    lines = [
        "MSH|^~\\&|HIS|GP|osteo-handover||20260105120001||ACK|1|P|2.5.1",
        f"MSA|{code}|{control_id}|Mrs Zonneveld is not one of ours",
        *([f"ERR|||{error}|E||||Mrs Zonneveld"] if error else []),
    ]
    return START + "".join(f"{line}\r" for line in lines).encode() + END


@contextmanager
def listening(*answers: str) -> Iterator[Listener]:
    server = Listener(answers or ("AA",))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
