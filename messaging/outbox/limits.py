"""Counts what an account has sent, across all workers and dispatches, for the sliding windows of domain.sending_limits.

Called inside the claiming transaction: claimed messages count as sent until they are released, so the limit is never passed by
one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from messaging.domain.sending_limits import Allowance, Usage, Window, allowance, windows
from messaging.models import Attempt, MailAccount

#: Attempts that never reached the provider.
NOT_SENT = ("released", "skipped")


def free_now(session: Session, account_id: int, now: datetime) -> Allowance:
    """How many messages the account may take on now. Locks the account row where the database locks rows."""
    account = session.execute(
        select(MailAccount.per_hour, MailAccount.per_quarter_hour).where(MailAccount.id == account_id).with_for_update()
    ).one()
    limits = windows(account.per_hour, account.per_quarter_hour)
    return allowance([_usage(session, account_id, window, now) for window in limits], now)


def _usage(session: Session | Connection, account_id: int, window: Window, now: datetime) -> Usage:
    mine = (Attempt.account_id == account_id, Attempt.outcome.not_in(NOT_SENT))
    inside = select(Attempt.ended_at).where(*mine, Attempt.ended_at > now - window.length).order_by(Attempt.ended_at)
    in_flight = select(func.count()).where(*mine, Attempt.ended_at.is_(None))
    return Usage(window, session.scalars(inside).all(), session.scalar(in_flight) or 0)
