"""When the house must raise its voice: no Redis, no worker, a tick that does not come, due work that nobody moves.

Pure; the signs are counted elsewhere.

One trouble is named at a time, the cause before its effects: without Redis no worker is seen, without a worker no tick runs,
without a tick nothing may move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from messaging.domain.calendar_de import duration_words, near_time_words
from messaging.domain.errors import Problem

#: Programs of a house start one after another; so long nobody is missed.
STARTING = timedelta(minutes=1)
#: So long after the start of the web server a missing part is an alarm only if something is due.
QUIET_AFTER_START = timedelta(minutes=5)
#: The tick runs every minute; older than this is an alarm on every page.
TICK_LATE_AFTER = timedelta(minutes=5)

#: Longer than the slowest hand-over together with a tick, so that a slow server is no alarm.
STUCK_AFTER = timedelta(minutes=10)

MINUTE = timedelta(minutes=1)
_RESTART = "Bitte starten Sie Praxispost neu, oder sagen Sie der Person Bescheid, die es betreut."
_NOTHING_LOST = "Nichts geht verloren: Was wartet, geht danach von selbst hinaus."


@dataclass(frozen=True, slots=True)
class SignsOfLife:
    """What Redis knows: whether it answers, how many workers send, and how many jobs wait in each queue."""

    redis: bool = True
    workers: int = 0
    queues: Mapping[str, int] = field(default_factory=dict)


def trouble(
    signs: SignsOfLife,
    last_tick: datetime | None,
    oldest_due: datetime | None,
    started_at: datetime,
    now: datetime,
    last_moved: datetime | None = None,
) -> Problem | None:
    """What is wrong with the machinery, or None. `started_at`: when this web server began; `oldest_due` None = nothing is due.

    `last_moved`: when anything was last handed over.
    """
    running_for = now - started_at
    if running_for < STARTING or (running_for < QUIET_AFTER_START and oldest_due is None):
        return None
    if not signs.redis:
        return Problem("redis_gone", f"Redis, der Wecker der Versandprozesse, antwortet nicht. {_NOTHING_LOST}", _RESTART)
    if not signs.workers:
        return Problem("no_worker", f"Kein Versandprozess aktiv. {_NOTHING_LOST}", _RESTART)
    return _late_tick(last_tick, started_at, now) or _stuck(oldest_due, last_moved, started_at, now)


def _late_tick(last_tick: datetime | None, started_at: datetime, now: datetime) -> Problem | None:
    """A tick of an earlier run does not count against a house that has just been started."""
    if now - max(last_tick or started_at, started_at) <= TICK_LATE_AFTER:
        return None
    when = f"zuletzt {near_time_words(last_tick, now)}" if last_tick else "noch nicht"
    sentence = f"Der Zeitgeber hat sich {when} gemeldet. Geplante Nachrichten und neue Versuche bleiben so lange liegen."
    return Problem("no_tick", sentence, _RESTART)


def _stuck(oldest_due: datetime | None, last_moved: datetime | None, started_at: datetime, now: datetime) -> Problem | None:
    """Everything is alive and yet nothing happens, as when each try to send crashes before it begins."""
    if oldest_due is None:
        return None
    still_since = max(oldest_due, last_moved or oldest_due, started_at)
    if now - still_since <= STUCK_AFTER:
        return None
    since = duration_words((now - still_since) // MINUTE * 60).removeprefix("etwa ")
    return Problem("stuck", f"Seit {since} bewegt sich nichts, obwohl Nachrichten fällig sind. {_NOTHING_LOST}", _RESTART)
