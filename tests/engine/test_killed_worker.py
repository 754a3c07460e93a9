"""A real worker process, a real Redis, a real mail server; SIGKILL in the middle.

Every mail arrives once or is named as unknown.
"""

from __future__ import annotations

import signal
from collections import Counter
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import func, select

from jobs import periodic, sending
from messaging.models import Dispatch, Message, db
from messaging.outbox import recovery
from tests.engine.programs import PATIENCE, kill_all_of, program, wait_for

COUNT = 300


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
