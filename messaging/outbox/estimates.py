"""When a dispatch will be through: gathers what its account has sent and who else waits for it; domain.sending_estimate reckons.

Only for what the screens promise; reads only, and nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from messaging.domain.sending_estimate import AccountLoad, seconds_for
from messaging.domain.sending_limits import Window, windows
from messaging.domain.states import OPEN_MESSAGES, DispatchState
from messaging.models import Dispatch, MailAccount, Message
from messaging.outbox.limits import ends_inside

#: Mails a second that a usual mail server takes from one sender.
USUAL_RATE = 10.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """When the last message is out. `shared`: other dispatches send over the account meanwhile."""

    ready_at: datetime
    shared: bool


def estimate(
    session: Session,
    account: MailAccount,
    count: int,
    now: datetime,
    begin: datetime | None = None,
    dispatch_id: int | None = None,
) -> Estimate:
    """Of `count` messages over the account that begin at `begin` (None: now). `dispatch_id`: whose they are, once staged."""
    limits = limits_of(account)
    load = AccountLoad(_sent(session, account.id, limits, now), _others(session, account.id, dispatch_id))
    wait = max((begin - now).total_seconds(), 0.0) if begin else 0.0
    seconds = seconds_for(count, limits, USUAL_RATE, load, wait)
    return Estimate(now + timedelta(seconds=seconds), bool(load.others))


def limits_of(account: MailAccount) -> tuple[Window, ...]:
    return windows(account.per_hour, account.per_quarter_hour)


def _sent(session: Session, account_id: int, limits: Sequence[Window], now: datetime) -> tuple[float, ...]:
    if not limits:
        return ()
    ends = ends_inside(session, account_id, max(window.length for window in limits), now)
    return tuple(min((end - now).total_seconds(), 0.0) for end in ends)


def _others(session: Session, account_id: int, dispatch_id: int | None) -> tuple[int, ...]:
    running = (Dispatch.account_id == account_id, Dispatch.state == DispatchState.RUNNING, Dispatch.id != (dispatch_id or 0))
    waiting = select(func.count()).select_from(Message).join(Dispatch, Dispatch.id == Message.dispatch_id)
    return tuple(session.scalars(waiting.where(*running, Message.state.in_(OPEN_MESSAGES)).group_by(Message.dispatch_id)))
