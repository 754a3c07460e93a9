"""How many messages an account may still send now, over true sliding windows. Pure; the counts come from the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: How long to wait when a window is full of hand-overs that have not ended yet, or when it is the others' turn.
SHORT_PAUSE = timedelta(seconds=60)
#: Reasons to wait that end as soon as the windows say so, whatever was said before.
LIMIT_CODES = ("per_hour", "per_quarter_hour")
#: Of a window with at least so many places, one in so many is kept for those who have had none: a small dispatch behind a large
#: one, a test mail. Without it they would wait until the large one's messages leave the window.
RESERVE_FROM, ONE_IN = 10, 20


@dataclass(frozen=True, slots=True)
class Window:
    """At most `limit` messages in any `length` of time. `code` is the reason shown while waiting."""

    code: str
    length: timedelta
    limit: int

    @property
    def reserve(self) -> int:
        """Places that nobody gets who has had one in this window."""
        return max(1, self.limit // ONE_IN) if self.limit >= RESERVE_FROM else 0

    @property
    def usual(self) -> int:
        """What one dispatch can use."""
        return self.limit - self.reserve


@dataclass(frozen=True, slots=True)
class Usage:
    """What a window holds now: `ended` hand-overs ended inside it, `in_flight` have not ended; `mine` of both are of who asks.

    `single`: who asks is a test mail, one and no more. `leaving` matters when `surplus` is not negative: the end of that
    hand-over whose leaving makes room for one more, None when there is none to leave yet.
    """

    window: Window
    ended: int
    in_flight: int = 0
    mine: int = 0
    leaving: datetime | None = None
    single: bool = False

    @property
    def left(self) -> int:
        return self.window.limit - self.ended - self.in_flight

    @property
    def surplus(self) -> int:
        """How many hand-overs must leave before the one whose leaving makes room for who asks; negative: there is room."""
        return (self.window.reserve if self.mine else 0) - self.left

    @property
    def open_to_who_asks(self) -> int:
        """Who has had a place here leaves the reserve alone; who is new gets half of what is left of it.

        Half, so that the next one who is new gets something too.
        """
        if self.single:
            return self.left
        beside_reserve = self.left - self.window.reserve
        of_reserve = 0 if self.mine else -(-min(self.left, self.window.reserve) // 2)
        return max(beside_reserve, of_reserve)


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


def allowance(usages: Sequence[Usage], now: datetime, rivals: int = 0) -> Allowance:
    """The tightest window decides; when several are full, the one that opens last.

    `rivals` others want to send over the same account now: nobody may use more than an equal share of a window meanwhile, so that
    ten mails beside ten thousand do not wait for days.
    """
    if not usages:
        return Allowance(None)
    free = min(_free(usage, rivals) for usage in usages)
    if free > 0:
        return Allowance(free)
    closed = [usage for usage in usages if _free(usage, rivals) <= 0]
    last = max(closed, key=lambda usage: _opens(usage, now))
    return Allowance(0, _opens(last, now), last.window.code)


def _free(usage: Usage, rivals: int) -> int:
    share = -(-usage.window.usual // (rivals + 1))
    return min(usage.open_to_who_asks, share - usage.mine)


def _opens(usage: Usage, now: datetime) -> datetime:
    """When enough of the counted messages have left the window for one more."""
    if usage.surplus < 0 or usage.leaving is None:
        return now + SHORT_PAUSE
    return usage.leaving + usage.window.length
