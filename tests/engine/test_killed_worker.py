"""A real worker process, a real Redis, a real mail server; SIGKILL in the middle.

Every mail arrives once or is named as unknown.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from jobs import embedded_redis, periodic, queues, sending
from messaging.models import Dispatch, Message, db
from messaging.outbox import recovery

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
COUNT = 300


@pytest.fixture
def environment(app: Flask, database_uri: str) -> dict[str, str]:
    return {**os.environ, "PRAXISPOST_HOME": str(app.config["HOME"]), "DATABASE_URL": database_uri, "REDIS_URL": ""}


@pytest.fixture
def house(app: Flask, environment: dict[str, str]) -> Iterator[Flask]:
    """The app with a Redis of its own and the real clock and waker."""
    app.config["CLOCK"] = lambda: datetime.now(UTC)
    home = Path(app.config["HOME"])
    with program("redis", environment):
        wait_for(lambda: embedded_redis.answers(home))
        app.config.update(WAKER=None, REDIS_URL=embedded_redis.redis_url(home))
        queues.init_app(app)
        yield app


@contextmanager
def program(command: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A command of the house in a process group of its own, gone at the end whatever happens."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "flask", "--app", "app", command],
        env=environment,
        cwd=ROOT,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        kill_all_of(process)
        process.wait(timeout=10)


def kill_all_of(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL for the worker and for the child that RQ forked: a power button, not a request."""
    for pid in [process.pid, *children_of(process.pid)]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def children_of(pid: int) -> list[int]:
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listing.read_text().split()] if listing.exists() else []


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def final(dispatch_id: int) -> bool:
    state = db.session.scalar(select(Dispatch.state).where(Dispatch.id == dispatch_id))
    db.session.commit()
    return state == "finished"


def test_a_worker_sends_what_it_is_woken_for(house: Flask, environment: dict[str, str], make_dispatch, mail_sink) -> None:
    dispatch_id = make_dispatch([f"p{n}@example.org" for n in range(COUNT)])

    with program("worker", environment):
        sending.wake_dispatch(dispatch_id, COUNT)
        wait_for(lambda: final(dispatch_id))

    assert Counter(mail_sink.received()) == Counter(f"p{n}@example.org" for n in range(COUNT))


def test_sigkill_in_the_middle_doubles_nothing_and_loses_nothing(
    house: Flask, environment: dict[str, str], make_dispatch, mail_sink, states
) -> None:
    addresses = [f"p{n}@example.org" for n in range(COUNT)]
    dispatch_id = make_dispatch(addresses)

    with program("worker", environment) as worker:
        sending.wake_dispatch(dispatch_id, COUNT)
        wait_for(lambda: len(mail_sink.mailbox.names()) >= COUNT // 4)
        kill_all_of(worker)
        worker.wait()
    recovery.sweep(datetime.now(UTC) + timedelta(hours=1))
    house.extensions["waker"].connection.flushall()
    with program("worker", environment):
        periodic.wake_due_dispatches(datetime.now(UTC))
        wait_for(lambda: final(dispatch_id))

    arrived = Counter(mail_sink.received())
    after = states(dispatch_id)
    assert max(arrived.values()) == 1
    assert set(after.values()) <= {"sent", "unknown"}
    assert sum(state == "unknown" for state in after.values()) <= 1
    assert {address for address, state in after.items() if state == "sent"} <= set(arrived)


def test_sigterm_ends_the_message_in_hand_and_loses_nothing(
    house: Flask, environment: dict[str, str], make_dispatch, mail_sink, states
) -> None:
    dispatch_id = make_dispatch([f"p{n}@example.org" for n in range(COUNT)])

    with program("worker", environment) as worker:
        sending.wake_dispatch(dispatch_id, COUNT)
        wait_for(lambda: len(mail_sink.mailbox.names()) >= 20)
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=PATIENCE)

    after = Counter(states(dispatch_id).values())
    assert after["sent"] == len(mail_sink.received())
    assert set(after) <= {"sent", "queued"}


def test_flushing_redis_loses_nothing(house: Flask, environment: dict[str, str], make_dispatch, mail_sink) -> None:
    dispatch_id = make_dispatch([f"p{n}@example.org" for n in range(30)])
    sending.wake_dispatch(dispatch_id, 30)
    house.extensions["waker"].connection.flushall()

    periodic.tick()
    with program("worker", environment):
        wait_for(lambda: final(dispatch_id))

    assert len(mail_sink.received()) == db.session.scalar(select(func.count()).select_from(Message)) == 30
