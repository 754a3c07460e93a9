"""A house with one confirmed dispatch, for the sending benchmark: people, permission, an account on the sink, a staged text."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import delete, insert, literal, select

from messaging.models import Consent, Draft, MailAccount, Person, SelectionItem, User, db, write_transaction
from messaging.outbox import staging
from messaging.services import drafts
from messaging.services.person_fields import derived

BODY = "<div>{{Briefanrede}}<br><br>" + "wir möchten Sie an Ihren Termin erinnern.<br>" * 12 + "</div>"


def fill(app: Flask, count: int, port: int) -> None:
    """People with an address and permission each, and an account on the sink."""
    now = datetime.now(UTC)
    db.create_all()
    with write_transaction() as session:
        session.add(User(name="bench", role="admin", password_hash="!", created_at=now))
        session.add(
            MailAccount(
                name="Bench", sender_name="Praxis Müßig", sender_address="praxis@example.org", host="127.0.0.1", port=port,
                tls_mode="none", updated_at=now,
            )
        )  # fmt: skip
        session.flush()
        session.execute(insert(Person), [_person(n, now) for n in range(count)])
        session.execute(insert(Consent), [_consent(n, now) for n in range(count)])


def _person(n: int, now: datetime) -> dict[str, object]:
    fields = {"kind": "patient", "number": f"B{n:06}", "form_of_address": "Frau", "first_name": "Ute", "last_name": f"Person{n}",
              "email": f"person{n}@example.org"}  # fmt: skip
    return {**fields, **derived(fields), "id": n + 1, "created_at": now, "updated_at": now}


def _consent(n: int, now: datetime) -> dict[str, object]:
    return {"person_id": n + 1, "channel": "email", "purpose": "information", "status": "yes", "source": "form", "proof": "",
            "target": f"person{n}@example.org", "recorded_at": now}  # fmt: skip


def new_dispatch() -> int:
    """Everybody ticked, drafted, written to and confirmed; returns the dispatch's id."""
    now = datetime.now(UTC)
    with write_transaction() as session:
        session.execute(delete(SelectionItem))
        people = select(literal(1), literal("people"), Person.id)
        session.execute(insert(SelectionItem).from_select(["user_id", "scope", "item_id"], people))
    draft_id = drafts.create_from_selection(1, "people", "email", now)
    with write_transaction() as session:
        draft = session.get_one(Draft, draft_id)
        draft.account_id, draft.subject, draft.body = 1, "Ihr Termin, {{Nachname}}", BODY
    return staging.stage(draft_id, 1, now, now, draft.version)
