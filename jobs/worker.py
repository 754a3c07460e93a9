"""The worker process: RQ's own worker, with the app context around each job. SIGTERM lets the current message end first."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Sequence

from flask import Flask
from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job

from jobs import queues, stop_signal
from messaging.models import db

#: Seconds. RQ keeps an idle worker's key for 60 s more than this and renews it 15 s before; during a job it renews the key,
#: for another 60 s each time, as often as BEAT_EVERY says. `pulse.ALIVE_ABOVE` rests on both.
WORKER_TTL = 30
BEAT_EVERY = 15


class PracticeWorker(Worker):
    """Runs jobs of one app."""

    def __init__(self, app: Flask, names: Sequence[str]) -> None:
        self.app = app
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
        super().handle_warm_shutdown_request()
        if self.horse_pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)


def run(app: Flask, names: Sequence[str], burst: bool = False) -> None:
    """Work until told to stop; with `burst` until the queues are empty."""
    with app.app_context():
        worker = PracticeWorker(app, names)
    worker.work(burst=burst, logging_level="WARNING")
