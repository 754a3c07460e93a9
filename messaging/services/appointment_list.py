"""The list of appointments: days, practitioner, type and status, with what each person has permitted. Nothing is changed here.

Days are calendar days of the practice (Europe/Berlin), as the appointments are stored with theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, select

from messaging.domain.calendar_de import day_words, local
from messaging.domain.reasons import REASONS
from messaging.domain.recipient_check import RecipientCheck, Verdict
from messaging.domain.words import APPOINTMENT_STATUS_LABELS, AppointmentStatus, Channel, Purpose
from messaging.models import Appointment, Person, db
from messaging.outbox import check_facts
from messaging.services import selection
from messaging.services.list_page import ListPage
from messaging.services.people_table import list_name

#: Status filter: appointments that will take place as planned.
UPCOMING = "upcoming"
_UPCOMING = (AppointmentStatus.PLANNED, AppointmentStatus.CONFIRMED)

STATUS_CHOICES = {
    "": "alle",
    UPCOMING: "geplant und bestätigt",
    **{str(key): label for key, label in APPOINTMENT_STATUS_LABELS.items()},
}

_STATUS_ORDER = case({str(status): place for place, status in enumerate(AppointmentStatus)}, value=Appointment.status, else_=99)
_BY_TIME = (Appointment.local_date, Appointment.starts_at)
SORTS: Mapping[str, Sequence[ColumnElement[Any]]] = {
    "time": _BY_TIME,
    "name": (Person.sort_key, Person.id),
    "type": (func.lower(Appointment.type),),
    "practitioner": (func.lower(Appointment.practitioner),),
    "status": (_STATUS_ORDER,),
}

_COLUMNS = (
    *(Appointment.id, Appointment.person_id, Appointment.starts_at, Appointment.ends_at, Appointment.type),
    *(Appointment.practitioner, Appointment.location, Appointment.status),
    *(Person.number, Person.title, Person.first_name, Person.name_prefix, Person.last_name),
)

_NOTHING_ENTERED = ("no_email", "bad_email", "no_sms_number", "bad_sms_number")
_IDS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class AppointmentFilter:
    """`first` to `last` are calendar days, both included. `status` is a key of STATUS_CHOICES, `sort` one of SORTS, "-" turns it.

    `ticked_by` is a user id: only appointments that this user has ticked, on whatever day.
    """

    first: date
    last: date
    practitioner: str = ""
    type: str = ""
    status: str = ""
    sort: str = "time"
    ticked_by: int | None = None


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a reminder may go over one channel. `allowed` None: there is nothing to send it to. `sentence` says why not."""

    allowed: bool | None
    sentence: str


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """One line; `called_off` if it will not take place as planned."""

    id: int
    person_id: int
    starts_at: datetime
    ends_at: datetime
    name: str
    type: str
    practitioner: str
    location: str
    status: str
    called_off: bool
    email: Permission
    sms: Permission
    selected: bool

    @property
    def day_words(self) -> str:
        return day_words(local(self.starts_at).date())


@dataclass(frozen=True, slots=True)
class AppointmentPage:
    rows: Sequence[AppointmentRow]
    total: int
    page: ListPage


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer on the chosen days."""

    practitioners: Sequence[str]
    types: Sequence[str]


def page(wanted: AppointmentFilter, user_id: int, asked: ListPage, now: datetime) -> AppointmentPage:
    """One page of the list; past the end it is the last one."""
    total = db.session.scalar(select(func.count()).select_from(ids_query(wanted).subquery())) or 0
    asked = asked.within(total)
    ids = db.session.scalars(ids_query(wanted).order_by(*_order(wanted)).offset(asked.start).limit(asked.size)).all()
    ticked = selection.ticked_among(user_id, selection.APPOINTMENTS, ids)
    email, sms = (_permissions(ids, channel, now) for channel in (Channel.EMAIL, Channel.SMS))
    rows = [_row(row, email[row.id], sms[row.id], row.id in ticked) for row in _rows(ids)]
    return AppointmentPage(rows, total, asked)


def ids_query(wanted: AppointmentFilter) -> Select[tuple[int]]:
    """A query of the ids of all appointments wanted."""
    found = select(Appointment.id).join(Person, Person.id == Appointment.person_id)
    if wanted.ticked_by is not None:
        return found.where(Appointment.id.in_(selection.ticked_items(wanted.ticked_by, selection.APPOINTMENTS)))
    chosen = [Appointment.local_date.between(wanted.first, wanted.last)]
    chosen += [Appointment.practitioner == wanted.practitioner] if wanted.practitioner else []
    chosen += [Appointment.type == wanted.type] if wanted.type else []
    return found.where(*chosen, *_of_status(wanted.status))


def count_ticked(wanted: AppointmentFilter, user_id: int) -> int:
    """How many of those wanted the user has ticked."""
    ticked = Appointment.id.in_(selection.ticked_items(user_id, selection.APPOINTMENTS))
    return db.session.scalar(select(func.count()).select_from(ids_query(wanted).where(ticked).subquery())) or 0


def choices(wanted: AppointmentFilter) -> Choices:
    """Practitioners and types of the chosen days; what is chosen now stays in the list."""
    days = Appointment.local_date.between(wanted.first, wanted.last)
    practitioners, types = (
        sorted({*db.session.scalars(select(column).where(days).distinct()), chosen} - {""}, key=str.casefold)
        for column, chosen in ((Appointment.practitioner, wanted.practitioner), (Appointment.type, wanted.type))
    )
    return Choices(practitioners, types)


def nearest_days(wanted: AppointmentFilter) -> tuple[date | None, date | None]:
    """The last day with appointments before the chosen ones, and the first after them: for somebody on an empty day."""
    before = select(func.max(Appointment.local_date)).where(Appointment.local_date < wanted.first).scalar_subquery()
    after = select(func.min(Appointment.local_date)).where(Appointment.local_date > wanted.last).scalar_subquery()
    earlier, later = db.session.execute(select(before, after)).one()
    return earlier, later


def _of_status(status: str) -> list[ColumnElement[bool]]:
    if status == UPCOMING:
        return [Appointment.status.in_(_UPCOMING)]
    return [Appointment.status == status] if status else []


def _order(wanted: AppointmentFilter) -> list[ColumnElement[Any]]:
    key = wanted.sort.removeprefix("-")
    turned = [column.desc() if wanted.sort.startswith("-") else column for column in SORTS[key]]
    return [*turned, *_BY_TIME, Person.sort_key, Appointment.id]


def _rows(ids: Sequence[int]) -> list[Row[Any]]:
    """The rows in the order of `ids`."""
    query = select(*_COLUMNS).join(Person, Person.id == Appointment.person_id)
    found = {row.id: row for part in _parts(ids) for row in db.session.execute(query.where(Appointment.id.in_(part)))}
    return [found[appointment_id] for appointment_id in ids]


def _row(row: Row[Any], email: Permission, sms: Permission, selected: bool) -> AppointmentRow:
    return AppointmentRow(
        id=row.id,
        person_id=row.person_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        name=list_name(row),
        type=row.type,
        practitioner=row.practitioner,
        location=row.location,
        status=APPOINTMENT_STATUS_LABELS[AppointmentStatus(row.status)],
        called_off=row.status in (AppointmentStatus.CANCELLED, AppointmentStatus.NO_SHOW, AppointmentStatus.REBOOK),
        email=email,
        sms=sms,
        selected=selected,
    )


def _permissions(ids: Sequence[int], channel: Channel, now: datetime) -> dict[int, Permission]:
    """The verdict of the check window on a reminder, for the appointments of one page."""
    check = RecipientCheck(channel, Purpose.APPOINTMENT, now)
    columns = (Appointment.id.label("key"), Appointment.person_id, Appointment.id.label("appointment_id"))
    sources = [select(*columns).where(Appointment.id.in_(part)).subquery() for part in _parts(ids)]
    loaded = (found for source in sources for found in check_facts.load(db.session(), source, channel, Purpose.APPOINTMENT))
    return {appointment_id: _permission(check.verdict(facts)) for appointment_id, facts in loaded}


def _permission(verdict: Verdict) -> Permission:
    sentence = REASONS[verdict.reason].text if verdict.reason else ""
    return Permission(None if verdict.reason in _NOTHING_ENTERED else verdict.allowed, sentence)


def _parts(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + _IDS_AT_ONCE] for start in range(0, len(ids), _IDS_AT_ONCE)]
