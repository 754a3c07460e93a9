"""The queues and the one way to put a job into them. Redis only wakes workers: what is lost here is found again by the tick.

Jobs take ids. Enqueue after the commit, never inside a transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue

logger = logging.getLogger(__name__)

#: In the order a worker serves them: what a person waits for, then sends, then long work such as imports.
URGENT, SEND, LONG = "urgent", "send", "long"
QUEUE_NAMES = (URGENT, SEND, LONG)

JOB_SECONDS = {URGENT: 120, SEND: 300, LONG: 3600}
RESULT_SECONDS = 60
FAILURE_SECONDS = 24 * 3600
CONNECT_SECONDS = 2


class Waker(Protocol):
    """Wakes a worker with a job; returns False when Redis cannot be reached (the tick will find the work)."""

    def put(self, queue: str, function: Callable[..., Any], *args: Any) -> bool: ...


class RqWaker:
    """The real one."""

    def __init__(self, connection: Redis) -> None:
        self.connection = connection

    def put(self, queue: str, function: Callable[..., Any], *args: Any) -> bool:
        try:
            Queue(queue, connection=self.connection).enqueue(
                function,
                args=args,
                job_timeout=JOB_SECONDS[queue],
                result_ttl=RESULT_SECONDS,
                failure_ttl=FAILURE_SECONDS,
            )
        except RedisError as error:
            logger.warning("redis not reachable, the tick will find the work: %s", type(error).__name__)
            return False
        return True


def init_app(app: Flask) -> None:
    """Make the waker of this app; tests set `WAKER` to a fake."""
    app.extensions["waker"] = app.config.get("WAKER") or RqWaker(connect(app.config["REDIS_URL"]))


def connect(url: str) -> Redis:
    return Redis.from_url(url, socket_connect_timeout=CONNECT_SECONDS, health_check_interval=30)


def wake(queue: str, function: Callable[..., Any], *args: Any) -> bool:
    """Put `function(*args)` into `queue`; False when Redis is not there."""
    waker: Waker = current_app.extensions["waker"]
    return waker.put(queue, function, *args)
