"""What only the start page shows: late failures, the appointments of today, first steps. Dispatches come from `dispatch_log`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, exists, func, select

from messaging.domain.calendar_de import local, local_day_bounds, next_working_day
from messaging.domain.states import LIVE_DISPATCHES, NOT_REACHED
from messaging.domain.words import AppointmentStatus
from messaging.models import Appointment, AuditEntry, Dispatch, MailAccount, Message, MessageTemplate, Person, db
from messaging.services.dispatch_log import RESENT

#: Appointments that will take place.
UPCOMING = (AppointmentStatus.PLANNED, AppointmentStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Failed:
    """A dispatch with messages that could not be delivered lately, for which nobody has asked to send again."""

    dispatch_id: int
    subject: str
    count: int


@dataclass(frozen=True, slots=True)
class Day:
    """Appointments that will take place on one day."""

    day: date
    appointments: int


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What a new house has already."""

    people: bool
    account: bool
    template: bool

    @property
    def complete(self) -> bool:
        return self.people and self.account and self.template


def failed_since_yesterday(now: datetime) -> Sequence[Failed]:
    """By dispatch, the latest first. Only of dispatches that are over: one that still runs shows its failures itself."""
    since = local_day_bounds(local(now).date() - timedelta(days=1))[0]
    recent = and_(Dispatch.state.not_in(LIVE_DISPATCHES), Dispatch.finished_at >= since)
    asked = (AuditEntry.object_type == "dispatch", AuditEntry.object_id == Dispatch.id, AuditEntry.action == RESENT)
    query = (
        select(Dispatch.id, Dispatch.subject, func.count())
        .join(Message, Message.dispatch_id == Dispatch.id)
        .where(recent, Message.state.in_(NOT_REACHED), ~exists(select(AuditEntry.id).where(*asked)))
        .group_by(Dispatch.id, Dispatch.subject)
        .order_by(Dispatch.id.desc())
    )
    return [Failed(*row) for row in db.session.execute(query)]


def days(now: datetime) -> tuple[Day, Day]:
    """Today and the next working day."""
    today = local(now).date()
    wanted = (today, next_working_day(today))
    counted = select(Appointment.local_date, func.count()).where(
        Appointment.local_date.in_(wanted), Appointment.status.in_(UPCOMING)
    )
    found = dict(db.session.execute(counted.group_by(Appointment.local_date)).all())
    return Day(wanted[0], found.get(wanted[0], 0)), Day(wanted[1], found.get(wanted[1], 0))


def first_steps() -> FirstSteps:
    """Asked of a house without people only; each is the first row of a table."""
    return FirstSteps(*(db.session.scalar(select(exists(select(table.id)))) for table in (Person, MailAccount, MessageTemplate)))
