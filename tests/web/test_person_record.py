"""The master data of one person on the screen: seen, edited, made, marked; and that nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from messaging.models import AuditEntry, Person, PersonWord, Practice, db, write_transaction
from messaging.services import consents, person_editing
from messaging.services.demo.edge_people import EDGE_PEOPLE
from messaging.services.demo.people import NO_COLUMNS
from tests.conftest import NOW
from tests.store import recipient_world as world
from tests.web.record_pages import HTMX, TYPED, error_at, flashes, form_of, new_patient, person, soup_of, text_of

REMINDER = ("sms", "appointment")


@pytest.fixture
def ute(app: Flask, client: FlaskClient) -> int:
    return new_patient(client)


# Seeing


@pytest.mark.parametrize("tab", ["", "/permissions", "/appointments", "/messages"])
def test_every_tab_is_a_page_and_a_part_of_it(client: FlaskClient, ute: int, tab: str) -> None:
    page, part = client.get(f"/people/{ute}{tab}"), client.get(f"/people/{ute}{tab}", headers=HTMX)

    assert text_of(soup_of(page).h1) == "Groß, Prof. Dr. Ute"
    assert soup_of(page).find("a", attrs={"aria-current": "page", "class": "nav-link"})
    assert [child.get("id") for child in soup_of(part).find_all(True, recursive=False)] == ["person-record"]


def test_the_master_data_show_the_numbers_as_people_say_them_and_the_salutation(client: FlaskClient, ute: int) -> None:
    page = text_of(soup_of(client.get(f"/people/{ute}")).main)

    assert "Patient · Nummer 10001 · geboren 14.02.1968 (58 Jahre)" in page
    assert "030 23125001" in page
    assert "Sehr geehrte Frau Professorin Groß," in page
    assert "Frau Prof. Dr. Ute Groß Musterweg 4 01067 Dresden" in page
    assert "zuletzt geändert von Test Person" in page


def test_the_panel_is_the_record_in_short(client: FlaskClient, ute: int) -> None:
    world.appointment(ute, hours=24)
    panel = soup_of(client.get(f"/people/{ute}/panel", headers=HTMX))

    assert [child.get("id") for child in panel.find_all(True, recursive=False)] == ["side-panel-content"]
    assert text_of(panel.h2) == "Groß, Prof. Dr. Ute"
    assert "morgen 8:30" in text_of(panel)
    assert len(panel.select(".nein")) == 15
    assert panel.find("a", href=f"/people/{ute}")


def test_the_panel_without_javascript_is_the_record(client: FlaskClient, ute: int) -> None:
    assert soup_of(client.get(f"/people/{ute}/panel")).find(id="person-record")


@pytest.mark.parametrize("path", ["", "/panel", "/edit", "/permissions", "/appointments", "/messages", "/messages/1", "/block"])
def test_nobody_has_no_record(client: FlaskClient, path: str) -> None:
    assert client.get(f"/people/4711{path}").status_code == 404


def test_a_reader_sees_everything_and_changes_nothing(client_as: Any, ute: int) -> None:
    reader = client_as("reader")

    page = soup_of(reader.get(f"/people/{ute}"))
    assert not page.find("form", action=f"/people/{ute}/write")
    assert not page.find("a", href=f"/people/{ute}/edit")
    assert not soup_of(reader.get(f"/people/{ute}/permissions")).find(id="permission-form")
    for path in ("/edit", "/block"):
        assert reader.get(f"/people/{ute}{path}").status_code == 403
    for path in ("/edit", "/block", "/mark", "/write", "/permissions", "/permissions/withdraw", "/permissions/undo"):
        assert reader.post(f"/people/{ute}{path}").status_code == 403
    assert reader.get("/people/new").status_code == 403
    assert reader.post("/people/new").status_code == 403
    assert reader.post("/people/check/email").status_code == 403


@pytest.mark.parametrize("edge", EDGE_PEOPLE, ids=lambda edge: edge["last_name"])
def test_every_edge_person_can_be_shown_and_edited(client: FlaskClient, edge: dict[str, Any]) -> None:
    special = {*NO_COLUMNS, "deceased"}
    texts = person_editing.texts_of({name: value for name, value in edge.items() if name not in special})
    with write_transaction() as session:
        made = Person(kind="patient", number="M1", created_at=NOW, updated_at=NOW, deceased=edge.get("deceased", False),
                      **{name: value for name, value in edge.items() if name not in special})  # fmt: skip
        session.add(made)

    for path in ("", "/permissions", "/panel", "/edit"):
        headers = HTMX if path == "/panel" else {}
        assert client.get(f"/people/{made.id}{path}", headers=headers).status_code == 200
    form = form_of(client, f"/people/{made.id}/edit")
    assert {name: form[name] for name in texts} == texts
    assert client.post(f"/people/{made.id}/edit", data=form | {"note": "geprüft"}).status_code == 303
    assert person(made.id).last_name == edge["last_name"]
    assert person(made.id).note == "geprüft"


# Editing


def test_saving_keeps_what_was_typed_and_the_checked_form_beside_it(client: FlaskClient, ute: int) -> None:
    form = form_of(client, f"/people/{ute}/edit")

    response = client.post(
        f"/people/{ute}/edit", data=form | {"last_name": "Groß-Weiß", "sms": "0171/3920001", "city": " Radebeul "}
    )

    assert (response.status_code, response.location) == (303, f"/people/{ute}")
    stored = person(ute)
    assert (stored.sms, stored.sms_e164, stored.city) == ("0171/3920001", "+491713920001", "Radebeul")
    words = set(db.session.scalars(db.select(PersonWord.word).where(PersonWord.person_id == ute)))
    assert {"weis", "radebeul"} <= words or {"weiss", "radebeul"} <= words
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "person_changed")).one()
    assert entry.detail == {"city": 1, "last_name": 1, "sms": 1}


def test_saving_nothing_changes_nothing(client: FlaskClient, ute: int) -> None:
    before = person(ute).version

    client.post(f"/people/{ute}/edit", data=form_of(client, f"/people/{ute}/edit"))

    assert person(ute).version == before
    assert "nichts zu ändern" in flashes(client, f"/people/{ute}")


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("email", "ute@@example.org", "Bitte nur ein @ stehen lassen."),
        ("email", "müller@example", "Nach dem @ fehlt die Endung"),
        ("sms", "030 23125001", "Das ist eine Festnetznummer."),
        ("sms", "0171-FLOWERS", "In der Nummer stehen Zeichen"),
        ("sms", "4915228817386", "Ist +49 152 28817386 gemeint?"),
        ("mobile", "keine", "In der Nummer stehen Zeichen"),
        ("phone", "110", "zu wenige Ziffern"),
        ("phone", "030 23125001 / 030 23125002", "Im Feld stehen zwei Nummern."),
        ("postcode", "1067", "Ist 01067 gemeint?"),
        ("postcode", "unbekannt", "fünf Ziffern"),
        ("birth_date", "31.02.1990", "Dieses Datum gibt es nicht."),
        ("birth_date", "14.02.68", "mit vier Ziffern"),
        ("birth_date", "24.11.2026", "liegt in der Zukunft"),
        ("number", "", "Bitte die Nummer wieder eintragen."),
        ("street", "x" * 201, "Es passen 200 Zeichen."),
    ],
)
def test_a_slip_is_named_at_its_field_and_nothing_typed_is_lost(
    client: FlaskClient, ute: int, name: str, typed: str, sentence: str
) -> None:
    form = form_of(client, f"/people/{ute}/edit") | {name: typed, "note": "eben getippt"}

    response = client.post(f"/people/{ute}/edit", data=form)

    assert response.status_code == 422
    assert sentence in error_at(response, name)
    field = soup_of(response).find(id=f"field-{name}")
    assert field["value"] == typed
    assert field["aria-invalid"] == "true"
    assert "eben getippt" in response.text
    assert person(ute).note == ""


def test_an_old_slip_does_not_keep_a_new_address_from_being_saved(client: FlaskClient, ute: int) -> None:
    world.change(ute, phone="keine", postcode="1067")

    response = client.post(f"/people/{ute}/edit", data=form_of(client, f"/people/{ute}/edit") | {"street": "Lößnitzsteig 9"})

    assert response.status_code == 303
    assert person(ute).street == "Lößnitzsteig 9"


def test_a_person_needs_a_name(client: FlaskClient, ute: int) -> None:
    form = form_of(client, f"/people/{ute}/edit") | {"first_name": "", "last_name": " "}

    assert "Bitte Nachnamen oder Vornamen eintragen." in error_at(client.post(f"/people/{ute}/edit", data=form), "last_name")


def test_two_people_cannot_have_the_same_number(client: FlaskClient, ute: int) -> None:
    other = world.person("Winter", number="10002")
    form = form_of(client, f"/people/{other}/edit") | {"number": "10001"}

    assert "hat schon jemand" in error_at(client.post(f"/people/{other}/edit", data=form), "number")


def test_abroad_has_other_postcodes(client: FlaskClient, ute: int) -> None:
    form = form_of(client, f"/people/{ute}/edit") | {"postcode": "1010", "city": "Wien", "country": "Österreich"}

    assert client.post(f"/people/{ute}/edit", data=form).status_code == 303


def test_an_edit_that_lost_the_race_shows_both_values_and_joins_them(client: FlaskClient, ute: int) -> None:
    mine = form_of(client, f"/people/{ute}/edit") | {"city": "Coswig", "email": "ute.neu@example.org"}
    client.post(f"/people/{ute}/edit", data=form_of(client, f"/people/{ute}/edit") | {"city": "Radebeul", "street": "Ring 1"})

    response = client.post(f"/people/{ute}/edit", data=mine)

    assert response.status_code == 409
    rows = [[text_of(cell) for cell in row.find_all("td")] for row in soup_of(response).select("#differences tbody tr")]
    assert rows == [
        ["Straße und Hausnummer", "Ring 1", "Musterweg 4", "das Gespeicherte"],
        ["Ort", "Radebeul", "Coswig", "Ihre Eingabe, beide haben geändert"],
        ["E-Mail", "ute.gross@example.org", "ute.neu@example.org", "Ihre Eingabe"],
    ]
    shown = soup_of(response).find(id="person-form")
    joined = {name: shown.find(id=f"field-{name}")["value"] for name in ("street", "city", "email")}
    assert joined == {"street": "Ring 1", "city": "Coswig", "email": "ute.neu@example.org"}
    again = {str(field["name"]): str(field.get("value", "")) for field in shown.find_all("input")} | {"form_of_address": "Frau"}
    assert client.post(f"/people/{ute}/edit", data=again).status_code == 303
    assert (person(ute).street, person(ute).city, person(ute).email) == ("Ring 1", "Coswig", "ute.neu@example.org")


def test_a_stale_form_without_its_beginning_still_loses_nothing(client: FlaskClient, ute: int) -> None:
    stale = TYPED | {"version": "0", "base": "kein JSON", "city": "Coswig"}

    response = client.post(f"/people/{ute}/edit", data=stale)

    assert response.status_code == 409
    assert soup_of(response).find(id="field-city")["value"] == "Coswig"
    assert person(ute).city == "Dresden"


def test_a_block_set_meanwhile_is_no_conflict(client: FlaskClient, ute: int) -> None:
    form = form_of(client, f"/people/{ute}/edit") | {"city": "Coswig"}
    client.post(f"/people/{ute}/block", data={"reason": "möchte nicht"})

    assert client.post(f"/people/{ute}/edit", data=form).status_code == 303
    assert person(ute).city == "Coswig"
    assert person(ute).blocked_at is not None


# While typing


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("email", "a@@b", "Bitte nur ein @"),
        ("sms", "030 23125001", "Bitte Handynummer nachtragen."),
        ("sms", "171 3920001", "Gelesen als 0171 3920001."),
        ("mobile", "030 23125001", "gehört in das Feld Telefon"),
        ("phone", "0171 3920001", "Für SMS bitte auch in das Feld SMS eintragen."),
        ("postcode", "1067", "Ist 01067 gemeint?"),
    ],
)
def test_a_field_is_checked_when_it_is_left(client: FlaskClient, name: str, typed: str, sentence: str) -> None:
    response = client.post(f"/people/check/{name}", data={name: typed}, headers=HTMX)

    assert response.status_code == 200
    assert sentence in response.text
    assert soup_of(response).find(id=f"field-{name}")["value"] == typed


def test_only_some_fields_are_checked_while_typing(client: FlaskClient) -> None:
    assert client.post("/people/check/last_name", data={"last_name": "x"}, headers=HTMX).status_code == 404


def test_a_check_asks_for_no_address_in_the_log(client: FlaskClient, ute: int) -> None:
    """Typed values travel in the body: addresses of requests end up in logs."""
    fields = soup_of(client.get(f"/people/{ute}/edit")).find_all(attrs={"data-check": True})

    assert {str(field["name"]) for field in fields} == {"phone", "mobile", "sms", "email", "postcode"}
    assert all(field.has_attr("hx-post") and not field.has_attr("hx-get") for field in fields)


# New people


@pytest.mark.parametrize(("kind", "label"), [("patient", "Patient anlegen"), ("prospect", "Interessent anlegen")])
def test_a_new_person_needs_only_a_name(client: FlaskClient, kind: str, label: str) -> None:
    assert text_of(soup_of(client.get(f"/people/new?kind={kind}")).h1) == label

    first = client.post(f"/people/new?kind={kind}", data={"last_name": "Kim"})
    second = client.post(f"/people/new?kind={kind}", data={"last_name": "Yıldız", "first_name": "Ayşe"})

    made = [person(int(response.location.rpartition("/")[2])) for response in (first, second)]
    assert [(each.kind, each.number) for each in made] == [(kind, "PP-1"), (kind, "PP-2")]


@pytest.mark.parametrize("number", ["PP-²", "PP-٣", "PP-", "PP-1a"])
def test_what_only_looks_like_a_number_of_ours_does_not_stop_the_next_one(client: FlaskClient, number: str) -> None:
    client.post("/people/new?kind=patient", data={"last_name": "Kim", "number": number})

    response = client.post("/people/new?kind=patient", data={"last_name": "Yıldız"})

    assert person(int(response.location.rpartition("/")[2])).number == "PP-1"


def test_a_number_of_ours_with_zeros_before_it_is_counted_as_what_it_is(client: FlaskClient) -> None:
    for number in ("PP-8", "PP-007"):
        client.post("/people/new?kind=patient", data={"last_name": "Kim", "number": number, "second": "1"})

    response = client.post("/people/new?kind=patient", data={"last_name": "Yıldız"})

    assert person(int(response.location.rpartition("/")[2])).number == "PP-9"


def test_a_new_person_with_a_slip_is_not_made(client: FlaskClient) -> None:
    response = client.post("/people/new", data={"first_name": "Ute", "email": "ute"})

    assert response.status_code == 422
    assert "fehlt das Zeichen @" in error_at(response, "email")
    assert soup_of(response).find(id="field-first_name")["value"] == "Ute"
    assert db.session.scalar(db.select(db.func.count()).select_from(Person)) == 0


def test_somebody_who_may_have_a_record_already_is_asked_about(client: FlaskClient, ute: int) -> None:
    twin = TYPED | {"number": "10009", "email": "andere@example.org"}

    response = client.post("/people/new?kind=patient", data=twin)

    assert response.status_code == 422
    assert soup_of(response).find(id="alike").find("a", href=f"/people/{ute}")
    assert client.post("/people/new?kind=patient", data=twin | {"second": "1"}).status_code == 303
    other = twin | {"number": "10010", "birth_date": "01.01.1990"}
    assert client.post("/people/new?kind=patient", data=other).status_code == 303


# What follows for permission


def test_a_number_in_the_field_sms_switches_reminders_on_and_says_so(client: FlaskClient, ute: int) -> None:
    client.post(f"/people/{ute}/edit", data=form_of(client, f"/people/{ute}/edit") | {"sms": "0171 3920001"})

    entry = consents.latest(ute)[REMINDER]
    assert (entry.status, entry.source, entry.target) == ("yes", "sms_field", "+491713920001")
    assert "Terminerinnerungen per SMS sind eingeschaltet" in flashes(client, f"/people/{ute}")


def test_a_practice_that_wants_it_written_has_no_reminders_by_field(client: FlaskClient, ute: int) -> None:
    with write_transaction() as session:
        session.add(Practice(id=1, sms_field_grants_consent=False))

    client.post(f"/people/{ute}/edit", data=form_of(client, f"/people/{ute}/edit") | {"sms": "0171 3920001"})

    assert consents.latest(ute) == {}
    assert "Für die neue Nummer gibt es noch keine Einwilligung. Kontakt erlaubt" in flashes(client, f"/people/{ute}")


def test_a_new_number_does_not_lift_a_withdrawal(client: FlaskClient, ute: int) -> None:
    world.consent(ute, "revoked", "appointment", "sms", "+491713920009")

    client.post(f"/people/{ute}/edit", data=form_of(client, f"/people/{ute}/edit") | {"sms": "0171 3920001"})

    assert consents.latest(ute)[REMINDER].status == "revoked"


def test_a_new_address_needs_a_new_permission_and_the_page_says_so(client: FlaskClient, ute: int) -> None:
    world.consent(ute)

    client.post(f"/people/{ute}/edit", data=form_of(client, f"/people/{ute}/edit") | {"email": "ute.neu@example.org"})

    page = soup_of(client.get(f"/people/{ute}"))
    assert "Für die neue E-Mail-Adresse gibt es noch keine Einwilligung: Die vorhandene gilt für eine frühere." in text_of(
        page.main
    )
    assert page.find("a", href=f"/people/{ute}/permissions?channel=email")
    cell = soup_of(client.get(f"/people/{ute}/permissions")).select(".permission")[12]  # row Information, column E-Mail
    assert "NEIN für eine frühere Adresse" in text_of(cell)
    assert "ute.gross@example.org (gilt für eine frühere Adresse)" in text_of(cell)


def test_the_first_address_has_no_permission_and_the_page_says_so(client: FlaskClient) -> None:
    made = int(client.post("/people/new", data={"last_name": "Kim", "email": "kim@example.org"}).location.rpartition("/")[2])

    assert "Für die neue E-Mail-Adresse gibt es noch keine Einwilligung." in flashes(client, f"/people/{made}")


# Block, death, archive


def test_a_block_needs_a_reason(client: FlaskClient, ute: int) -> None:
    for headers in ({}, HTMX):
        response = client.post(f"/people/{ute}/block", data={"reason": " "}, headers=headers)
        assert response.status_code == 422
        assert "Bitte den Grund eintragen." in error_at(response, "reason")
    assert person(ute).blocked_at is None


def test_a_block_stands_on_the_page_and_can_be_undone_and_redone(client: FlaskClient, ute: int) -> None:
    client.post(f"/people/{ute}/block", data={"reason": "möchte keinen Kontakt"})

    page = soup_of(client.get(f"/people/{ute}"))
    assert "möchte keinen Kontakt (gesetzt heute 8:30)" in text_of(page.main)
    assert not page.find("form", action=f"/people/{ute}/write")
    assert undo(client, ute, page) == "Die Kontaktsperre ist aufgehoben. rückgängig"
    assert person(ute).blocked_at is None
    client.post(f"/people/{ute}/mark", data={"mark": "blocked-again"})
    assert person(ute).blocked_at == NOW
    assert person(ute).blocked_reason == "möchte keinen Kontakt"


@pytest.mark.parametrize(("mark", "title"), [("deceased", "Verstorben"), ("archived", "archiviert")])
def test_death_and_archive_stand_on_the_page_and_can_be_undone(client: FlaskClient, ute: int, mark: str, title: str) -> None:
    client.post(f"/people/{ute}/mark", data={"mark": f"{mark}-on"})

    page = soup_of(client.get(f"/people/{ute}"))
    assert title in text_of(page.find(id="person-record"))
    undo(client, ute, page)
    assert (person(ute).deceased, person(ute).archived_at) == (False, None)
    assert title not in text_of(soup_of(client.get(f"/people/{ute}")).find(id="person-record"))


def test_an_unknown_mark_is_refused(client: FlaskClient, ute: int) -> None:
    assert client.post(f"/people/{ute}/mark", data={"mark": "forgotten-on"}).status_code == 400


def undo(client: FlaskClient, person_id: int, page: BeautifulSoup) -> str:
    """Press rückgängig in the message of the page; returns the next message."""
    form = page.select_one("#flash form")
    assert form is not None
    client.post(str(form["action"]), data={str(field["name"]): str(field["value"]) for field in form.find_all("input")})
    return flashes(client, f"/people/{person_id}")
