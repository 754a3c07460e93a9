"""Signs of life in the database: when the tick last ran. Read by the start page, /healthz and the alarms."""

from __future__ import annotations

from datetime import datetime

from messaging.models import Heartbeat, db, write_transaction

TICK = "tick"


def beat(name: str, now: datetime) -> None:
    with write_transaction() as session:
        session.merge(Heartbeat(name=name, at=now))


def last(name: str) -> datetime | None:
    """When it last beat; None = never."""
    heartbeat = db.session.get(Heartbeat, name, populate_existing=True)
    return heartbeat.at if heartbeat else None
