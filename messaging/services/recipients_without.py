"""Who would get the message with a macro left empty: the list behind a hint of the preview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from messaging.models import Draft, Recipient, db
from messaging.outbox.macro_facts import values_for_draft
from messaging.outbox.sendable import sendable_clause
from messaging.services.list_page import ListPage

NAME = "Name"
#: More ids than this in one query are not asked for singly.
IDS_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class Row:
    person_id: int
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Found:
    """`total` of all, and the rows of one page; `part` is the last one if a later one was asked for."""

    total: int
    rows: list[Row]
    part: ListPage


def page(draft: Draft, macro: str, now: datetime, part: ListPage) -> Found:
    """One page of those who would get the mail and for whom `macro` is empty, in the order of the list."""
    values = values_for_draft(db.session(), draft.id, {macro, NAME}, now, only=sendable_clause())
    empty = [(recipient_id, found[NAME]) for recipient_id, found in values if not found[macro].strip()]
    part = part.within(len(empty))
    return Found(len(empty), _rows(draft.id, empty[part.start : part.start + part.size]), part)


def _rows(draft_id: int, wanted: list[tuple[int, str]]) -> list[Row]:
    query = select(Recipient.id, Recipient.person_id, Recipient.address)
    narrowed = query.where(Recipient.id.in_([key for key, _ in wanted])) if len(wanted) <= IDS_AT_MOST else query
    found = {row.id: row for row in db.session.execute(narrowed.where(Recipient.draft_id == draft_id))}
    return [Row(found[key].person_id, name, found[key].address) for key, name in wanted]
