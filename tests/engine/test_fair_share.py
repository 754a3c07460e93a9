"""A large dispatch that has filled the account's window leaves room for a small one and a test mail, never one too many."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from messaging.domain.words import Channel
from messaging.models import Dispatch, Draft, Errand, Recipient, db, write_transaction
from messaging.outbox import errand_runner
from messaging.outbox.delivery import Left, drain
from messaging.services import drafts, errands
from tests.conftest import MovableClock

LARGE = [f"viele{number}@example.org" for number in range(30)]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def full_account(app: Flask, make_account, make_dispatch) -> int:
    """An account with ten places an hour, of which a large dispatch has taken all that it may."""
    account_id = make_account(per_hour=10)
    assert drain(make_dispatch(LARGE, account_id), app.config["CLOCK"]) is Left.WAITING
    return account_id


@pytest.fixture
def send_test(app: Flask, sender, make_people) -> Callable[[int], Errand]:
    """A test mail over an account, carried out at once; returns its row."""

    def send(account_id: int) -> Errand:
        now = app.config["CLOCK"]()
        draft_id = drafts.create_from_people(sender.id, make_people(["eva@example.org"]), Channel.EMAIL, now)
        with write_transaction() as session:
            draft = session.get_one(Draft, draft_id)
            draft.account_id, draft.subject, draft.body = account_id, "Neues", "<div>Guten Tag</div>"
        recipient_id = db.session.scalar(select(Recipient.id).where(Recipient.draft_id == draft_id))
        payload = {"draft_id": draft_id, "recipient_id": recipient_id, "to": "kollegin@example.org"}
        errand_id = errands.start(errands.TEST_MAIL, payload, sender.id, now)
        errand_runner.run(errand_id, app.config["CLOCK"])
        return db.session.get_one(Errand, errand_id, populate_existing=True)

    return send


def test_a_small_dispatch_does_not_wait_until_the_window_of_a_large_one_is_over(
    app: Flask, full_account: int, make_dispatch, mail_sink
) -> None:
    assert len(mail_sink.received()) == 9

    drain(make_dispatch(["eilig@example.org"], full_account), app.config["CLOCK"])

    assert mail_sink.received()[9:] == ["eilig@example.org"]


def test_a_test_mail_does_not_wait_either(app: Flask, full_account: int, send_test, mail_sink) -> None:
    assert send_test(full_account).state == "done"

    assert mail_sink.received()[9:] == ["kollegin@example.org"]


def test_the_reserve_is_no_place_beyond_the_limit(
    app: Flask, full_account: int, send_test, make_dispatch, mail_sink, clock: MovableClock
) -> None:
    send_test(full_account)

    refused = send_test(full_account)
    assert drain(make_dispatch(["eilig@example.org"], full_account), app.config["CLOCK"]) is Left.WAITING

    assert refused.answer == "Bitte ab 9:30 Uhr noch einmal senden. Das Stundenlimit des E-Mail-Kontos ist erreicht."
    assert len(mail_sink.received()) == 10
    clock.moment += 59 * MINUTE
    assert send_test(full_account).state == "failed"


def test_the_large_one_waits_until_its_own_messages_leave_the_window(
    app: Flask, full_account: int, mail_sink, clock: MovableClock
) -> None:
    dispatch = db.session.scalars(select(Dispatch)).one()
    assert (dispatch.wait_until, dispatch.wait_code) == (clock() + 60 * MINUTE, "per_hour")

    clock.moment += 60 * MINUTE
    drain(dispatch.id, app.config["CLOCK"])

    assert len(mail_sink.received()) == 18


def test_a_window_full_of_test_mails_says_when_the_first_of_them_leaves_it(
    app: Flask, make_account, send_test, clock: MovableClock
) -> None:
    account_id = make_account(per_hour=1)
    send_test(account_id)
    clock.moment += 10 * MINUTE

    assert send_test(account_id).answer.startswith("Bitte ab 9:30 Uhr noch einmal senden.")
