"""Carrying out sends: one job drains a slice of one dispatch over one connection, then makes room for others."""

from __future__ import annotations

import secrets

from flask import current_app

from jobs import clock, queues, stop_signal
from jobs.turns import Turn
from messaging.models import Dispatch, db
from messaging.outbox.delivery import Left, drain

#: Connections one dispatch uses at the same time. Usual mail hosts allow ten and more per sender.
PARALLEL = 4
#: Below this many messages a second connection costs more than it brings.
MESSAGES_PER_CONNECTION = 100


def wake_dispatch(dispatch_id: int, due: int) -> bool:
    """Have as many drains as `due` messages are worth; False when Redis is not there (the tick will find the work)."""
    missing = _missing_drains(dispatch_id, max(1, min(PARALLEL, due // MESSAGES_PER_CONNECTION)))
    if missing is None:
        return False
    return all([queues.wake_named(queues.SEND, drain_name(dispatch_id), drain_dispatch, dispatch_id) for _ in range(missing)])  # noqa: C419 (every one is tried)


def _missing_drains(dispatch_id: int, wanted: int) -> int | None:
    """Drains call the next one themselves, so that those which are there already would only pile up.

    One at least must still wait: those that run may be about to end because of what was the case before. None without Redis.
    """
    live, waiting = queues.live_names(queues.SEND), queues.waiting_names(queues.SEND)
    if live is None or waiting is None:
        return None
    prefix = drain_prefix(dispatch_id)
    nobody_waits = not any(name.startswith(prefix) for name in waiting)
    return max(wanted - sum(name.startswith(prefix) for name in live), int(nobody_waits))


def drain_name(dispatch_id: int) -> str:
    """Job ids tell which dispatch a queued drain is for; the random end keeps old and new jobs apart."""
    return f"{drain_prefix(dispatch_id)}{secrets.token_hex(6)}"


def drain_prefix(dispatch_id: int) -> str:
    return f"drain-{dispatch_id}-"


def drain_dispatch(dispatch_id: int) -> str:
    """The job. What it leaves over is either queued again behind the others or found by the tick."""
    if db.session.get(Dispatch, dispatch_id) is None:
        return Left.NOTHING
    turn = Turn(drain_prefix(dispatch_id), clock.steady)
    left = drain(dispatch_id, current_app.config["CLOCK"], stopping=lambda: stop_signal.asked() or turn.over())
    if left is Left.MORE and not stop_signal.asked():
        queues.wake_named(queues.SEND, drain_name(dispatch_id), drain_dispatch, dispatch_id)
    return left
