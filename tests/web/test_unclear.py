"""Unclear messages: what is known of each, and the two decisions that a person can make."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from messaging.models import AuditEntry, Message, db
from messaging.services import dispatching
from tests.web.made_dispatches import change_dispatch, make_dispatch, messages_of, put_states, state_of
from tests.web.reading import soup, words

HTMX = {"HX-Request": "true"}


@pytest.fixture
def owner(make_user: Callable):
    return make_user("staff", "owner")


@pytest.fixture
def make(app: Flask, owner) -> Callable[..., int]:
    return lambda *args, **values: make_dispatch(app, owner, *args, **values)


@pytest.fixture
def unclear_message(app: Flask, make) -> int:
    dispatch_id = make()
    put_states(app, dispatch_id, "unknown", "sent", "sent", reason="answer_lost")
    change_dispatch(dispatch_id, state="finished")
    return messages_of(dispatch_id)[0]


def test_nothing_unclear_is_said_calmly(client) -> None:
    assert "Nichts ist unklar" in words(client.get("/dispatches/unclear"), "#unclear-list")


def test_an_unclear_message_shows_all_that_is_known(client, unclear_message: int) -> None:
    card = words(client.get("/dispatches/unclear"), f"#unclear-{unclear_message}")

    assert "Groß, Ute" in card
    assert "p0@example.org" in card
    assert "Mo 23.11.2026, 8:30 Uhr" in card
    assert "Versuch 1" in card
    assert "Die Antwort des Mailservers ging verloren" in card.replace("unbekannt: ", "")
    assert db.session.get_one(Message, unclear_message).reference in card


def test_the_side_bar_counts_unclear_messages(client, unclear_message: int) -> None:
    assert words(client.get("/dispatches"), ".sidebar-badge") == "1"


@pytest.mark.parametrize(("decision", "state", "woken"), [("sent", "sent", 0), ("again", "queued", 1)])
def test_a_person_decides_and_it_is_logged(client, waker, unclear_message: int, decision: str, state: str, woken: int) -> None:
    answer = client.post(f"/dispatches/unclear/{unclear_message}", data={"decision": decision}, headers=HTMX)

    assert answer.status_code == 200
    assert state_of(unclear_message) == state
    assert len(waker.put_jobs) == woken
    logged = db.session.scalars(db.select(AuditEntry.action)).all()
    assert f"unknown_settled_{decision}" in logged


def test_a_plain_form_comes_back_to_the_list(client, unclear_message: int) -> None:
    answer = client.post(f"/dispatches/unclear/{unclear_message}", data={"decision": "sent"})

    assert (answer.status_code, answer.location) == (303, "/dispatches/unclear")
    assert "gilt jetzt als gesendet" in words(client.get("/dispatches/unclear"), "#flash")


def test_deciding_twice_is_refused_in_words(client, unclear_message: int) -> None:
    client.post(f"/dispatches/unclear/{unclear_message}", data={"decision": "sent"})

    again = client.post(f"/dispatches/unclear/{unclear_message}", data={"decision": "again"}, headers=HTMX)

    assert again.status_code == 409
    assert "Das geht im jetzigen Zustand" in words(again, ".alert")
    assert state_of(unclear_message) == "sent"


def test_no_decision_decides_nothing(client, unclear_message: int) -> None:
    assert client.post(f"/dispatches/unclear/{unclear_message}", data={"decision": "maybe"}).status_code == 422
    assert client.post("/dispatches/unclear/999", data={"decision": "sent"}).status_code == 404
    assert state_of(unclear_message) == "unknown"


def test_after_cancelling_nothing_is_sent_again(client, owner, make, app: Flask) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "unknown")
    dispatching.cancel(dispatch_id, owner.id, app.config["CLOCK"]())
    message_id = messages_of(dispatch_id)[0]

    page = soup(client.get("/dispatches/unclear"))
    refused = client.post(f"/dispatches/unclear/{message_id}", data={"decision": "again"}, headers=HTMX)

    assert page.select_one(f"#again-{message_id}") is None
    assert refused.status_code == 409
    assert state_of(message_id) == "unknown"
