"""MLLP taken apart: what stands between a start block and an end block, however it is cut on the way."""

from collections.abc import Iterator

START, END = b"\x0b", b"\x1c"  # a carriage return follows the end block; some senders forget it


class FrameTooLarge(ValueError):
    """More came between two blocks than any message has; `beginning` is its first bytes, to answer by."""

    def __init__(self, beginning: bytes) -> None:
        super().__init__("a frame is too large")
        self.beginning = beginning


class FrameReader:
    """The bytes of one connection.

    A second start block means that the message before it never ended: it is forgotten.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max, self._held, self._inside = max_bytes, bytearray(), False

    @property
    def held_bytes(self) -> int:
        """Bytes of a message that has begun."""
        return len(self._held)

    @property
    def is_inside_frame(self) -> bool:
        """Whether a message has begun and not ended."""
        return self._inside

    def feed_bytes(self, received: bytes) -> Iterator[bytes]:
        """The messages that these bytes complete; raises FrameTooLarge."""
        for number, piece in enumerate(received.split(START)):
            if number:
                self._held.clear()
                self._inside = True
            if not self._inside:
                continue
            part, ended, _ = piece.partition(END)
            self._held += part
            if len(self._held) > self._max:
                raise FrameTooLarge(bytes(self._held[:4096]))
            if ended:
                yield bytes(self._held)
                self._held.clear()
                self._inside = False
