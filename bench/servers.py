"""The whole way on a server as hospitals have it, beside a raw replay of its requests and a plain loop.

    python bench/servers.py far [patients] [rounds]     the sandbox, 20 ms away, sixteen requests in flight
    python bench/servers.py hapi [patients] [rounds]    HAPI on PostgreSQL, four requests in
                                                        flight; needs Java and PostgreSQL

One way after the other in each round, on patients of its own. The replay of what was written goes
to a second server, which has the same patients and saw the same before; the ratio of 1 is all
that any client could reach.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.servers.hapi_in_postgresql import hapi_in
from tests.servers.postgres import postgres, programs
from workers.bench.bench_page import short_number
from workers.bench.bench_patients import FAR, OURS, run_sandbox
from workers.bench.bench_report import ratios
from workers.bench.server_times import ServerRound, measure_on_servers
from workers.host.process_memory import tune_memory
from workers.settings.setting_variables import variable_name
from workers.settings.settings_loader import load_settings

Servers = Callable[[], AbstractContextManager[tuple[str, str]]]


@contextmanager
def far() -> Iterator[tuple[str, str]]:
    """Two sandboxes, each 20 ms away."""
    with run_sandbox(FAR) as one, run_sandbox(FAR) as other:
        yield one, other


@contextmanager
def hapi() -> Iterator[tuple[str, str]]:
    """Two HAPI servers, each with a database of its own in one PostgreSQL."""
    where = programs()
    if where is None:
        raise SystemExit("PostgreSQL is needed: initdb and postgres on the PATH, or where Debian keeps them.")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(postgres(where))
        one, other = (
            stack.enter_context(hapi_in(url, name, folder / f"{name}.log")) for name in ("one", "other")
        )
        yield one, other


# Requests in flight, and patients of a round: some batches for each of them, or begin and end are half of it.
KINDS: dict[str, tuple[Servers, int, int]] = {"far": (far, 16, 1920), "hapi": (hapi, 4, 320)}
BATCH = 32  # patients, in a round that does not last for ever


def rounds_of(kind: str, patients: int, rounds: int) -> list[ServerRound]:
    """So many rounds on the same two servers, each on patients of its own, after one that only warms them."""
    servers, threads, _ = KINDS[kind]
    given = OURS | {"threads": str(threads), "batch_size": str(BATCH), "chunk_size": "1000"}
    settings = load_settings({variable_name(name): value for name, value in given.items()})
    tune_memory()
    done = []
    with servers() as places:
        for number in range(rounds + 1):
            done.append(measure_on_servers(settings, places, patients, 10, f"r{number}"))
            print(f"round {number} of {rounds}: {json.dumps(done[-1].wall)}", file=sys.stderr, flush=True)
    return done[1:]


if __name__ == "__main__":
    kind, *size = sys.argv[1:] or ["far"]
    patients, rounds = (*map(int, size), *(KINDS[kind][2], 5)[len(size) :])
    done = rounds_of(kind, patients, rounds)
    for it in ratios(done):
        print(
            f"{it.name:60} {short_number(it.minimum):>8} {short_number(it.middle):>8} {short_number(it.maximum):>8}"
        )
    print(json.dumps([{"wall": it.wall, "cpu": it.cpu, "requests": it.requests} for it in done]))
