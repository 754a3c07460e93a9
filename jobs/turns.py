"""Taking turns: a long slice saves connections, but nobody shall wait a whole slice for a test mail or a small dispatch.

What a drain may take of the worker's time stands here; what it does with it, in `outbox.delivery`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from jobs import queues

#: How often a drain looks whether somebody waits.
LOOK_EVERY = timedelta(seconds=1)
#: A drain that has worked so long makes room for other dispatches; before that, its connection was not worth opening.
WORTH_A_CONNECTION = timedelta(seconds=4)


class Turn:
    """The turn of one drain. Tells when it should end although the slice is not over."""

    def __init__(self, own_prefix: str, began: datetime) -> None:
        """`own_prefix` begins the names of all drains of this dispatch: they are no reason to make room."""
        self._own_prefix = own_prefix
        self._began = self._looked = began

    def over(self, now: datetime) -> bool:
        """Whether somebody waits: what a person waits for at once, other dispatches after a while. Without Redis nobody does."""
        if now - self._looked < LOOK_EVERY:
            return False
        self._looked = now
        if queues.waiting_names(queues.URGENT):
            return True
        others = {name for name in queues.waiting_names(queues.SEND) or () if not name.startswith(self._own_prefix)}
        return bool(others) and now - self._began >= WORTH_A_CONNECTION
