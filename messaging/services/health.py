"""How the house is: what waits, what stands still, what nobody works on. For /healthz, the start page and every page's alarms.

Cheap: two reads by small indexes, and one more while something has been due for long. What Redis knows comes in as a value;
which state is a trouble is said in `domain.watching`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.exc import SQLAlchemyError

from messaging.domain.errors import Problem
from messaging.domain.reasons import REASONS
from messaging.domain.states import LIVE_DISPATCHES, DispatchState, MessageState
from messaging.domain.watching import STUCK_AFTER, SignsOfLife, trouble
from messaging.models import Attempt, Dispatch, Heartbeat, MailAccount, Message, db
from messaging.services.heartbeats import TICK

#: More live dispatches than this are not looked at one by one.
LIVE_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class LiveDispatch:
    """A dispatch that is not over. `due_since`: since when something of it should be going out, None if nothing should."""

    id: int
    state: str
    subject: str
    pause_code: str
    due_since: datetime | None

    @property
    def paused_because(self) -> str:
        """A German sentence with its cure; "" when a person paused it."""
        known = REASONS.get(self.pause_code)
        return known.text if known else ""


@dataclass(frozen=True, slots=True)
class Work:
    """What the database says is to be done. `unclear` counts the messages a person must decide about.

    `last_moved`: when anything was last handed over; looked up only once something has been due for longer than is usual.
    """

    last_tick: datetime | None
    unclear: int
    live: tuple[LiveDispatch, ...]
    last_moved: datetime | None = None

    @property
    def oldest_due(self) -> datetime | None:
        return _oldest_due(self.live)

    @property
    def paused(self) -> tuple[LiveDispatch, ...]:
        return tuple(each for each in self.live if each.state == DispatchState.PAUSED)


@dataclass(frozen=True, slots=True)
class Health:
    """The answer of /healthz: ids, counts and moments, nothing of patients. `problem` is the code of what is wrong, or ""."""

    database: bool
    signs: SignsOfLife
    last_tick: datetime | None
    oldest_due_seconds: int | None
    problem: str

    @property
    def fine(self) -> bool:
        return not self.problem


def work(now: datetime) -> Work:
    last_tick, unclear = db.session.execute(
        select(
            select(Heartbeat.at).where(Heartbeat.name == TICK).scalar_subquery(),
            select(func.count()).where(Message.state == MessageState.UNKNOWN).scalar_subquery(),
        )
    ).one()
    live = tuple(_live(now))
    oldest = _oldest_due(live)
    return Work(last_tick, unclear, live, _last_moved() if oldest and now - oldest > STUCK_AFTER else None)


def trouble_of(work: Work, signs: SignsOfLife, started_at: datetime, now: datetime) -> Problem | None:
    """What is wrong with the machinery, in German; None if all is well or the house is still starting."""
    return trouble(signs, work.last_tick, work.oldest_due, started_at, now, work.last_moved)


def health(signs: SignsOfLife, started_at: datetime, now: datetime) -> Health:
    """The whole house for a program that watches it. A database that does not answer is a finding, not an error."""
    try:
        found = work(now)
    except SQLAlchemyError:
        db.session.rollback()
        return Health(False, signs, None, None, "database")
    wrong = trouble_of(found, signs, started_at, now)
    waiting = round((now - found.oldest_due).total_seconds()) if found.oldest_due else None
    return Health(True, signs, found.last_tick, waiting, wrong.code if wrong else "")


def _oldest_due(live: Iterable[LiveDispatch]) -> datetime | None:
    return min((each.due_since for each in live if each.due_since), default=None)


def _last_moved() -> datetime | None:
    """The latest hand-over that ended, or that has begun. What was taken and given back again did not move.

    Per account, so that an index finds it however many attempts there are.
    """
    mine = (Attempt.account_id == MailAccount.id, Attempt.ended_at.is_not(None), Attempt.outcome != "released")
    newest = select(Attempt.ended_at).where(*mine).order_by(Attempt.ended_at.desc()).limit(1)
    ended = db.session.scalars(select(newest.correlate(MailAccount).scalar_subquery()).select_from(MailAccount))
    begun = db.session.scalar(select(func.max(Attempt.began_at)).where(Attempt.ended_at.is_(None)))
    return max((moment for moment in (*ended, begun) if moment), default=None)


def _live(now: datetime) -> list[LiveDispatch]:
    columns = (Dispatch.id, Dispatch.state, Dispatch.subject, Dispatch.pause_code, Dispatch.wait_until, Dispatch.scheduled_at,
               Dispatch.started_at, Dispatch.judged_from)  # fmt: skip
    firsts = (_first(MessageState.QUEUED).label("queued"), _first(MessageState.RETRYING).label("retrying"))
    query = select(*columns, *firsts).where(Dispatch.state.in_(LIVE_DISPATCHES)).order_by(Dispatch.id).limit(LIVE_AT_MOST)
    return [
        LiveDispatch(row.id, row.state, row.subject, row.pause_code, _due_since(row, now)) for row in db.session.execute(query)
    ]


def _first(state: MessageState) -> ScalarSelect[datetime]:
    """The earliest time in one state: the first entry of an index, however many messages there are."""
    mine = (Message.dispatch_id == Dispatch.id, Message.state == state)
    return select(func.min(Message.next_attempt_at)).where(*mine).correlate(Dispatch).scalar_subquery()


def _due_since(row: Any, now: datetime) -> datetime | None:
    """Nothing is due while a dispatch is paused or waits for a limit; after that, since it may go on."""
    if row.state == DispatchState.SCHEDULED:
        return row.scheduled_at if row.scheduled_at <= now else None
    if row.state == DispatchState.PAUSED or (row.wait_until and row.wait_until > now):
        return None
    due = [first for first in (row.queued, row.retrying) if first and first <= now]
    may_go_on = [moment for moment in (row.started_at, row.judged_from, row.wait_until) if moment]
    return max([min(due), *may_go_on]) if due else None
