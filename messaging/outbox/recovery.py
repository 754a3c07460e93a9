"""The nets under the engine: what a killed process, a lost wake-up or a power cut left behind.

Called by the tick; harmless when run twice.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import and_, exists, or_, select, text, update
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
    """Claims older than their lease: not begun for sure -> back to the queue; begun, or in doubt after a power cut -> unknown."""
    with write_transaction() as session:
        epoch = disk_epoch(session.connection())
        late = session.execute(
            select(Message.id, Message.claim, Message.dispatch_id, Attempt.began_at, Attempt.epoch)
            .outerjoin(Attempt, and_(Attempt.message_id == Message.id, Attempt.claim == Message.claim))
            .where(_CLAIMED, Message.lease_until < now)
            .order_by(Message.lease_until, Message.id)
            .limit(CHUNK)
        ).all()
        for dispatch_id in sorted({row.dispatch_id for row in late}):
            claims.hold(session, dispatch_id)
        for message_id, name, _, began_at, made_in in late:
            if began_at is None and made_in == epoch:
                claims.release(session, [message_id], name, now)
            else:
                _doubt(session, message_id, name, now)
    if late:
        logger.warning("%s claims were older than their lease", len(late))
    return len(late)


def _doubt(session: Session, message_id: int, name: str, now: datetime) -> None:
    session.execute(
        update(Message)
        .where(Message.id == message_id, Message.claim == name, Message.state == MessageState.SENDING)
        .values(state=MessageState.UNKNOWN, reason="worker_died", lease_until=None, ended_at=now)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Attempt)
        .where(Attempt.message_id == message_id, Attempt.claim == name, Attempt.ended_at.is_(None))
        .values(ended_at=now, outcome="unknown", code="worker_died")
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
