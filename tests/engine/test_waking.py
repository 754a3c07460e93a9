"""As many drains as a dispatch is worth, however often somebody lets it go on: they call the next one themselves."""

from __future__ import annotations

import pytest
from flask import Flask

from jobs import queues, sending
from tests.engine.toy_queue import ToyQueue

MANY = sending.PARALLEL * sending.MESSAGES_PER_CONNECTION


@pytest.fixture
def waker() -> ToyQueue:
    return ToyQueue()


def drains(waker: ToyQueue, dispatch_id: int = 1) -> list[str]:
    return [job.name for job in waker.jobs if job.name.startswith(sending.drain_prefix(dispatch_id))]


@pytest.mark.parametrize(("due", "count"), [(0, 1), (1, 1), (199, 1), (200, 2), (MANY, 4), (10 * MANY, 4)])
def test_a_dispatch_gets_the_drains_that_it_is_worth(app: Flask, waker: ToyQueue, due: int, count: int) -> None:
    assert sending.wake_dispatch(1, due)

    assert len(drains(waker)) == count


def test_going_on_again_and_again_adds_no_drain(app: Flask, waker: ToyQueue) -> None:
    for _ in range(5):
        sending.wake_dispatch(1, MANY)

    assert len(drains(waker)) == sending.PARALLEL


def test_those_that_run_count_too_but_one_always_waits(app: Flask, waker: ToyQueue) -> None:
    """One that runs may have seen the dispatch paused and be about to end."""
    sending.wake_dispatch(1, MANY)
    for _ in range(sending.PARALLEL):
        waker.next_job()

    sending.wake_dispatch(1, MANY)
    sending.wake_dispatch(1, MANY)

    assert len(drains(waker)) == 1


def test_what_is_missing_is_added(app: Flask, waker: ToyQueue) -> None:
    sending.wake_dispatch(1, 1)

    sending.wake_dispatch(1, MANY)

    assert len(drains(waker)) == sending.PARALLEL


def test_drains_of_another_dispatch_do_not_count_even_if_its_number_begins_alike(app: Flask, waker: ToyQueue) -> None:
    sending.wake_dispatch(11, MANY)

    sending.wake_dispatch(1, MANY)

    assert len(drains(waker)) == sending.PARALLEL


def test_without_redis_nobody_is_woken(app: Flask, waker: ToyQueue) -> None:
    waker.is_there = False

    assert not sending.wake_dispatch(1, MANY)
    assert queues.live_names(queues.SEND) is None
