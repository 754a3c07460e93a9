"""People, appointments, permissions and ticks for tests of drafts and of the check window. Short words for a small practice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from messaging.models import (
    Appointment,
    Consent,
    Dispatch,
    Draft,
    MailAccount,
    Person,
    Recipient,
    SelectionItem,
    User,
    db,
    write_transaction,
)
from messaging.services import drafts

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


def user(name: str = "anna", role: str = "staff") -> int:
    """The id of a user with this name, made if there is none yet."""
    found = db.session.scalar(db.select(User.id).filter_by(name=name))
    if found:
        return found
    with write_transaction() as session:
        made = User(name=name, display_name=f"{name.title()} Beispiel", role=role, password_hash="!", created_at=NOW)
        session.add(made)
    return made.id


def person(last_name: str = "Groß", email: str | None = None, **fields: Any) -> int:
    """Somebody with a usable mail address, unless `email=""` says otherwise."""
    number = fields.pop("number", f"M{next_number():05}")
    address = f"{number.lower()}@example.org" if email is None else email
    values = {"kind": "patient", "email": address, "email_normalized": address, "sort_key": last_name.lower(),
              "created_at": NOW, "updated_at": NOW} | fields  # fmt: skip
    with write_transaction() as session:
        made = Person(number=number, last_name=last_name, **values)
        session.add(made)
    return made.id


def next_number() -> int:
    return (db.session.scalar(db.select(db.func.count()).select_from(Person)) or 0) + 1


def change(person_id: int, **fields: Any) -> None:
    """As the record does it when somebody edits the master data."""
    with write_transaction() as session:
        made = session.get_one(Person, person_id)
        for name, value in fields.items():
            setattr(made, name, value)


def consent(
    person_id: int, status: str = "yes", purpose: str = "information", channel: str = "email", target: str | None = None
) -> None:
    """An entry of "Kontakt erlaubt", given for the present address unless `target` says otherwise."""
    with write_transaction() as session:
        made = session.get_one(Person, person_id)
        if target is None:
            target = {"email": made.email_normalized, "sms": made.sms_e164, "letter": ""}[channel]
        entry = Consent(person_id=person_id, channel=channel, purpose=purpose, status=status, target=target, source="form",
                        recorded_at=NOW)  # fmt: skip
        session.add(entry)


def allowed(last_name: str = "Groß", purpose: str = "information", **fields: Any) -> int:
    """A person with permission for mails of that purpose."""
    made = person(last_name, **fields)
    consent(made, purpose=purpose)
    return made


def appointment(person_id: int, hours: float = 24, status: str = "planned") -> int:
    """An appointment that begins in so many hours."""
    start = NOW + timedelta(hours=hours)
    with write_transaction() as session:
        count = db.session.scalar(db.select(db.func.count()).select_from(Appointment)) or 0
        made = Appointment(number=f"T{count + 1}", person_id=person_id, starts_at=start, ends_at=start + timedelta(minutes=30),
                           local_date=start.date(), status=status, updated_at=NOW)  # fmt: skip
        session.add(made)
    return made.id


def draft(person_ids: Sequence[int], channel: str = "email", owner: int | None = None) -> int:
    """A draft made from ticked people."""
    return ticked_draft(drafts.PEOPLE, person_ids, channel, owner)


def reminder(appointment_ids: Sequence[int], channel: str = "email", owner: int | None = None) -> int:
    """A draft made from ticked appointments."""
    return ticked_draft(drafts.APPOINTMENTS, appointment_ids, channel, owner)


def ticked_draft(scope: str, ids: Sequence[int], channel: str, owner: int | None) -> int:
    owner = owner or user()
    with write_transaction() as session:
        session.query(SelectionItem).filter_by(user_id=owner, scope=scope).delete()
        session.add_all(SelectionItem(user_id=owner, scope=scope, item_id=item) for item in ids)
    return drafts.create_from_selection(owner, scope, channel, NOW)


def rows(draft_id: int) -> list[Recipient]:
    """The rows of a draft as they are stored now, in the order of the list."""
    db.session.expire_all()
    return list(db.session.scalars(db.select(Recipient).filter_by(draft_id=draft_id).order_by(Recipient.position)))


def row_of(draft_id: int, person_id: int) -> Recipient:
    return next(row for row in rows(draft_id) if row.person_id == person_id)


def ticks(draft_id: int) -> list[bool]:
    return [row.ticked for row in rows(draft_id)]


def confirmed(draft_id: int) -> int:
    """Make a dispatch of a draft without the send engine; returns its id."""
    with write_transaction() as session:
        account = MailAccount(name="Praxis", sender_name="Praxis", sender_address="praxis@example.org", host="127.0.0.1", port=25,
                              tls_mode="none", updated_at=NOW)  # fmt: skip
        session.add(account)
        session.flush()
        made = session.get_one(Draft, draft_id)
        made.state = "confirmed"
        dispatch = Dispatch(draft_id=draft_id, channel=made.channel, purpose=made.purpose, state="scheduled", subject="", body="",
                            account_id=account.id, created_at=NOW, scheduled_at=NOW, total=1)  # fmt: skip
        session.add(dispatch)
    return dispatch.id
