"""PostgreSQL itself crashes, or a slow worker and the tick meet there: nothing goes twice."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from messaging.domain.states import MessageState
from messaging.models import Attempt, db, write_transaction
from messaging.outbox import claims, recovery
from messaging.outbox.epoch import disk_epoch
from messaging.outbox.notes import Notes, Result
from tests import postgres_server as postgres
from tests.conftest import MovableClock
from tests.postgres_server import PostgresServer

ADDRESSES = [f"v{number}@example.org" for number in range(claims.SMALLEST_GROUP)]
PATIENCE = 60.0


@pytest.fixture(scope="module")
def own_server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """A cluster that may crash without taking other tests' connections with it. (The shared one says whether there is any.)"""
    with postgres.running(postgres.server_programs()) as server:
        yield server


@pytest.fixture
def database_uri(own_server: PostgresServer) -> Iterator[str]:
    with own_server.database() as url:
        yield url


@pytest.fixture
def notes(app: Flask) -> Iterator[Notes]:
    notes = Notes(db.engine)
    yield notes
    notes.close()


def epoch() -> str:
    with write_transaction() as session:
        return disk_epoch(session.connection())


def crash(server: PostgresServer) -> None:
    """SIGKILL for one backend, as the kernel does when memory runs out: the server starts all of them anew."""
    with psycopg.connect(f"host={server.folder} user={postgres.SERVER_USER} dbname=postgres") as victim:
        os.kill(victim.info.backend_pid, signal.SIGKILL)
    db.session.remove()
    db.engine.dispose()
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            server.run("SELECT 1")
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    pytest.fail("PostgreSQL did not come back")


def test_the_epoch_stays_while_nothing_can_be_lost_and_changes_with_a_crash(app: Flask, own_server: PostgresServer) -> None:
    before = epoch()
    assert epoch() == before

    crash(own_server)

    assert epoch() != before


def test_after_a_crash_no_begun_message_goes_back_to_the_queue(
    app: Flask, own_server: PostgresServer, make_dispatch, states, clock: MovableClock
) -> None:
    """The notes "begins now" were not waited for; the crash may have taken any of them."""
    dispatch_id = make_dispatch(ADDRESSES)
    claim = claims.claim(dispatch_id, clock())
    worker = Notes(db.engine)
    for item in claim.items:
        worker.step(None, item.attempt_id, clock())

    crash(own_server)
    with pytest.raises((OperationalError, psycopg.OperationalError)):
        worker.close()
    recovery.sweep(clock() + claims.LEASE + timedelta(hours=1))

    assert Counter(states(dispatch_id).values()) == {"unknown": len(ADDRESSES)}


def test_a_message_that_a_slow_worker_begins_while_the_tick_looks_stays_with_the_worker(
    app: Flask, make_dispatch, states, notes: Notes, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tick has seen that it is not begun; before it can take it away, the worker begins it."""
    dispatch_id = make_dispatch(ADDRESSES)
    claim = claims.claim(dispatch_id, clock())
    first, second = claim.items[:2]
    notes.step(None, first.attempt_id, clock())
    clock.moment += claims.LEASE + timedelta(seconds=1)
    hold, begun = claims.hold, []

    def hold_a_moment_late(session, held_id: int):
        result = Result(first.message_id, first.attempt_id, claim.name, MessageState.SENT, "accepted", clock())
        begun.append(notes.step(result, second.attempt_id, clock()))
        return hold(session, held_id)

    monkeypatch.setattr(claims, "hold", hold_a_moment_late)
    recovery.settle_late_claims(clock())
    monkeypatch.undo()

    taken_anew = claims.claim(dispatch_id, clock())
    assert begun == [True]
    assert second.message_id not in {item.message_id for item in taken_anew.items}
    assert db.session.get_one(Attempt, second.attempt_id, populate_existing=True).ended_at is None
