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
START = 20_250_315


def fill(session: Session, now: datetime) -> None:
    random, today = Random(START), local(now).date()
    days = [today - PAST + timedelta(days=n) for n in range((PAST + FUTURE).days + 1)]
    rows = [row for day in days if day.weekday() < 5 for row in _day(random, day, today, now)]
    rows += _at_night(today + timedelta(weeks=1), now)
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
        start = utc_from_local(day, at)
        yield {
            "person_id": person, "starts_at": start, "ends_at": start + timedelta(minutes=15), "local_date": day, "type": "Kontrolle",
            "practitioner": PRACTITIONERS[0][0], "location": PRACTITIONERS[0][1], "status": AppointmentStatus.PLANNED, "updated_at": now,
        }  # fmt: skip
