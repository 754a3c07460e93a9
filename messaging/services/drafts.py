"""Drafts: made from ticked rows, listed, discarded and fetched back.

What happens to their recipients lives in `recipients`, what happens to their text in `composing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Integer, Select, Subquery, cast, func, insert, null, select
from sqlalchemy.orm import Session

from messaging.domain.errors import DomainError, Problem
from messaging.domain.recipient_check import RecipientCheck
from messaging.domain.recipient_rows import first_state
from messaging.domain.states import DRAFT_STEPS, DraftState, may_step
from messaging.domain.words import Channel, Purpose
from messaging.models import (
    Appointment,
    Dispatch,
    Draft,
    Person,
    Recipient,
    SelectionItem,
    User,
    db,
    write_transaction,
)
from messaging.outbox import claims
from messaging.outbox.sendable import sendable_clause
from messaging.services import audit, resent
from messaging.services.drafts_checking import CheckedRow, check_rows

#: Where a draft comes from: a selection of people or of appointments, or one person's record.
PEOPLE, APPOINTMENTS, RECORD = "people", "appointments", "record"

#: What a list is written to for, unless a person chooses otherwise in the check window (issue: "default").
DEFAULT_PURPOSES = {PEOPLE: Purpose.INFORMATION, APPOINTMENTS: Purpose.APPOINTMENT}

STEPS_LOGGED = {DraftState.DISCARDED: "draft_discarded", DraftState.OPEN: "draft_restored"}

ROWS_AT_ONCE = 5_000
IDS_AT_MOST = 500
DRAFTS_SHOWN = 50

NOBODY = Problem("nobody_selected", "Es ist niemand ausgewählt.", "Bitte zuerst Personen oder Termine ankreuzen.")
UNKNOWN = Problem("draft_unknown", "Diesen Entwurf gibt es nicht.", "Bitte öffnen Sie ihn aus der Liste der Entwürfe.")
CONFIRMED = Problem("draft_confirmed", "Aus diesem Entwurf wurde schon ein Versand; er lässt sich nicht mehr ändern.")
DISCARDED = Problem(
    "draft_discarded", "Dieser Entwurf wurde verworfen.", "Bitte stellen Sie ihn in der Liste der Entwürfe wieder her."
)

OVERTAKEN = Problem(
    "draft_overtaken",
    "Für die Empfänger dieses Entwurfs gibt es inzwischen einen neueren Entwurf oder Versand.",
    "Bitte arbeiten Sie dort weiter.",
)


@dataclass(frozen=True, slots=True)
class NewDraft:
    """What a draft begins with. `text`: further columns of Draft (account_id, subject, body …), for one that repeats another."""

    owner_id: int
    channel: str
    purpose: str
    origin: str
    text: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """The head of a draft as every step of the send shows it. `dispatch_id` is set once it is confirmed."""

    id: int
    channel: str
    purpose: str
    state: str
    origin: str
    owner_id: int | None
    owner_name: str
    dispatch_id: int | None
    subject: str
    created_at: datetime
    updated_at: datetime
    checked_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state == DraftState.OPEN


@dataclass(frozen=True, slots=True)
class ListedDraft:
    """One line of the list of drafts; `selected` and `sendable` are rows."""

    facts: DraftFacts
    selected: int
    sendable: int
    mine: bool


def create_from_selection(user_id: int, scope: str, channel: str, now: datetime) -> int:
    """Make a draft of all that is ticked in `scope` ("people" | "appointments"); the ticks stay. Nobody ticked: refused."""
    new = NewDraft(user_id, Channel(channel), DEFAULT_PURPOSES[scope], scope)
    return create_draft(new, _ticked(user_id, scope), now)


def create_from_people(
    user_id: int, person_ids: Sequence[int], channel: str, now: datetime, purpose: str = Purpose.INFORMATION
) -> int:
    """Make a draft for a few people (from a record). Whole lists are selections: more than 500 ids raise ValueError."""
    if len(person_ids) > IDS_AT_MOST:
        raise ValueError("take a selection for long lists")
    source = _people(select(Person.id).where(Person.id.in_(person_ids)))
    return create_draft(NewDraft(user_id, Channel(channel), Purpose(purpose), RECORD), source, now)


def create_draft(new: NewDraft, source: Subquery, now: datetime) -> int:
    """Make a draft of every row of `source` (columns key, person_id, appointment_id), each with its verdict. Returns its id."""
    with write_transaction() as session:
        rows = check_rows(session, source, list_order(new.origin), RecipientCheck(new.channel, new.purpose, now))
        if not rows:
            raise DomainError(NOBODY)
        draft = _add_draft(session, new, now)
        _insert_rows(session, (_row_values(draft.id, position, row) for position, row in enumerate(rows, start=1)))
    return draft.id


def list_order(origin: str) -> tuple[Any, ...]:
    """Appointments by their start, people by their name."""
    by_name = (Person.sort_key, Person.id)
    return (Appointment.starts_at, *by_name, Appointment.id) if origin == APPOINTMENTS else by_name


def facts(draft_id: int) -> DraftFacts | None:
    """The head of one draft; None if there is no such draft."""
    row = db.session.execute(_facts_query().where(Draft.id == draft_id)).one_or_none()
    return DraftFacts(**row._asdict()) if row else None


def open_drafts(user_id: int, limit: int = DRAFTS_SHOWN) -> list[ListedDraft]:
    """Open drafts of the whole practice, the user's own first, then the latest first: colleagues may finish each other's work."""
    query = _facts_query().where(Draft.state == DraftState.OPEN)
    found = db.session.execute(query.order_by(Draft.owner_id != user_id, Draft.updated_at.desc(), Draft.id.desc()).limit(limit))
    return [_listed(DraftFacts(**row._asdict()), user_id) for row in found]


def discarded_since(moment: datetime, user_id: int) -> list[ListedDraft]:
    """Drafts discarded since then, for whoever wants one back after its notice is gone."""
    query = _facts_query().where(Draft.state == DraftState.DISCARDED, Draft.updated_at >= moment)
    found = db.session.execute(query.order_by(Draft.updated_at.desc(), Draft.id.desc()).limit(DRAFTS_SHOWN))
    return [_listed(DraftFacts(**row._asdict()), user_id) for row in found]


def discard(draft_id: int, user_id: int, now: datetime) -> None:
    """Put an open draft away; `restore` takes it back. Discarding twice is once."""
    _change_state(draft_id, DraftState.DISCARDED, user_id, now)


def restore(draft_id: int, user_id: int, now: datetime) -> None:
    """Take a discarded draft back as it was. One made to send again is refused when a newer one has taken its people over."""
    with write_transaction() as session:
        source = resent.source_of(session, draft_id)
        if source is not None:
            claims.hold(session, source)
            if resent.is_overtaken(session, source, draft_id):
                raise DomainError(OVERTAKEN)
        _change_state(draft_id, DraftState.OPEN, user_id, now)


def require_open(session: Session, draft_id: int) -> Draft:
    """The draft, locked against a confirmation at the same moment; refuses one that is unknown, confirmed or discarded."""
    draft = session.get(Draft, draft_id, populate_existing=True, with_for_update=True)
    if draft is None:
        raise DomainError(UNKNOWN)
    if draft.state != DraftState.OPEN:
        raise DomainError(CONFIRMED if draft.state == DraftState.CONFIRMED else DISCARDED)
    return draft


def _change_state(draft_id: int, state: DraftState, user_id: int, now: datetime) -> None:
    with write_transaction() as session:
        draft = session.get(Draft, draft_id, populate_existing=True, with_for_update=True)
        if draft is None:
            raise DomainError(UNKNOWN)
        if draft.state == state:
            return
        if not may_step(DRAFT_STEPS, draft.state, state):
            raise DomainError(CONFIRMED)
        draft.state, draft.updated_at = state, now
        audit.record(session, now, user_id, STEPS_LOGGED[state], "draft", draft_id)


def _ticked(user_id: int, scope: str) -> Subquery:
    mine = select(SelectionItem.item_id).where(SelectionItem.user_id == user_id, SelectionItem.scope == scope)
    if scope == PEOPLE:
        return _people(mine)
    ticked = mine.subquery()
    return (
        select(Appointment.id.label("key"), Appointment.person_id, Appointment.id.label("appointment_id"))
        .join(ticked, ticked.c.item_id == Appointment.id)
        .subquery()
    )


def _people(ids: Select[tuple[int]]) -> Subquery:
    """Rows without an appointment for a query of person ids."""
    found = ids.subquery()
    person_id = found.c[0]
    return select(person_id.label("key"), person_id.label("person_id"), cast(null(), Integer).label("appointment_id")).subquery()


def _add_draft(session: Session, new: NewDraft, now: datetime) -> Draft:
    draft = Draft(owner_id=new.owner_id, channel=new.channel, purpose=new.purpose, origin=new.origin,
                  created_at=now, updated_at=now, checked_at=now, **new.text)  # fmt: skip
    session.add(draft)
    session.flush()
    return draft


def _insert_rows(session: Session, values: Iterable[dict[str, Any]]) -> None:
    for part in _parts(values):
        session.connection().execute(insert(Recipient.__table__), part)


def _row_values(draft_id: int, position: int, row: CheckedRow) -> dict[str, Any]:
    state = first_state(row.verdict, row.duplicate)
    return {
        "draft_id": draft_id,
        "position": position,
        "person_id": row.person_id,
        "appointment_id": row.appointment_id,
        "address": state.address,
        "ticked": state.ticked,
        "allowed": state.allowed,
        "possible": state.possible,
        "reason": state.reason,
        "duplicate": state.duplicate,
    }


def _parts(values: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """In portions, so that memory stays flat however long the list is."""
    rest = iter(values)
    while part := list(islice(rest, ROWS_AT_ONCE)):
        yield part


def _facts_query() -> Select[Any]:
    columns = (Draft.id, Draft.channel, Draft.purpose, Draft.state, Draft.origin, Draft.owner_id, Draft.subject, Draft.created_at,
               Draft.updated_at, Draft.checked_at)  # fmt: skip
    owner = func.coalesce(func.nullif(User.display_name, ""), User.name, "").label("owner_name")
    return (
        select(*columns, owner, Dispatch.id.label("dispatch_id"))
        .outerjoin(User, User.id == Draft.owner_id)
        .outerjoin(Dispatch, Dispatch.draft_id == Draft.id)
    )


def _listed(facts: DraftFacts, user_id: int) -> ListedDraft:
    sendable = func.count().filter(sendable_clause())
    selected, ready = db.session.execute(select(func.count(), sendable).where(Recipient.draft_id == facts.id)).one()
    return ListedDraft(facts, selected, ready, facts.owner_id == user_id)
