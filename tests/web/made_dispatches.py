"""Dispatches for web tests, made by the program's own staging; what a worker would write is then put into the rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update

from messaging.domain.words import Channel, Purpose
from messaging.models import Attempt, Consent, Dispatch, Draft, MailAccount, Message, Person, User, db, write_transaction
from messaging.outbox import staging
from messaging.services import drafts
from messaging.services.person_fields import derived, index_person

BODY = "<div>{{Briefanrede}}<br>wir haben <strong>neue</strong> Zeiten.</div>"


def make_account(app: Flask, **settings: Any) -> int:
    values = {"name": "Praxis", "sender_name": "Praxis Muster", "sender_address": "praxis@example.org", "host": "127.0.0.1",
              "port": 25, "tls_mode": "none", "updated_at": app.config["CLOCK"]()} | settings  # fmt: skip
    with write_transaction() as session:
        account = MailAccount(**values)
        session.add(account)
        session.flush()
    return account.id


def make_people(app: Flask, names: Sequence[str], allowed: bool = True) -> list[int]:
    """People "Last, First" with an address each; permission for information by e-mail unless told otherwise."""
    now: datetime = app.config["CLOCK"]()
    first = db.session.scalar(select(func.count()).select_from(Person)) or 0
    with write_transaction() as session:
        people = []
        for place, name in enumerate(names, first):
            last_name, _, first_name = name.partition(", ")
            fields = {"kind": "patient", "number": f"M{place:05}", "form_of_address": "Frau", "first_name": first_name,
                      "last_name": last_name, "email": f"p{place}@example.org"}  # fmt: skip
            person = Person(**fields, **derived(fields), created_at=now, updated_at=now)
            session.add(person)
            session.flush()
            index_person(session, person)
            people.append(person)
        if allowed:
            session.add_all(
                Consent(person_id=person.id, channel=Channel.EMAIL, purpose=Purpose.INFORMATION, status="yes", source="form",
                        target=person.email_normalized, recorded_at=now)
                for person in people
            )  # fmt: skip
    return [person.id for person in people]


def make_dispatch(
    app: Flask,
    owner: User,
    names: Sequence[str] = ("Groß, Ute", "Winter, Alex", "Müßig, Jörg"),
    *,
    without_consent: Sequence[str] = (),
    account_id: int | None = None,
    subject: str = "Neues aus der Praxis",
    scheduled_at: datetime | None = None,
) -> int:
    """A confirmed dispatch to these people; returns its id."""
    now: datetime = app.config["CLOCK"]()
    people = make_people(app, names) + make_people(app, without_consent, allowed=False)
    draft_id = drafts.create_from_people(owner.id, people, Channel.EMAIL, now)
    with write_transaction() as session:
        draft = session.get_one(Draft, draft_id)
        draft.account_id = account_id or make_account(app)
        draft.subject, draft.body = subject, BODY
    return staging.stage(draft_id, owner.id, now, scheduled_at or now, draft.version)


def change_dispatch(dispatch_id: int, **values: Any) -> None:
    with write_transaction() as session:
        session.execute(update(Dispatch).where(Dispatch.id == dispatch_id).values(**values))


def messages_of(dispatch_id: int) -> list[int]:
    return list(db.session.scalars(select(Message.id).where(Message.dispatch_id == dispatch_id).order_by(Message.id)))


def put_states(app: Flask, dispatch_id: int, *states: str, reason: str = "mailbox_refused") -> None:
    """Give the messages these states in their order, each with the attempt that would have led there."""
    now: datetime = app.config["CLOCK"]()
    account_id = db.session.get_one(Dispatch, dispatch_id).account_id
    outcomes = {"sent": "accepted", "failed": "rejected", "retrying": "temporary", "unknown": "unknown"}
    with write_transaction() as session:
        said = "550 5.1.1 No such mailbox here"
        for message_id, state in zip(messages_of(dispatch_id), states, strict=False):
            failed = state in ("failed", "unknown", "retrying", "skipped", "bounced")
            values = {"state": state, "reason": reason if failed else "", "attempts": 1 if state in outcomes else 0}
            values["ended_at"] = None if state in ("queued", "sending", "retrying") else now
            if state == "retrying":
                values["next_attempt_at"] = now + timedelta(minutes=5)
            session.execute(update(Message).where(Message.id == message_id).values(**values))
            if state in outcomes:
                session.add(Attempt(message_id=message_id, dispatch_id=dispatch_id, account_id=account_id, claim="c", epoch="e",
                                    claimed_at=now, began_at=now, ended_at=now, outcome=outcomes[state],
                                    code=values["reason"], detail=said if failed else ""))  # fmt: skip


def state_of(message_id: int) -> str:
    db.session.rollback()
    return db.session.scalar(select(Message.state).where(Message.id == message_id))
