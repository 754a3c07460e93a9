"""Signs of life in the database: when the tick last ran. Read by the start page, /healthz and the alarms."""

from __future__ import annotations

from datetime import datetime, timedelta

from messaging.models import Heartbeat, db, write_transaction

TICK = "tick"
#: A tick older than this is an alarm on every page (issue: watching).
TICK_ALARM_AFTER = timedelta(minutes=5)


def beat(name: str, now: datetime) -> None:
    with write_transaction() as session:
        session.merge(Heartbeat(name=name, at=now))


def last(name: str) -> datetime | None:
    """When it last beat; None = never."""
    heartbeat = db.session.get(Heartbeat, name, populate_existing=True)
    return heartbeat.at if heartbeat else None
