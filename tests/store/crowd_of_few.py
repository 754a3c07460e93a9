"""People and appointments for the tests of lists, stored as typing and importing store them."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import func, select

from messaging.domain.calendar_de import utc_from_local
from messaging.models import Appointment, Consent, Person, write_transaction
from messaging.services.person_fields import derived, index_person
from tests.conftest import NOW

MONDAY = date(2026, 11, 23)


def add_person(last_name: str = "", first_name: str = "", **fields: Any) -> int:
    """Store a person with the search words; a patient unless `kind` says otherwise. Returns the id."""
    with write_transaction() as session:
        number = f"P{(session.scalar(select(func.max(Person.id))) or 0) + 1:05d}"
        fields = {"kind": "patient", "number": number, "last_name": last_name, "first_name": first_name, **fields}
        person = Person(created_at=NOW, updated_at=NOW, **{**derived(fields), **fields})
        session.add(person)
        index_person(session, person)
    return person.id


def add_appointment(person_id: int, day: date = MONDAY, at: str = "08:00", minutes: int = 20, **fields: Any) -> int:
    """Store an appointment at a local time. Returns the id."""
    start = utc_from_local(day, time.fromisoformat(at))
    with write_transaction() as session:
        number = f"T{(session.scalar(select(func.max(Appointment.id))) or 0) + 1:05d}"
        appointment = Appointment(number=number, person_id=person_id, starts_at=start, ends_at=start + timedelta(minutes=minutes),
                                  local_date=day, updated_at=NOW, **fields)  # fmt: skip
        session.add(appointment)
    return appointment.id


def add_consent(person_id: int, channel: str, status: str, target: str, purpose: str = "appointment") -> None:
    with write_transaction() as session:
        session.add(Consent(person_id=person_id, channel=channel, purpose=purpose, status=status, target=target,
                            source="form", recorded_at=NOW))  # fmt: skip
