"""Nobody waits long behind a large dispatch: its drains make room for what people wait for and for other dispatches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask

from jobs import queues, sending
from jobs.turns import LOOK_EVERY, WORTH_A_CONNECTION, Turn
from tests.conftest import NOW
from tests.engine.toy_queue import ToyQueue

SECOND = timedelta(seconds=1)


@pytest.fixture
def waker() -> ToyQueue:
    return ToyQueue()


@pytest.fixture
def turn(app: Flask) -> Iterator[Turn]:
    with app.app_context():
        yield Turn(sending.drain_prefix(1), NOW)


def wait_for_a_drain_of(waker: ToyQueue, dispatch_id: int) -> None:
    waker.put(queues.SEND, sending.drain_dispatch, dispatch_id, name=sending.drain_name(dispatch_id))


def test_while_nobody_waits_a_turn_goes_on(turn: Turn) -> None:
    assert not turn.over(NOW + LOOK_EVERY)
    assert not turn.over(NOW + timedelta(hours=1))


def test_what_a_person_waits_for_ends_a_turn_at_once(turn: Turn, waker: ToyQueue) -> None:
    waker.put(queues.URGENT, print)

    assert turn.over(NOW + LOOK_EVERY)


def test_another_dispatch_ends_a_turn_that_was_worth_its_connection(turn: Turn, waker: ToyQueue) -> None:
    wait_for_a_drain_of(waker, 2)

    assert not turn.over(NOW + WORTH_A_CONNECTION / 2)
    assert turn.over(NOW + WORTH_A_CONNECTION + LOOK_EVERY)


def test_the_own_dispatch_is_no_reason_to_make_room_but_one_whose_number_begins_alike_is(turn: Turn, waker: ToyQueue) -> None:
    wait_for_a_drain_of(waker, 1)
    assert not turn.over(NOW + timedelta(minutes=1))

    wait_for_a_drain_of(waker, 11)
    assert turn.over(NOW + timedelta(minutes=2))


def test_work_that_another_worker_has_taken_is_no_reason(turn: Turn, waker: ToyQueue) -> None:
    waker.put(queues.URGENT, print)
    waker.next_job()

    assert not turn.over(NOW + LOOK_EVERY)


def test_redis_is_not_asked_before_every_message(turn: Turn, waker: ToyQueue) -> None:
    assert not turn.over(NOW + LOOK_EVERY)
    waker.put(queues.URGENT, print)

    assert not turn.over(NOW + LOOK_EVERY * 1.5)
    assert turn.over(NOW + LOOK_EVERY * 2)


def test_without_redis_nobody_waits(turn: Turn, waker: ToyQueue) -> None:
    waker.put(queues.URGENT, print)
    waker.is_there = False

    assert not turn.over(NOW + timedelta(hours=1))


class SlowClock:
    """Every look at it takes a while, so that a slice is over after a few messages."""

    def __init__(self) -> None:
        self.moment = NOW

    def __call__(self) -> datetime:
        self.moment += SECOND / 4
        return self.moment


def test_a_small_dispatch_is_through_long_before_a_large_one(app: Flask, waker: ToyQueue, make_dispatch, mail_sink) -> None:
    a_few = 6  # of the large one: what fits into a turn, while a whole slice has place for more than ten
    large = [f"viele{number}@example.org" for number in range(60)]
    small = [f"wenige{number}@example.org" for number in range(3)]
    dispatch_ids = [make_dispatch(large), make_dispatch(small)]
    app.config["CLOCK"] = SlowClock()
    for dispatch_id in dispatch_ids:
        wait_for_a_drain_of(waker, dispatch_id)

    waker.work()

    order = mail_sink.received()
    assert sorted(order) == sorted(large + small)
    assert max(order.index(address) for address in small) < len(small) + a_few
