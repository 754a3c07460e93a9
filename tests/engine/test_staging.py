"""From a draft to a dispatch: whole, or not at all."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from messaging.domain.words import Channel
from messaging.models import AuditEntry, Dispatch, Draft, Message, User, db, write_transaction
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
