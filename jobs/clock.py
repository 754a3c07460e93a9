"""What time it is. Views and jobs ask here once and pass it on; everything below takes `now` as a parameter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, current_app


def init_app(app: Flask) -> None:
    app.config.setdefault("CLOCK", real_time)


def real_time() -> datetime:
    return datetime.now(UTC)


def now() -> datetime:
    """The present moment, aware, UTC; tests put a fixed one into `app.config["CLOCK"]`."""
    clock: Callable[[], datetime] = current_app.config["CLOCK"]
    return clock()
