"""One page of the check window: rows as people read them. Nothing is decided or changed here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from messaging.domain.calendar_de import clock_words, local, weekday_word
from messaging.domain.facts import PersonFacts
from messaging.domain.phone import display_phone
from messaging.domain.reasons import REASONS, Reason
from messaging.domain.recipient_rows import RowState, may_be_overridden
from messaging.domain.salutation import PersonName
from messaging.domain.words import Channel
from messaging.models import Appointment, Person, Recipient, User, db
from messaging.services.drafts_checking import STATE_COLUMNS
from messaging.services.list_page import ListPage
from messaging.services.recipients import in_filter

FIRST = ListPage()

_NAME_COLUMNS = (Person.form_of_address, Person.title, Person.first_name, Person.name_prefix, Person.last_name)
_TYPED_COLUMNS = (Person.email, Person.sms, Person.street, Person.postcode, Person.city)


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """One row. `address` is where it would go, or what stands there though nothing can go to it (`state.address` is then "")."""

    id: int
    person_id: int
    name: str
    address: str
    appointment: str
    state: RowState
    reason: Reason | None
    overridden_by: str

    @property
    def may_be_overridden(self) -> bool:
        return may_be_overridden(self.state)


@dataclass(frozen=True, slots=True)
class RecipientPage:
    """`total` rows match the filter; `part` is the last one if a later one was asked for."""

    rows: tuple[RecipientRow, ...]
    total: int
    part: ListPage


def page(draft_id: int, channel: str, filter_name: str = "all", part: ListPage = FIRST) -> RecipientPage:
    """The rows of one page under a filter, in the order of the list."""
    total = db.session.scalar(select(func.count()).where(*in_filter(draft_id, filter_name))) or 0
    part = part.within(total)
    found = db.session.execute(_rows_query(draft_id, filter_name).limit(part.size).offset(part.start))
    return RecipientPage(tuple(_row(row, Channel(channel)) for row in found), total, part)


def one(draft_id: int, channel: str, recipient_id: int) -> RecipientRow | None:
    """One row of a draft; None if it has no such row."""
    row = db.session.execute(_rows_query(draft_id, "all").where(Recipient.id == recipient_id)).one_or_none()
    return _row(row, Channel(channel)) if row else None


def _rows_query(draft_id: int, filter_name: str) -> Select[Any]:
    overridden_by = func.coalesce(func.nullif(User.display_name, ""), User.name, "").label("overridden_by")
    columns = (Recipient.id, Recipient.person_id, *STATE_COLUMNS, *_NAME_COLUMNS, *_TYPED_COLUMNS, Appointment.starts_at)
    return (
        select(*columns, overridden_by)
        .join(Person, Person.id == Recipient.person_id)
        .outerjoin(Appointment, Appointment.id == Recipient.appointment_id)
        .outerjoin(User, User.id == Recipient.overridden_by_id)
        .where(*in_filter(draft_id, filter_name))
        .order_by(Recipient.position)
    )


def _row(row: Row[Any], channel: Channel) -> RecipientRow:
    state = RowState(*row[2 : 2 + len(STATE_COLUMNS)])
    person = PersonFacts(row.person_id, form_of_address=row.form_of_address, title=row.title, first_name=row.first_name,
                         name_prefix=row.name_prefix, last_name=row.last_name)  # fmt: skip
    return RecipientRow(
        id=row.id,
        person_id=row.person_id,
        name=PersonName.of(person).list_name or "(ohne Namen)",
        address=_address_words(row, channel),
        appointment=_short_moment(row.starts_at) if row.starts_at else "",
        state=state,
        reason=REASONS[state.reason] if state.reason else None,
        overridden_by=row.overridden_by,
    )


def _address_words(row: Row[Any], channel: Channel) -> str:
    if channel is Channel.EMAIL:
        return row.address or row.email
    if channel is Channel.SMS:
        return display_phone(row.address) if row.address else row.sms
    return ", ".join(part for part in (row.street, f"{row.postcode} {row.city}".strip()) if part)


def _short_moment(moment: datetime) -> str:
    """ "Mo 23.11. 8:00": the year is clear from the list."""
    day = local(moment).date()
    return f"{weekday_word(day)[:2]} {day.day:02d}.{day.month:02d}. {clock_words(moment)}"
