"""The last page before sending: what it promises, what keeps it from sending, and that one click makes one dispatch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from jobs.queues import SEND
from messaging.domain.reasons import REASONS
from messaging.models import Consent, Dispatch, Draft, Message, Recipient, db, write_transaction
from messaging.services import confirm_words
from messaging.services.dispatching import DispatchPlan
from tests.conftest import FakeWaker
from tests.web.drafts_of import ANNA, HTMX, NOW, make_account, make_draft, make_practice, page_of, the_draft, words_of

KIM = {"first_name": "Kim", "last_name": "Neu"}


def ready_draft(*people: dict[str, Any], **fields: Any) -> int:
    account_id = fields.pop("account_id", None) or make_account(per_hour=fields.pop("per_hour", None))
    values = {"subject": "Termin am {{Termindatum}}", "body": "<div>{{Briefanrede}}</div>", "account_id": account_id, **fields}
    return make_draft(*(people or (ANNA, KIM)), **values)


def button_of(client: FlaskClient, draft_id: int) -> dict[str, str]:
    """What the form of the page would send."""
    form = page_of(client.get(f"/drafts/{draft_id}/confirm")).select_one("#confirm-form")
    return {field["name"]: field["value"] for field in form.select("input[type=hidden]") if field["name"] != "csrf_token"}


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


# what it says


def test_three_sentences_an_example_and_the_number_on_the_button(client: FlaskClient) -> None:
    draft_id = ready_draft()

    answer = client.get(f"/drafts/{draft_id}/confirm")

    assert words_of(answer, ".confirm-going") == "2 E-Mails gehen jetzt hinaus, von praxis@example.org, in weniger als 1 Minute."
    assert "Alle aus der Liste bekommen eine." in words_of(answer, "#confirm-sentences")
    assert "in der Karteikarte vermerkt" in words_of(answer, "#confirm-sentences")
    assert words_of(answer, ".mail-subject") == "Termin am 24.11.2026"
    assert words_of(answer, ".mail-body") == "Sehr geehrte Frau Dr. Groß,"
    assert words_of(answer, "#send-now") == "2 E-Mails senden"


def test_one_mail_is_told_in_the_singular(client: FlaskClient) -> None:
    answer = client.get(f"/drafts/{ready_draft(ANNA)}/confirm")

    assert words_of(answer, ".confirm-going").startswith("1 E-Mail geht jetzt hinaus")
    assert words_of(answer, "#send-now") == "1 E-Mail senden"


def test_who_is_left_out_is_counted_by_reason_with_a_way_to_the_list(client: FlaskClient) -> None:
    draft_id = ready_draft(ANNA, KIM, {"first_name": "Ohne"}, {"first_name": "Tot", "deceased": True})
    with write_transaction() as session:
        third = session.scalar(select(Recipient.person_id).where(Recipient.position == 3))
        session.execute(update(Consent).where(Consent.person_id == third).values(status="no"))
        session.execute(update(Recipient).where(Recipient.position == 2).values(ticked=False, unticked_batch=-1))

    answer = client.get(f"/drafts/{draft_id}/confirm")

    sentence = words_of(answer, "#confirm-sentences")
    assert "3 Empfänger bekommen keine:" in sentence
    for words in ("1 verstorben", "1 mit Nein zum Kontakt", "1 abgewählt"):
        assert words in sentence
    links = {link.get_text(): link["href"] for link in page_of(answer).select("#confirm-sentences a")}
    assert links["1 verstorben"].endswith("filter=impossible")
    assert links["1 mit Nein zum Kontakt"].endswith("filter=not_allowed")


def test_a_limit_of_the_account_is_told_as_a_time(client: FlaskClient) -> None:
    draft_id = ready_draft(ANNA, KIM, KIM, per_hour=1)

    sentence = words_of(client.get(f"/drafts/{draft_id}/confirm"), ".confirm-going")

    assert "Wegen der Grenzen dieses Kontos dauert es bis heute" in sentence


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_can_be_told(code: str) -> None:
    plan = DispatchPlan(1, {code: 1}, "Praxis", "praxis@example.org", 30, NOW + timedelta(seconds=30), None, ())

    told = confirm_words.words(plan, "email", "information", NOW)

    assert told.reasons[0].text.startswith("1 ")
    assert told.left_out == "1 Empfänger bekommt keine:"


@pytest.mark.parametrize("name", ["O'Neill & <b>Söhne</b>", "%datum%", "{{7*7}}"])
def test_the_example_shows_odd_names_as_they_are(client: FlaskClient, name: str) -> None:
    draft_id = ready_draft({"last_name": name}, body="<div>{{Nachname}}</div>", subject="{{Nachname}}")

    answer = client.get(f"/drafts/{draft_id}/confirm")

    assert words_of(answer, ".mail-subject") == words_of(answer, ".mail-body") == name


def test_a_blank_that_was_never_filled_in_is_pointed_out(client: FlaskClient) -> None:
    answer = client.get(f"/drafts/{ready_draft(subject='am [Datum]')}/confirm")

    assert "[Datum]" in words_of(answer, ".alert-warning")


# what keeps it from sending


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"subject": ""}, "Betreff"),
        ({"body": ""}, "Text"),
        ({"body": "<div>{{Vornahme}}</div>"}, "Vornahme"),
        ({"body": "<div>{{Diagnose}}</div>"}, "Schweigepflicht"),
        ({"subject": "{{{Signatur}}}"}, "nicht im Betreff"),
        ({"body": "<div>%da<em>tum</em>%</div>"}, "Formatierung"),
        ({"appointments": False}, "Terminliste"),
    ],
)
def test_sending_is_off_while_something_is_wrong(client: FlaskClient, fields: dict[str, Any], words: str) -> None:
    draft_id = ready_draft(**fields)

    page = client.get(f"/drafts/{draft_id}/confirm")
    forced = client.post(f"/drafts/{draft_id}/confirm", data={"version": 1, "expected": 2})

    assert words in words_of(page, "#confirm-problems")
    assert not page_of(page).select("#send-now, #confirm-form")
    assert page_of(page).select_one(f"#confirm-problems a[href='/drafts/{draft_id}/compose']")
    assert (forced.status_code, count(Dispatch)) == (409, 0)


def test_an_account_that_is_switched_off_sends_nothing(client: FlaskClient) -> None:
    draft_id = ready_draft(account_id=make_account(active=False))

    assert "abgeschaltet" in words_of(client.get(f"/drafts/{draft_id}/confirm"), "#confirm-problems")


def test_with_nobody_to_write_to_the_page_leads_to_the_check_window(client: FlaskClient) -> None:
    draft_id = ready_draft()
    with write_transaction() as session:
        session.execute(update(Recipient).values(ticked=False, unticked_batch=-1))

    page = page_of(client.get(f"/drafts/{draft_id}/confirm"))

    assert page.select_one(f"#confirm-problems a[href='/drafts/{draft_id}/recipients']")


def test_a_reader_sees_the_plan_but_no_button(client_as: Callable[[str], FlaskClient]) -> None:
    reader, draft_id = client_as("reader"), ready_draft()

    assert "2 E-Mails" in words_of(reader.get(f"/drafts/{draft_id}/confirm"), ".confirm-going")
    assert not page_of(reader.get(f"/drafts/{draft_id}/confirm")).select("#send-now, #confirm-form")
    assert reader.post(f"/drafts/{draft_id}/confirm", data={"version": 1, "expected": 2}).status_code == 403


# sending


def test_one_click_makes_the_dispatch_and_wakes_a_worker(client: FlaskClient, waker: FakeWaker) -> None:
    draft_id = ready_draft()

    answer = client.post(f"/drafts/{draft_id}/confirm", data=button_of(client, draft_id))

    dispatch = db.session.scalars(select(Dispatch)).one()
    assert (answer.status_code, answer.location) == (303, f"/dispatches/{dispatch.id}")
    assert (dispatch.total, dispatch.state, the_draft(draft_id).state) == (2, "running", "confirmed")
    assert [queue for queue, *_ in waker.put_jobs] == [SEND]


def test_two_clicks_make_one_dispatch(client: FlaskClient) -> None:
    draft_id = ready_draft()
    fields = button_of(client, draft_id)

    first = client.post(f"/drafts/{draft_id}/confirm", data=fields)
    second = client.post(f"/drafts/{draft_id}/confirm", data=fields)

    assert first.location == second.location
    assert (count(Dispatch), count(Message)) == (1, 2)


def test_htmx_is_sent_on_by_its_header(client: FlaskClient) -> None:
    draft_id = ready_draft()

    answer = client.post(f"/drafts/{draft_id}/confirm", data=button_of(client, draft_id), headers=HTMX)

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/dispatches/1")


def test_a_page_that_is_no_longer_true_sends_nothing_and_shows_what_is(client: FlaskClient) -> None:
    draft_id = ready_draft()
    fields = button_of(client, draft_id)
    with write_transaction() as session:
        session.execute(update(Consent).where(Consent.person_id == 1).values(status="no"))

    answer = client.post(f"/drafts/{draft_id}/confirm", data=fields)

    assert (answer.status_code, count(Dispatch)) == (409, 0)
    assert "Inzwischen hat sich geändert" in words_of(answer, "#refused")
    assert words_of(answer, "#send-now") == "1 E-Mail senden"


def test_a_text_changed_in_another_tab_is_seen_before_it_goes(client: FlaskClient) -> None:
    draft_id = ready_draft()
    fields = button_of(client, draft_id)
    with write_transaction() as session:
        session.execute(update(Draft).values(subject="anders", version=2))

    answer = client.post(f"/drafts/{draft_id}/confirm", data=fields)

    assert (answer.status_code, count(Dispatch)) == (409, 0)
    assert words_of(answer, ".mail-subject") == "anders"


def test_every_step_of_a_confirmed_draft_leads_to_its_dispatch(client: FlaskClient) -> None:
    draft_id = ready_draft()
    fields = button_of(client, draft_id)
    client.post(f"/drafts/{draft_id}/confirm", data=fields)

    ways = [
        client.get(f"/drafts/{draft_id}/confirm"),
        client.get(f"/drafts/{draft_id}/compose"),
        client.post(f"/drafts/{draft_id}/compose", data={"subject": "zu spät", "version": 1}),
        client.post(f"/drafts/{draft_id}/compose/preview", data={}),
    ]

    assert {answer.location for answer in ways} == {"/dispatches/1"}
    assert the_draft(draft_id).subject == "Termin am {{Termindatum}}"


@pytest.mark.parametrize("fields", [{}, {"version": "x", "expected": "y"}, {"version": "-1"}])
def test_a_made_up_form_sends_nothing(client: FlaskClient, fields: dict[str, str]) -> None:
    draft_id = ready_draft()

    assert client.post(f"/drafts/{draft_id}/confirm", data=fields).status_code == 409
    assert count(Dispatch) == 0


def test_a_discarded_draft_is_not_sent(client: FlaskClient) -> None:
    draft_id = ready_draft(state="discarded")

    assert client.get(f"/drafts/{draft_id}/confirm").status_code == 409
    assert client.post(f"/drafts/{draft_id}/confirm", data={"version": 1, "expected": 2}).status_code == 409


# later


def later(client: FlaskClient, draft_id: int, day: str, at: str) -> Any:
    return client.post(
        f"/drafts/{draft_id}/confirm", data={**button_of(client, draft_id), "when": "later", "date": day, "time": at}
    )


def test_a_later_moment_is_meant_in_the_time_of_the_practice(client: FlaskClient, waker: FakeWaker) -> None:
    later(client, ready_draft(), "2026-11-24", "08:15")

    dispatch = db.session.scalars(select(Dispatch)).one()
    assert (dispatch.state, dispatch.scheduled_at.isoformat()) == ("scheduled", "2026-11-24T07:15:00+00:00")
    assert waker.put_jobs == []


NO_DAY, NO_TIME = "Bitte einen Tag angeben. Der Tag fehlt.", "Bitte eine Uhrzeit wie 8:30 eingeben. Die Uhrzeit fehlt."
BAD_DAY = "Bitte ein Datum wie 23.11.2026 eingeben. „bald“ ist kein Tag."
BAD_TIME = "Bitte eine Uhrzeit wie 8:30 eingeben. „99:00“ ist keine Uhrzeit."
FAR_YEAR = "Bitte ein Jahr von 1900 bis 2100 eingeben. Das Jahr {} liegt zu weit entfernt."
FAR_AWAY = "Bitte das Jahr prüfen. Dieser Tag liegt mehr als zehn Jahre entfernt."
NO_MOMENTS = [
    ("", "", {"date": NO_DAY, "time": NO_TIME}),
    ("2026-11-24", "", {"time": NO_TIME}),
    ("", "08:30", {"date": NO_DAY}),
    ("2026-11-24", "99:00", {"time": BAD_TIME}),
    ("bald", "08:30", {"date": BAD_DAY}),
    ("bald", "99:00", {"date": BAD_DAY, "time": BAD_TIME}),
    ("2026-11-22", "08:30", {"date": "Bitte einen späteren Tag wählen. Dieser Tag ist schon vorbei."}),
    ("0001-01-01", "00:00", {"date": FAR_YEAR.format(1)}),
    ("2062-11-24", "08:30", {"date": FAR_AWAY}),
    ("2026-11-23", "08:00", {"time": "Bitte eine spätere Uhrzeit wählen. Dieser Zeitpunkt ist schon vorbei."}),
    ("9999-12-31", "23:59", {"date": FAR_YEAR.format(9999)}),
]


def field_errors(answer: TestResponse) -> dict[str, str]:
    """What stands under the fields of the moment, if the field itself names it."""
    fields = page_of(answer).select("#confirm-form [aria-invalid=true]")
    return {field["name"]: words_of(answer, f"#{field['aria-describedby']}.field-error") for field in fields}


@pytest.mark.parametrize(("day", "at", "errors"), NO_MOMENTS)
def test_a_moment_that_is_none_is_refused_beside_its_field_and_stays_as_typed(
    client: FlaskClient, day: str, at: str, errors: dict[str, str]
) -> None:
    answer = later(client, ready_draft(), day, at)

    assert (answer.status_code, count(Dispatch)) == (422, 0)
    assert field_errors(answer) == errors
    page = page_of(answer)
    assert (page.select_one("#field-date")["value"], page.select_one("#field-time")["value"]) == (day, at)
    assert page.select_one(".confirm-later").has_attr("open")
    assert not page.select("#refused")


def test_a_field_that_cannot_be_read_becomes_one_of_text_because_another_would_swallow_it(client: FlaskClient) -> None:
    page = page_of(later(client, ready_draft(), "bald", "99:00"))

    assert [page.select_one(field)["type"] for field in ("#field-date", "#field-time")] == ["text", "text"]
    assert [field["id"] for field in page.select("[autofocus]")] == ["field-date"]


def test_what_is_typed_there_is_read_as_people_write_it(client: FlaskClient) -> None:
    refused = page_of(later(client, ready_draft(), "24.11.2026", ""))
    later(client, ready_draft(account_id=1), "24.11.2026", "8:30 Uhr")

    assert (refused.select_one("#field-date")["type"], refused.select_one("#field-date")["value"]) == ("date", "2026-11-24")
    assert db.session.scalars(select(Dispatch)).one().scheduled_at.isoformat() == "2026-11-24T07:30:00+00:00"


def test_a_changed_number_stays_on_top_even_for_later(client: FlaskClient) -> None:
    draft_id = ready_draft()
    fields = {**button_of(client, draft_id), "expected": "1", "when": "later", "date": "2026-11-24", "time": "08:30"}

    answer = client.post(f"/drafts/{draft_id}/confirm", data=fields)

    assert (answer.status_code, field_errors(answer)) == (409, {})
    assert "Inzwischen hat sich geändert" in words_of(answer, "#refused")
    assert page_of(answer).select_one("#field-time")["value"] == "08:30"


# the same text to the same address


def family(app: Flask) -> int:
    draft_id = ready_draft(ANNA, KIM, appointments=False, subject="Neue Zeiten", body="<div>Guten Tag</div>")
    with write_transaction() as session:
        session.execute(db.text("UPDATE person SET email = 'f@example.org', email_normalized = 'f@example.org'"))
        session.execute(db.text("UPDATE consent SET target = 'f@example.org'"))
    return draft_id


def test_the_same_text_goes_to_an_address_once_unless_somebody_wants_it(app: Flask, client: FlaskClient) -> None:
    draft_id = family(app)

    once = client.get(f"/drafts/{draft_id}/confirm")
    wanted = client.post(f"/drafts/{draft_id}/confirm/doubled", data={"keep": "1"})
    twice = client.get(f"/drafts/{draft_id}/confirm")
    client.post(f"/drafts/{draft_id}/confirm/doubled", data={"keep": "0"})

    assert words_of(once, "#send-now") == "1 E-Mail senden"
    assert "1 mit gleicher Adresse und gleichem Text" in words_of(once, "#confirm-sentences")
    assert "nur einmal. Ohne eigene: Kim Neu." in words_of(once, ".confirm-doubled")
    assert wanted.location == f"/drafts/{draft_id}/confirm"
    assert words_of(twice, "#send-now") == "2 E-Mails senden"
    assert the_draft(draft_id).keep_doubled is False


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, ""), (1, "P0"), (8, "P0, P1, P2, P3, P4, P5, P6, P7"), (9, "P0, P1, P2, P3, P4, P5, P6, P7 und 1 weitere Person"),
     (12, "P0, P1, P2, P3, P4, P5, P6, P7 und 4 weitere Personen")],
)  # fmt: skip
def test_long_lists_of_names_are_cut_with_their_number(count: int, said: str) -> None:
    assert confirm_words.some_names([f"P{number}" for number in range(count)]) == said


def test_the_practice_and_its_files_stand_in_the_example(client: FlaskClient) -> None:
    make_practice()
    draft_id = ready_draft(body="<div>{{Praxisname}}</div>")
    pdf = {"files": [(BytesIO(b"%PDF-1.7"), "Anfahrt.pdf")]}
    client.post(f"/drafts/{draft_id}/attachments", data=pdf, content_type="multipart/form-data")

    answer = client.get(f"/drafts/{draft_id}/confirm")

    assert words_of(answer, ".mail-body") == "Praxis am Musterweg"
    assert "Anfahrt.pdf" in words_of(answer, ".mail-files")
