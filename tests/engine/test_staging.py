"""From a draft to a dispatch: whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from messaging.domain.errors import DomainError
from messaging.domain.words import Channel
from messaging.models import (
    Attachment,
    AuditEntry,
    Consent,
    Dispatch,
    Draft,
    MailAccount,
    Message,
    Recipient,
    Signature,
    User,
    db,
    write_transaction,
)
from messaging.outbox import staging
from messaging.services import audit, dispatching, drafts


@pytest.fixture
def draft_id(app: Flask, sender: User, make_account, make_people) -> int:
    now: datetime = app.config["CLOCK"]()
    draft_id = drafts.create_from_people(sender.id, make_people(["ute@example.org"]), Channel.EMAIL, now)
    with write_transaction() as session:
        draft = session.get_one(Draft, draft_id)
        draft.account_id, draft.subject, draft.body = make_account(), "Neues", "<div>{{Briefanrede}}</div>"
    return draft_id


def rows(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def confirm(app: Flask, sender: User, draft_id: int) -> dispatching.Confirmed:
    version = db.session.get_one(Draft, draft_id).version
    return dispatching.confirm(draft_id, sender.id, app.config["CLOCK"](), version, expected=1)


def test_a_dispatch_and_who_confirmed_it_are_written_together(app: Flask, sender: User, draft_id: int) -> None:
    confirmed = confirm(app, sender, draft_id)

    noted = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "dispatch_confirmed")).one()
    assert (noted.object_id, noted.user_id) == (confirmed.dispatch_id, sender.id)


def test_what_cannot_be_noted_is_not_sent(app: Flask, sender: User, draft_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def power_cut(*_args: object, **_words: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(audit, "record", power_cut)
    with pytest.raises(OSError, match="disk full"):
        confirm(app, sender, draft_id)

    assert (rows(Dispatch), rows(Message)) == (0, 0)
    assert db.session.get_one(Draft, draft_id, populate_existing=True).state == "open"


# -- somebody else at the same moment


def untick(draft_id: int) -> None:
    db.session.execute(update(Recipient).where(Recipient.draft_id == draft_id).values(ticked=False, unticked_batch=-1))


def attach(draft_id: int) -> None:
    db.session.add(Attachment(draft_id=draft_id, filename="befund.pdf", media_type="application/pdf", size=1, content=b"x"))


def change_purpose(draft_id: int) -> None:
    db.session.execute(update(Draft).where(Draft.id == draft_id).values(purpose="recall"))


def change_signature(draft_id: int) -> None:
    db.session.execute(update(Signature).values(body="<div>{{Behandler}}</div>"))


def change_sender(draft_id: int) -> None:
    db.session.execute(update(MailAccount).values(sender_address="privat@example.org"))


CHANGES = [untick, attach, change_purpose, change_signature, change_sender]


@pytest.fixture
def signed(app: Flask, draft_id: int) -> int:
    with write_transaction() as session:
        signature = Signature(name="Praxis", body="<div>Ihr Team</div>", updated_at=app.config["CLOCK"]())
        session.add(signature)
        session.flush()
        session.get_one(Draft, draft_id).signature_id = signature.id
    return draft_id


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_while_the_texts_are_filled_is_not_sent(
    app: Flask, sender: User, signed: int, monkeypatch: pytest.MonkeyPatch, change: Callable[[int], None]
) -> None:
    """A colleague's change is saved after everybody was read and before the dispatch is written."""
    read = staging.candidates
    calls = []

    def meanwhile(*args: Any) -> list[staging.Candidate]:
        found = read(*args)
        calls.append(len(found))
        if len(calls) == 2:  # the first is the plan
            with write_transaction():
                change(signed)
        return found

    monkeypatch.setattr(staging, "candidates", meanwhile)
    with pytest.raises(DomainError) as refused:
        confirm(app, sender, signed)

    assert refused.value.problem is staging.CHANGED
    assert (rows(Dispatch), rows(Message)) == (0, 0)
    assert db.session.get_one(Draft, signed, populate_existing=True).state == "open"


@pytest.mark.parametrize("change", CHANGES[1:])
def test_what_is_not_as_the_page_showed_it_is_not_sent(
    app: Flask, sender: User, signed: int, change: Callable[[int], None]
) -> None:
    now: datetime = app.config["CLOCK"]()
    seen = dispatching.plan(signed, now)
    if change is change_purpose:
        with write_transaction() as session:
            session.execute(update(Consent).values(purpose="recall"))
    with write_transaction():
        change(signed)

    with pytest.raises(DomainError):
        dispatching.confirm(signed, sender.id, now, 1, expected=1, seal=seen.seal)

    assert rows(Dispatch) == 0


def test_an_import_in_between_cannot_part_a_text_from_its_appointment(app: Flask, make_reminders, database_uri: str) -> None:
    """What the message says and the start that guards it come from one query, so from one moment."""
    dispatch_id = make_reminders(["ute@example.org"])
    statements: list[str] = []
    draft = db.session.get_one(Draft, db.session.get_one(Dispatch, dispatch_id).draft_id)
    event.listen(db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))

    staging.candidates(db.session(), draft, staging.compiled(db.session(), draft), app.config["CLOCK"]())

    assert sum("appointment" in statement for statement in statements) == 1
