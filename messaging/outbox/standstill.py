"""When a dispatch waits, pauses, goes on or is finished.

Every change is one conditional UPDATE, so that two workers cannot disagree.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import exists, func, select, update

from messaging.domain.delivery_rules import FAILURES_IN_A_ROW, reason_to_pause
from messaging.domain.states import DISPATCH_STEPS, OPEN_MESSAGES, DispatchState, require_step
from messaging.models import Attempt, Dispatch, Message, db, write_transaction

logger = logging.getLogger(__name__)

#: Outcomes that say how well hand-overs go; a wrong key pauses by itself, and what was released never happened.
JUDGED = ("accepted", "temporary", "rejected", "unknown")


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


def pause_if_too_many_failures(dispatch_id: int, now: datetime) -> None:
    since = db.session.scalar(select(Dispatch.judged_from).where(Dispatch.id == dispatch_id))
    judged = [Attempt.dispatch_id == dispatch_id, Attempt.outcome.in_(JUDGED)]
    if since is not None:
        judged.append(Attempt.ended_at > since)
    newest = select(Attempt.outcome).where(*judged).order_by(Attempt.ended_at.desc(), Attempt.id.desc()).limit(FAILURES_IN_A_ROW)
    latest = [outcome == "accepted" for outcome in db.session.scalars(newest)]
    counts = dict(db.session.execute(select(Attempt.outcome, func.count()).where(*judged).group_by(Attempt.outcome)).all())
    answered = sum(counts.values())
    db.session.commit()
    code = reason_to_pause(latest, answered - counts.get("accepted", 0), answered)
    if code:
        pause(dispatch_id, code, "", now)


def finish_if_done(dispatch_id: int, now: datetime) -> bool:
    """A dispatch whose messages are all final is finished, whether it was running or paused."""
    still_open = exists(select(Message.id).where(Message.dispatch_id == dispatch_id, Message.state.in_(OPEN_MESSAGES)))
    if db.session.scalar(select(still_open)):
        db.session.commit()
        return False
    with write_transaction() as session:
        finished = session.execute(
            update(Dispatch)
            .where(Dispatch.id == dispatch_id, Dispatch.state.in_((DispatchState.RUNNING, DispatchState.PAUSED)), ~still_open)
            .values(state=DispatchState.FINISHED, finished_at=now, wait_until=None, wait_code="")
            .execution_options(synchronize_session=False)
        )
        return bool(finished.rowcount)


def due_since(dispatch_id: int) -> datetime:
    """From when on usefulness is counted: when it was due, or when a person last let it go on."""
    scheduled, judged = db.session.execute(
        select(Dispatch.scheduled_at, Dispatch.judged_from).where(Dispatch.id == dispatch_id)
    ).one()
    db.session.commit()
    return max(scheduled, judged) if judged else scheduled
