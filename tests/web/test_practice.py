"""Einrichtung on the screen: what it stores, what it refuses, and what its settings do at once."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from messaging.models import AuditEntry, Practice, db
from tests.web.record_pages import HTMX, error_at, flashes, form_of, inputs_of, soup_of

HERE = "/admin/practice"
TYPED = {"name": "Praxis am Ring", "phone": "030 23125001", "street": "Musterweg 1", "postcode": "10115", "city": "Berlin",
         "sms_field_grants_consent": "1", "professor_form": "short", "idle_minutes": "30"}  # fmt: skip


@pytest.fixture
def manager(client_as: Any) -> FlaskClient:
    return client_as("manager")


def stored() -> Practice:
    return db.session.get_one(Practice, 1, populate_existing=True)


def tab(client: FlaskClient) -> dict[str, str]:
    """The form as it is open in a tab from now on."""
    return form_of(client, HERE, "practice-form")


def saved(client: FlaskClient, **changes: str) -> bool:
    return client.post(HERE, data=tab(client) | TYPED | changes).status_code == 303


def test_a_practice_that_was_never_filled_in_has_the_defaults(manager: FlaskClient) -> None:
    shown = tab(manager)

    assert {name: text for name, text in shown.items() if name not in ("csrf_token", "base")} == {
        **dict.fromkeys(("name", "phone", "street", "postcode", "city"), ""),
        "sms_field_grants_consent": "1",
        "professor_form": "word",
        "idle_minutes": "20",
    }


def test_the_practice_is_stored_and_shown_again(manager: FlaskClient) -> None:
    response = manager.post(HERE, data=tab(manager) | TYPED)

    assert (response.status_code, response.location) == (303, HERE)
    assert "gespeichert" in flashes(manager, HERE)
    shown = tab(manager)
    assert {name: shown[name] for name in TYPED} == TYPED
    row = stored()
    assert (row.name, row.professor_form, row.idle_minutes, row.sms_field_grants_consent) == ("Praxis am Ring", "short", 30, True)


def test_saving_by_htmx_loads_the_page_anew(manager: FlaskClient) -> None:
    response = manager.post(HERE, data=tab(manager) | TYPED, headers=HTMX)

    assert (response.status_code, response.headers["HX-Redirect"]) == (204, HERE)


def test_an_unticked_switch_is_off(manager: FlaskClient) -> None:
    typed = tab(manager) | TYPED
    del typed["sms_field_grants_consent"]

    manager.post(HERE, data=typed)

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
        response = manager.post(HERE, data=tab(manager) | TYPED | {name: typed}, headers=headers)

        assert response.status_code == 422
        assert sentence in error_at(response, name)
        assert soup_of(response).find(id="field-street")["value"] == "Musterweg 1"
    assert db.session.get(Practice, 1) is None


@pytest.mark.parametrize("minutes", ["5", "240"])
def test_the_limits_themselves_are_fine(manager: FlaskClient, minutes: str) -> None:
    assert saved(manager, idle_minutes=minutes)
    assert soup_of(manager.get(HERE)).body["data-idle-minutes"] == minutes


@pytest.mark.parametrize("phone", ["", "030 23125001", "030 23125-17", "0800 1234567"])
def test_any_number_that_people_can_call_is_fine(manager: FlaskClient, phone: str) -> None:
    assert saved(manager, phone=phone)


def test_both_forms_of_professor_are_shown_as_they_sound(manager: FlaskClient) -> None:
    page = manager.get(HERE).text

    assert "Sehr geehrter Herr Professor Weiß," in page
    assert "Sehr geehrter Herr Prof. Dr. Weiß," in page


def test_the_audit_log_names_the_fields_that_changed(manager: FlaskClient) -> None:
    assert all([saved(manager), saved(manager), saved(manager, city="Potsdam")])

    entries = db.session.scalars(db.select(AuditEntry.detail).where(AuditEntry.action == "practice_changed")).all()
    assert len(entries) == 2
    assert entries[1] == {"city": 1}


# Two people at once


def test_each_keeps_what_they_changed(manager: FlaskClient) -> None:
    saved(manager)
    mine, theirs = tab(manager), tab(manager)
    del theirs["sms_field_grants_consent"]

    assert manager.post(HERE, data=theirs | {"city": "Potsdam"}).status_code == 303
    assert manager.post(HERE, data=mine | {"phone": "030 23125002"}).status_code == 303

    row = stored()
    assert (row.phone, row.city, row.sms_field_grants_consent) == ("030 23125002", "Potsdam", False)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_who_changes_the_same_later_is_told_and_may_decide(manager: FlaskClient, headers: dict[str, str]) -> None:
    saved(manager)
    mine = tab(manager) | {"phone": "030 23125002", "street": "Ring 2"}
    saved(manager, phone="030 23125009", city="Potsdam")

    response = manager.post(HERE, data=mine, headers=headers)

    assert (response.status_code, stored().phone, stored().street) == (422, "030 23125009", "Musterweg 1")
    assert "Inzwischen hat jemand „030 23125009“ gespeichert." in error_at(response, "phone")
    shown = inputs_of(response, "practice-form")
    assert (shown["phone"], shown["street"], shown["city"]) == ("030 23125002", "Ring 2", "Potsdam")
    assert manager.post(HERE, data=shown).status_code == 303
    assert (stored().phone, stored().street, stored().city) == ("030 23125002", "Ring 2", "Potsdam")


@pytest.mark.parametrize("base", ["", "kein JSON", "[]", "{}"])
def test_a_form_without_its_beginning_overwrites_nothing(manager: FlaskClient, base: str) -> None:
    saved(manager)

    response = manager.post(HERE, data=TYPED | {"base": base, "phone": "030 23125002", "professor_form": "word"})

    assert response.status_code == 422
    assert "Inzwischen hat jemand „Sehr geehrter Herr Prof. Dr. Weiß,“ gespeichert." in error_at(response, "professor_form")
    assert stored().phone == "030 23125001"


@pytest.mark.parametrize("role", ["staff", "reader"])
def test_the_practice_is_for_those_who_lead(client_as: Any, role: str) -> None:
    client = client_as(role)

    assert client.get(HERE).status_code == 403
    assert client.post(HERE, data=TYPED).status_code == 403
