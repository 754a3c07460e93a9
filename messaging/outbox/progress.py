"""How far a dispatch is: counts from the rows themselves, speed and time left. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from messaging.domain.sending_limits import LIMIT_CODES
from messaging.domain.states import OPEN_MESSAGES, DispatchState
from messaging.models import Attempt, Dispatch, MailAccount, Message, db
from messaging.outbox.estimates import estimate, limits_of

#: The speed is that of the last minute: old pauses and limits must not spoil the guess.
RATE_WINDOW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Progress:
    """`counts` by message state; `done` are the final ones. `seconds_left` is None when nobody can know."""

    id: int
    state: str
    total: int
    counts: Mapping[str, int]
    done: int
    rate_per_minute: int
    seconds_left: int | None
    wait_until: datetime | None
    wait_code: str
    pause_code: str
    pause_detail: str
    scheduled_at: datetime
    next_attempt_at: datetime | None

    @property
    def ended(self) -> bool:
        return self.state in (DispatchState.FINISHED, DispatchState.CANCELLED) and not self.counts.get("sending")


def progress(dispatch_id: int, now: datetime) -> Progress:
    """Raises sqlalchemy.exc.NoResultFound for an unknown dispatch."""
    dispatch = db.session.get_one(Dispatch, dispatch_id, populate_existing=True)
    by_state = select(Message.state, func.count()).where(Message.dispatch_id == dispatch_id).group_by(Message.state)
    counts = dict(db.session.execute(by_state).all())
    remaining = sum(counts.get(state, 0) for state in OPEN_MESSAGES)
    rate = _ended_per_minute(dispatch, now)
    waiting = dispatch.wait_until if dispatch.wait_until and dispatch.wait_until > now else None
    return Progress(
        id=dispatch.id,
        state=dispatch.state,
        total=dispatch.total,
        counts=counts,
        done=dispatch.total - remaining,
        rate_per_minute=rate,
        seconds_left=_seconds_left(dispatch, remaining, rate, now),
        wait_until=waiting,
        wait_code=dispatch.wait_code if waiting else "",
        pause_code=dispatch.pause_code,
        pause_detail=dispatch.pause_detail,
        scheduled_at=dispatch.scheduled_at,
        next_attempt_at=_next_attempt(dispatch_id),
    )


def _ended_per_minute(dispatch: Dispatch, now: datetime) -> int:
    """Hand-overs that ended in the last minute, scaled up while the dispatch is younger than that."""
    start = max(now - RATE_WINDOW, dispatch.started_at or now)
    ended = db.session.scalar(
        select(func.count()).where(
            Attempt.dispatch_id == dispatch.id, Attempt.ended_at > start, Attempt.outcome.not_in(("released", "skipped"))
        )
    )
    seconds = max((now - start).total_seconds(), 1.0)
    return round((ended or 0) * 60 / seconds)


def _seconds_left(dispatch: Dispatch, remaining: int, rate: int, now: datetime) -> int | None:
    """At the speed of the last minute, but not sooner than the account may. Waiting for anything but a limit has no known end."""
    waiting = bool(dispatch.wait_until and dispatch.wait_until > now)
    if dispatch.state != DispatchState.RUNNING or not (dispatch.wait_code in LIMIT_CODES if waiting else rate):
        return None
    by_speed = remaining * 60 / rate if rate else 0.0
    return round(max(by_speed, _seconds_by_limits(dispatch, remaining, now)))


def _seconds_by_limits(dispatch: Dispatch, remaining: int, now: datetime) -> float:
    """0 for an account without limits, which need not be asked who else sends over it: a page polls this."""
    account = db.session.get_one(MailAccount, dispatch.account_id)
    if not limits_of(account):
        return 0.0
    return (estimate(db.session(), account, remaining, now, dispatch_id=dispatch.id).ready_at - now).total_seconds()


def _next_attempt(dispatch_id: int) -> datetime | None:
    """When the earliest retry is due."""
    return db.session.scalar(
        select(func.min(Message.next_attempt_at)).where(Message.dispatch_id == dispatch_id, Message.state == "retrying")
    )
