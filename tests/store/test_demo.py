"""The demo practice has somebody for every case that goes wrong elsewhere."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from messaging.domain.calendar_de import local
from messaging.models import Appointment, Consent, Person, db
from messaging.services.demo import practice
from messaging.services.demo.people import PATIENTS, PROSPECTS, years_before
from tests.conftest import NOW

TODAY = local(NOW).date()


@pytest.fixture(autouse=True)
def demo(app: Flask) -> None:
    practice.fill(NOW, 8125)


def people(*conditions: object) -> list[Person]:
    return list(db.session.scalars(select(Person).where(*conditions)))


def named(last_name: str) -> Person:
    return db.session.scalars(select(Person).where(Person.last_name == last_name, Person.kind == "patient")).one()


def said(person: Person) -> list[tuple[str, str, int]]:
    rows = db.session.scalars(
        select(Consent).where(Consent.person_id == person.id, Consent.channel == "email").order_by(Consent.id)
    )
    return [(row.purpose, row.status, (NOW - row.recorded_at).days) for row in rows]


def test_as_many_as_the_demo_promises() -> None:
    assert len(people(Person.kind == "patient")) == PATIENTS == 2_000
    assert len(people(Person.kind == "prospect")) == PROSPECTS == 300


@pytest.mark.parametrize(
    ("case", "condition"),
    [
        ("deceased", Person.deceased),
        ("archived", Person.archived_at.is_not(None)),
        ("blocked", Person.blocked_at.is_not(None)),
        ("a prospect who became a patient", Person.converted_to_id.is_not(None)),
        ("a mobile number in the field for the telephone", Person.phone.like("0171%")),
        ("two mobile numbers", (Person.mobile != "") & (Person.sms != "") & (Person.mobile != Person.sms)),
        ("no postcode", (Person.street != "") & (Person.postcode == "")),
        ("a postcode that lost its zero", Person.postcode == "1067"),
        ("abroad", Person.country != ""),
        ("c/o", Person.address_extra.like("c/o%")),
        ("an address of six lines", Person.address_extra.like("%\n%\n%")),
        ("born on a leap day", Person.birth_date == date(1996, 2, 29)),
        ("a hundred years old", Person.birth_date == years_before(TODAY, 100)),
        ("a child of seven", Person.birth_date == years_before(TODAY, 7)),
        ("whose birthday is today", Person.birth_date == years_before(TODAY, 40)),
    ],
)
def test_there_is_somebody(case: str, condition: object) -> None:
    assert people(condition), case


def test_what_they_said_differs() -> None:
    assert said(named("Ungefragt")) == []
    assert said(named("Nurtermin")) == [("appointment", "yes", 200)]
    withdrawn = (("yes", 200), ("revoked", 1))
    assert said(named("Widerruf")) == [(purpose, *what) for purpose in ("appointment", "information") for what in withdrawn]


def test_somebody_is_a_patient_and_a_prospect() -> None:
    twice = select(Person.email_normalized).where(Person.last_name == "Winter").group_by(Person.email_normalized)
    assert db.session.scalars(twice.having(func.count(Person.kind.distinct()) == 2)).all() == ["alex.winter@example.org"]


def test_appointments_know_every_status_and_both_ends_of_a_day() -> None:
    statuses = set(db.session.scalars(select(Appointment.status).distinct()))
    assert {"planned", "confirmed", "done", "cancelled", "no_show", "rebook"} <= statuses
    clocks = {f"{local(start):%H:%M}" for start in db.session.scalars(select(Appointment.starts_at))}
    assert {"00:00", "23:45"} <= clocks


def test_a_29th_of_february_has_birthdays_too() -> None:
    assert years_before(date(2028, 2, 29), 7) == date(2021, 2, 28)
    assert years_before(TODAY + timedelta(days=1), 1) == (TODAY + timedelta(days=1)).replace(year=TODAY.year - 1)
