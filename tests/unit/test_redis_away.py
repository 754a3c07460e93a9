"""Waiting for a Redis that is away: soon again at first, every ten seconds at last, and each time anew."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import pytest
from redis import exceptions

from jobs.redis_away import IT_WORKED, keep_trying, pauses


@dataclass
class Effort:
    """Work that goes as a test wrote it down: an error, True (ended as it should) or False, each after so many seconds."""

    script: list[tuple[BaseException | bool, float]]
    slept: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def work(self) -> bool:
        end, took = self.script.pop(0)
        self.seconds += took
        if isinstance(end, BaseException):
            raise end
        return end

    def go(self) -> list[float]:
        keep_trying(self.work, self.slept.append, lambda: self.seconds)
        return self.slept


@pytest.fixture(autouse=True)
def handlers_as_before() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_pauses_grow_to_ten_seconds() -> None:
    assert list(islice(pauses(), 6)) == [1, 2, 4, 8, 10, 10]


def test_work_that_ended_as_it_should_is_not_begun_again() -> None:
    assert Effort([(True, 5)]).go() == []


@pytest.mark.parametrize(
    "trouble", [exceptions.ConnectionError(), exceptions.TimeoutError(), exceptions.BusyLoadingError(), False]
)
def test_whatever_redis_did_it_is_tried_again(trouble: BaseException | bool) -> None:
    assert Effort([(trouble, 0), (trouble, 0), (True, 0)]).go() == [1, 2]


def test_a_trouble_long_after_the_last_one_begins_with_a_short_pause() -> None:
    assert Effort([(False, 0), (False, 0), (False, IT_WORKED), (False, 0), (True, 0)]).go() == [1, 2, 1, 2]


def test_a_mistake_of_ours_is_not_tried_again() -> None:
    with pytest.raises(ZeroDivisionError):
        Effort([(ZeroDivisionError(), 0)]).go()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_waits_ends_at_once_when_told_to(number: signal.Signals) -> None:
    sleep: Callable[[float], None] = lambda _seconds: signal.raise_signal(number)  # noqa: E731

    with pytest.raises(SystemExit) as ended:
        keep_trying(lambda: False, sleep)

    assert ended.value.code == 0
