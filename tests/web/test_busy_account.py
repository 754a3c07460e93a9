"""What the screens promise when an account has limits and is busy: the confirm page and the progress of a dispatch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from messaging.models import Draft, MailAccount, write_transaction
from messaging.services import drafts
from tests.conftest import MovableClock
from tests.web.made_dispatches import BODY, change_dispatch, make_account, make_dispatch, make_people, put_states
from tests.web.reading import words


@pytest.fixture
def owner(make_user: Callable):
    return make_user("staff", "owner")


@pytest.fixture
def account(app: Flask) -> int:
    """Two mails an hour."""
    return make_account(app, per_hour=2)


@pytest.fixture
def ahead(app: Flask, owner, account: int) -> int:
    """A dispatch of six over the account; two have just gone."""
    dispatch_id = make_dispatch(app, owner, [f"Eins{n}, Eva" for n in range(6)], account_id=account)
    put_states(app, dispatch_id, "sent", "sent")
    change_dispatch(dispatch_id, state="running", started_at=app.config["CLOCK"]() - timedelta(seconds=1))
    return dispatch_id


@pytest.fixture
def draft_of_two(app: Flask, owner, account: int) -> int:
    draft_id = drafts.create_from_people(owner.id, make_people(app, ["Zwei, Eva", "Drei, Eva"]), "email", app.config["CLOCK"]())
    with write_transaction() as session:
        session.execute(update(Draft).where(Draft.id == draft_id).values(account_id=account, subject="Hinterher", body=BODY))
    return draft_id


def promised(client: FlaskClient, draft_id: int) -> str:
    return words(client.get(f"/drafts/{draft_id}/confirm"), ".confirm-going")


def told(client: FlaskClient, dispatch_id: int) -> str:
    return words(client.get(f"/dispatches/{dispatch_id}"), "#dispatch-progress")


def test_an_idle_account_promises_no_wait(client: FlaskClient, draft_of_two: int) -> None:
    assert "in weniger als 1 Minute" in promised(client, draft_of_two)


def test_the_promise_counts_what_went_within_the_hour(
    client: FlaskClient, clock: MovableClock, ahead: int, draft_of_two: int
) -> None:
    change_dispatch(ahead, state="cancelled")
    clock.moment += timedelta(minutes=20)

    # 8:30 and two mails: the hour is full until 9:30.
    assert "Wegen der Grenzen dieses Kontos dauert es bis heute 9:30." in promised(client, draft_of_two)


@pytest.mark.usefixtures("ahead")
def test_the_promise_counts_who_goes_beside_and_says_so(client: FlaskClient, draft_of_two: int) -> None:
    # Two of the four that wait go beside these two: places at 9:30 for two, at 10:30 for the other two.
    assert "Weil über dieses Konto schon ein anderer Versand läuft, dauert es bis heute 10:30." in promised(client, draft_of_two)


def test_the_time_left_knows_the_limits(client: FlaskClient, clock: MovableClock, ahead: int) -> None:
    clock.moment += timedelta(seconds=30)

    # Four wait: two at 9:30, two at 10:30.
    assert "4 je Minute, noch etwa 2 Stunden" in told(client, ahead)


def test_who_waits_for_a_limit_reads_when_all_is_done(client: FlaskClient, clock: MovableClock, ahead: int) -> None:
    change_dispatch(ahead, wait_until=clock.moment + timedelta(hours=1), wait_code="per_hour")

    assert "wartet bis 9:30 (Stundenlimit 2)" in told(client, ahead)
    assert "fertig etwa heute 10:30" in told(client, ahead)


def test_who_waits_for_a_server_is_promised_nothing(client: FlaskClient, clock: MovableClock, ahead: int) -> None:
    change_dispatch(ahead, wait_until=clock.moment + timedelta(hours=1), wait_code="unreachable")

    assert "fertig" not in told(client, ahead)


def test_an_account_without_limits_is_as_fast_as_it_was(client: FlaskClient, clock: MovableClock, ahead: int) -> None:
    with write_transaction() as session:
        session.execute(update(MailAccount).values(per_hour=None))
    clock.moment += timedelta(seconds=30)

    assert "4 je Minute, noch etwa 1 Minute" in told(client, ahead)
