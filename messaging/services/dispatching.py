"""Confirming a draft and steering a dispatch: plan, confirm, pause, resume, cancel, settle doubtful messages.

Views call this; the rows are moved by messaging.outbox. Waking a worker is the caller's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from messaging.domain.errors import DomainError, Problem
from messaging.domain.states import (
    CLAIMABLE,
    DISPATCH_STEPS,
    LIVE_DISPATCHES,
    MESSAGE_STEPS,
    DispatchState,
    MessageState,
    require_step,
)
from messaging.models import Dispatch, Draft, MailAccount, Message, db, write_transaction
from messaging.outbox import claims, staging
from messaging.outbox.estimates import estimate
from messaging.rendering.email import FilledMail
from messaging.services import attachments, audit, draft_problems, recipients, selection


@dataclass(frozen=True, slots=True)
class DispatchPlan:
    """What would happen if the draft were confirmed now. Sending is off while there are `problems`.

    `shared`: another dispatch is going out over the same account. `seal`: of what the page shows, see `staging.seal`.
    `doubled_names`: who is left out because the same address gets the same text already.
    """

    sendable: int
    left_out: dict[str, int]
    account_name: str
    sender_address: str
    seconds: int | None
    ready_at: datetime | None
    example: FilledMail | None
    problems: tuple[Problem, ...]
    shared: bool = False
    seal: str = ""
    doubled_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """`created` is False when the draft had been confirmed before; the dispatch is then the existing one."""

    dispatch_id: int
    created: bool


#: What a person may decide about a doubtful message; anything else is a mistake of the caller and raises KeyError.
DECISIONS = {"sent": MessageState.SENT, "again": MessageState.QUEUED}

NOT_NOW = Problem("dispatch_state", "Das geht im jetzigen Zustand des Versands nicht mehr.", "Bitte die Seite neu laden.")
NUMBER_CHANGED = Problem(
    "number_changed",
    "Inzwischen hat sich geändert, wer die Nachricht bekommt.",
    "Bitte prüfen Sie die neue Zahl und senden Sie dann.",
)


def plan(draft_id: int, now: datetime) -> DispatchPlan:
    """Check everybody again and count; what this says is what `confirm` does. Raises DomainError for a draft that is not open."""
    recipients.recheck(draft_id, now)
    session = db.session()
    draft = session.get_one(Draft, draft_id, populate_existing=True)
    account = session.get(MailAccount, draft.account_id) if draft.account_id else None
    problems = draft_problems.problems(draft, account)
    if problems:
        return DispatchPlan(0, {}, account.name if account else "", "", None, None, None, problems)
    mail = staging.compiled(session, draft)
    rows = staging.candidates(session, draft, mail, now)
    going = [row for row in rows if not row.doubled]
    ready = estimate(session, account, len(going), now)
    return DispatchPlan(
        sendable=len(going),
        left_out=staging.left_out(session, draft_id, rows),
        account_name=account.name,
        sender_address=account.sender_address,
        seconds=round((ready.ready_at - now).total_seconds()),
        ready_at=ready.ready_at,
        example=mail.fill(going[0].values) if going else None,
        problems=() if going else (draft_problems.NOBODY,),
        shared=ready.shared,
        seal=staging.seal(session, draft),
        doubled_names=tuple(row.values[staging.NAME] for row in rows if row.doubled),
    )


def ready_at(dispatch_id: int, begin: datetime, now: datetime) -> datetime:
    """When a dispatch of which nothing has gone out yet is through if it begins then, by the limits of its account."""
    dispatch = db.session.get_one(Dispatch, dispatch_id)
    account = db.session.get_one(MailAccount, dispatch.account_id)
    return estimate(db.session(), account, dispatch.total, now, begin, dispatch_id).ready_at


def confirm(
    draft_id: int, user_id: int, now: datetime, version: int, expected: int, scheduled_at: datetime | None = None, seal: str = ""
) -> Confirmed:
    """Make the dispatch the plan promised, once. `expected` is the number on the button, `seal` that of the page ("": as it is).

    A second or stale confirm ends on the existing dispatch. Raises DomainError when the number or the text changed meanwhile.
    """
    existing = dispatch_of(draft_id)
    if existing is not None:
        return Confirmed(existing, created=False)
    promised = plan(draft_id, now)
    if promised.problems:
        raise DomainError(promised.problems[0])
    if promised.sendable != expected:
        raise DomainError(NUMBER_CHANGED)

    def note(session: Session, dispatch_id: int) -> None:
        audit.record(session, now, user_id, "dispatch_confirmed", "dispatch", dispatch_id, draft_id=draft_id, total=expected)
        selection.untick_written_to(session, draft_id)
        attachments.forget_removed(session, draft_id)

    try:
        seen = staging.Seen(expected, seal or promised.seal)
        dispatch_id = staging.stage(draft_id, user_id, now, scheduled_at or now, version, note, seen)
    except DomainError:
        existing = dispatch_of(draft_id)
        if existing is None:
            raise
        return Confirmed(existing, created=False)
    return Confirmed(dispatch_id, created=True)


def dispatch_of(draft_id: int) -> int | None:
    """The dispatch a draft became, if it did."""
    return db.session.scalar(select(Dispatch.id).where(Dispatch.draft_id == draft_id))


def pause(dispatch_id: int, user_id: int, now: datetime) -> None:
    """Stop after the message that is just being handed over; nothing more begins. Raises DomainError when it is not running."""
    with write_transaction() as session:
        dispatch = claims.hold(session, dispatch_id)
        if dispatch is None or dispatch.state not in (DispatchState.RUNNING, DispatchState.SCHEDULED):
            raise DomainError(NOT_NOW)
        require_step(DISPATCH_STEPS, dispatch.state, DispatchState.PAUSED)
        dispatch.state, dispatch.judged_from = DispatchState.PAUSED, now
        dispatch.pause_code, dispatch.pause_detail = "", ""
        audit.record(session, now, user_id, "dispatch_paused", "dispatch", dispatch_id)


def reschedule(dispatch_id: int, moment: datetime, user_id: int, now: datetime) -> bool:
    """Another time for a dispatch that has not begun; a moment that is not in the future means now. True when it begins now."""
    begins_now = moment <= now
    with write_transaction() as session:
        dispatch = claims.hold(session, dispatch_id)
        if dispatch is None or dispatch.state != DispatchState.SCHEDULED:
            raise DomainError(NOT_NOW)
        dispatch.scheduled_at = max(moment, now)
        if begins_now:
            require_step(DISPATCH_STEPS, dispatch.state, DispatchState.RUNNING)
            dispatch.state, dispatch.started_at = DispatchState.RUNNING, now
        session.execute(
            update(Message)
            .where(Message.dispatch_id == dispatch_id, Message.state == MessageState.QUEUED)
            .values(next_attempt_at=max(moment, now))
            .execution_options(synchronize_session=False)
        )
        audit.record(session, now, user_id, "dispatch_rescheduled", "dispatch", dispatch_id)
    return begins_now


def resume(dispatch_id: int, user_id: int, now: datetime) -> None:
    """Go on where it stopped, or wait for its time again. Failures from before no longer count towards a pause."""
    with write_transaction() as session:
        dispatch = claims.hold(session, dispatch_id)
        if dispatch is None or dispatch.state != DispatchState.PAUSED:
            raise DomainError(NOT_NOW)
        waits_for_its_time = dispatch.started_at is None and dispatch.scheduled_at > now
        there = DispatchState.SCHEDULED if waits_for_its_time else DispatchState.RUNNING
        require_step(DISPATCH_STEPS, dispatch.state, there)
        dispatch.state, dispatch.judged_from = there, now
        dispatch.wait_until, dispatch.wait_code, dispatch.pause_code, dispatch.pause_detail = None, "", "", ""
        if not waits_for_its_time:
            dispatch.started_at = dispatch.started_at or now
        audit.record(session, now, user_id, "dispatch_resumed", "dispatch", dispatch_id)


def cancel(dispatch_id: int, user_id: int, now: datetime) -> None:
    """End it for good: what has not begun will not. What is being handed over this moment still ends in its true state."""
    with write_transaction() as session:
        dispatch = claims.hold(session, dispatch_id)
        if dispatch is None or dispatch.state not in LIVE_DISPATCHES:
            raise DomainError(NOT_NOW)
        require_step(DISPATCH_STEPS, dispatch.state, DispatchState.CANCELLED)
        dispatch.state, dispatch.finished_at = DispatchState.CANCELLED, now
        dispatch.wait_until, dispatch.wait_code = None, ""
        session.execute(
            update(Message)
            .where(Message.dispatch_id == dispatch_id, Message.state.in_(CLAIMABLE))
            .values(state=MessageState.CANCELLED, reason="cancelled_by_user", ended_at=now)
            .execution_options(synchronize_session=False)
        )
        audit.record(session, now, user_id, "dispatch_cancelled", "dispatch", dispatch_id)


def settle_unknown(message_id: int, decision: str, user_id: int, now: datetime) -> int:
    """A person decides about a doubtful message: "sent" (counts as sent) or "again" (one more hand-over).

    Returns the dispatch's id.
    """
    to = DECISIONS[decision]
    require_step(MESSAGE_STEPS, MessageState.UNKNOWN, to)
    with write_transaction() as session:
        dispatch = claims.hold(session, session.get_one(Message, message_id).dispatch_id)
        message = session.get_one(Message, message_id, populate_existing=True, with_for_update=True)
        if message.state != MessageState.UNKNOWN or (to is MessageState.QUEUED and dispatch.state == DispatchState.CANCELLED):
            raise DomainError(NOT_NOW)
        message.state, message.ended_at = to, now if to is MessageState.SENT else None
        message.claim, message.next_attempt_at = "", now
        if to is MessageState.QUEUED and dispatch.state == DispatchState.FINISHED:
            dispatch.state, dispatch.finished_at, dispatch.judged_from = DispatchState.RUNNING, None, now
        audit.record(session, now, user_id, f"unknown_settled_{decision}", "message", message_id, dispatch_id=dispatch.id)
        return dispatch.id
