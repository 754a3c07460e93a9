"""Messages of which nobody knows whether they arrived, of all dispatches, with all that is known. Reads only.

What a person decides about one is carried out by `dispatching.settle_unknown`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from messaging.domain.states import DispatchState, MessageState
from messaging.models import Dispatch, Message, Person, db
from messaging.services.dispatch_recipients import AttemptLine, attempts_of
from messaging.services.list_page import ListPage
from messaging.services.people_table import list_name


@dataclass(frozen=True, slots=True)
class UnclearMessage:
    """What is known: to whom, of which dispatch, the last try and the Message-ID. A cancelled dispatch sends nothing again."""

    message_id: int
    person_id: int
    name: str
    address: str
    dispatch_id: int
    subject: str
    channel: str
    reason: str
    reference: str
    tries: Sequence[AttemptLine]
    may_go_again: bool

    @property
    def began_at(self) -> datetime | None:
        return self.tries[-1].began_at if self.tries else None


@dataclass(frozen=True, slots=True)
class UnclearPage:
    rows: Sequence[UnclearMessage]
    total: int
    part: ListPage


def page(asked: ListPage) -> UnclearPage:
    """The latest dispatch first, inside it in the order of its list."""
    total = db.session.scalar(select(func.count()).where(Message.state == MessageState.UNKNOWN)) or 0
    part = asked.within(total)
    query = _query().offset(part.start).limit(part.size)
    tries = attempts_of(query.with_only_columns(Message.id))
    return UnclearPage([_line(row, tries.get(row.id, ())) for row in db.session.execute(query)], total, part)


def _query() -> Select[Any]:
    message = (Message.id, Message.person_id, Message.address, Message.reason, Message.reference)
    person = (Person.number, Person.title, Person.first_name, Person.name_prefix, Person.last_name)
    return (
        select(*message, *person, Message.dispatch_id, Dispatch.subject, Dispatch.channel, Dispatch.state.label("dispatch_state"))
        .join(Dispatch, Dispatch.id == Message.dispatch_id)
        .join(Person, Person.id == Message.person_id)
        .where(Message.state == MessageState.UNKNOWN)
        .order_by(Message.dispatch_id.desc(), Message.id)
    )


def _line(row: Any, tries: Sequence[AttemptLine]) -> UnclearMessage:
    return UnclearMessage(
        message_id=row.id,
        person_id=row.person_id,
        name=list_name(row),
        address=row.address,
        dispatch_id=row.dispatch_id,
        subject=row.subject,
        channel=row.channel,
        reason=row.reason,
        reference=row.reference,
        tries=tries,
        may_go_again=row.dispatch_state != DispatchState.CANCELLED,
    )
