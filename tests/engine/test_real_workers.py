"""Several real worker processes, people who change their minds, and a server that takes its time."""

from __future__ import annotations

import signal
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from jobs import sending
from messaging.domain.states import MessageState
from messaging.models import Dispatch, Message, User, db
from messaging.services import dispatching
from tests.engine.programs import PATIENCE, program, wait_for

#: Each takes the sandbox two seconds.
SLOW = [f"nr{number}@langsam.invalid" for number in range(6)]
LIMIT = 20


def start_workers(running: ExitStack, environment: dict[str, str], count: int) -> None:
    for _ in range(count):
        running.enter_context(program("worker", environment))


def in_hand() -> int:
    found = db.session.scalar(select(func.count()).where(Message.state == MessageState.SENDING)) or 0
    db.session.commit()
    return found


def waits(dispatch_id: int) -> bool:
    until = db.session.scalar(select(Dispatch.wait_until).where(Dispatch.id == dispatch_id))
    db.session.commit()
    return until is not None


def test_four_workers_together_never_pass_the_hourly_limit(
    house: Flask, environment: dict[str, str], make_account, make_dispatch, mail_sink
) -> None:
    """All of them ask for places at the same moment, for two dispatches over one account."""
    account_id = make_account(per_hour=LIMIT)
    dispatch_ids = [make_dispatch([f"{name}{number}@example.org" for number in range(40)], account_id) for name in ("a", "b")]

    with ExitStack() as running:
        start_workers(running, environment, 4)
        for dispatch_id in dispatch_ids * 2:
            sending.wake_dispatch(dispatch_id, 40)
        wait_for(lambda: all(waits(dispatch_id) for dispatch_id in dispatch_ids) and not in_hand())

    arrived = Counter(mail_sink.received())
    assert max(arrived.values()) == 1
    assert LIMIT - 2 <= arrived.total() <= LIMIT  # a place or two may be kept for those who have had none
    assert {address[0] for address in arrived} == {"a", "b"}


@pytest.mark.parametrize(("deed", "left"), [("pause", "queued"), ("cancel", "cancelled")])
def test_after_a_click_only_the_message_in_hand_goes(
    house: Flask, environment: dict[str, str], make_dispatch, mail_sink, sender: User, states, deed: str, left: str
) -> None:
    dispatch_id = make_dispatch(SLOW)

    with program("worker", environment):
        sending.wake_dispatch(dispatch_id, len(SLOW))
        wait_for(lambda: len(mail_sink.received()) >= 2)
        getattr(dispatching, deed)(dispatch_id, sender.id, datetime.now(UTC))
        before = len(mail_sink.received())
        wait_for(lambda: not in_hand())

    arrived = mail_sink.received()
    assert before <= len(arrived) <= before + 1
    assert Counter(states(dispatch_id).values()) == {"sent": len(arrived), left: len(SLOW) - len(arrived)}


def test_sigterm_waits_for_the_answer_of_a_slow_server(
    house: Flask, environment: dict[str, str], make_dispatch, mail_sink, states
) -> None:
    dispatch_id = make_dispatch(SLOW)

    with program("worker", environment) as worker:
        sending.wake_dispatch(dispatch_id, len(SLOW))
        wait_for(lambda: bool(mail_sink.received()))
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=PATIENCE)

    after = Counter(states(dispatch_id).values())
    assert after["sent"] == len(mail_sink.received()) > 0
    assert set(after) == {"sent", "queued"}
