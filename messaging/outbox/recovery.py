"""The nets under the engine: what a killed process, a lost wake-up or a power cut left behind.

Called by the tick; harmless when run twice.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select, text, update
from sqlalchemy.orm import Session

from messaging.domain.states import CLAIMABLE, DispatchState, MessageState
from messaging.models import Attempt, Dispatch, Message, db, write_transaction
from messaging.outbox import claims, standstill
from messaging.outbox.epoch import disk_epoch

logger = logging.getLogger(__name__)

#: Claims looked at per transaction, so that the lock is never held for long.
CHUNK = 200
#: Written out, so that SQLite sees that its partial index serves.
_CLAIMED = text("message.state = 'sending'")


def sweep(now: datetime) -> None:
    """All nets: late claims, due schedules, windows that opened, finished dispatches."""
    while settle_late_claims(now):
        pass
    start_due_dispatches(now)
    standstill.refresh_limit_waits(now)
    for dispatch_id in live_dispatch_ids():
        standstill.finish_if_done(dispatch_id, now)


def settle_late_claims(now: datetime) -> int:
    """Claims of the dead: not begun for sure -> back to the queue; begun, or in doubt after a power cut -> unknown.

    Begun ones wait for the end of the lease, because their worker may only be slow. Returns how many were looked at.
    """
    with write_transaction() as session:
        epoch = disk_epoch(session.connection())
        late = session.execute(_late(epoch, now)).all()
        for dispatch_id in sorted({row.dispatch_id for row in late}):
            claims.hold(session, dispatch_id)
        for message_id, name, _, began_at, made_in in late:
            if began_at is None and made_in == epoch:
                claims.release(session, [message_id], name, now)
            else:
                _doubt(session, message_id, name, now)
    for dispatch_id in sorted({row.dispatch_id for row in late}):
        standstill.pause_if_too_many_failures(dispatch_id, now)
    if late:
        logger.warning("%s claims were older than their lease", len(late))
    return len(late)


def _late(epoch: str, now: datetime) -> Select[Any]:
    """In the order of attempts, which is the order in which a worker writes them: nobody waits for each other in a circle."""
    silent = now + claims.LEASE - claims.SILENT_AFTER
    never_begun = and_(Message.lease_until < silent, Attempt.began_at.is_(None), Attempt.epoch == epoch)
    return (
        select(Message.id, Message.claim, Message.dispatch_id, Attempt.began_at, Attempt.epoch)
        .outerjoin(Attempt, and_(Attempt.message_id == Message.id, Attempt.claim == Message.claim))
        .where(_CLAIMED, or_(Message.lease_until < now, never_begun))
        .order_by(Attempt.id, Message.id)
        .limit(CHUNK)
    )


def _doubt(session: Session, message_id: int, name: str, now: datetime) -> None:
    """The attempt first, as a worker does. One that ended meanwhile has told what came of its message."""
    session.execute(
        update(Attempt)
        .where(Attempt.message_id == message_id, Attempt.claim == name, Attempt.ended_at.is_(None))
        .values(ended_at=now, outcome="unknown", code="worker_died")
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Message)
        .where(Message.id == message_id, Message.claim == name, Message.state == MessageState.SENDING)
        .values(state=MessageState.UNKNOWN, reason="worker_died", lease_until=None, ended_at=now)
        .execution_options(synchronize_session=False)
    )


def start_due_dispatches(now: datetime) -> None:
    due = select(Dispatch.id).where(Dispatch.state == DispatchState.SCHEDULED, Dispatch.scheduled_at <= now)
    for dispatch_id in db.session.scalars(due).all():
        standstill.step(dispatch_id, DispatchState.SCHEDULED, DispatchState.RUNNING, started_at=now)


def live_dispatch_ids() -> list[int]:
    live = (DispatchState.RUNNING, DispatchState.PAUSED)
    ids = list(db.session.scalars(select(Dispatch.id).where(Dispatch.state.in_(live)).order_by(Dispatch.id)))
    db.session.commit()
    return ids


def dispatches_with_due_work(now: datetime) -> list[int]:
    """Running dispatches that have something to hand over now and are not waiting."""
    waiting_over = or_(Dispatch.wait_until.is_(None), Dispatch.wait_until <= now)
    due = exists(
        select(Message.id).where(Message.dispatch_id == Dispatch.id, Message.state.in_(CLAIMABLE), Message.next_attempt_at <= now)
    )
    found = select(Dispatch.id).where(Dispatch.state == DispatchState.RUNNING, waiting_over, due).order_by(Dispatch.id)
    ids = list(db.session.scalars(found))
    db.session.commit()
    return ids
