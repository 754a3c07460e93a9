"""Imports appointments batch by batch. The appointment number decides what is the same; the patient must exist already.

Praxispost never changes an appointment by itself, so the file wins; an empty cell keeps what an earlier file said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.orm import Session

from messaging.domain.words import AppointmentStatus, PersonKind
from messaging.importers import problems
from messaging.importers.appointments import AppointmentRow
from messaging.importers.problems import RowProblem, Severity
from messaging.models import Appointment, Person
from messaging.services.import_batches import Task, lists_of

APPOINTMENT = Appointment.__table__
PERSON = Person.__table__

_COLUMNS = ("person_id", "starts_at", "ends_at", "local_date", "type", "practitioner", "location", "status")
_UPDATE = (
    update(APPOINTMENT)
    .where(APPOINTMENT.c.id == bindparam("stored_id"))
    .values({name: bindparam(name) for name in (*_COLUMNS, "updated_at")})
)


@dataclass(slots=True)
class AppointmentsPlan:
    """One batch of appointments, planned."""

    task: Task
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[RowProblem] = field(default_factory=list)
    inserts: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)

    def still_holds(self, session: Session) -> bool:
        """Only imports write appointments, and planning them is cheap: it is always done again under the lock."""
        return False

    def write(self, session: Session) -> None:
        """Write the appointments inside the caller's transaction."""
        if self.updates:
            session.connection().execute(_UPDATE, self.updates)
        if self.inserts:
            session.connection().execute(insert(APPOINTMENT), self.inserts)


def plan(session: Session, rows: Sequence[AppointmentRow], task: Task) -> AppointmentsPlan:
    """Compare a batch with what is stored. Reads only."""
    good = [row for row in rows if not row.refused]
    batch = AppointmentsPlan(task)
    stored = _stored(session, [row.number for row in good])
    patients = _patients(session, {row.person_number for row in good})
    for row in rows:
        batch.counts["rows"] += 1
        reported = list(row.problems)
        person_id = patients.get(row.person_number)
        if not row.refused and person_id is None:
            column = task.names["person_number"]
            reported.append(RowProblem.of(row.row, column, row.person_number, Severity.REFUSED, problems.PERSON_UNKNOWN))
        batch.problems += reported
        if row.refused or person_id is None:
            batch.counts["refused"] += 1
        else:
            _plan_row(batch, row, person_id, stored.get(row.number))
    batch.counts["warnings"] = sum(problem.severity is Severity.WARNING for problem in batch.problems)
    return batch


def _plan_row(batch: AppointmentsPlan, row: AppointmentRow, person_id: int, old: Row[Any] | None) -> None:
    before = {name: getattr(old, name) for name in _COLUMNS} if old else _NEW
    wanted = {**before, **row.fields, "person_id": person_id, "starts_at": row.starts_at, "local_date": row.local_date}
    wanted["ends_at"] = row.starts_at + _length(row, old)
    if old is None:
        batch.counts["created"] += 1
        batch.inserts.append({**wanted, "number": row.number, "updated_at": batch.task.now})
    elif wanted == before:
        batch.counts["unchanged"] += 1
    else:
        batch.counts["updated"] += 1
        batch.updates.append({**wanted, "updated_at": batch.task.now, "stored_id": old.id})


_NEW = {"type": "", "practitioner": "", "location": "", "status": AppointmentStatus.PLANNED.value}


def _length(row: AppointmentRow, old: Row[Any] | None) -> timedelta:
    """How long it takes: as the file says, else as before, else unknown, which is nothing."""
    if row.minutes is not None:
        return timedelta(minutes=row.minutes)
    return old.ends_at - old.starts_at if old else timedelta(0)


def _stored(session: Session, numbers: Sequence[str]) -> dict[str, Row[Any]]:
    columns = [APPOINTMENT.c[name] for name in ("id", "number", *_COLUMNS)]
    found = {}
    for some in lists_of(numbers):
        found.update({row.number: row for row in session.execute(select(*columns).where(APPOINTMENT.c.number.in_(some)))})
    return found


def _patients(session: Session, numbers: set[str]) -> dict[str, int]:
    found = {}
    for some in lists_of(sorted(numbers)):
        query = select(PERSON.c.number, PERSON.c.id).where(PERSON.c.kind == PersonKind.PATIENT.value, PERSON.c.number.in_(some))
        found.update(dict(session.execute(query).all()))
    return found
