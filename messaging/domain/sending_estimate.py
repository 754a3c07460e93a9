"""When the last of many messages will be out, for the screens that promise it. Pure; what was sent and who waits comes in.

A promise, not a permission: what may go now is decided in `sending_limits`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from messaging.domain.sending_limits import Window


@dataclass(frozen=True, slots=True)
class AccountLoad:
    """What an account is busy with. Everything in seconds from now.

    `sent`: when the hand-overs of its windows ended, in order, so none is above 0. `others`: how many messages each other
    dispatch still has to send over it.
    """

    sent: tuple[float, ...] = ()
    others: tuple[int, ...] = ()


IDLE = AccountLoad()


def seconds_for(count: int, limits: Sequence[Window], per_second: float, load: AccountLoad = IDLE, begin: float = 0.0) -> float:
    """Seconds from now until `count` messages that begin at `begin` are out, at most `per_second` and within every window.

    Others share the account equally, as the limits make them: of each as many go meanwhile as of the asked ones, or all it has.
    """
    line = _Line(limits, 1 / per_second, load.sent)
    waiting = sum(load.others)
    while waiting and line.next_place() < begin:
        line.take(0.0)
        waiting -= 1
    beside = min(waiting, sum(min(count, other) for other in load.others)) if count else 0
    for _ in range(count + beside):
        line.take(begin)
    return line.free_from if count else begin


class _Line:
    """The messages of an account in the order in which they leave."""

    def __init__(self, limits: Sequence[Window], pause: float, sent: Sequence[float]) -> None:
        self._windows = [(window.usual, window.length.total_seconds()) for window in limits]
        self._pause = pause
        self._times = list(sent)
        self.free_from = 0.0

    def next_place(self) -> float:
        full = (self._times[-usual] + length for usual, length in self._windows if len(self._times) >= usual)
        return max(self.free_from, *full, 0.0)

    def take(self, earliest: float) -> None:
        """One message leaves as soon as it may."""
        place = max(self.next_place(), earliest)
        self._times.append(place)
        self.free_from = place + self._pause
