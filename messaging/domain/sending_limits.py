"""How many messages an account may still send now, over true sliding windows. Pure; the counts come from the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: How long to wait when a window is full of hand-overs that have not ended yet.
IN_FLIGHT_PAUSE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Window:
    """At most `limit` messages in any `length` of time. `code` is the reason shown while waiting."""

    code: str
    length: timedelta
    limit: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What a window holds now: `ended` are the ends of hand-overs inside it, oldest first; `in_flight` have not ended."""

    window: Window
    ended: Sequence[datetime]
    in_flight: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """`free` messages may go now; None = no limit. With 0, the next one may go at `until`, because of `code`."""

    free: int | None
    until: datetime | None = None
    code: str = ""


def windows(per_hour: int | None, per_quarter_hour: int | None) -> tuple[Window, ...]:
    """The limits of an account as windows; None or 0 = no limit."""
    return tuple(
        Window(code, length, limit)
        for code, length, limit in (
            ("per_hour", timedelta(hours=1), per_hour),
            ("per_quarter_hour", timedelta(minutes=15), per_quarter_hour),
        )
        if limit
    )


def allowance(usages: Sequence[Usage], now: datetime) -> Allowance:
    """The tightest window decides; when several are full, the one that opens last."""
    if not usages:
        return Allowance(None)
    free = min(_free(usage) for usage in usages)
    if free > 0:
        return Allowance(free)
    full = [usage for usage in usages if _free(usage) <= 0]
    last = max(full, key=lambda usage: _opens(usage, now))
    return Allowance(0, _opens(last, now), last.window.code)


def _free(usage: Usage) -> int:
    return usage.window.limit - len(usage.ended) - usage.in_flight


def _opens(usage: Usage, now: datetime) -> datetime:
    """When enough of the counted messages have left the window for one more."""
    surplus = -_free(usage)
    if surplus < len(usage.ended):
        return usage.ended[surplus] + usage.window.length
    return now + IN_FLIGHT_PAUSE


def seconds_for(count: int, limits: Sequence[Window], per_second: float) -> float:
    """Estimated seconds until `count` messages are out: the slowest of the bare speed and each window. Windows start empty."""
    times = [count / per_second]
    times += [((count - 1) // window.limit) * window.length.total_seconds() for window in limits if count]
    return max(times)
