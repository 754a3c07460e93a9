"""Imports in a worker: the job takes the id of a run; what it does is in `services.import_work`."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path

from flask import current_app

from jobs import queues, stop_signal
from messaging.services import import_runs, import_work


def folder() -> Path:
    """Where uploaded files wait for their worker."""
    return Path(current_app.config["HOME"]) / "imports"


def run_import(run_id: int) -> None:
    """The job. A worker that is asked to stop leaves the rest of the file to the next one."""
    import_work.work(run_id, folder(), current_app.config["CLOCK"], stopping=stop_signal.asked)


def wake_import(run_id: int) -> bool:
    """Wake a worker for a run; False when Redis is not there (the tick will find the run)."""
    return queues.wake_named(queues.LONG, f"{job_prefix(run_id)}{secrets.token_hex(6)}", run_import, run_id)


def wake_waiting(now: datetime) -> None:
    """A step of the tick: runs without a living process get one, and forgotten uploads are deleted."""
    live = queues.live_names(queues.LONG)
    for run_id in import_runs.waiting_runs(now) if live is not None else ():
        if not any(name.startswith(job_prefix(run_id)) for name in live):
            wake_import(run_id)
    import_runs.forget_old(folder(), now)


def job_prefix(run_id: int) -> str:
    """Job ids tell which run a queued job is for; the random end keeps old and new jobs apart."""
    return f"import-{run_id}-"
