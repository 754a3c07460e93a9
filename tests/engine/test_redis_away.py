"""Redis is restarted, flushed or gone: real processes wait for it, nothing is lost, and the web tells what is missing."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from rq import Queue, Worker
from sqlalchemy import select

from jobs import embedded_redis, queues, sending
from jobs.worker import PracticeWorker
from messaging.models import Dispatch, db

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0

FLASK = "import sys; from flask.cli import main; sys.argv[1:] = ['--app', 'app', {command!r}]; main()"
#: A scheduler that ticks each second, so that it soon notices that Redis is gone.
HASTY_SCHEDULER = (
    "import os; from jobs import periodic, queues; periodic.TICK_SECONDS = 1; "
    "periodic.run_scheduler(queues.connect(os.environ['REDIS_URL']))"
)
HOUSE = (
    "import os, sys; from pathlib import Path; from jobs.processes import run_house; "
    "sys.exit(run_house(Path(os.environ['PRAXISPOST_HOME']), int(sys.argv[1])))"
)


@pytest.fixture
def database_uri() -> str:
    """Which database it is makes no difference here."""
    return ""


@pytest.fixture
def away(app: Flask) -> Flask:
    """The app with the real clock and waker, and a Redis of its own that does not run yet."""
    app.config["CLOCK"] = lambda: datetime.now(UTC)
    app.config.update(WAKER=None, REDIS_URL=embedded_redis.redis_url(Path(app.config["HOME"])))
    queues.init_app(app)
    return app


@pytest.fixture
def environment(away: Flask) -> dict[str, str]:
    return {**os.environ, "PRAXISPOST_HOME": away.config["HOME"], "DATABASE_URL": "", "REDIS_URL": away.config["REDIS_URL"]}


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a process whose words go to a file; whatever is left of it is killed after the test."""
    with ExitStack() as started:
        yield lambda name, code, *arguments: started.enter_context(
            process(code, environment, tmp_path / f"{name}.log", *arguments)
        )


@contextmanager
def process(code: str, environment: dict[str, str], log: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with log.open("a") as said:
        command = [sys.executable, "-W", "ignore", "-c", code, *arguments]
        started = subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True, stdout=said, stderr=said)
    try:
        yield started
    finally:
        for pid in (started.pid, *children_of(started.pid)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        started.wait(timeout=10)


def children_of(pid: int) -> list[int]:
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listing.read_text().split()] if listing.exists() else []


@contextmanager
def redis_running(away: Flask) -> Iterator[Redis]:
    """A real redis-server for a while; it forgets everything when it ends."""
    home = Path(away.config["HOME"])
    command = [str(part) for part in embedded_redis.server_command(home, embedded_redis.prepare(home))]
    server = subprocess.Popen(command)
    try:
        wait_for(lambda: embedded_redis.answers(home))
        with Redis.from_url(away.config["REDIS_URL"]) as connection:
            yield connection
    finally:
        server.kill()
        server.wait()


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def finished(dispatch_id: int) -> bool:
    state = db.session.scalar(select(Dispatch.state).where(Dispatch.id == dispatch_id))
    db.session.commit()
    return state == "finished"


def says(log: Path, words: str, times: int = 1) -> bool:
    return log.read_text().count(words) >= times


def test_a_dispatch_confirmed_while_redis_was_away_is_sent_when_it_is_back(
    away: Flask, start, make_dispatch, mail_sink, tmp_path: Path
) -> None:
    """The worker knew Redis before; the scheduler is started in vain at first."""
    with redis_running(away):
        worker = start("worker", FLASK.format(command="worker"))
        wait_for(lambda: queues.signs_of_life().workers == 1)
    scheduler = start("scheduler", FLASK.format(command="scheduler"))
    dispatch_id = make_dispatch([f"p{number}@example.org" for number in range(5)])
    assert not sending.wake_dispatch(dispatch_id, 5)
    wait_for(lambda: says(tmp_path / "scheduler.log", "trying again", 2))
    wait_for(lambda: says(tmp_path / "worker.log", "could not connect") or says(tmp_path / "worker.log", "trying again"))

    with redis_running(away):
        wait_for(lambda: finished(dispatch_id))

    assert len(mail_sink.received()) == 5
    assert (worker.poll(), scheduler.poll()) == (None, None)


def test_a_job_goes_on_while_redis_is_away_and_its_worker_takes_the_next_one(
    away: Flask, start, make_dispatch, mail_sink
) -> None:
    first = make_dispatch([f"p{number}@example.org" for number in range(200)])
    with redis_running(away):
        worker = start("worker", FLASK.format(command="worker"))
        sending.wake_dispatch(first, 1)
        wait_for(lambda: len(mail_sink.mailbox.names()) >= 20)
    wait_for(lambda: finished(first))
    second = make_dispatch(["zuletzt@example.org"])

    with redis_running(away):
        wait_for(lambda: queues.signs_of_life().redis)
        sending.wake_dispatch(second, 1)
        wait_for(lambda: finished(second))

    assert len(mail_sink.received()) == 201
    assert worker.poll() is None


def test_a_scheduler_that_ticked_goes_on_ticking(away: Flask, start) -> None:
    with redis_running(away) as connection:
        scheduler = start("scheduler", HASTY_SCHEDULER)
        wait_for(lambda: Queue(queues.URGENT, connection=connection).count >= 2)

    with redis_running(away) as connection:
        wait_for(lambda: Queue(queues.URGENT, connection=connection).count >= 2)

    assert scheduler.poll() is None


@pytest.mark.parametrize("command", ["worker", "scheduler"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_waits_for_redis_ends_when_told_to(start, tmp_path: Path, command: str, number: signal.Signals) -> None:
    waiting = start(command, FLASK.format(command=command))
    wait_for(lambda: says(tmp_path / f"{command}.log", "trying again", 2))

    waiting.send_signal(number)

    assert waiting.wait(PATIENCE) == 0


@pytest.mark.parametrize("code", [FLASK.format(command="worker"), HASTY_SCHEDULER])
def test_who_worked_when_redis_went_ends_when_told_to(away: Flask, start, tmp_path: Path, code: str) -> None:
    with redis_running(away) as connection:
        working = start("it", code)
        wait_for(lambda: connection.exists(Worker.redis_workers_keys) or Queue(queues.URGENT, connection=connection).count)
    wait_for(lambda: says(tmp_path / "it.log", "could not connect") or says(tmp_path / "it.log", "trying again"))

    working.terminate()

    assert working.wait(PATIENCE) == 0


def test_a_house_whose_redis_is_dead_keeps_its_web_server_which_names_the_cause(start, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    house = start("house", HOUSE, str(port))
    wait_for(lambda: says(tmp_path / "house.log", "trying again", 9))  # each of the three programs more than once

    web = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    web.request("GET", "/healthz")

    assert json.load(web.getresponse())["redis"] == "error"
    assert not says(tmp_path / "house.log", "ist ausgefallen")
    web.close()
    house.terminate()
    assert house.wait(PATIENCE) == 0


def test_a_worker_is_seen_again_after_redis_was_flushed(away: Flask) -> None:
    with redis_running(away) as connection:
        worker = PracticeWorker(away, queues.QUEUE_NAMES)
        worker.register_birth()
        connection.flushall()

        worker.heartbeat()

        assert queues.signs_of_life().workers == 1


def test_a_worker_watches_over_its_job_while_redis_is_away(away: Flask) -> None:
    with redis_running(away) as connection:
        worker = PracticeWorker(away, queues.QUEUE_NAMES)
        job = Queue(queues.SEND, connection=connection).enqueue(print)
        execution = worker.prepare_execution(job)

    worker.maintain_heartbeats(job, execution)
