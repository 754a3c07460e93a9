"""The confirm page warns of a text that people got within a day, lets them be left out, and never forbids it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from messaging.models import Appointment, Draft, Message, Person, Recipient, db, write_transaction
from messaging.services import drafts
from tests.conftest import NOW
from tests.web.made_dispatches import BODY, make_dispatch, put_states
from tests.web.reading import soup, words

NOTICE = "#repeated-text"


@pytest.fixture
def owner(make_user: Callable):
    return make_user("staff", "owner")


@pytest.fixture
def sent(app: Flask, owner) -> int:
    """Groß, Müßig and Winter got the text just now."""
    dispatch_id = make_dispatch(app, owner)
    put_states(app, dispatch_id, "sent", "sent", "sent")
    return dispatch_id


@pytest.fixture
def again(app: Flask, owner) -> Callable[..., int]:
    """A second draft to everybody, with the text of the first unless told otherwise."""

    def again(**text: str) -> int:
        people = list(db.session.scalars(db.select(Person.id)))
        draft_id = drafts.create_from_people(owner.id, people, "email", app.config["CLOCK"]())
        with write_transaction() as session:
            draft = session.get_one(Draft, draft_id)
            draft.account_id = 1
            draft.subject, draft.body = text.get("subject", "Neues aus der Praxis"), text.get("body", BODY)
        return draft_id

    return again


def warned(client, draft_id: int) -> str:
    page = client.get(f"/drafts/{draft_id}/confirm")
    return words(page, NOTICE) if soup(page).select(NOTICE) else ""


def made_appointment(session: Any, days: int) -> int:
    start = NOW + timedelta(days=days)
    appointment = Appointment(
        number=f"T{days}", person_id=1, starts_at=start, ends_at=start, local_date=start.date(), updated_at=NOW
    )
    session.add(appointment)
    session.flush()
    return appointment.id


def put(dispatch_id: int, **values: Any) -> None:
    with write_transaction() as session:
        session.execute(db.update(Message).where(Message.dispatch_id == dispatch_id).values(**values))


def test_whoever_got_the_text_within_a_day_is_counted(client, sent: int, again) -> None:
    sentence = warned(client, again())

    assert "3 Personen haben diesen Text in den letzten 24 Stunden schon bekommen." in sentence
    assert "3 E-Mails senden" in words(client.get("/drafts/2/confirm"), "#send-now")


def test_one_person_is_told_in_the_singular(app: Flask, client, sent: int, again) -> None:
    put_states(app, sent, "failed", "bounced", "sent")

    assert "1 Person hat diesen Text in den letzten 24 Stunden schon bekommen." in warned(client, again())


@pytest.mark.parametrize("state", ["queued", "sending", "retrying", "unknown"])
def test_who_is_about_to_get_it_counts_too(app: Flask, client, sent: int, again, state: str) -> None:
    put_states(app, sent, "failed", "sent", state)

    assert "2 Personen haben diesen Text in den letzten 24 Stunden schon bekommen oder bekommen ihn gerade" in warned(
        client, again()
    )


@pytest.mark.parametrize("text", [{"subject": "Anderes"}, {"body": "<div>Anderes</div>"}])
def test_another_text_is_no_repetition(client, sent: int, again, text: dict[str, str]) -> None:
    assert warned(client, again(**text)) == ""


def test_after_a_day_it_is_none_either(client, clock, sent: int, again) -> None:
    clock.moment += timedelta(hours=24, seconds=1)

    assert warned(client, again()) == ""


@pytest.mark.parametrize("state", ["failed", "bounced", "skipped", "cancelled"])
def test_who_did_not_get_it_is_not_counted(app: Flask, client, sent: int, again, state: str) -> None:
    put(sent, state=state)

    assert warned(client, again()) == ""


def test_they_can_be_left_out_and_taken_back(client, sent: int, again) -> None:
    draft_id = again()
    with write_transaction() as session:
        session.execute(db.update(Message).where(Message.person_id == 1).values(state="failed"))

    left = client.post(f"/drafts/{draft_id}/confirm/repeated", data={"keep": "0"})

    page = client.get(f"/drafts/{draft_id}/confirm")
    assert left.location == f"/drafts/{draft_id}/confirm"
    assert words(page, "#send-now") == "1 E-Mail senden"
    assert "2 abgewählt" in words(page, "#confirm-sentences")
    assert soup(page).select(NOTICE) == []
    assert "2 Personen, die diesen Text schon haben, sind abgewählt." in words(page, "#repeated-left-out")

    client.post(f"/drafts/{draft_id}/confirm/repeated", data={"keep": "1"})

    page = client.get(f"/drafts/{draft_id}/confirm")
    assert words(page, "#send-now") == "3 E-Mails senden"
    assert "2 Personen haben" in words(page, NOTICE)


def test_when_all_are_left_out_they_can_still_be_taken_back(client, sent: int, again) -> None:
    draft_id = again()
    client.post(f"/drafts/{draft_id}/confirm/repeated", data={"keep": "0"})

    page = client.get(f"/drafts/{draft_id}/confirm")

    assert soup(page).select_one("#confirm-problems")
    assert "3 Personen" in words(page, "#repeated-left-out")
    assert soup(page).select_one("#repeated-left-out form")["action"] == f"/drafts/{draft_id}/confirm/repeated"


def test_it_forbids_nothing(client, sent: int, again) -> None:
    draft_id = again()

    answer = client.post(f"/drafts/{draft_id}/confirm", data={"version": 1, "expected": 3})

    assert answer.location == "/dispatches/2"


def test_a_reader_is_told_but_steers_nothing(client_as, sent: int, again) -> None:
    draft_id = again()
    reader = client_as("reader")

    page = reader.get(f"/drafts/{draft_id}/confirm")

    assert "3 Personen" in words(page, NOTICE)
    assert soup(page).select(f"{NOTICE} form") == []
    assert reader.post(f"/drafts/{draft_id}/confirm/repeated", data={"keep": "0"}).status_code == 403


def test_another_appointment_of_the_same_person_is_another_text(client, sent: int, again) -> None:
    """Two reminders share their wording with its macros, not what they say."""
    draft_id = again()
    with write_transaction() as session:
        first, second = (made_appointment(session, days) for days in (1, 2))
        session.execute(db.update(Message).where(Message.person_id == 1).values(appointment_id=first))
        session.execute(db.update(Message).where(Message.person_id == 2).values(appointment_id=first))
        session.execute(db.update(Recipient).where(Recipient.person_id == 1).values(appointment_id=second))

    assert "2 Personen" in warned(client, draft_id)
