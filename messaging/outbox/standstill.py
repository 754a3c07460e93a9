"""When a dispatch waits, pauses, goes on or is finished.

Every change is one conditional UPDATE, so that two workers cannot disagree.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, exists, func, select, update
from sqlalchemy.orm import aliased

from messaging.domain.delivery_rules import FAILURES_IN_A_ROW, reason_to_pause
from messaging.domain.sending_limits import LIMIT_CODES
from messaging.domain.states import DISPATCH_STEPS, OPEN_MESSAGES, DispatchState, MessageState, require_step
from messaging.models import Attempt, Dispatch, Message, db, write_transaction
from messaging.outbox import claims, limits

logger = logging.getLogger(__name__)

#: Outcomes that say how well hand-overs go; a wrong key pauses by itself, a busy server makes all wait, and what was released
#: never happened.
JUDGED = ("accepted", "temporary", "rejected", "unknown")
JUST_NOW = timedelta(minutes=1)


def step(dispatch_id: int, here: DispatchState, there: DispatchState, **values: object) -> bool:
    """Move a dispatch from one state to another; False when it is not in `here` any more."""
    require_step(DISPATCH_STEPS, here, there)
    with write_transaction() as session:
        moved = session.execute(
            update(Dispatch)
            .where(Dispatch.id == dispatch_id, Dispatch.state == here)
            .values(state=there, **values)
            .execution_options(synchronize_session=False)
        )
        if moved.rowcount:
            logger.info("dispatch %s: %s -> %s", dispatch_id, here, there)
        return bool(moved.rowcount)


def pause(dispatch_id: int, code: str, detail: str, now: datetime) -> bool:
    """Stop a running dispatch and say why ("" = a person wanted it)."""
    return step(dispatch_id, DispatchState.RUNNING, DispatchState.PAUSED, pause_code=code, pause_detail=detail, judged_from=now)


def wait(dispatch_id: int, until: datetime, code: str) -> None:
    """Let a running dispatch rest; the tick goes on when the time has come."""
    with write_transaction() as session:
        session.execute(
            update(Dispatch)
            .where(Dispatch.id == dispatch_id)
            .values(wait_until=until, wait_code=code)
            .execution_options(synchronize_session=False)
        )


def others_get_through(dispatch_id: int, claim: str, now: datetime) -> bool:
    """Whether another claim of the dispatch is being handed over and the server took something just now."""
    working = (Message.dispatch_id == dispatch_id, Message.state == MessageState.SENDING, Message.lease_until > now)
    accepted = (Attempt.dispatch_id == dispatch_id, Attempt.ended_at > now - JUST_NOW, Attempt.outcome == "accepted")
    found = db.session.scalar(select(exists().where(*working, Message.claim != claim) & exists().where(*accepted)))
    db.session.commit()
    return bool(found)


def stands_alone(message_id: int, account_id: int) -> bool:
    """Whether the server was busy for this message before and has taken others since: then it is about this message."""
    refused = (
        select(func.max(Attempt.ended_at)).where(Attempt.message_id == message_id, Attempt.outcome == "busy").scalar_subquery()
    )
    others = (Attempt.account_id == account_id, Attempt.outcome == "accepted", Attempt.ended_at > refused)
    found = db.session.scalar(select(exists().where(*others)))
    db.session.commit()
    return bool(found)


def refresh_limit_waits(now: datetime) -> None:
    """What waits for a window goes on as soon as it opens: a limit may have been raised, or claimed messages given back."""
    waiting = (Dispatch.state == DispatchState.RUNNING, Dispatch.wait_until > now, Dispatch.wait_code.in_(LIMIT_CODES))
    for dispatch_id in db.session.scalars(select(Dispatch.id).where(*waiting).order_by(Dispatch.id)).all():
        with write_transaction() as session:
            dispatch = claims.hold(session, dispatch_id)
            if dispatch is not None and dispatch.state == DispatchState.RUNNING:
                room = limits.free_now(session, dispatch.account_id, now, dispatch_id)
                dispatch.wait_until, dispatch.wait_code = room.until, room.code
    db.session.commit()


def pause_if_too_many_failures(dispatch_id: int, now: datetime) -> None:
    """Judges first tries since a person last let the dispatch go on."""
    since = db.session.scalar(select(Dispatch.judged_from).where(Dispatch.id == dispatch_id))
    judged = _judged(Attempt, since)
    of_this = (Attempt.dispatch_id == dispatch_id, *judged)
    newest = select(Attempt.outcome).where(*of_this, _is_first_try(since)).order_by(Attempt.ended_at.desc(), Attempt.id.desc())
    latest = [outcome == "accepted" for outcome in db.session.scalars(newest.limit(FAILURES_IN_A_ROW))]
    failed_message = case((Attempt.outcome != "accepted", Attempt.message_id))
    counts = select(func.count(failed_message.distinct()), func.count(Attempt.message_id.distinct()))
    failed, answered = db.session.execute(counts.where(*of_this)).one()
    db.session.commit()
    code = reason_to_pause(latest, failed, answered)
    if code:
        pause(dispatch_id, code, "", now)


def _judged(attempt: Any, since: datetime | None) -> tuple[Any, ...]:
    answered = attempt.outcome.in_(JUDGED)
    return (answered,) if since is None else (answered, attempt.ended_at > since)


def _is_first_try(since: datetime | None) -> Any:
    earlier = aliased(Attempt)
    same = (earlier.message_id == Attempt.message_id, earlier.id < Attempt.id)
    return ~exists().where(*same, *_judged(earlier, since))


def finish_if_done(dispatch_id: int, now: datetime) -> bool:
    """A dispatch whose messages are all final is finished, whether it was running or paused."""
    still_open = exists(select(Message.id).where(Message.dispatch_id == dispatch_id, Message.state.in_(OPEN_MESSAGES)))
    if db.session.scalar(select(still_open)):
        db.session.commit()
        return False
    with write_transaction() as session:
        claims.hold(session, dispatch_id)
        finished = session.execute(
            update(Dispatch)
            .where(Dispatch.id == dispatch_id, Dispatch.state.in_((DispatchState.RUNNING, DispatchState.PAUSED)), ~still_open)
            .values(state=DispatchState.FINISHED, finished_at=now, wait_until=None, wait_code="")
            .execution_options(synchronize_session=False)
        )
        return bool(finished.rowcount)


def trying_since(message_id: int) -> datetime:
    """When its first hand-over began, or when a person last let its dispatch go on. The message is being handed over now."""
    tried, judged = db.session.execute(
        select(func.min(Attempt.began_at), func.max(Dispatch.judged_from))
        .join(Dispatch, Dispatch.id == Attempt.dispatch_id)
        .where(Attempt.message_id == message_id)
    ).one()
    db.session.commit()
    return max(tried, judged) if judged else tried
