"""Messages of which nobody knows whether they arrived, of all dispatches, with all that is known; and one decision for many.

What a person decides about one is carried out by `dispatching.settle_unknown`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from messaging.domain.errors import DomainError, Problem
from messaging.domain.states import DispatchState, MessageState
from messaging.models import Dispatch, Message, Person, db, write_transaction
from messaging.services import dispatching
from messaging.services.dispatch_recipients import AttemptLine, attempts_of
from messaging.services.list_page import ListPage
from messaging.services.people_table import list_name


@dataclass(frozen=True, slots=True)
class UnclearMessage:
    """What is known: to whom, of which dispatch, the tries and the Message-ID. A cancelled dispatch sends nothing again.

    `state` is "unknown", or what was just decided.
    """

    message_id: int
    person_id: int
    name: str
    address: str
    dispatch_id: int
    subject: str
    channel: str
    reason: str
    reference: str
    state: str
    tries: Sequence[AttemptLine]
    may_go_again: bool

    @property
    def began_at(self) -> datetime | None:
        return self.tries[-1].began_at if self.tries else None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person saw of the unclear messages of a dispatch: how many, and since when the newest is unclear (ISO).

    One more, or another in the place of a decided one, changes this.
    """

    count: int = 0
    newest: str = ""

    @classmethod
    def of(cls, count: int, newest: datetime | None) -> Seen:
        return cls(count, newest.isoformat() if newest else "")


@dataclass(frozen=True, slots=True)
class UnclearPage:
    """`of_dispatch`: what there is in each dispatch, also on other pages."""

    rows: Sequence[UnclearMessage]
    total: int
    part: ListPage
    of_dispatch: Mapping[int, Seen]


CHANGED = Problem(
    "unclear_changed",
    "Inzwischen sind andere Nachrichten unklar als die, die Sie gesehen haben. Entschieden ist noch nichts.",
    "Bitte sehen Sie sich die Liste noch einmal an.",
)


def page(asked: ListPage, just_settled: int | None = None) -> UnclearPage:
    """The latest dispatch first, inside it in the order of its list.

    The message `just_settled` keeps its place: the next one must not slip under the finger that has just decided.
    """
    seen = _seen()
    total = sum(each.count for each in seen.values())
    part = asked.within(total)
    query = _query(just_settled).offset(part.start).limit(part.size)
    tries = attempts_of(query.with_only_columns(Message.id))
    rows = [_line(row, tries.get(row.id, ())) for row in db.session.execute(query)]
    return UnclearPage(rows, total, part, seen)


def settle_all(dispatch_id: int, decision: str, seen: Seen, user_id: int, now: datetime) -> int:
    """Decide the same about every unclear message of a dispatch, all or none. Returns how many.

    Refused unless they are those that the person has `seen`: nobody decides about what came after.
    """
    unclear = select(Message.id, Message.ended_at).where(
        Message.dispatch_id == dispatch_id, Message.state == MessageState.UNKNOWN
    )
    with write_transaction() as session:
        rows = session.execute(unclear.order_by(Message.id)).all()
        if not rows or seen != Seen.of(len(rows), max((row.ended_at for row in rows if row.ended_at), default=None)):
            raise DomainError(CHANGED)
        for row in rows:
            dispatching.settle_unknown(row.id, decision, user_id, now)
    return len(rows)


def _seen() -> dict[int, Seen]:
    counted = select(Message.dispatch_id, func.count(), func.max(Message.ended_at)).where(Message.state == MessageState.UNKNOWN)
    rows = db.session.execute(counted.group_by(Message.dispatch_id))
    return {dispatch_id: Seen.of(count, newest) for dispatch_id, count, newest in rows}


def _query(just_settled: int | None) -> Select[Any]:
    message = (Message.id, Message.person_id, Message.address, Message.reason, Message.reference, Message.state)
    person = (Person.number, Person.title, Person.first_name, Person.name_prefix, Person.last_name)
    return (
        select(*message, *person, Message.dispatch_id, Dispatch.subject, Dispatch.channel, Dispatch.state.label("dispatch_state"))
        .join(Dispatch, Dispatch.id == Message.dispatch_id)
        .join(Person, Person.id == Message.person_id)
        .where(or_(Message.state == MessageState.UNKNOWN, Message.id == just_settled))
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
        state=row.state,
        tries=tries,
        may_go_again=row.dispatch_state != DispatchState.CANCELLED,
    )
