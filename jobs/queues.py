"""The queues and the one way to put a job into them. Redis only wakes workers: what is lost here is found again by the tick.

Jobs take ids. Enqueue after the commit, never inside a transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from flask import Flask, current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue

from jobs.pulse import Pulse
from messaging.domain.watching import SignsOfLife

logger = logging.getLogger(__name__)

#: In the order a worker serves them: what a person waits for, then sends, then long work such as imports.
URGENT, SEND, LONG = "urgent", "send", "long"
QUEUE_NAMES = (URGENT, SEND, LONG)

#: A job that RQ ends during a hand-over leaves a message of which nobody knows whether it was sent: a drain has time for its
#: slice and the longest hand-over behind it, a test mail for ten megabytes over a slow line (0.4 Mbit/s).
JOB_SECONDS = {URGENT: 300, SEND: 660, LONG: 3600}
RESULT_SECONDS = 60
FAILURE_SECONDS = 24 * 3600
CONNECT_SECONDS = 2


class Waker(Protocol):
    """Wakes a worker with a job; returns False when Redis cannot be reached (the tick will find the work)."""

    def put(self, queue: str, function: Callable[..., Any], *args: Any, name: str | None = None) -> bool: ...

    def live_names(self, queue: str) -> set[str] | None: ...

    def waiting_names(self, queue: str) -> set[str] | None: ...

    def signs_of_life(self) -> SignsOfLife: ...


class RqWaker:
    """The real one."""

    def __init__(self, connection: Redis, pulse: Pulse) -> None:
        self.connection = connection
        self.pulse = pulse

    def put(self, queue: str, function: Callable[..., Any], *args: Any, name: str | None = None) -> bool:
        try:
            Queue(queue, connection=self.connection).enqueue(
                function,
                args=args,
                job_id=name,
                job_timeout=JOB_SECONDS[queue],
                result_ttl=RESULT_SECONDS,
                failure_ttl=FAILURE_SECONDS,
            )
        except RedisError as error:
            logger.warning("redis not reachable, the tick will find the work: %s", type(error).__name__)
            return False
        return True

    def live_names(self, queue: str) -> set[str] | None:
        """Ids of the jobs that wait or run in a queue; None when Redis cannot be reached."""
        return self._names(queue, lambda jobs: {*jobs.get_job_ids(), *jobs.started_job_registry.get_job_ids()})

    def waiting_names(self, queue: str) -> set[str] | None:
        """Ids of the jobs that no worker has taken yet; None when Redis cannot be reached."""
        return self._names(queue, lambda jobs: set(jobs.get_job_ids()))

    def _names(self, queue: str, of: Callable[[Queue], set[str]]) -> set[str] | None:
        try:
            return of(Queue(queue, connection=self.connection))
        except RedisError as error:
            logger.warning("redis not reachable: %s", type(error).__name__)
            return None

    def signs_of_life(self) -> SignsOfLife:
        """Whether Redis answers and workers live; a few seconds old at most."""
        return self.pulse.look()


def init_app(app: Flask) -> None:
    """Make the waker of this app; tests set `WAKER` to a fake."""
    url = app.config["REDIS_URL"]
    app.extensions["waker"] = app.config.get("WAKER") or RqWaker(connect(url), Pulse(url, QUEUE_NAMES, SEND))


def connect(url: str) -> Redis:
    """A connection whose every word is answered at once or not at all."""
    return Redis.from_url(
        url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=CONNECT_SECONDS, health_check_interval=30, retry=once_more()
    )


def connect_for_worker(url: str) -> Redis:
    """Without a read time-out of ours: a worker waits for jobs with a blocking command."""
    return Redis.from_url(url, socket_connect_timeout=CONNECT_SECONDS, retry=once_more())


def once_more() -> Retry:
    """A connection that Redis closed meanwhile is opened again.

    Longer tries are not made here: a page must not wait for seconds, nor a worker that is told to end.
    """
    return Retry(NoBackoff(), 1)


def wake(queue: str, function: Callable[..., Any], *args: Any) -> bool:
    """Put `function(*args)` into `queue`; False when Redis is not there."""
    waker: Waker = current_app.extensions["waker"]
    return waker.put(queue, function, *args)


def wake_named(queue: str, name: str, function: Callable[..., Any], *args: Any) -> bool:
    """The same with a job id of ours, by which `live_names` can tell what a queued job is for."""
    waker: Waker = current_app.extensions["waker"]
    return waker.put(queue, function, *args, name=name)


def live_names(queue: str) -> set[str] | None:
    """Ids of waiting and running jobs of a queue; None without Redis."""
    waker: Waker = current_app.extensions["waker"]
    return waker.live_names(queue)


def waiting_names(queue: str) -> set[str] | None:
    """Ids of jobs of a queue that still wait for a worker; None without Redis."""
    waker: Waker = current_app.extensions["waker"]
    return waker.waiting_names(queue)


def signs_of_life() -> SignsOfLife:
    """Whether Redis answers and workers live; cheap enough for every page."""
    waker: Waker = current_app.extensions["waker"]
    return waker.signs_of_life()
