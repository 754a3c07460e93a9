"""The other tabs of the record: what is allowed, appointments, messages with their texts as sent."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from messaging.models import Draft, Recipient, db
from messaging.services import consents
from tests.store import recipient_world as world
from tests.web.record_pages import HTMX, error_at, form_of, new_patient, sent, soup_of, text_of


@pytest.fixture
def ute(app: Flask, client: FlaskClient) -> int:
    return new_patient(client)


@pytest.fixture
def message(ute: int) -> int:
    """A mail that was handed over to Ute."""
    return sent(ute, "sent")


# Kontakt erlaubt


def answer(**changes: Any) -> dict[str, Any]:
    values = {"channels": ["email"], "purposes": ["information", "recall"], "status": "yes", "source": "form",
              "given_on": "12.03.2026", "proof": "Anmeldebogen", "shown_email": "ute.gross@example.org"}  # fmt: skip
    return values | changes


def test_one_answer_is_entered_for_several_purposes_at_once(client: FlaskClient, ute: int) -> None:
    response = client.post(f"/people/{ute}/permissions", data=answer())

    assert (response.status_code, response.location) == (303, f"/people/{ute}/permissions")
    page = soup_of(client.get(f"/people/{ute}/permissions"))
    assert "2 Einträge gespeichert: ja." in text_of(page.find(id="flash"))
    assert len(page.select(".permission-matrix .ja")) == 2
    [row] = page.select(".permission-history tbody tr")
    told = "heute 8:30 ja E-Mail an ute.gross@example.org: Recall, Information Formular 12.03.2026 Anmeldebogen Test Person"
    assert text_of(row) == told
    assert "eingetragen heute 8:30 von Test Person" in text_of(page.select(".permission")[3])  # row Recall, column E-Mail


def test_an_entry_by_htmx_loads_the_page_anew(client: FlaskClient, ute: int) -> None:
    response = client.post(f"/people/{ute}/permissions", data=answer(), headers=HTMX)

    assert (response.status_code, response.headers["HX-Redirect"]) == (204, f"/people/{ute}/permissions")


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_incomplete_answer_comes_back_as_it_was_typed(client: FlaskClient, ute: int, headers: dict[str, str]) -> None:
    response = client.post(f"/people/{ute}/permissions", data=answer(source="", given_on="24.11.2026"), headers=headers)

    assert response.status_code == 422
    assert "Bitte Formular, mündlich oder Online wählen." in error_at(response, "source")
    assert "liegt in der Zukunft" in error_at(response, "given_on")
    form = soup_of(response).find(id="permission-form")
    ticked = [str(box["value"]) for box in form.find_all("input", checked=True)]
    assert ticked == ["email", "recall", "information", "yes"]
    assert form.find(id="field-given_on")["value"] == "24.11.2026"
    assert "Anmeldebogen" in text_of(form)
    assert consents.latest(ute) == {}


def test_a_yes_without_an_address_names_what_is_missing(client: FlaskClient, ute: int) -> None:
    response = client.post(f"/people/{ute}/permissions", data=answer(channels=["sms"]))

    assert "Bitte zuerst die Mobilnummer im Feld SMS der Stammdaten nachtragen." in error_at(response, "channels")


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_yes_beside_an_address_that_was_changed_meanwhile_asks_again(
    client: FlaskClient, ute: int, headers: dict[str, str]
) -> None:
    typed = form_of(client, f"/people/{ute}/permissions", "permission-form") | answer()
    world.change(ute, email="neu@example.org", email_normalized="neu@example.org")

    response = client.post(f"/people/{ute}/permissions", data=typed, headers=headers)

    assert response.status_code == 409
    assert "ob die Einwilligung auch für neu@example.org gilt." in error_at(response, "channels")
    form = soup_of(response).find(id="permission-form")
    assert "E-Mail (neu@example.org)" in text_of(form)
    assert [str(box["value"]) for box in form.find_all("input", checked=True)] == ["email", "recall", "information", "yes"]
    assert "Anmeldebogen" in text_of(form)
    assert consents.latest(ute) == {}
    if headers:
        assert (response.headers["HX-Retarget"], response.headers["HX-Reswap"]) == ("#person-record", "outerHTML")


def test_the_form_sends_the_address_it_shows(client: FlaskClient, ute: int) -> None:
    typed = answer() | form_of(client, f"/people/{ute}/permissions?channel=email&purpose=recall", "permission-form")

    assert (typed["shown_email"], typed["shown_sms"]) == ("ute.gross@example.org", "")
    assert client.post(f"/people/{ute}/permissions", data=typed | {"source": "form"}).status_code == 303


def test_everything_is_withdrawn_with_one_click_and_that_can_be_undone(client: FlaskClient, ute: int) -> None:
    client.post(f"/people/{ute}/permissions", data=answer())

    client.post(f"/people/{ute}/permissions/withdraw")

    page = soup_of(client.get(f"/people/{ute}/permissions"))
    assert page.select(".permission-matrix .ja") == []
    newest = text_of(page.select(".permission-history tbody tr")[0])
    assert "E-Mail an ute.gross@example.org: alle Zwecke SMS: alle Zwecke Brief: alle Zwecke" in newest
    undo = page.find("form", action=f"/people/{ute}/permissions/undo")
    fields = {str(field["name"]): str(field["value"]) for field in undo.find_all("input")}
    client.post(f"/people/{ute}/permissions/undo", data=fields)
    page = soup_of(client.get(f"/people/{ute}/permissions"))
    assert len(page.select(".permission-matrix .ja")) == 2
    assert len(consents.history(ute)) == 2 + 15 + 15


# Appointments and messages


def test_appointments_are_parted_into_coming_and_past(client: FlaskClient, ute: int) -> None:
    for hours, status in ((24, "planned"), (48, "cancelled"), (-24, "done"), (-8000, "no_show")):
        world.appointment(ute, hours=hours, status=status)

    tables = soup_of(client.get(f"/people/{ute}/appointments")).find_all("tbody")

    assert [[text_of(row).split(" Uhr")[0] for row in table.find_all("tr")] for table in tables] == [
        ["Di 24.11.2026, 8:30", "Mi 25.11.2026, 8:30"],
        ["So 22.11.2026, 8:30", "Do 25.12.2025, 0:30"],
    ]
    assert "abgesagt" in text_of(tables[0])


def test_a_cancelled_appointment_is_not_the_next_one(client: FlaskClient, ute: int) -> None:
    world.appointment(ute, hours=24, status="cancelled")

    assert "Kein Termin eingetragen." in client.get(f"/people/{ute}/panel", headers=HTMX).text


def test_every_message_stands_there_with_its_state_and_reason(client: FlaskClient, ute: int, message: int) -> None:
    sent(ute, "failed", "mailbox_refused")

    rows = [text_of(row) for row in soup_of(client.get(f"/people/{ute}/messages")).select("tbody tr")]

    assert len(rows) == 2
    assert "Für Ute <Groß> nicht zustellbar Bitte E-Mail-Adresse mit der Person klären." in rows[0]
    assert "E-Mail, Information Für Ute <Groß> übergeben" in rows[1]


def test_a_sent_message_can_be_read_word_for_word_and_does_no_harm(client: FlaskClient, ute: int, message: int) -> None:
    for headers in ({}, HTMX):
        response = client.get(f"/people/{ute}/messages/{message}", headers=headers)
        shown = soup_of(response).select_one(".sent-text")
        assert text_of(shown) == "Sehr geehrte Frau <script>alert(1)</script>, neue Zeiten Ihre Praxis"
        assert "<script>alert" not in response.text


def test_html_that_was_stored_by_mistake_is_cleaned_again(client: FlaskClient, ute: int) -> None:
    evil = "<div onclick='x()'>a<img src=x onerror=x()><script>x()</script><a href='javascript:x()'>b</a><style>*{}</style></div>"

    response = client.get(f"/people/{ute}/messages/{sent(ute, 'delivered', body=evil)}")

    shown = soup_of(response).select_one(".sent-text")
    assert shown is not None
    assert {tag.name for tag in shown.find_all(True)} == {"div", "a"}
    assert all(not tag.attrs for tag in shown.find_all(True))


@pytest.mark.parametrize("state", ["queued", "failed", "skipped", "unknown", "cancelled"])
def test_what_was_not_handed_over_is_no_record_entry(client: FlaskClient, ute: int, state: str) -> None:
    assert client.get(f"/people/{ute}/messages/{sent(ute, state)}").status_code == 404


def test_nobody_reads_a_message_in_another_record(client: FlaskClient, ute: int, message: int) -> None:
    assert client.get(f"/people/{world.person('Winter')}/messages/{message}").status_code == 404


def test_messages_are_paged(client: FlaskClient, ute: int) -> None:
    for _ in range(27):
        sent(ute, "sent")

    assert len(soup_of(client.get(f"/people/{ute}/messages")).select("tbody tr")) == 25
    assert len(soup_of(client.get(f"/people/{ute}/messages?page=2")).select("tbody tr")) == 2
    assert len(soup_of(client.get(f"/people/{ute}/messages?page=99")).select("tbody tr")) == 2


def test_writing_to_one_person_begins_a_draft(client: FlaskClient, ute: int) -> None:
    response = client.post(f"/people/{ute}/write")

    draft = db.session.scalars(db.select(Draft)).one()
    assert (response.status_code, response.location) == (303, f"/drafts/{draft.id}/recipients")
    rows = db.session.scalars(db.select(Recipient.person_id).where(Recipient.draft_id == draft.id)).all()
    assert rows == [ute]
