"""Counts what an account has sent, across all workers and dispatches, for the sliding windows of domain.sending_limits.

Called inside the claiming transaction: claimed messages count as sent until they are released, so the limit is never passed by
one. Test mails count too: the provider does not know that they are tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from messaging.domain.sending_limits import LIMIT_CODES, Allowance, Usage, Window, allowance, windows
from messaging.domain.states import CLAIMABLE, DispatchState
from messaging.models import Attempt, Dispatch, Errand, MailAccount, Message

#: Attempts that never reached the provider, or of which it would hear nothing.
NOT_SENT = ("released", "skipped", "busy")
TEST_MAIL = "test_mail"
#: Outcomes of a test mail that take a place.
PERHAPS_SENT = ("accepted", "unknown")


def free_now(session: Session, account_id: int, now: datetime, dispatch_id: int | None = None) -> Allowance:
    """How many messages a dispatch (None: a test mail) may take on now. Locks the account row where the database locks rows."""
    account = session.execute(
        select(MailAccount.per_hour, MailAccount.per_quarter_hour).where(MailAccount.id == account_id).with_for_update()
    ).one()
    limits = windows(account.per_hour, account.per_quarter_hour)
    if not limits:
        return Allowance(None)
    in_flight = session.execute(_in_flight(account_id, dispatch_id)).one()
    usages = [_usage(session, account_id, dispatch_id, window, now, tuple(in_flight)) for window in limits]
    rivals = _rivals(session, account_id, dispatch_id, now) if dispatch_id else 0
    return allowance(usages, now, rivals)


def ends_inside(session: Session, account_id: int, length: timedelta, now: datetime) -> list[datetime]:
    """When the hand-overs over the account ended that are inside a window of this length, in order; those under way end now."""
    inside = (*_sent_over(account_id), or_(Attempt.ended_at > now - length, Attempt.ended_at.is_(None)))
    ends = [*session.scalars(select(Attempt.ended_at).where(*inside)), *_test_mails(session, account_id, now - length)]
    return sorted(end or now for end in ends)


def _usage(
    session: Session, account_id: int, dispatch_id: int | None, window: Window, now: datetime, in_flight: tuple[int, int]
) -> Usage:
    inside = (*_sent_over(account_id), Attempt.ended_at > now - window.length)
    ended, mine = session.execute(select(*_counts(dispatch_id)).where(*inside)).one()
    tests = _test_mails(session, account_id, now - window.length)
    usage = Usage(window, ended + len(tests), in_flight[0], mine + in_flight[1], single=dispatch_id is None)
    return replace(usage, leaving=_leaving(session, inside, tests, usage.surplus)) if usage.surplus >= 0 else usage


def _leaving(session: Session, inside: tuple[Any, ...], tests: Sequence[datetime | None], surplus: int) -> datetime | None:
    """The end of the hand-over that leaves the window after `surplus` others; those under way will not leave soon."""
    first = session.scalars(select(Attempt.ended_at).where(*inside).order_by(Attempt.ended_at).limit(surplus + 1))
    in_order = sorted([*first, *filter(None, tests)])
    return in_order[surplus] if surplus < len(in_order) else None


def _in_flight(account_id: int, dispatch_id: int | None) -> Any:
    return select(*_counts(dispatch_id)).where(*_sent_over(account_id), Attempt.ended_at.is_(None))


def _counts(dispatch_id: int | None) -> tuple[Any, Any]:
    """(of the account, of the dispatch)"""
    return func.count(), func.count(case((Attempt.dispatch_id == dispatch_id, 1)))


def _sent_over(account_id: int) -> tuple[Any, ...]:
    return (Attempt.account_id == account_id, Attempt.outcome.not_in(NOT_SENT))


def _test_mails(session: Session, account_id: int, since: datetime) -> Sequence[datetime | None]:
    """The ends of test mails over the account that ended after `since` and may have been sent; None for each under way."""
    ended = and_(Errand.ended_at > since, Errand.payload["outcome"].as_string().in_(PERHAPS_SENT))
    mine = (Errand.kind == TEST_MAIL, or_(Errand.state == "running", ended))
    # Noted when it was taken: the draft may have another account by now.
    over_it = Errand.payload["account_id"].as_integer() == account_id
    return session.scalars(select(Errand.ended_at).where(*mine, over_it)).all()


def _rivals(session: Session, account_id: int, dispatch_id: int, now: datetime) -> int:
    """Other dispatches that want to send over the account now; those that only wait for its windows are among them."""
    ready = or_(Dispatch.wait_until.is_(None), Dispatch.wait_until <= now, Dispatch.wait_code.in_(LIMIT_CODES))
    due = exists().where(Message.dispatch_id == Dispatch.id, Message.state.in_(CLAIMABLE), Message.next_attempt_at <= now)
    others = (Dispatch.account_id == account_id, Dispatch.id != dispatch_id, Dispatch.state == DispatchState.RUNNING)
    return session.scalar(select(func.count()).select_from(Dispatch).where(*others, ready, due)) or 0
