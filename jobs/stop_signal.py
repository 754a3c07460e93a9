"""Whether this worker was asked to stop (SIGTERM).

A drain looks here between two messages: the current one is finished, no other begins.
"""

from __future__ import annotations

import signal
from types import FrameType

_asked = False


def asked() -> bool:
    return _asked


def listen() -> None:
    """In the process that runs a job: remember SIGTERM instead of dying in the middle of a hand-over."""
    global _asked
    _asked = False
    signal.signal(signal.SIGTERM, _remember)


def _remember(_number: int, _frame: FrameType | None) -> None:
    global _asked
    _asked = True
