"""Sending later: quiet hours are named with an offer, and a dispatch that has not begun can get another time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from messaging.models import Dispatch, Draft, MailAccount, Message, db, write_transaction
from messaging.outbox import recovery, staging
from tests.store import recipient_world as world

LATER = timedelta(days=2)


@pytest.fixture
def draft_id(app: Flask) -> int:
    """Two people who may be written to, an account and a text."""
    draft_id = world.draft([world.allowed("Groß"), world.allowed("Weiß")])
    with write_transaction() as session:
        account = MailAccount(name="Praxis", sender_name="Praxis", sender_address="praxis@example.org", host="mail.example.org",
                              port=587, tls_mode="starttls", updated_at=world.NOW)  # fmt: skip
        session.add(account)
        session.flush()
        draft = session.get_one(Draft, draft_id)
        draft.account_id, draft.subject, draft.body = account.id, "Neue Zeiten", "<div>Wir haben neue Zeiten.</div>"
    return draft_id


@pytest.fixture
def dispatch_id(app: Flask, draft_id: int, clock) -> int:
    draft = db.session.get_one(Draft, draft_id)
    return staging.stage(draft_id, draft.owner_id, clock.moment, clock.moment + LATER, draft.version)


def test_at_night_the_page_offers_the_morning(client: FlaskClient, draft_id: int, clock) -> None:
    clock.moment = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)

    page = client.get(f"/drafts/{draft_id}/confirm").text

    assert "Zwischen 20 und 8 Uhr stören Nachrichten." in page
    assert 'value="2026-11-24"' in page
    assert 'value="08:00"' in page


def test_by_day_nothing_is_offered(client: FlaskClient, draft_id: int) -> None:
    assert "stören" not in client.get(f"/drafts/{draft_id}/confirm").text


def test_a_waiting_dispatch_gets_another_time(client: FlaskClient, dispatch_id: int) -> None:
    answer = client.post(f"/dispatches/{dispatch_id}/time", data={"date": "2026-12-01", "time": "09:15"})

    assert answer.status_code == 303
    moment = datetime(2026, 12, 1, 8, 15, tzinfo=UTC)
    assert db.session.get_one(Dispatch, dispatch_id).scheduled_at == moment
    assert set(db.session.scalars(db.select(Message.next_attempt_at))) == {moment}


def test_it_begins_when_the_new_time_has_come(client: FlaskClient, dispatch_id: int, clock) -> None:
    client.post(f"/dispatches/{dispatch_id}/time", data={"date": "2026-12-01", "time": "09:15"})

    recovery.sweep(clock.moment + LATER)
    before = db.session.get_one(Dispatch, dispatch_id).state
    recovery.sweep(datetime(2026, 12, 1, 8, 15, tzinfo=UTC))
    db.session.expire_all()

    assert (before, db.session.get_one(Dispatch, dispatch_id).state) == ("scheduled", "running")


def test_now_means_now_and_wakes_a_worker(client: FlaskClient, dispatch_id: int, waker) -> None:
    client.post(f"/dispatches/{dispatch_id}/time", data={"when": "now"})

    assert db.session.get_one(Dispatch, dispatch_id).state == "running"
    assert [job[2] for job in waker.put_jobs] == [(dispatch_id,)]


@pytest.mark.parametrize(
    "typed", [{}, {"date": "2026-12-01"}, {"date": "2020-01-01", "time": "09:00"}, {"date": "morgen", "time": "x"}]
)
def test_a_time_that_is_none_is_refused_in_words_and_kept(client: FlaskClient, dispatch_id: int, typed: dict[str, str]) -> None:
    answer = client.post(f"/dispatches/{dispatch_id}/time", data=typed)

    assert answer.status_code == 422
    assert "Bitte" in answer.text
    assert db.session.get_one(Dispatch, dispatch_id).state == "scheduled"


def test_a_dispatch_that_runs_has_no_time_to_change(client: FlaskClient, dispatch_id: int, clock) -> None:
    recovery.sweep(clock.moment + LATER)

    assert client.get(f"/dispatches/{dispatch_id}/time").status_code == 303
    assert client.post(f"/dispatches/{dispatch_id}/time", data={"date": "2026-12-01", "time": "09:15"}).status_code == 409
