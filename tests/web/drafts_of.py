"""Drafts and what belongs to them, for the tests of writing and sending, as the check window would leave them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from messaging.models import (
    Appointment,
    Consent,
    Draft,
    MailAccount,
    Person,
    Practice,
    Recipient,
    Signature,
    User,
    db,
    write_transaction,
)

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)

ANNA = {"form_of_address": "Frau", "title": "Dr.", "first_name": "Anna", "last_name": "Groß"}
ODD_NAMES = ("O'Neill & <b>Söhne</b>", "%datum%", "{{7*7}}", "=SUM(A1)")


def make_practice() -> None:
    with write_transaction() as session:
        session.add(Practice(id=1, name="Praxis am Musterweg", phone="030 23125000", street="Musterweg 1", postcode="01067",
                             city="Dresden"))  # fmt: skip


def make_account(name: str = "Praxis", **fields: Any) -> int:
    values = {"sender_name": "Praxis am Musterweg", "sender_address": "praxis@example.org", "host": "127.0.0.1", "port": 2525}
    with write_transaction() as session:
        account = MailAccount(name=name, tls_mode="none", updated_at=NOW, **{**values, **fields})
        session.add(account)
    return account.id


def make_signature(body: str = "<div>Ihr Team der {{Praxisname}}</div>", name: str = "Praxis") -> int:
    with write_transaction() as session:
        signature = Signature(name=name, body=body, updated_at=NOW)
        session.add(signature)
    return signature.id


def make_draft(*people: dict[str, Any], appointments: bool = True, owner: User | None = None, **fields: Any) -> int:
    """An open draft for these people; each is allowed to be written to, has an address and, for lists of appointments, one."""
    origin = "appointments" if appointments else "people"
    purpose = "appointment" if appointments else "information"
    with write_transaction() as session:
        draft = Draft(**{"channel": "email", "purpose": purpose, "origin": origin, "owner_id": owner.id if owner else None,
                         "created_at": NOW, "updated_at": NOW, **fields})  # fmt: skip
        session.add(draft)
        session.flush()
        for position, person in enumerate(people or (ANNA,), start=1):
            add_recipient(session, draft, position, person)
    return draft.id


def add_recipient(session: Any, draft: Draft, position: int, fields: dict[str, Any]) -> None:
    number = f"M{draft.id}-{position}"
    address = f"p{draft.id}-{position}@example.org"
    person = Person(
        kind="patient", number=number, email=address, email_normalized=address, created_at=NOW, updated_at=NOW, **fields
    )
    session.add(person)
    session.flush()
    session.add(Consent(person_id=person.id, channel="email", purpose=draft.purpose, status="yes", target=address, source="form",
                        recorded_at=NOW))  # fmt: skip
    appointment_id = None
    if draft.origin == "appointments":
        starts = NOW + timedelta(days=1, minutes=10 * position)
        appointment = Appointment(number=f"T{number}", person_id=person.id, starts_at=starts, ends_at=starts, type="Vorsorge",
                                  local_date=starts.date(), practitioner="Dr. Beispiel", updated_at=NOW)  # fmt: skip
        session.add(appointment)
        session.flush()
        appointment_id = appointment.id
    session.add(Recipient(draft_id=draft.id, position=position, person_id=person.id, appointment_id=appointment_id,
                          address=address, ticked=True, allowed=True, possible=True))  # fmt: skip


def the_draft(draft_id: int) -> Draft:
    db.session.rollback()  # what another thread committed is read too
    return db.session.get_one(Draft, draft_id, populate_existing=True)


def page_of(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.data, "html.parser")


def words_of(response: TestResponse, css: str) -> str:
    """The text of the first element, its blanks made single; "" if there is none."""
    found = page_of(response).select_one(css)
    return " ".join(found.get_text(" ").split()) if found else ""


HTMX = {"HX-Request": "true"}
