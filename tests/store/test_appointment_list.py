"""The list of appointments shows the right days, people and permissions, and all its hits can be ticked."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from messaging.domain.words import AppointmentStatus
from messaging.models import db, write_transaction
from messaging.services import appointment_list, selection
from messaging.services.appointment_list import SORTS, UPCOMING, AppointmentFilter, Choices, Permission
from messaging.services.list_page import ListPage
from tests.conftest import NOW
from tests.store.crowd_of_few import MONDAY, add_appointment, add_consent, add_person

TUESDAY = date(2026, 11, 24)


@pytest.fixture
def staff(app: Flask, make_user) -> int:
    return make_user().id


def rows(staff: int, wanted: AppointmentFilter, asked: ListPage = ListPage()) -> list[appointment_list.AppointmentRow]:  # noqa: B008 (frozen)
    return list(appointment_list.page(wanted, staff, asked, NOW).rows)


def test_days_are_those_of_the_practice_also_when_the_clock_changes(staff: int) -> None:
    person = add_person("Aal")
    for day in (date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)):
        add_appointment(person, day, "00:00")
        add_appointment(person, day, "23:45")

    found = rows(staff, AppointmentFilter(date(2026, 10, 25), date(2026, 10, 25)))

    assert [row.day_words for row in found] == ["So 25.10.2026"] * 2


def test_filters_narrow_the_list_down(staff: int) -> None:
    person = add_person("Aal")
    ids = {
        "wanted": add_appointment(person, at="08:00", practitioner="Dr. Muster", type="Kontrolle"),
        "other doctor": add_appointment(person, at="09:00", practitioner="Dr. Beispiel", type="Kontrolle"),
        "other type": add_appointment(person, at="10:00", practitioner="Dr. Muster", type="Vorsorge"),
        "called off": add_appointment(person, at="11:00", practitioner="Dr. Muster", type="Kontrolle", status="cancelled"),
        "next day": add_appointment(person, TUESDAY, practitioner="Dr. Muster", type="Kontrolle"),
    }

    def found(**wanted: str) -> set[str]:
        shown = {row.id for row in rows(staff, AppointmentFilter(MONDAY, MONDAY, **wanted))}
        return {name for name, each in ids.items() if each in shown}

    assert found() == set(ids) - {"next day"}
    assert found(practitioner="Dr. Muster") == {"wanted", "other type", "called off"}
    assert found(type="Kontrolle", status=UPCOMING) == {"wanted", "other doctor"}
    assert found(status=AppointmentStatus.CANCELLED) == {"called off"}
    assert found(practitioner="Dr. Niemand") == set()
    assert appointment_list.choices(AppointmentFilter(MONDAY, MONDAY)) == Choices(
        ["Dr. Beispiel", "Dr. Muster"], ["Kontrolle", "Vorsorge"]
    )
    assert appointment_list.choices(AppointmentFilter(TUESDAY, TUESDAY, type="Recall")).types == ["Kontrolle", "Recall"]


def test_a_row_says_who_when_where_and_what_is_permitted(staff: int) -> None:
    person = add_person("Groß", "Ute", title="Prof. Dr.", email="ute.gross@example.org", sms="0176 04069017")
    add_consent(person, "email", "yes", "ute.gross@example.org")
    add_appointment(person, at="09:00", practitioner="Dr. Muster", type="Kontrolle", location="Raum 1")

    [row] = rows(staff, AppointmentFilter(MONDAY, MONDAY))

    assert (row.name, row.status, row.location, row.called_off, row.selected) == (
        "Groß, Prof. Dr. Ute",
        "geplant",
        "Raum 1",
        False,
        False,
    )
    assert row.email == Permission(True, "")
    assert row.sms.allowed is False
    assert "Einwilligung" in row.sms.sentence


@pytest.mark.parametrize(
    ("fields", "allowed", "word"),
    [
        ({}, None, "keine E-Mail-Adresse"),
        ({"email": "a@@b"}, None, "E-Mail-Adresse berichtigen"),
        ({"email": "a@example.org"}, False, "Einwilligung"),
    ],
)
def test_what_stands_against_an_email_is_said(staff: int, fields: dict[str, str], allowed: bool | None, word: str) -> None:
    add_appointment(add_person("Aal", **fields), at="09:00")

    [row] = rows(staff, AppointmentFilter(MONDAY, MONDAY))

    assert row.email.allowed is allowed
    assert word in row.email.sentence


def test_every_column_sorts_both_ways(staff: int) -> None:
    late = add_appointment(add_person("Aal"), at="10:00", practitioner="A", type="a", status="planned")
    early = add_appointment(add_person("Bär"), at="08:00", practitioner="B", type="b", status="cancelled")

    for sort in SORTS:
        expected = [early, late] if sort == "time" else [late, early]
        assert [row.id for row in rows(staff, AppointmentFilter(MONDAY, MONDAY, sort=sort))] == expected, sort
        assert [row.id for row in rows(staff, AppointmentFilter(MONDAY, MONDAY, sort=f"-{sort}"))] == expected[::-1], sort


def test_all_hits_are_ticked_over_all_pages_and_shown_on_their_own(staff: int) -> None:
    person = add_person("Aal")
    with write_transaction():
        for minute in range(30):
            add_appointment(person, at=f"08:{minute:02d}")
    other_day = add_appointment(person, TUESDAY)
    wanted = AppointmentFilter(MONDAY, MONDAY)

    selection.add_query(staff, "appointments", appointment_list.ids_query(wanted))
    selection.add(staff, "appointments", [other_day])

    assert appointment_list.count_ticked(wanted, staff) == 30
    assert all(row.selected for row in rows(staff, wanted, ListPage(2)))
    assert appointment_list.page(AppointmentFilter(MONDAY, MONDAY, ticked_by=staff), staff, ListPage(), NOW).total == 31


def test_a_page_past_the_end_is_the_last_one(staff: int) -> None:
    person = add_person("Aal")
    with write_transaction():
        for minute in range(30):
            add_appointment(person, at=f"08:{minute:02d}")

    page = appointment_list.page(AppointmentFilter(MONDAY, MONDAY), staff, ListPage(9), NOW)

    assert (page.page.number, len(page.rows), page.total) == (2, 5, 30)


def test_an_empty_day_knows_the_nearest_days_that_are_not(staff: int) -> None:
    person = add_person("Aal")
    add_appointment(person, date(2026, 11, 20))
    add_appointment(person, TUESDAY)

    assert appointment_list.nearest_days(AppointmentFilter(MONDAY, MONDAY)) == (date(2026, 11, 20), TUESDAY)
    assert appointment_list.nearest_days(AppointmentFilter(TUESDAY, TUESDAY)) == (date(2026, 11, 20), None)
    db.session.rollback()
