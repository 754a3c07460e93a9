"""Taking turns: a long slice saves connections, but nobody shall wait a whole slice for a test mail or a small dispatch.

What a drain may take of the worker's time stands here; what it does with it, in `outbox.delivery`.
"""

from __future__ import annotations

from collections.abc import Callable

from jobs import queues

#: Seconds after which a drain looks again whether somebody waits.
LOOK_EVERY = 1.0
#: A drain that has worked so many seconds makes room for other dispatches; before that, its connection was not worth opening.
WORTH_A_CONNECTION = 4.0


class Turn:
    """The turn of one drain. Tells when it should end although the slice is not over."""

    def __init__(self, own_prefix: str, steady: Callable[[], float]) -> None:
        """`own_prefix` begins the names of all drains of this dispatch: they are no reason to make room. `steady`: seconds."""
        self._own_prefix = own_prefix
        self._steady = steady
        self._began = self._looked = steady()
        self._over = False

    def over(self) -> bool:
        """Whether somebody waits. Once over is always over: the drain asks in several places, and each must hear the same."""
        now = self._steady()
        if not self._over and now - self._looked >= LOOK_EVERY:
            self._looked = now
            self._over = self._somebody_waits(now - self._began)
        return self._over

    def _somebody_waits(self, worked: float) -> bool:
        """What a person waits for counts at once, other dispatches after a while. Without Redis nobody waits."""
        if queues.waiting_names(queues.URGENT):
            return True
        others = {name for name in queues.waiting_names(queues.SEND) or () if not name.startswith(self._own_prefix)}
        return bool(others) and worked >= WORTH_A_CONNECTION
