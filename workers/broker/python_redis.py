"""A Redis in pure Python, where no server program was built: `python -m workers.broker.python_redis PORT`.

Nothing is kept, and a command waits up to a hundredth of a second: enough for a
demo, too slow for anything else.
"""

import sys

from fakeredis import TcpFakeServer


def serve_redis(port: int) -> None:
    """Answer on the loopback until the process is ended."""
    TcpFakeServer(("127.0.0.1", port)).serve_forever()


if __name__ == "__main__":
    serve_redis(int(sys.argv[1]))
