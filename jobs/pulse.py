"""Signs of life of the machinery, asked of Redis: does it answer, how many workers send, how much waits. Nothing is judged here.

Every page asks, so the answer is kept for a moment and a Redis that is not there costs little.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, Worker

from messaging.domain.watching import SignsOfLife

#: No page waits longer than this for an answer.
ANSWER_SECONDS = 0.5
#: How long an answer is good for.
KEPT_SECONDS = 3.0
#: A living worker renews its key every 15 s, for 90 s when idle and 75 s at work (jobs.worker). Who has less than this left has
#: missed a beat. Told by Redis' own clock, so that no machine's clock has to agree with another's.
ALIVE_ABOVE = 50


class Pulse:
    """Asks Redis at most every few seconds. Threads may ask at the same time; then both get a true answer."""

    def __init__(self, url: str, queue_names: Sequence[str], sending: str) -> None:
        """`sending` is the queue whose workers count: one that only imports files sends nothing."""
        self._connection = Redis.from_url(
            url, socket_connect_timeout=ANSWER_SECONDS, socket_timeout=ANSWER_SECONDS, retry=Retry(NoBackoff(), 0)
        )
        self._queue_names = queue_names
        self._sending = sending
        self._kept: tuple[float, SignsOfLife] | None = None

    def look(self) -> SignsOfLife:
        if self._kept is not None and time.monotonic() - self._kept[0] < KEPT_SECONDS:
            return self._kept[1]
        signs = self._ask()
        self._kept = (time.monotonic(), signs)
        return signs

    def _ask(self) -> SignsOfLife:
        try:
            lengths = {name: Queue(name, connection=self._connection).count for name in self._queue_names}
            return SignsOfLife(redis=True, workers=self._living_workers(), queues=lengths)
        except RedisError:
            return SignsOfLife(redis=False)

    def _living_workers(self) -> int:
        """RQ's list keeps the names of killed workers; their own keys run out."""
        with self._connection.pipeline(transaction=False) as asked:
            for key in Worker.all_keys(queue=Queue(self._sending, connection=self._connection)):
                asked.ttl(key)
            return sum(seconds > ALIVE_ABOVE for seconds in asked.execute())
