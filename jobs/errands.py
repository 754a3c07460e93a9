"""Errands: what a person at the screen waits for and only a worker may do (connection check, test mail)."""

from __future__ import annotations

from jobs import clock
from messaging.outbox import errand_runner


def run_errand(errand_id: int) -> None:
    """Carry out one errand, once, and write its answer."""
    errand_runner.run(errand_id, clock.now())
