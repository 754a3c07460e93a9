"""Einrichtung on the screen: what it stores, what it refuses, and what its settings do at once."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from messaging.models import AuditEntry, Practice, db
from tests.web.record_pages import HTMX, error_at, flashes, form_of, soup_of

HERE = "/admin/practice"
TYPED = {"name": "Praxis am Ring", "phone": "030 23125001", "street": "Musterweg 1", "postcode": "10115", "city": "Berlin",
         "sms_field_grants_consent": "1", "professor_form": "short", "idle_minutes": "30"}  # fmt: skip


@pytest.fixture
def manager(client_as: Any) -> FlaskClient:
    return client_as("manager")


def stored() -> Practice:
    return db.session.get_one(Practice, 1, populate_existing=True)


def test_a_practice_that_was_never_filled_in_has_the_defaults(manager: FlaskClient) -> None:
    assert form_of(manager, HERE, "practice-form") == {
        **dict.fromkeys(("name", "phone", "street", "postcode", "city"), ""),
        "csrf_token": form_of(manager, HERE, "practice-form")["csrf_token"],
        "sms_field_grants_consent": "1",
        "professor_form": "word",
        "idle_minutes": "20",
    }


def test_the_practice_is_stored_and_shown_again(manager: FlaskClient) -> None:
    response = manager.post(HERE, data=TYPED)

    assert (response.status_code, response.location) == (303, HERE)
    assert "gespeichert" in flashes(manager, HERE)
    shown = form_of(manager, HERE, "practice-form")
    assert {name: shown[name] for name in TYPED} == TYPED
    row = stored()
    assert (row.name, row.professor_form, row.idle_minutes, row.sms_field_grants_consent) == ("Praxis am Ring", "short", 30, True)


def test_saving_by_htmx_loads_the_page_anew(manager: FlaskClient) -> None:
    response = manager.post(HERE, data=TYPED, headers=HTMX)

    assert (response.status_code, response.headers["HX-Redirect"]) == (204, HERE)


def test_an_unticked_switch_is_off(manager: FlaskClient) -> None:
    manager.post(HERE, data={name: text for name, text in TYPED.items() if name != "sms_field_grants_consent"})

    assert stored().sms_field_grants_consent is False
    assert not soup_of(manager.get(HERE)).find(id="field-sms_field_grants_consent").has_attr("checked")


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("name", " ", "Bitte den Namen der Praxis eintragen."),
        ("name", "x" * 121, "Es passen 120 Zeichen."),
        ("phone", "0171-FLOWERS", "In der Nummer stehen Zeichen"),
        ("postcode", "1011", "fünf Ziffern"),
        ("professor_form", "lang", "eine der beiden Formen"),
        ("idle_minutes", "4", "von 5 bis 240"),
        ("idle_minutes", "241", "von 5 bis 240"),
        ("idle_minutes", "", "von 5 bis 240"),
        ("idle_minutes", "zwanzig", "von 5 bis 240"),
        ("idle_minutes", "²0", "von 5 bis 240"),
    ],
)
def test_a_slip_is_named_at_its_field_and_nothing_typed_is_lost(
    manager: FlaskClient, name: str, typed: str, sentence: str
) -> None:
    for headers in ({}, HTMX):
        response = manager.post(HERE, data=TYPED | {name: typed}, headers=headers)

        assert response.status_code == 422
        assert sentence in error_at(response, name)
        assert soup_of(response).find(id="field-street")["value"] == "Musterweg 1"
    assert db.session.get(Practice, 1) is None


@pytest.mark.parametrize("minutes", ["5", "240"])
def test_the_limits_themselves_are_fine(manager: FlaskClient, minutes: str) -> None:
    assert manager.post(HERE, data=TYPED | {"idle_minutes": minutes}).status_code == 303
    assert soup_of(manager.get(HERE)).body["data-idle-minutes"] == minutes


@pytest.mark.parametrize("phone", ["", "030 23125001", "030 23125-17", "0800 1234567"])
def test_any_number_that_people_can_call_is_fine(manager: FlaskClient, phone: str) -> None:
    assert manager.post(HERE, data=TYPED | {"phone": phone}).status_code == 303


def test_both_forms_of_professor_are_shown_as_they_sound(manager: FlaskClient) -> None:
    page = manager.get(HERE).text

    assert "Sehr geehrter Herr Professor Weiß," in page
    assert "Sehr geehrter Herr Prof. Dr. Weiß," in page


def test_the_audit_log_names_the_fields_that_changed(manager: FlaskClient) -> None:
    manager.post(HERE, data=TYPED)
    manager.post(HERE, data=TYPED)
    manager.post(HERE, data=TYPED | {"city": "Potsdam"})

    entries = db.session.scalars(db.select(AuditEntry.detail).where(AuditEntry.action == "practice_changed")).all()
    assert len(entries) == 2
    assert entries[1] == {"city": 1}


@pytest.mark.parametrize("role", ["staff", "reader"])
def test_the_practice_is_for_those_who_lead(client_as: Any, role: str) -> None:
    client = client_as(role)

    assert client.get(HERE).status_code == 403
    assert client.post(HERE, data=TYPED).status_code == 403
