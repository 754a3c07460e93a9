"""Eight weeks of appointments around today for three practitioners."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from messaging.domain.calendar_de import BERLIN, local, utc_from_local
from messaging.domain.words import AppointmentStatus
from messaging.models import Appointment
from messaging.services.demo.edge_people import EDGE_PEOPLE, WITH_APPOINTMENTS
from messaging.services.demo.people import PATIENTS

PRACTITIONERS = (("Dr. Anke Beispiel", "Raum 1"), ("Jonas Muster", "Raum 2"), ("Katrin Probe", "Raum 3"))
TYPES = (("Vorsorge", 20), ("Kontrolle", 15), ("Erstgespräch", 50), ("Beratung", 30), ("Physiotherapie", 30))
PAST, FUTURE = timedelta(weeks=4), timedelta(weeks=4)
OPENS, CLOSES = time(8, 0), time(17, 0)
#: Behind the last appointment that chance puts into a day.
EVENING = time(18, 0)
START = 20_250_315


def fill(session: Session, now: datetime) -> None:
    random, today = Random(START), local(now).date()
    days = [today - PAST + timedelta(days=n) for n in range((PAST + FUTURE).days + 1)]
    rows = [row for day in days if day.weekday() < 5 for row in _day(random, day, today, now)]
    rows += _at_night(today + timedelta(weeks=1), now)
    rows += _every_week("Öhme", today, now)
    rows += _moved("Petrović", today)
    for number, row in enumerate(rows, 1):
        row["number"] = f"DT{number:05}"
    session.execute(insert(Appointment), rows)


def _day(random: Random, day: date, today: date, now: datetime) -> Iterator[dict[str, Any]]:
    for practitioner, room in PRACTITIONERS:
        at = datetime.combine(day, OPENS, BERLIN)
        while at.time() < CLOSES:
            type_, minutes = random.choice(TYPES)
            start = utc_from_local(day, at.time())
            yield {
                "person_id": _somebody(random), "starts_at": start, "ends_at": start + timedelta(minutes=minutes), "local_date": day,
                "type": type_, "practitioner": practitioner, "location": room, "status": _status(random, day, today), "updated_at": now,
            }  # fmt: skip
            at += timedelta(minutes=minutes + random.choice((0, 5, 10, 30)))


def _somebody(random: Random) -> int:
    """The people with something to show come more often than chance would have it."""
    with_something_to_show = random.random() < 0.06
    return random.randint(1, WITH_APPOINTMENTS) if with_something_to_show else random.randint(len(EDGE_PEOPLE) + 1, PATIENTS)


def _status(random: Random, day: date, today: date) -> str:
    dice = random.random()
    if dice < 0.07:
        return AppointmentStatus.REBOOK if dice < 0.01 else AppointmentStatus.CANCELLED
    if day < today:
        return AppointmentStatus.NO_SHOW if dice < 0.1 else AppointmentStatus.DONE
    return AppointmentStatus.CONFIRMED if dice < 0.3 else AppointmentStatus.PLANNED


def _at_night(day: date, now: datetime) -> Iterator[dict[str, Any]]:
    """At the first and in the last quarter of a day: where days are counted wrongly, it shows here."""
    for person, at in ((1, time(0, 0)), (2, time(23, 45))):
        yield _one(person, day, at, "Kontrolle", AppointmentStatus.PLANNED, now)


def _every_week(last_name: str, today: date, now: datetime) -> Iterator[dict[str, Any]]:
    """A series: three times it took place, three times it will."""
    for week in range(-2, 4):
        day = working_day_before(today) + timedelta(weeks=week)
        status = AppointmentStatus.DONE if day < today else AppointmentStatus.PLANNED
        yield _one(_number_of(last_name), day, EVENING, "Physiotherapie", status, now, minutes=30)


def _moved(last_name: str, today: date) -> Iterator[dict[str, Any]]:
    """By a week, on the morning of the day itself: the reminder of the old time had been due the day before."""
    old = working_day_before(today)
    changed = utc_from_local(old, OPENS)
    for day, status in ((old, AppointmentStatus.REBOOK), (old + timedelta(weeks=1), AppointmentStatus.PLANNED)):
        yield _one(_number_of(last_name), day, EVENING, "Kontrolle", status, changed, place=1)


def working_day_before(day: date) -> date:
    """Neither this weekday nor that of the next working day, so that weekly appointments keep off both."""
    return next(earlier for earlier in (day - timedelta(days=n) for n in (1, 2, 3)) if earlier.weekday() < 5)


def _number_of(last_name: str) -> int:
    return next(number for number, edge in enumerate(EDGE_PEOPLE, 1) if edge["last_name"] == last_name)


def _one(
    person: int, day: date, at: time, type_: str, status: str, updated_at: datetime, minutes: int = 15, place: int = 0
) -> dict[str, Any]:
    start = utc_from_local(day, at)
    practitioner, room = PRACTITIONERS[place]
    return {
        "person_id": person, "starts_at": start, "ends_at": start + timedelta(minutes=minutes), "local_date": day, "type": type_,
        "practitioner": practitioner, "location": room, "status": status, "updated_at": updated_at,
    }  # fmt: skip
