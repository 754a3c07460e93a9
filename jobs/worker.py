"""The worker process: RQ's own worker, with the app context around each job. SIGTERM lets the current message end first.

A Redis that goes away neither ends the process nor disturbs the job at hand; one that comes back empty hears of the worker again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
from collections.abc import Sequence

from flask import Flask
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, Worker, worker_registration
from rq.executions import Execution
from rq.job import Job

from jobs import queues, redis_away, stop_signal
from messaging.models import db

logger = logging.getLogger(__name__)

#: Seconds. RQ keeps an idle worker's key for 60 s more than this and renews it 15 s before; during a job it renews the key,
#: for another 60 s each time, as often as BEAT_EVERY says. `pulse.ALIVE_ABOVE` rests on both.
WORKER_TTL = 30
BEAT_EVERY = 15


class PracticeWorker(Worker):
    """Runs jobs of one app. `asked_to_stop`: it ended, or will end, because somebody said so."""

    max_connection_wait_time = redis_away.LONGEST_PAUSE

    def __init__(self, app: Flask, names: Sequence[str]) -> None:
        self.app = app
        self.asked_to_stop = False
        connection = queues.connect_for_worker(app.config["REDIS_URL"])
        served = [Queue(name, connection=connection) for name in names]
        super().__init__(served, connection=connection, worker_ttl=WORKER_TTL, job_monitoring_interval=BEAT_EVERY)

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """In the forked child, which shares no connection of the parent: two processes on one socket would mix their answers."""
        with self.app.app_context():
            db.engine.dispose(close=False)
            try:
                return super().perform_job(job, queue, execution)
            finally:
                db.session.remove()
                db.engine.dispose()

    def setup_work_horse_signals(self) -> None:
        super().setup_work_horse_signals()
        stop_signal.listen()

    def handle_warm_shutdown_request(self) -> None:
        """Pass the wish on to the child that runs the job; it ends after the message in hand."""
        self.asked_to_stop = True
        super().handle_warm_shutdown_request()
        if self.horse_pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)

    def set_shutdown_requested_date(self) -> None:
        """Called by RQ in the signal's handler: an error here would leave the child that runs the job alone."""
        with contextlib.suppress(RedisError):
            super().set_shutdown_requested_date()

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """With its name in the list of workers, which a Redis that was flushed or restarted has lost."""
        super().heartbeat(timeout, pipeline)
        worker_registration.register(self, pipeline)

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """The job needs no Redis, and must be watched over also while there is none."""
        try:
            super().maintain_heartbeats(job, execution)
        except RedisError as error:
            logger.warning("redis not reachable during a job: %s", type(error).__name__)

    def teardown(self) -> None:
        try:
            super().teardown()
        except RedisError:
            self.pubsub_thread.stop()  # RQ got no further than its first word to Redis; the next worker has a thread of its own


def run(app: Flask, names: Sequence[str], burst: bool = False) -> None:
    """Work until told to stop; with `burst` until the queues are empty. Waits for a Redis that is not there."""
    redis_away.keep_trying(lambda: _work(app, names, burst))


def _work(app: Flask, names: Sequence[str], burst: bool) -> bool:
    """Whether it ended because it should, and not because of Redis."""
    with app.app_context():
        worker = PracticeWorker(app, names)
    worker.work(burst=burst, logging_level="WARNING")
    return burst or worker.asked_to_stop
