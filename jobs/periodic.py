"""The tick: every minute it asks the database what is due.

Nothing depends on a tick having come in time, and running it twice is harmless.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime
from types import FrameType

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq.cron import CronScheduler
from sqlalchemy import func, select

from jobs import clock, errands, importing, queues, redis_away, sending
from messaging.domain.states import CLAIMABLE
from messaging.models import Message, db
from messaging.outbox import recovery
from messaging.services import heartbeats

TICK_SECONDS = 60
#: A tick that nobody ran within a minute is replaced by the next one instead of piling up.
TICK_LIFETIME = 55


def tick() -> None:
    """Everything periodic, in this order: nets first, then wake-ups."""
    moment = clock.now()
    recovery.sweep(moment)
    wake_due_dispatches(moment)
    for step in STEPS:
        step(moment)
    heartbeats.beat(heartbeats.TICK, moment)


def wake_due_dispatches(now: datetime) -> None:
    """Due work without a waiting or running job gets one. Without an answer from Redis there is nobody to wake."""
    live = queues.live_names(queues.SEND)
    if live is None:
        return
    for dispatch_id in recovery.dispatches_with_due_work(now):
        if not any(name.startswith(sending.drain_prefix(dispatch_id)) for name in live):
            sending.wake_dispatch(dispatch_id, _due(dispatch_id, now))


def _due(dispatch_id: int, now: datetime) -> int:
    due = (Message.dispatch_id == dispatch_id, Message.state.in_(CLAIMABLE), Message.next_attempt_at <= now)
    return db.session.scalar(select(func.count()).where(*due)) or 0


#: What other rooms want done each minute; each takes `now`.
STEPS: list[Callable[[datetime], object]] = [importing.wake_waiting, errands.close_lost, errands.wake_waiting]


class Scheduler(CronScheduler):
    """RQ's own scheduler; each start of it begins with a tick. `asked_to_stop`: it ended because somebody said so."""

    asked_to_stop = False

    def _request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True
        super()._request_stop(signum, frame)

    def register_death(self, pipeline: Pipeline | None = None) -> None:
        """Not worth an error: a Redis that is gone does not remember it anyway."""
        with contextlib.suppress(RedisError):
            super().register_death(pipeline)


def run_scheduler(connection: Redis) -> None:
    """The scheduler process: wakes the tick each minute, until told to stop. Waits for a Redis that is not there."""
    redis_away.keep_trying(lambda: _schedule(connection))


def _schedule(connection: Redis) -> bool:
    """Whether it ended because it should, and not because of Redis."""
    scheduler = Scheduler(connection, logging_level="WARNING")
    scheduler.register(
        tick, queues.URGENT, interval=TICK_SECONDS, ttl=TICK_LIFETIME, result_ttl=0, failure_ttl=queues.FAILURE_SECONDS
    )
    scheduler.start()
    return scheduler.asked_to_stop
