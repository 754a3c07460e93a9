"""Dispatches for tests that make many of them: written to in bulk, the way the program stages them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from messaging.domain.words import Channel, Purpose
from messaging.models import Appointment, Consent, Draft, Person, SelectionItem, db, write_transaction
from messaging.outbox import staging
from messaging.services import drafts
from messaging.services.person_fields import derived


@dataclass(frozen=True)
class Made:
    """Who confirms a dispatch, over which account, when, and for when."""

    user_id: int
    account_id: int
    now: datetime
    scheduled_at: datetime


def make_writing_to(made: Made, addresses: Sequence[str]) -> int:
    """Information for these addresses; returns the dispatch's id."""
    people = make_people(addresses, Purpose.INFORMATION, made.now)
    return _staged(made, drafts.create_from_people(made.user_id, people, Channel.EMAIL, made.now))


def make_reminders_for(made: Made, addresses: Sequence[str], ahead: timedelta = timedelta(days=1)) -> int:
    """Reminders of an appointment each, `ahead` of the time of sending; returns the dispatch's id."""
    start = made.scheduled_at + ahead
    first = db.session.scalar(select(func.count()).select_from(Appointment)) or 0
    with write_transaction() as session:
        session.execute(delete(SelectionItem).where(SelectionItem.user_id == made.user_id))
        for place, person_id in enumerate(make_people(addresses, Purpose.APPOINTMENT, made.now), first):
            appointment = Appointment(
                number=f"T{place}",
                person_id=person_id,
                starts_at=start,
                ends_at=start,
                local_date=start.date(),
                updated_at=made.now,
            )
            session.add(appointment)
            session.flush()
            session.add(SelectionItem(user_id=made.user_id, scope="appointments", item_id=appointment.id))
    return _staged(made, drafts.create_from_selection(made.user_id, "appointments", Channel.EMAIL, made.now))


def make_people(addresses: Sequence[str], purpose: str, now: datetime) -> list[int]:
    """A person for each address, who allows this purpose by e-mail; returns their ids."""
    first = db.session.scalar(select(func.count()).select_from(Person)) or 0
    with write_transaction() as session:
        people = []
        for place, address in enumerate(addresses, first):
            fields = {"kind": "patient", "number": f"D{place:05}", "form_of_address": "Frau", "first_name": "Ute",
                      "last_name": f"Nummer{place:05}", "email": address}  # fmt: skip
            people.append(Person(**fields, **derived(fields), created_at=now, updated_at=now))
        session.add_all(people)
        session.flush()
        session.add_all(
            Consent(person_id=person.id, channel=Channel.EMAIL, purpose=purpose, status="yes", source="form",
                    target=person.email_normalized, recorded_at=now)
            for person in people
        )  # fmt: skip
    return [person.id for person in people]


def _staged(made: Made, draft_id: int) -> int:
    with write_transaction() as session:
        draft = session.get_one(Draft, draft_id)
        draft.account_id, draft.subject, draft.body = made.account_id, "Neues", "<div>{{Briefanrede}}</div>"
    return staging.stage(draft_id, made.user_id, made.now, made.scheduled_at, draft.version)
