"""Sending later: quiet hours are named with an offer, and a dispatch that has not begun can get another time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.models import Dispatch, Draft, MailAccount, Message, db, write_transaction
from messaging.outbox import recovery, staging
from tests.store import recipient_world as world
from tests.web.drafts_of import page_of, words_of

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


def button_of(client: FlaskClient, draft_id: int) -> dict[str, str]:
    """What the form of the confirm page would send."""
    form = page_of(client.get(f"/drafts/{draft_id}/confirm")).select_one("#confirm-form")
    return {field["name"]: field["value"] for field in form.select("input[type=hidden]") if field["name"] != "csrf_token"}


def offers_of(answer: TestResponse) -> dict[str, str]:
    """The buttons of the question: what they say and what they send."""
    forms = page_of(answer).select("#quiet-choice form")
    return {" ".join(form.button.get_text().split()): form.select_one("[name=when]")["value"] for form in forms}


def send_at(client: FlaskClient, draft_id: int, day: str, at: str, when: str = "later") -> TestResponse:
    return client.post(f"/drafts/{draft_id}/confirm", data={**button_of(client, draft_id), "when": when, "date": day, "time": at})


NIGHT, SUNDAY = "Zwischen 20 und 8 Uhr stören Nachrichten.", "Sonntags stören Nachrichten."
QUIET = [
    ("2026-11-23", "22:00", NIGHT, "Trotzdem heute 22:00 senden", "Erst morgen 8:00 senden"),
    ("2026-11-24", "05:00", NIGHT, "Trotzdem morgen 5:00 senden", "Erst morgen 8:00 senden"),
    ("2026-11-29", "12:00", SUNDAY, "Trotzdem So 29.11.2026, 12:00 Uhr senden", "Erst Mo 30.11.2026, 8:00 Uhr senden"),
]


@pytest.mark.parametrize(("day", "at", "sentence", "anyway", "offered"), QUIET)
def test_a_chosen_time_that_disturbs_is_asked_about_with_both_ways_on(
    client: FlaskClient, draft_id: int, day: str, at: str, sentence: str, anyway: str, offered: str
) -> None:
    answer = send_at(client, draft_id, day, at)

    assert answer.status_code == 422
    assert sentence in words_of(answer, "#quiet-choice")
    assert list(offers_of(answer)) == [offered, anyway]
    assert page_of(answer).select_one("#field-date")["value"] == day
    assert count(Dispatch) == 0


@pytest.mark.parametrize(
    ("button", "moment"),
    [
        ("Trotzdem heute 22:00 senden", datetime(2026, 11, 23, 21, 0, tzinfo=UTC)),
        ("Erst morgen 8:00 senden", datetime(2026, 11, 24, 7, 0, tzinfo=UTC)),
    ],
)
def test_either_button_sends_at_the_time_it_names(client: FlaskClient, draft_id: int, button: str, moment: datetime) -> None:
    when = offers_of(send_at(client, draft_id, "2026-11-23", "22:00"))[button]

    send_at(client, draft_id, "", "", when)

    dispatch = db.session.scalars(db.select(Dispatch)).one()
    assert (dispatch.state, dispatch.scheduled_at) == ("scheduled", moment)


def test_a_button_that_was_pressed_too_late_is_refused(client: FlaskClient, draft_id: int, clock) -> None:
    when = offers_of(send_at(client, draft_id, "2026-11-23", "22:00"))["Trotzdem heute 22:00 senden"]
    clock.moment = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)

    answer = client.post(f"/drafts/{draft_id}/confirm", data={**button_of(client, draft_id), "when": when})

    assert (answer.status_code, count(Dispatch)) == (422, 0)
    assert "schon vorbei" in words_of(answer, "#field-time-error")
    assert [page_of(answer).select_one(field)["value"] for field in ("#field-date", "#field-time")] == ["2026-11-23", "22:00"]


@pytest.mark.parametrize("when", ["unsinn", "2026-11-24", "2026-11-24T08:00:00", "9999-99-99T08:00:00+00:00"])
def test_a_made_up_moment_sends_nothing(client: FlaskClient, draft_id: int, when: str) -> None:
    assert send_at(client, draft_id, "2026-11-24", "10:00", when).status_code == 422
    assert count(Dispatch) == 0


def press_now(client: FlaskClient, draft_id: int, **typed: str) -> TestResponse:
    return client.post(f"/drafts/{draft_id}/confirm", data={**button_of(client, draft_id), **typed})


@pytest.mark.parametrize(("day", "at"), [("2026-11-24", "09:30"), ("2026-11-24", ""), ("", "09:30"), ("bald", "99:00")])
def test_the_button_for_now_asks_if_a_time_is_typed(client: FlaskClient, draft_id: int, day: str, at: str) -> None:
    answer = press_now(client, draft_id, date=day, time=at)

    assert (answer.status_code, count(Dispatch)) == (422, 0)
    assert "Jetzt senden oder zum eingetragenen Zeitpunkt?" in words_of(answer, "#now-or-later")
    assert [button.get_text() for button in page_of(answer).select("#now-or-later button")] == [
        "Zum eingetragenen Zeitpunkt senden",
        "Jetzt senden",
    ]
    assert [page_of(answer).select_one(field)["value"] for field in ("#field-date", "#field-time")] == [day, at]


@pytest.mark.parametrize(
    ("button", "day", "made"),
    [
        ("#send-now-anyway", "2026-11-24", ["running"]),
        ("#send-typed", "2026-11-24", ["scheduled"]),
        ("#send-typed", "2026-11-29", []),  # a Sunday: asked about as ever
        ("#send-typed", "", []),
    ],
)
def test_either_answer_means_what_it_says(client: FlaskClient, draft_id: int, button: str, day: str, made: list[str]) -> None:
    form = page_of(press_now(client, draft_id, date=day, time="09:30")).select_one(f"form:has({button})")

    client.post(form["action"], data={field["name"]: field["value"] for field in form.select("input")})

    assert list(db.session.scalars(db.select(Dispatch.state))) == made


def test_the_offered_morning_is_not_typed_so_the_button_for_now_sends(client: FlaskClient, draft_id: int, clock) -> None:
    clock.moment = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)

    answer = press_now(client, draft_id, date="2026-11-24", time="08:00")

    assert (answer.status_code, count(Dispatch)) == (303, 1)


def test_a_reminder_has_no_quiet_hours(client: FlaskClient, draft_id: int) -> None:
    with write_transaction() as session:
        session.execute(db.update(Draft).values(purpose="appointment"))
        session.execute(db.text("UPDATE consent SET purpose = 'appointment'"))

    assert send_at(client, draft_id, "2026-11-23", "22:00").status_code == 303


@pytest.fixture
def slow(app: Flask, draft_id: int) -> None:
    """Two messages take an hour and more."""
    with write_transaction() as session:
        session.execute(db.update(MailAccount).values(per_hour=1))


def test_a_send_that_lasts_into_the_night_says_so_in_a_sentence(client: FlaskClient, draft_id: int, slow, clock) -> None:
    clock.moment = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)

    page = client.get(f"/drafts/{draft_id}/confirm")

    assert "Heute 20:00 ist der Versand noch nicht fertig: Der Rest geht in der Nacht hinaus." in words_of(
        page, "#confirm-sentences"
    )
    assert not page_of(page).select("#quiet-time")


def test_one_that_is_done_before_says_nothing(client: FlaskClient, draft_id: int, slow) -> None:
    assert "in der Nacht" not in client.get(f"/drafts/{draft_id}/confirm").text


def test_a_chosen_time_from_which_it_lasts_into_the_night_is_told_afterwards(client: FlaskClient, draft_id: int, slow) -> None:
    answer = send_at(client, draft_id, "2026-11-24", "19:30")

    assert answer.status_code == 303
    assert "Morgen 20:00 ist der Versand noch nicht fertig" in words_of(client.get(answer.location), "#flash")


def test_changing_the_time_of_a_waiting_dispatch_asks_in_the_same_way(client: FlaskClient, dispatch_id: int) -> None:
    before = db.session.get_one(Dispatch, dispatch_id).scheduled_at

    answer = client.post(f"/dispatches/{dispatch_id}/time", data={"date": "2026-11-29", "time": "12:00"})

    assert answer.status_code == 422
    assert "Sonntags stören Nachrichten." in words_of(answer, "#quiet-choice")
    assert db.session.get_one(Dispatch, dispatch_id).scheduled_at == before
    offers = offers_of(answer)
    assert list(offers) == ["Erst Mo 30.11.2026, 8:00 Uhr senden", "Trotzdem So 29.11.2026, 12:00 Uhr senden"]
    for when, moment in zip(offers.values(), (datetime(2026, 11, 30, 7, tzinfo=UTC), datetime(2026, 11, 29, 11, tzinfo=UTC)),
                            strict=True):  # fmt: skip
        assert client.post(f"/dispatches/{dispatch_id}/time", data={"when": when}).status_code == 303
        db.session.expire_all()
        assert db.session.get_one(Dispatch, dispatch_id).scheduled_at == moment


def test_at_night_the_page_to_change_the_time_says_that_now_disturbs(client: FlaskClient, dispatch_id: int, clock) -> None:
    clock.moment = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)

    assert "Zwischen 20 und 8 Uhr stören" in words_of(client.get(f"/dispatches/{dispatch_id}/time"), "#quiet-time")
    client.post(f"/dispatches/{dispatch_id}/time", data={"when": "now"})
    assert db.session.get_one(Dispatch, dispatch_id).state == "running"


def test_a_new_time_from_which_it_lasts_into_the_night_is_told_too(
    client: FlaskClient, draft_id: int, slow, dispatch_id: int
) -> None:
    answer = client.post(f"/dispatches/{dispatch_id}/time", data={"date": "2026-11-24", "time": "19:30"})

    assert "Morgen 20:00 ist der Versand noch nicht fertig" in words_of(client.get(answer.location), "#flash")


def count(model: type) -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(model)) or 0


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
    ("typed", "field"),
    [
        ({}, "date"),
        ({"date": "2026-12-01"}, "time"),
        ({"date": "2020-01-01", "time": "09:00"}, "date"),
        ({"date": "bald", "time": "09:00"}, "date"),
        ({"date": "morgen", "time": "99:00"}, "time"),
    ],
)
def test_a_time_that_is_none_is_refused_beside_its_field_and_kept(
    client: FlaskClient, dispatch_id: int, typed: dict[str, str], field: str
) -> None:
    answer = client.post(f"/dispatches/{dispatch_id}/time", data=typed)

    assert answer.status_code == 422
    assert words_of(answer, f"#field-{field}-error").startswith("Bitte")
    assert page_of(answer).select_one(f"#field-{field}")["aria-describedby"] == f"field-{field}-error"
    assert db.session.get_one(Dispatch, dispatch_id).state == "scheduled"


def test_a_dispatch_that_runs_has_no_time_to_change(client: FlaskClient, dispatch_id: int, clock) -> None:
    recovery.sweep(clock.moment + LATER)

    assert client.get(f"/dispatches/{dispatch_id}/time").status_code == 303
    assert client.post(f"/dispatches/{dispatch_id}/time", data={"date": "2026-12-01", "time": "09:15"}).status_code == 409
