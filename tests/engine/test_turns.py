"""Nobody waits long behind a large dispatch: its drains make room for what people wait for and for other dispatches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from jobs import queues, sending
from jobs.turns import LOOK_EVERY, WORTH_A_CONNECTION, Turn
from tests.engine.toy_queue import ToyQueue

HOUR = 3600.0


@dataclass
class SteadyClock:
    """Seconds that only go forward; with `each_look` every look at it takes that long, as the work between two looks does."""

    seconds: float = 0.0
    each_look: float = 0.0

    def __call__(self) -> float:
        self.seconds += self.each_look
        return self.seconds


@pytest.fixture
def waker() -> ToyQueue:
    return ToyQueue()


@pytest.fixture
def steady() -> SteadyClock:
    return SteadyClock()


@pytest.fixture
def turn(app: Flask, steady: SteadyClock) -> Iterator[Turn]:
    with app.app_context():
        yield Turn(sending.drain_prefix(1), steady)


def is_over_at(turn: Turn, steady: SteadyClock, seconds: float) -> bool:
    steady.seconds = seconds
    return turn.over()


def wait_for_a_drain_of(waker: ToyQueue, dispatch_id: int) -> None:
    waker.put(queues.SEND, sending.drain_dispatch, dispatch_id, name=sending.drain_name(dispatch_id))


def test_while_nobody_waits_a_turn_goes_on(turn: Turn, steady: SteadyClock) -> None:
    assert not is_over_at(turn, steady, LOOK_EVERY)
    assert not is_over_at(turn, steady, HOUR)


def test_what_a_person_waits_for_ends_a_turn_at_once(turn: Turn, steady: SteadyClock, waker: ToyQueue) -> None:
    waker.put(queues.URGENT, print)

    assert is_over_at(turn, steady, LOOK_EVERY)


def test_a_turn_that_is_over_stays_over_however_soon_it_is_asked_again(turn: Turn, steady: SteadyClock, waker: ToyQueue) -> None:
    waker.put(queues.URGENT, print)
    assert is_over_at(turn, steady, LOOK_EVERY)

    waker.next_job()

    assert is_over_at(turn, steady, LOOK_EVERY)
    assert is_over_at(turn, steady, HOUR)


def test_another_dispatch_ends_a_turn_that_was_worth_its_connection(turn: Turn, steady: SteadyClock, waker: ToyQueue) -> None:
    wait_for_a_drain_of(waker, 2)

    assert not is_over_at(turn, steady, WORTH_A_CONNECTION / 2)
    assert is_over_at(turn, steady, WORTH_A_CONNECTION + LOOK_EVERY)


def test_the_own_dispatch_is_no_reason_to_make_room_but_one_whose_number_begins_alike_is(
    turn: Turn, steady: SteadyClock, waker: ToyQueue
) -> None:
    wait_for_a_drain_of(waker, 1)
    assert not is_over_at(turn, steady, HOUR)

    wait_for_a_drain_of(waker, 11)
    assert is_over_at(turn, steady, 2 * HOUR)


def test_work_that_another_worker_has_taken_is_no_reason(turn: Turn, steady: SteadyClock, waker: ToyQueue) -> None:
    waker.put(queues.URGENT, print)
    waker.next_job()

    assert not is_over_at(turn, steady, LOOK_EVERY)


def test_redis_is_not_asked_before_every_message(turn: Turn, steady: SteadyClock, waker: ToyQueue) -> None:
    assert not is_over_at(turn, steady, LOOK_EVERY)
    waker.put(queues.URGENT, print)

    assert not is_over_at(turn, steady, LOOK_EVERY * 1.5)
    assert is_over_at(turn, steady, LOOK_EVERY * 2)


def test_without_redis_nobody_waits(turn: Turn, steady: SteadyClock, waker: ToyQueue) -> None:
    waker.put(queues.URGENT, print)
    waker.is_there = False

    assert not is_over_at(turn, steady, HOUR)


def test_a_drain_that_looks_many_times_a_second_ends_soon_after_the_first_for_what_a_person_waits_for(
    app: Flask, waker: ToyQueue, make_dispatch, mail_sink
) -> None:
    """As with a real server: a message takes 50 ms, so most looks come before it is time to ask Redis again."""
    app.config["STEADY_CLOCK"] = steady = SteadyClock(each_look=0.05)
    dispatch_id = make_dispatch([f"viele{number}@example.org" for number in range(60)])
    waker.put(queues.URGENT, print)

    sending.drain_dispatch(dispatch_id)

    assert LOOK_EVERY <= steady.seconds < LOOK_EVERY * 1.5
    assert 0 < len(mail_sink.received()) < LOOK_EVERY / steady.each_look
    assert [job.queue for job in waker.jobs] == [queues.URGENT, queues.SEND]


def test_a_small_dispatch_is_through_long_before_a_large_one(app: Flask, waker: ToyQueue, make_dispatch, mail_sink) -> None:
    a_turn = round(WORTH_A_CONNECTION + LOOK_EVERY) * 4  # of the large one, at a quarter of a second each
    large = [f"viele{number}@example.org" for number in range(60)]
    small = [f"wenige{number}@example.org" for number in range(3)]
    dispatch_ids = [make_dispatch(large), make_dispatch(small)]
    app.config["STEADY_CLOCK"] = SteadyClock(each_look=1 / 4)
    for dispatch_id in dispatch_ids:
        wait_for_a_drain_of(waker, dispatch_id)

    waker.work()

    order = mail_sink.received()
    assert sorted(order) == sorted(large + small)
    assert max(order.index(address) for address in small) < len(small) + a_turn
