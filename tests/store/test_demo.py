"""The demo practice has somebody for every case that goes wrong elsewhere."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import func, select

from messaging.domain.calendar_de import local, next_working_day
from messaging.models import Appointment, Consent, Person, db
from messaging.services import consents
from messaging.services.demo import practice
from messaging.services.demo.appointments import EVENING, working_day_before
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


def evenings_of(last_name: str) -> list[Appointment]:
    """The appointments behind the usual hours, where chance puts none."""
    query = select(Appointment).where(Appointment.person_id == named(last_name).id).order_by(Appointment.starts_at)
    return [row for row in db.session.scalars(query) if local(row.starts_at).time() >= EVENING]


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


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_yes_for_a_former_address_or_number_allows_nothing(channel: str) -> None:
    permissions = consents.permissions(named("Böhme").id, NOW).values()

    given = [permission for permission in permissions if permission.channel == channel and permission.entry]
    assert [permission.purpose for permission in given] == ["appointment", "information"]
    for permission in given:
        assert permission.is_for_former_address
        assert (permission.allowed, permission.reason) == (False, "consent_other_target")


def test_somebody_is_a_patient_and_a_prospect() -> None:
    twice = select(Person.email_normalized).where(Person.last_name == "Winter").group_by(Person.email_normalized)
    assert db.session.scalars(twice.having(func.count(Person.kind.distinct()) == 2)).all() == ["alex.winter@example.org"]


def test_appointments_know_every_status_and_both_ends_of_a_day() -> None:
    statuses = set(db.session.scalars(select(Appointment.status).distinct()))
    assert {"planned", "confirmed", "done", "cancelled", "no_show", "rebook"} <= statuses
    clocks = {f"{local(start):%H:%M}" for start in db.session.scalars(select(Appointment.starts_at))}
    assert {"00:00", "23:45"} <= clocks


def test_somebody_comes_every_week_for_the_same() -> None:
    series = evenings_of("Öhme")

    assert {(row.type, f"{local(row.starts_at):%H:%M}") for row in series} == {("Physiotherapie", "18:00")}
    assert {after.local_date - before.local_date for before, after in pairwise(series)} == {timedelta(weeks=1)}
    assert [row.status for row in series] == ["done"] * 3 + ["planned"] * 3


def test_an_appointment_was_moved_after_its_reminder_was_due() -> None:
    before, after = evenings_of("Petrović")

    assert (before.type, before.status) == (after.type, "rebook")
    assert after.status == "planned"
    assert before.updated_at < before.starts_at < NOW < after.starts_at
    assert local(before.updated_at).date() == before.local_date  # reminders are for the day before


@pytest.mark.parametrize("day", [TODAY + timedelta(days=number) for number in range(7)])
def test_what_comes_every_week_is_never_due_today_or_on_the_next_working_day(day: date) -> None:
    first = working_day_before(day)

    assert first < day
    assert first.weekday() < 5
    assert first.weekday() not in (day.weekday(), next_working_day(day).weekday())


def test_a_29th_of_february_has_birthdays_too() -> None:
    assert years_before(date(2028, 2, 29), 7) == date(2021, 2, 28)
    assert years_before(TODAY + timedelta(days=1), 1) == (TODAY + timedelta(days=1)).replace(year=TODAY.year - 1)
