"""Errands: what a person at the screen waits for and only a worker may do (connection check, test mail)."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from jobs import queues
from messaging.models import Errand, db
from messaging.outbox import errand_runner

#: Taken by then, or its wake-up was lost.
TAKEN_WITHIN = timedelta(seconds=60)
#: RQ kills a job a minute after its time-out; after another minute its worker is surely not about to write the answer.
DONE_WITHIN = timedelta(seconds=queues.JOB_SECONDS[queues.URGENT] + 120)


def run_errand(errand_id: int) -> None:
    """Carry out one errand, once, and write its answer."""
    errand_runner.run(errand_id, current_app.config["CLOCK"])


def wake_waiting(now: datetime) -> None:
    """Errands that nobody took get a wake-up again; one that was not lost finds its work done."""
    live = queues.live_names(queues.URGENT)
    if live is None:
        return
    waiting = select(Errand.id).where(Errand.state == "waiting", Errand.created_at <= now - TAKEN_WITHIN).order_by(Errand.id)
    for errand_id in db.session.scalars(waiting).all():
        name = f"errand-{errand_id}"
        if name not in live:
            queues.wake_named(queues.URGENT, name, run_errand, errand_id)
    db.session.commit()


def close_lost(now: datetime) -> None:
    """Errands whose worker was killed get an answer, so that nobody waits for ever."""
    errand_runner.close_lost(now - DONE_WITHIN, now)
