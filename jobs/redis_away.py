"""Redis may be restarted, flushed or gone for an hour. Who needs it waits and tries again, and ends at once when told to."""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType

from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

#: Seconds between two tries: short at first, because a restart takes a moment; never so long that anybody notices.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 10.0
#: Work that went on for so many seconds had found Redis: the next trouble is a new one.
IT_WORKED = 30.0


def keep_trying(
    work: Callable[[], bool],
    sleep: Callable[[float], None] = time.sleep,
    steady: Callable[[], float] = time.monotonic,
) -> None:
    """Call `work` until it says that it ended because it should (True). Must run in the main thread, because of the signals."""
    pauses_left = pauses()
    while True:
        end_at_once_when_asked()
        began = steady()
        if _ended_as_it_should(work):
            return
        if steady() - began >= IT_WORKED:
            pauses_left = pauses()
        end_at_once_when_asked()
        pause = next(pauses_left)
        logger.warning("trying again in %.0f seconds", pause)
        sleep(pause)


def _ended_as_it_should(work: Callable[[], bool]) -> bool:
    try:
        return work()
    except RedisError as error:
        logger.warning("redis not reachable: %s", type(error).__name__)
        return False


def pauses() -> Iterator[float]:
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE)


def end_at_once_when_asked() -> None:
    """While nothing is worked on there is nothing to finish. Who works sets handlers of its own."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
