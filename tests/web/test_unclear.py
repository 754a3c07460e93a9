"""Unclear messages: what is known of each, and the two decisions that a person can make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from messaging.models import AuditEntry, Message, db
from messaging.services import dispatching
from tests.web.made_dispatches import change_dispatch, make_dispatch, messages_of, put_states, state_of
from tests.web.reading import soup, words

HTMX = {"HX-Request": "true"}
DECIDED = {"sent": "gilt als gesendet", "again": "wird erneut gesendet"}


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
    card = words(client.get("/dispatches/unclear"), f"#message-{unclear_message}")

    assert "Groß, Ute" in card
    assert "p0@example.org" in card
    assert "heute 8:30" in card
    assert "1 Versuch" in card
    assert "Die Antwort des Mailservers ging verloren" in card.replace("unbekannt: ", "")
    more = words(client.get(f"/dispatches/messages/{unclear_message}"), "#main")
    assert db.session.get_one(Message, unclear_message).reference in more
    assert "Entscheiden" in more


def test_the_side_bar_counts_unclear_messages(client, unclear_message: int) -> None:
    assert words(client.get("/dispatches"), ".sidebar-badge") == "1"


@pytest.mark.parametrize(("decision", "state", "woken"), [("sent", "sent", 0), ("again", "queued", 1)])
def test_a_person_decides_and_it_is_logged(client, waker, unclear_message: int, decision: str, state: str, woken: int) -> None:
    answer = client.post(f"/dispatches/unclear/{unclear_message}", data={"decision": decision}, headers=HTMX)

    assert answer.status_code == 200
    assert words(answer, f"#settled-{unclear_message}") == DECIDED[decision]
    assert soup(answer).select("form") == []
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


@pytest.mark.parametrize(("decision", "states", "woken"), [("sent", "sent", 0), ("again", "queued", 1)])
def test_one_decision_can_hold_for_all_of_a_dispatch(
    app: Flask, client, make, waker, decision: str, states: str, woken: int
) -> None:
    dispatch_id, other = make(), make()
    put_states(app, dispatch_id, "unknown", "unknown", "sent")
    put_states(app, other, "unknown")
    assert words(client.get("/dispatches/unclear"), f"#sent-all-{dispatch_id}") == "Alle 2 gelten als gesendet"

    form = form_of(client, dispatch_id, decision)

    answer = client.post(f"/dispatches/{dispatch_id}/settle", data=form, headers=HTMX)

    assert answer.status_code == 200
    assert "2 Nachrichten" in words(answer, ".alert")
    assert [state_of(message_id) for message_id in messages_of(dispatch_id)] == [states, states, "sent"]
    assert state_of(messages_of(other)[0]) == "unknown"
    assert len(waker.put_jobs) == woken
    assert client.post(f"/dispatches/{dispatch_id}/settle", data=form).status_code == 409


def form_of(client, dispatch_id: int, decision: str) -> dict[str, str]:
    """What the button for all of a dispatch would send."""
    form = soup(client.get("/dispatches/unclear")).select_one(f"#{decision}-all-{dispatch_id}").find_parent("form")
    return {field["name"]: field["value"] for field in form.select("input[type=hidden]") if field["name"] != "csrf_token"}


@pytest.mark.parametrize("decision", ["sent", "again"])
def test_what_became_unclear_after_the_page_was_shown_is_not_decided_with_it(
    app: Flask, client, make, clock, waker, decision: str
) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "unknown", "unknown", "sent")
    form = form_of(client, dispatch_id, decision)
    clock.moment += timedelta(seconds=30)
    put_states(app, dispatch_id, "unknown", "unknown", "unknown")

    answer = client.post(f"/dispatches/{dispatch_id}/settle", data=form, headers=HTMX)

    assert answer.status_code == 409
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#unclear-list", "outerHTML")
    assert "Inzwischen sind andere Nachrichten unklar" in words(answer, ".alert-danger")
    assert words(answer, f"#{decision}-all-{dispatch_id}").startswith("Alle 3")
    assert [state_of(message_id) for message_id in messages_of(dispatch_id)] == ["unknown"] * 3
    assert waker.put_jobs == []


def test_another_one_in_the_place_of_a_decided_one_is_noticed_too(app: Flask, client, make, clock) -> None:
    """As many as before, but not the same."""
    dispatch_id = make()
    put_states(app, dispatch_id, "sent", "unknown", "unknown")
    form = form_of(client, dispatch_id, "sent")
    clock.moment += timedelta(seconds=30)
    put_states(app, dispatch_id, "unknown", "unknown", "sent")

    plain = client.post(f"/dispatches/{dispatch_id}/settle", data=form)

    assert plain.status_code == 409
    assert "Inzwischen sind andere Nachrichten unklar" in words(plain, "#main")
    assert state_of(messages_of(dispatch_id)[0]) == "unknown"


@pytest.mark.parametrize("made_up", [{}, {"count": "x", "newest": "gestern"}, {"count": "2"}])
def test_a_form_that_saw_nothing_decides_nothing(app: Flask, client, make, made_up: dict[str, str]) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "unknown", "unknown")

    assert client.post(f"/dispatches/{dispatch_id}/settle", data={"decision": "sent", **made_up}).status_code == 409


def test_long_lists_of_unclear_messages_have_pages(app: Flask, client, make) -> None:
    dispatch_id = make([f"P{number:02}, Eva" for number in range(27)])
    put_states(app, dispatch_id, *["unknown"] * 27)

    second = client.get("/dispatches/unclear?page=2", headers=HTMX)

    assert len(soup(second).select("tbody tr")) == 2
    assert words(second, f"#sent-all-{dispatch_id}") == "Alle 27 gelten als gesendet"


def test_a_decided_message_keeps_its_place_so_that_a_double_click_meets_nobody_else(app: Flask, client, make) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "unknown", "unknown", "unknown")
    first, second, third = messages_of(dispatch_id)

    answer = client.post(f"/dispatches/unclear/{second}", data={"decision": "sent"}, headers=HTMX)

    assert [row["id"] for row in soup(answer).select("tbody tr")] == [f"message-{first}", f"message-{second}", f"message-{third}"]
    assert [row["id"] for row in soup(client.get("/dispatches/unclear")).select("tbody tr")] == [
        f"message-{first}",
        f"message-{third}",
    ]
