"""What time it is. Views and jobs ask here once and pass it on; everything below takes `now` as a parameter."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, current_app


def init_app(app: Flask) -> None:
    app.config.setdefault("CLOCK", real_time)
    app.config.setdefault("STEADY_CLOCK", time.monotonic)


def real_time() -> datetime:
    return datetime.now(UTC)


def now() -> datetime:
    """The present moment, aware, UTC; tests put a fixed one into `app.config["CLOCK"]`."""
    clock: Callable[[], datetime] = current_app.config["CLOCK"]
    return clock()


def steady() -> float:
    """Seconds since some moment, for measuring how long something takes: nobody can set this clock back."""
    clock: Callable[[], float] = current_app.config["STEADY_CLOCK"]
    return clock()
