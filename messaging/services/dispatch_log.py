"""Versandprotokoll: the list of dispatches with their numbers, and the head of one. Reads only; its recipients are elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, case, func, select

from messaging.domain.calendar_de import local_day_bounds
from messaging.domain.sending_words import Tally, tally
from messaging.domain.states import LIVE_DISPATCHES, DispatchState, DraftState
from messaging.models import AuditEntry, Dispatch, Draft, MailAccount, Message, Recipient, User, db
from messaging.services import person_search
from messaging.services.list_page import ListPage
from messaging.services.people_filter import PeopleFilter

#: What an export of everything stops at; a practice of twenty years stays far below.
EXPORT_AT_MOST = 100_000
LIVE_AT_MOST = 100

#: What the audit log calls "Nur Fehlgeschlagene erneut senden".
RESENT = "dispatch_resent"

_STARTER = func.coalesce(func.nullif(User.display_name, ""), User.name, "")
_COLUMNS = (
    Dispatch.id, Dispatch.draft_id, Dispatch.account_id, Dispatch.state, Dispatch.channel, Dispatch.purpose, Dispatch.subject,
    Dispatch.created_at, Dispatch.scheduled_at, Dispatch.started_at, Dispatch.finished_at, Dispatch.left_out, Dispatch.pause_code,
    _STARTER.label("started_by"), MailAccount.name.label("account_name"), MailAccount.sender_address,
)  # fmt: skip
#: What is not over stands on top: running, paused, planned; then the newest.
_LIVELINESS = case({DispatchState.RUNNING: 0, DispatchState.PAUSED: 1, DispatchState.SCHEDULED: 2}, value=Dispatch.state, else_=3)
_LIVE_FIRST = (_LIVELINESS, Dispatch.created_at.desc(), Dispatch.id.desc())


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What the list is narrowed down to; "" and None are no condition. `first` and `last` are days in Berlin, both included.

    `query` finds dispatches by the people in them, also by those who were left out.
    """

    state: str = ""
    channel: str = ""
    purpose: str = ""
    first: date | None = None
    last: date | None = None
    query: str = ""

    @property
    def narrows(self) -> bool:
        return self != LogFilter()


@dataclass(frozen=True, slots=True)
class DispatchLine:
    """One dispatch as lists and its own page show it."""

    id: int
    draft_id: int
    account_id: int
    state: str
    channel: str
    purpose: str
    subject: str
    created_at: datetime
    scheduled_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    left_out: Mapping[str, int]
    pause_code: str
    started_by: str
    account_name: str
    sender_address: str
    numbers: Tally

    @property
    def live(self) -> bool:
        return self.state in LIVE_DISPATCHES

    @property
    def done(self) -> int:
        """How many messages are in a final state."""
        return self.numbers.total - self.numbers.open


@dataclass(frozen=True, slots=True)
class LogPage:
    rows: Sequence[DispatchLine]
    total: int
    part: ListPage


@dataclass(frozen=True, slots=True)
class Repeat:
    """An earlier "Nur Fehlgeschlagene erneut senden": its draft, and the dispatch that became of it, if one did."""

    draft_id: int
    dispatch_id: int | None
    at: datetime
    by: str


def page(wanted: LogFilter, asked: ListPage) -> LogPage:
    """One page of the list, what is still going on first; past the end it is the last page."""
    total = db.session.scalar(select(func.count()).select_from(_ids(wanted).subquery())) or 0
    part = asked.within(total)
    return LogPage(lines(_ids(wanted).order_by(*_LIVE_FIRST).offset(part.start).limit(part.size)), total, part)


def every(wanted: LogFilter) -> Sequence[DispatchLine]:
    """The whole list, for an export."""
    return lines(_ids(wanted).order_by(*_LIVE_FIRST).limit(EXPORT_AT_MOST))


def one(dispatch_id: int) -> DispatchLine | None:
    return next(iter(lines(select(Dispatch.id).where(Dispatch.id == dispatch_id))), None)


def live() -> Sequence[DispatchLine]:
    """Everything that is not over."""
    return lines(select(Dispatch.id).where(Dispatch.state.in_(LIVE_DISPATCHES)).order_by(Dispatch.id.desc()).limit(LIVE_AT_MOST))


def latest_ended(count: int) -> Sequence[DispatchLine]:
    """The last dispatches that are over."""
    over = select(Dispatch.id).where(Dispatch.state.not_in(LIVE_DISPATCHES))
    return lines(over.order_by(Dispatch.created_at.desc(), Dispatch.id.desc()).limit(count))


def lines(ids: Select[tuple[int]]) -> Sequence[DispatchLine]:
    """The dispatches with these ids, what is live first, then the newest."""
    chosen = ids.subquery()
    rows = db.session.execute(
        select(*_COLUMNS)
        .join(chosen, chosen.c.id == Dispatch.id)
        .join(MailAccount, MailAccount.id == Dispatch.account_id)
        .outerjoin(User, User.id == Dispatch.created_by_id)
        .order_by(*_LIVE_FIRST)
    ).all()
    counts = _counts(chosen)
    return [_line(row, counts.get(row.id, {})) for row in rows]


def repeats(dispatch_id: int) -> Sequence[Repeat]:
    """What "erneut senden" was already asked for, newest first, without discarded drafts; so that nobody sends a third time."""
    asked = (AuditEntry.object_type == "dispatch", AuditEntry.object_id == dispatch_id, AuditEntry.action == RESENT)
    entries = db.session.execute(
        select(AuditEntry.at, AuditEntry.detail, _STARTER.label("by"))
        .outerjoin(User, User.id == AuditEntry.user_id)
        .where(*asked)
        .order_by(AuditEntry.id.desc())
        .limit(10)
    ).all()
    made = {entry.detail.get("draft_id"): entry for entry in entries}
    kept = db.session.execute(
        select(Draft.id, Dispatch.id)
        .outerjoin(Dispatch, Dispatch.draft_id == Draft.id)
        .where(Draft.id.in_(made), Draft.state != DraftState.DISCARDED)
        .order_by(Draft.id.desc())
    )
    return [Repeat(draft_id, dispatch, made[draft_id].at, made[draft_id].by) for draft_id, dispatch in kept]


def _ids(wanted: LogFilter) -> Select[tuple[int]]:
    return select(Dispatch.id).where(*_conditions(wanted))


def _conditions(wanted: LogFilter) -> list[ColumnElement[bool]]:
    columns = {"state": Dispatch.state, "channel": Dispatch.channel, "purpose": Dispatch.purpose}
    found = [column == getattr(wanted, name) for name, column in columns.items() if getattr(wanted, name)]
    if wanted.first:
        found.append(Dispatch.created_at >= local_day_bounds(wanted.first)[0])
    if wanted.last:
        found.append(Dispatch.created_at < local_day_bounds(wanted.last)[1])
    if wanted.query.strip():
        people = person_search.ids_query(PeopleFilter(query=wanted.query))
        found.append(Dispatch.draft_id.in_(select(Recipient.draft_id).where(Recipient.person_id.in_(people))))
    return found


def _counts(chosen: Subquery) -> Mapping[int, Mapping[str, int]]:
    """Messages of these dispatches by state, in one pass over an index."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    query = select(Message.dispatch_id, Message.state, func.count()).join(chosen, chosen.c.id == Message.dispatch_id)
    for dispatch_id, state, number in db.session.execute(query.group_by(Message.dispatch_id, Message.state)):
        counts[dispatch_id][state] = number
    return counts


def _line(row: Row[Any], counts: Mapping[str, int]) -> DispatchLine:
    return DispatchLine(**row._asdict(), numbers=tally(counts, row.left_out))
