"""Who a dispatch went to, one row per recipient: state, reason, tries; and those who were left out before. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, exists, func, not_, select
from sqlalchemy.orm import InstrumentedAttribute

from messaging.domain.sending_words import LEFT_OUT, STATE_GROUPS
from messaging.models import Appointment, Attempt, Dispatch, Message, Person, Recipient, db
from messaging.outbox.sendable import left_out_reason, sendable_clause
from messaging.services import person_search
from messaging.services.list_page import ListPage
from messaging.services.people_filter import PeopleFilter
from messaging.services.people_table import list_name

#: An attempt that was taken back before anything began is nobody's business.
NEVER_BEGUN = "released"

_NAME_COLUMNS = (Person.number, Person.title, Person.first_name, Person.name_prefix, Person.last_name)


@dataclass(frozen=True, slots=True)
class RecipientFilter:
    """`group` is a key of STATE_GROUPS, LEFT_OUT, or "" for all messages; `reason` narrows LEFT_OUT; `query` is a typed name."""

    group: str = ""
    reason: str = ""
    query: str = ""

    @property
    def before(self) -> bool:
        """Whether this is about rows that never became a message."""
        return self.group == LEFT_OUT


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One try. `outcome` and `code` are those of the row, `detail` the provider's raw words."""

    began_at: datetime
    ended_at: datetime | None
    outcome: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class RecipientLine:
    """One recipient. `state` is a MessageState or LEFT_OUT, `reason` a code; `message_id` and `reference` only of a message.

    `tries` counts them, `attempts` are they where they were asked for.
    `at`: when it came to its state; `next_attempt_at`: when a retrying one goes on.
    """

    key: int
    message_id: int | None
    dispatch_id: int
    person_id: int
    name: str
    address: str
    appointment_start: datetime | None
    state: str
    reason: str
    at: datetime | None = None
    next_attempt_at: datetime | None = None
    reference: str = ""
    override_reason: str = ""
    tries: int = 0
    attempts: Sequence[AttemptLine] = ()


@dataclass(frozen=True, slots=True)
class RecipientPage:
    rows: Sequence[RecipientLine]
    total: int
    part: ListPage


def page(dispatch_id: int, wanted: RecipientFilter, asked: ListPage) -> RecipientPage:
    """One page of the recipients in the order of the list; past the end it is the last page."""
    query = _left_out_query(dispatch_id, wanted) if wanted.before else _message_query(dispatch_id, wanted)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    part = asked.within(total)
    found = db.session.execute(query.offset(part.start).limit(part.size)).all()
    if wanted.before:
        return RecipientPage([_left_out_line(row) for row in found], total, part)
    return RecipientPage([_message_line(row) for row in found], total, part)


def one(message_id: int) -> RecipientLine | None:
    """One message with all its tries."""
    query = _all_messages().where(Message.id == message_id)
    row = db.session.execute(query).one_or_none()
    return (
        _message_line(row, attempts_of(select(Message.id).where(Message.id == message_id)).get(message_id, ())) if row else None
    )


def every(dispatch_id: int) -> Iterator[RecipientLine]:
    """All recipients, those who were left out before at the end; for an export."""
    for row in db.session.execute(_message_query(dispatch_id, RecipientFilter())).yield_per(1000):
        yield _message_line(row)
    for row in db.session.execute(_left_out_query(dispatch_id, RecipientFilter(LEFT_OUT))).yield_per(1000):
        yield _left_out_line(row)


def counts(dispatch_id: int) -> Mapping[str, int]:
    """Messages by state."""
    by_state = select(Message.state, func.count()).where(Message.dispatch_id == dispatch_id).group_by(Message.state)
    return dict(db.session.execute(by_state).all())


def attempts_of(message_ids: Select[tuple[int]]) -> Mapping[int, Sequence[AttemptLine]]:
    """The tries of these messages, oldest first."""
    chosen = message_ids.subquery()
    columns = (
        Attempt.message_id,
        Attempt.began_at,
        Attempt.claimed_at,
        Attempt.ended_at,
        Attempt.outcome,
        Attempt.code,
        Attempt.detail,
    )
    query = select(*columns).join(chosen, chosen.c.id == Attempt.message_id).where(Attempt.outcome != NEVER_BEGUN)
    found: dict[int, list[AttemptLine]] = defaultdict(list)
    for row in db.session.execute(query.order_by(Attempt.id)):
        line = AttemptLine(row.began_at or row.claimed_at, row.ended_at, row.outcome, row.code, row.detail)
        found[row.message_id].append(line)
    return found


def _all_messages() -> Select[Any]:
    columns = (Message.id, Message.dispatch_id, Message.person_id, Message.address, Message.appointment_start, Message.state,
               Message.reason, Message.ended_at, Message.next_attempt_at, Message.reference, Message.override_reason,
               Message.attempts)  # fmt: skip
    return select(*columns, *_NAME_COLUMNS).join(Person, Person.id == Message.person_id)


def _message_query(dispatch_id: int, wanted: RecipientFilter) -> Select[Any]:
    query = _all_messages().where(Message.dispatch_id == dispatch_id)
    if wanted.group:
        query = query.where(Message.state.in_(STATE_GROUPS[wanted.group]))
    return query.where(*_named(Message.person_id, wanted)).order_by(Message.id)


def _left_out_query(dispatch_id: int, wanted: RecipientFilter) -> Select[Any]:
    """Rows of the draft without a message. Sendable ones among them had the same text at the same address."""
    reason = case((sendable_clause(), "duplicate_address"), else_=left_out_reason())
    became = exists(select(Message.id).where(Message.dispatch_id == dispatch_id, Message.recipient_id == Recipient.id))
    columns = (Recipient.id, Dispatch.id.label("dispatch_id"), Recipient.person_id, Recipient.address, Appointment.starts_at,
               reason.label("reason"))  # fmt: skip
    query = (
        select(*columns, *_NAME_COLUMNS)
        .join(Dispatch, Dispatch.draft_id == Recipient.draft_id)
        .join(Person, Person.id == Recipient.person_id)
        .outerjoin(Appointment, Appointment.id == Recipient.appointment_id)
        .where(Dispatch.id == dispatch_id, not_(became))
        .order_by(Recipient.position)
    )
    if wanted.reason:
        query = query.where(reason == wanted.reason)
    return query.where(*_named(Recipient.person_id, wanted))


def _named(person_id: InstrumentedAttribute[int], wanted: RecipientFilter) -> list[ColumnElement[bool]]:
    if not wanted.query.strip():
        return []
    return [person_id.in_(person_search.ids_query(PeopleFilter(query=wanted.query)))]


def _message_line(row: Row[Any], attempts: Sequence[AttemptLine] = ()) -> RecipientLine:
    return RecipientLine(
        key=row.id,
        message_id=row.id,
        dispatch_id=row.dispatch_id,
        person_id=row.person_id,
        name=list_name(row),
        address=row.address,
        appointment_start=row.appointment_start,
        state=row.state,
        reason=row.reason,
        at=row.ended_at,
        next_attempt_at=row.next_attempt_at,
        reference=row.reference,
        override_reason=row.override_reason,
        tries=row.attempts,
        attempts=attempts,
    )


def _left_out_line(row: Row[Any]) -> RecipientLine:
    return RecipientLine(
        key=row.id,
        message_id=None,
        dispatch_id=row.dispatch_id,
        person_id=row.person_id,
        name=list_name(row),
        address=row.address,
        appointment_start=row.starts_at,
        state=LEFT_OUT,
        reason=row.reason,
    )
