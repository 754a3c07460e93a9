"""What the house learns of Redis and its workers, from a real Redis and real workers' registrations."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue, Worker

from jobs import embedded_redis, pulse, worker
from jobs.pulse import Pulse
from jobs.queues import LONG, QUEUE_NAMES, SEND

RUN = "import sys; from pathlib import Path; from jobs.embedded_redis import run; run(Path(sys.argv[1]))"
PATIENCE = 10.0


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    server = subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path)], cwd=Path(__file__).parents[2])
    try:
        deadline = time.monotonic() + PATIENCE
        while not embedded_redis.answers(tmp_path):
            assert time.monotonic() < deadline, "redis did not start"
            time.sleep(0.05)
        yield embedded_redis.redis_url(tmp_path)
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def connection(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as connection:
        yield connection


def look(url: str):
    return Pulse(url, QUEUE_NAMES, SEND).look()


def worker_of(connection: Redis, *names: str) -> Worker:
    worker = Worker([Queue(name, connection=connection) for name in names], connection=connection)
    worker.register_birth()
    return worker


def test_a_redis_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    signs = look(f"unix://{tmp_path}/nobody.sock")

    assert (signs.redis, signs.workers, signs.queues) == (False, 0, {})


def test_workers_that_send_are_counted(redis_url: str, connection: Redis) -> None:
    assert look(redis_url).workers == 0

    worker_of(connection, *QUEUE_NAMES)
    worker_of(connection, SEND)
    worker_of(connection, LONG)

    assert look(redis_url).workers == 2


def test_a_killed_worker_stops_counting_before_its_key_runs_out(redis_url: str, connection: Redis) -> None:
    killed, gone = worker_of(connection, SEND), worker_of(connection, SEND)
    assert look(redis_url).workers == 2

    connection.expire(killed.key, pulse.ALIVE_ABOVE)
    connection.delete(gone.key)

    assert look(redis_url).workers == 0


def test_what_a_living_worker_writes_keeps_it_alive_between_two_beats() -> None:
    """RQ's own numbers: an idle worker waits 15 s less than its time to live for a job, and beats before and after."""
    idle = worker.WORKER_TTL + 60 - (worker.WORKER_TTL - 15)
    at_work = worker.BEAT_EVERY + 60 - worker.BEAT_EVERY

    assert min(idle, at_work) - pulse.ANSWER_SECONDS > pulse.ALIVE_ABOVE


def test_what_waits_is_counted_by_queue(redis_url: str, connection: Redis) -> None:
    Queue(SEND, connection=connection).enqueue(print, "nobody runs this")

    assert look(redis_url).queues == {"urgent": 0, "send": 1, "long": 0}


def test_an_answer_is_kept_for_a_moment(redis_url: str, connection: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Pulse(redis_url, QUEUE_NAMES, SEND)
    moment = time.monotonic()
    monkeypatch.setattr(pulse.time, "monotonic", lambda: moment)
    assert watched.look().workers == 0
    worker_of(connection, SEND)
    assert watched.look().workers == 0

    moment += pulse.KEPT_SECONDS

    assert watched.look().workers == 1
