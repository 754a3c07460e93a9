"""What macros are filled with, loaded from the database: the same values for the preview and for sending."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from messaging.models import Appointment, Draft, Person, Practice, Recipient, db, write_transaction
from messaging.outbox.macro_facts import values_for_draft

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


def new_person(number: str, **fields: Any) -> Person:
    return Person(kind="patient", number=number, created_at=NOW, updated_at=NOW, **fields)


@pytest.fixture
def draft_of(app: Flask) -> Callable[..., int]:
    """A draft for persons, each with or without an appointment."""

    def make(*rows: tuple[Person, dict[str, Any] | None]) -> int:
        with write_transaction() as session:
            draft = Draft(channel="email", purpose="information", origin="people", created_at=NOW, updated_at=NOW)
            session.add(draft)
            session.flush()
            for position, (person, appointment) in enumerate(rows, start=1):
                session.add(person)
                session.flush()
                session.add(recipient(draft.id, position, person.id, stored(session, person.id, appointment)))
        return draft.id

    def stored(session: Any, person_id: int, fields: dict[str, Any] | None) -> int | None:
        if fields is None:
            return None
        row = Appointment(number=f"T{person_id}", person_id=person_id, ends_at=fields["starts_at"], local_date=date(2026, 11, 24),
                          updated_at=NOW, **fields)  # fmt: skip
        session.add(row)
        session.flush()
        return row.id

    return make


def recipient(draft_id: int, position: int, person_id: int, appointment_id: int | None) -> Recipient:
    return Recipient(draft_id=draft_id, position=position, person_id=person_id, appointment_id=appointment_id, ticked=True,
                     allowed=True, possible=True)  # fmt: skip


def values(draft_id: int, names: set[str], **narrowed: Any) -> list[dict[str, str]]:
    return [found for _, found in values_for_draft(db.session(), draft_id, names, NOW, **narrowed)]


def test_a_row_becomes_the_values_of_person_appointment_and_practice(draft_of: Callable[..., int]) -> None:
    with write_transaction() as session:
        session.add(Practice(id=1, name="Praxis am Musterweg", phone="030 23125000", street="Musterweg 1", postcode="01067",
                             city="Dresden"))  # fmt: skip
    person = new_person("M1", form_of_address="Frau", title="Dr.", first_name="Anna", last_name="Groß",
                        email_normalized="anna@example.org")  # fmt: skip
    draft_id = draft_of((person, {"starts_at": NOW + timedelta(days=1), "type": "Vorsorge", "practitioner": "Dr. Beispiel"}))

    [found] = values(draft_id, {"Briefanrede", "Termindatum", "Terminuhrzeit", "Terminart", "Behandler", "Praxisname", "Email"})

    assert found == {
        "Briefanrede": "Sehr geehrte Frau Dr. Groß,",
        "Termindatum": "24.11.2026",
        "Terminuhrzeit": "08:30",
        "Terminart": "Vorsorge",
        "Behandler": "Dr. Beispiel",
        "Praxisname": "Praxis am Musterweg",
        "Email": "anna@example.org",
    }


def test_without_an_appointment_and_before_the_practice_is_entered_values_are_empty(draft_of: Callable[..., int]) -> None:
    draft_id = draft_of((new_person("M1", first_name="Kim"), None))

    [found] = values(draft_id, {"Termindatum", "Behandler", "Praxisname", "Vorname"})

    assert found == {"Termindatum": "", "Behandler": "", "Praxisname": "", "Vorname": "Kim"}


def test_rows_come_in_the_order_of_the_list_and_can_be_narrowed(draft_of: Callable[..., int]) -> None:
    draft_id = draft_of(*((new_person(f"M{n}", first_name=name), None) for n, name in enumerate(("Cem", "Ana", "Bo"))))
    everybody = [key for key, _ in values_for_draft(db.session(), draft_id, set(), NOW)]

    assert [found["Vorname"] for found in values(draft_id, {"Vorname"})] == ["Cem", "Ana", "Bo"]
    assert values(draft_id, {"Vorname"}, recipient_ids=[everybody[1]]) == [{"Vorname": "Ana"}]
    assert values(draft_id, {"Vorname"}, only=Person.first_name == "Bo") == [{"Vorname": "Bo"}]


def test_a_number_that_cannot_get_sms_is_no_mobile_number(draft_of: Callable[..., int]) -> None:
    good = new_person("M1", sms="0171 3920001", sms_e164="+491713920001")
    bad = new_person("M2", sms="030 23125001", sms_e164="+493023125001", sms_problem="landline")

    found = values(draft_of((good, None), (bad, None)), {"Mobilnummer"})

    assert [row["Mobilnummer"] for row in found] == ["0171 3920001", ""]


@pytest.mark.parametrize("name", ["O'Neill & <b>Söhne</b>", "%datum%", "{{7*7}}", "=SUM(A1)"])
def test_a_name_that_looks_like_something_else_is_taken_as_it_is(draft_of: Callable[..., int], name: str) -> None:
    [found] = values(draft_of((new_person("M1", last_name=name), None)), {"Nachname"})

    assert found == {"Nachname": name}
