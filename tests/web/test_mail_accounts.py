"""E-Mail-Konten on the screen: rules at their fields, a password that never comes out, a check that only a worker carries out."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jobs.errands import run_errand
from jobs.queues import URGENT
from messaging.models import AuditEntry, Dispatch, Draft, Errand, MailAccount, db, write_transaction
from messaging.models.vault import vault
from messaging.services import mail_accounts
from tests.conftest import NOW, FakeWaker, MovableClock
from tests.web.record_pages import HTMX, error_at, flashes, form_of, inputs_of, soup_of, text_of

HERE = "/admin/mail-accounts"
SECRET = "Geheim & <sehr> 'lang'!"
TYPED = {"name": "Empfang", "sender_name": "Praxis am Ring", "sender_address": "praxis@example.org", "host": "mail.example.org",
         "port": "465", "tls_mode": "tls", "verify_certificate": "1", "username": "praxis@example.org", "password": SECRET,
         "per_hour": "250"}  # fmt: skip


@pytest.fixture
def manager(client_as: Any) -> FlaskClient:
    return client_as("manager")


@pytest.fixture
def account(app: Flask, manager: FlaskClient) -> int:
    response = manager.post(HERE, data=TYPED)
    assert response.status_code == 303
    return int(response.location.rpartition("/")[2])


def stored(account_id: int) -> MailAccount:
    return db.session.get_one(MailAccount, account_id, populate_existing=True)


def form(client: FlaskClient, account_id: int) -> dict[str, str]:
    return form_of(client, f"{HERE}/{account_id}", "account-form")


def open_dispatch(account_id: int) -> int:
    with write_transaction() as session:
        draft = Draft(channel="email", purpose="information", origin="people", created_at=NOW, updated_at=NOW)
        session.add(draft)
        session.flush()
        made = Dispatch(draft_id=draft.id, channel="email", purpose="information", state="paused", account_id=account_id,
                        subject="x", body="y", created_at=NOW, scheduled_at=NOW, total=1, pause_code="login_refused")  # fmt: skip
        session.add(made)
    return made.id


def answer_errand(errand_id: int, state: str, answer: str, detail: str = "") -> None:
    with write_transaction() as session:
        errand = session.get_one(Errand, errand_id)
        errand.state, errand.answer, errand.detail = state, answer, detail


def test_an_empty_list_says_what_to_do(manager: FlaskClient) -> None:
    page = soup_of(manager.get(HERE))

    assert "Noch kein E-Mail-Konto" in text_of(page.main)
    assert page.find("a", href=f"{HERE}/new")


def test_a_new_account_is_stored_with_its_password_encrypted(manager: FlaskClient, account: int) -> None:
    row = stored(account)

    assert (row.host, row.port, row.tls_mode, row.verify_certificate) == ("mail.example.org", 465, "tls", True)
    assert (row.per_hour, row.per_quarter_hour, row.per_connection) == (250, None, None)
    assert row.password_encrypted not in ("", SECRET)
    assert vault().decrypt(row.password_encrypted) == SECRET
    assert "Bitte prüfen Sie jetzt die Verbindung." in flashes(manager, f"{HERE}/{account}")


def test_the_list_shows_every_account(manager: FlaskClient, account: int) -> None:
    row = text_of(soup_of(manager.get(HERE)).find(id=f"account-{account}"))

    assert "Empfang Praxis am Ring <praxis@example.org> mail.example.org:465 TLS 250 je Stunde aktiv" in row


@pytest.mark.parametrize(
    ("changes", "name", "sentence"),
    [
        ({"name": ""}, "name", "Bitte einen Namen eintragen."),
        ({"sender_name": " "}, "sender_name", "Bitte den Namen des Absenders eintragen."),
        ({"sender_address": "praxis@@example.org"}, "sender_address", "Bitte nur ein @"),
        ({"sender_address": "müller@example.org"}, "sender_address", "ohne Umlaute"),
        ({"reply_to": "antwort"}, "reply_to", "fehlt das Zeichen @"),
        ({"host": ""}, "host", "Postausgangsserver"),
        ({"host": "smtp://mail.example.org/"}, "host", "nur der Name des Servers"),
        ({"host": "mail.example.org:465"}, "host", "nur der Name des Servers"),
        ({"port": "0"}, "port", "von 1 bis 65535"),
        ({"port": "65536"}, "port", "von 1 bis 65535"),
        ({"port": "abc"}, "port", "von 1 bis 65535"),
        ({"tls_mode": "ssl"}, "tls_mode", "Bitte TLS oder STARTTLS wählen."),
        ({"tls_mode": "none"}, "tls_mode", "Unverschlüsselt dürfen"),
        ({"tls_mode": "none", "host": "127.0.0.1.example.org"}, "tls_mode", "Unverschlüsselt dürfen"),
        ({"per_hour": "0"}, "per_hour", "ganze Zahl ab 1"),
        ({"per_quarter_hour": "-5"}, "per_quarter_hour", "ganze Zahl ab 1"),
        ({"per_connection": "1,5"}, "per_connection", "ganze Zahl ab 1"),
        ({"username": ""}, "username", "Bitte den Benutzernamen eintragen."),
        ({"password": ""}, "password", "Bitte das Passwort eingeben."),
    ],
)
def test_a_slip_is_named_at_its_field_and_all_but_the_password_comes_back(
    manager: FlaskClient, changes: dict[str, str], name: str, sentence: str
) -> None:
    for headers in ({}, HTMX):
        response = manager.post(HERE, data=TYPED | changes, headers=headers)

        assert response.status_code == 422
        assert sentence in error_at(response, name)
        kept = (TYPED | changes)["sender_name" if name == "name" else "name"]
        field = soup_of(response).find(id="field-sender_name" if name == "name" else "field-name")
        assert field["value"] == kept
        assert not soup_of(response).find(id="field-password").get("value")
    assert mail_accounts.accounts() == []


def test_two_accounts_cannot_have_the_same_name(manager: FlaskClient, account: int) -> None:
    assert "ein anderes Konto" in error_at(manager.post(HERE, data=TYPED), "name")
    assert manager.post(f"{HERE}/{account}", data=form(manager, account) | TYPED).status_code == 303


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_without_encryption_only_on_this_machine_and_with_a_warning(manager: FlaskClient, host: str) -> None:
    response = manager.post(HERE, data=TYPED | {"tls_mode": "none", "host": host, "port": "2525"})

    assert response.status_code == 303
    assert "Ohne Verschlüsselung kann jeder im Netz mitlesen." in manager.get(response.location).text


def test_an_unchecked_certificate_is_warned_of(manager: FlaskClient, account: int) -> None:
    assert "ein fremder Rechner als Ihr Mailserver" not in manager.get(f"{HERE}/{account}").text
    values = form(manager, account)
    del values["verify_certificate"]

    assert manager.post(f"{HERE}/{account}", data=values).status_code == 303

    assert stored(account).verify_certificate is False
    assert "ein fremder Rechner als Ihr Mailserver" in manager.get(f"{HERE}/{account}").text
    assert "Zertifikat ungeprüft" in manager.get(HERE).text


def test_a_missing_port_is_the_usual_one(manager: FlaskClient) -> None:
    response = manager.post(HERE, data=TYPED | {"port": "", "tls_mode": "starttls"})

    assert stored(int(response.location.rpartition("/")[2])).port == 587


@pytest.mark.parametrize(
    ("tls_mode", "typed", "port"),
    [("starttls", "465", "587"), ("tls", "587", "465"), ("none", "465", "25"), ("starttls", "", "587"), ("tls", "2465", "2465")],
)
def test_another_encryption_proposes_its_port(manager: FlaskClient, tls_mode: str, typed: str, port: str) -> None:
    response = manager.post(f"{HERE}/connection", data=TYPED | {"tls_mode": tls_mode, "port": typed}, headers=HTMX)

    assert soup_of(response).find(id="field-port")["value"] == port
    assert mail_accounts.accounts() == []


# The password


def test_an_empty_password_field_keeps_the_stored_one(manager: FlaskClient, account: int) -> None:
    before = stored(account).password_encrypted

    response = manager.post(f"{HERE}/{account}", data=form(manager, account) | {"per_hour": "100"})

    assert response.status_code == 303
    assert (stored(account).password_encrypted, stored(account).per_hour) == (before, 100)
    page = soup_of(manager.get(f"{HERE}/{account}"))
    assert "leer lassen, um es zu behalten" in text_of(page.find(id="field-password-hint"))


def test_a_new_password_replaces_the_stored_one(manager: FlaskClient, account: int) -> None:
    manager.post(f"{HERE}/{account}", data=form(manager, account) | {"password": "ein ganz neues"})

    assert vault().decrypt(stored(account).password_encrypted) == "ein ganz neues"


def test_a_password_is_removed_only_when_asked(manager: FlaskClient, account: int) -> None:
    manager.post(f"{HERE}/{account}", data=form(manager, account) | {"remove_password": "1"})

    assert stored(account).password_encrypted == ""
    assert "ohne Passwort" in manager.get(HERE).text


def test_a_stored_password_is_not_sent_to_another_server(manager: FlaskClient, account: int) -> None:
    response = manager.post(f"{HERE}/{account}", data=form(manager, account) | {"host": "other.example.net"})

    assert response.status_code == 422
    assert "Bitte das Passwort für den neuen Server eingeben." in error_at(response, "password")
    assert stored(account).host == "mail.example.org"
    again = form(manager, account) | {"host": "other.example.net", "password": SECRET}
    assert manager.post(f"{HERE}/{account}", data=again).status_code == 303


def test_a_stored_password_does_not_follow_to_another_server_by_way_of_an_empty_user_name(
    manager: FlaskClient, account: int
) -> None:
    foreign = {"host": "other.example.net"}

    assert manager.post(f"{HERE}/{account}", data=form(manager, account) | foreign | {"username": ""}).status_code == 303
    response = manager.post(f"{HERE}/{account}", data=form(manager, account) | {"username": "praxis@example.org"})

    assert response.status_code == 422
    assert "Bitte das Passwort eingeben." in error_at(response, "password")
    assert (stored(account).host, stored(account).username, stored(account).password_encrypted) == (foreign["host"], "", "")


def test_a_password_stays_at_its_server_whatever_else_changes(manager: FlaskClient, account: int) -> None:
    before = stored(account).password_encrypted

    manager.post(f"{HERE}/{account}", data=form(manager, account) | {"username": "", "host": "MAIL.example.org"})

    assert stored(account).password_encrypted == before


def test_the_password_occurs_in_no_answer_log_or_audit_entry(
    manager: FlaskClient, account: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    errand = int(manager.post(f"{HERE}/{account}/check").location.rpartition("=")[2])
    encrypted = stored(account).password_encrypted
    wrong = TYPED | {"host": ""}
    answers = [
        *(manager.get(path) for path in (HERE, f"{HERE}/{account}", f"{HERE}/{account}/check/{errand}", "/admin")),
        *(manager.post(path, data=wrong, headers=headers) for path in (HERE, f"{HERE}/{account}") for headers in ({}, HTMX)),
        manager.post(f"{HERE}/connection", data=TYPED, headers=HTMX),
    ]

    told = " ".join([*(answer.text + str(answer.headers) for answer in answers), caplog.text,
                     *(str(entry.detail) for entry in db.session.scalars(db.select(AuditEntry))),
                     *(str(errand.payload) for errand in db.session.scalars(db.select(Errand)))])  # fmt: skip
    for secret in (SECRET, encrypted, "Geheim", "&lt;sehr&gt;"):
        assert secret not in told
    assert set(json.loads(form(manager, account)["base"])) == set(mail_accounts.TEXTS)
    assert SECRET not in repr(mail_accounts.TypedAccount({}, {}, SECRET))


# In use


def test_an_account_in_use_can_be_changed_and_says_where_to_go_on(manager: FlaskClient, account: int) -> None:
    dispatch = open_dispatch(account)

    page = soup_of(manager.get(f"{HERE}/{account}"))
    assert page.find("a", href=f"/dispatches/{dispatch}")
    assert manager.post(f"{HERE}/{account}", data=form(manager, account) | {"password": "richtig"}).status_code == 303
    assert "1 offener Versand nimmt ab jetzt diese Angaben." in flashes(manager, f"{HERE}/{account}")


def test_switching_off_can_be_undone(manager: FlaskClient, account: int) -> None:
    manager.post(f"{HERE}/{account}/switch", data={"on": "0"})

    assert not stored(account).active
    undo = soup_of(manager.get(HERE)).select_one("#flash form")
    assert undo is not None
    manager.post(str(undo["action"]), data={str(field["name"]): str(field["value"]) for field in undo.find_all("input")})
    assert stored(account).active


def test_the_audit_log_knows_what_was_changed_but_not_to_what(manager: FlaskClient, account: int) -> None:
    manager.post(f"{HERE}/{account}", data=form(manager, account) | {"password": "neu-neu", "per_hour": ""})
    manager.post(f"{HERE}/{account}/switch", data={"on": "0"})
    manager.post(f"{HERE}/{account}/switch", data={"on": "0"})

    entries = db.session.scalars(
        db.select(AuditEntry).where(AuditEntry.object_type == "mail_account").order_by(AuditEntry.id)
    ).all()
    assert [(entry.action, entry.detail) for entry in entries] == [
        ("mail_account_created", {}),
        ("mail_account_changed", {"password": 1, "per_hour": 1}),
        ("mail_account_switched_off", {}),
    ]
    assert {entry.object_id for entry in entries} == {account}


# Two people at once


def test_each_keeps_what_they_changed(manager: FlaskClient, account: int) -> None:
    mine, theirs = form(manager, account), form(manager, account)
    del mine["verify_certificate"]

    assert manager.post(f"{HERE}/{account}", data=theirs | {"per_hour": "100", "reply_to": "a@example.org"}).status_code == 303
    assert manager.post(f"{HERE}/{account}", data=mine | {"sender_name": "Praxis Ring"}).status_code == 303

    row = stored(account)
    assert (row.per_hour, row.reply_to, row.sender_name, row.verify_certificate) == (100, "a@example.org", "Praxis Ring", False)


@pytest.mark.parametrize(
    ("name", "theirs", "mine", "said"),
    [
        ("per_hour", "100", "400", "„100“ gespeichert"),
        ("per_hour", "", "400", "dieses Feld geleert"),
        ("tls_mode", "starttls", "none", "„STARTTLS (Port 587)“ gespeichert"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_who_changes_the_same_later_is_told_and_may_decide(
    manager: FlaskClient, account: int, headers: dict[str, str], name: str, theirs: str, mine: str, said: str
) -> None:
    local = {"host": "localhost", "password": SECRET}
    manager.post(f"{HERE}/{account}", data=form(manager, account) | local)
    typed = form(manager, account) | {name: mine}
    manager.post(f"{HERE}/{account}", data=form(manager, account) | {name: theirs, "sender_name": "Praxis Ring"})

    response = manager.post(f"{HERE}/{account}", data=typed, headers=headers)

    assert response.status_code == 422
    assert said in error_at(response, name)
    shown = inputs_of(response, "account-form")
    assert (shown[name], shown["sender_name"]) == (mine, "Praxis Ring")
    assert mail_accounts.texts_of(stored(account))[name] == theirs
    assert manager.post(f"{HERE}/{account}", data=shown).status_code == 303
    assert mail_accounts.texts_of(stored(account))[name] == mine


def test_an_older_page_keeps_the_password_of_the_new_server(manager: FlaskClient, account: int) -> None:
    mine = form(manager, account) | {"per_hour": "100"}
    moved = form(manager, account) | {"host": "other.example.net", "password": "ein ganz neues"}
    manager.post(f"{HERE}/{account}", data=moved)

    assert manager.post(f"{HERE}/{account}", data=mine).status_code == 303

    row = stored(account)
    assert (row.host, row.per_hour, vault().decrypt(row.password_encrypted)) == ("other.example.net", 100, "ein ganz neues")


def test_a_password_typed_for_the_old_server_does_not_go_to_the_new_one(manager: FlaskClient, account: int) -> None:
    mine = form(manager, account) | {"password": "für den alten"}
    moved = form(manager, account) | {"host": "other.example.net", "password": "für den neuen"}
    manager.post(f"{HERE}/{account}", data=moved)

    response = manager.post(f"{HERE}/{account}", data=mine)

    assert response.status_code == 422
    assert "Inzwischen hat jemand „other.example.net“ gespeichert." in error_at(response, "host")
    assert inputs_of(response, "account-form")["host"] == "mail.example.org"
    assert vault().decrypt(stored(account).password_encrypted) == "für den neuen"


# Checking the connection


def check(client: FlaskClient, account_id: int) -> Any:
    return soup_of(client.post(f"{HERE}/{account_id}/check", headers=HTMX)).find(id="account-check")


def test_a_check_wakes_a_worker_and_asks_until_it_has_the_answer(manager: FlaskClient, account: int, waker: FakeWaker) -> None:
    waiting = check(manager, account)
    errand = db.session.scalars(db.select(Errand)).one()

    assert waker.put_jobs == [(URGENT, run_errand, (errand.id,))]
    assert (errand.kind, errand.payload) == ("check_account", {"account_id": account})
    assert waiting["hx-get"] == f"{HERE}/{account}/check/{errand.id}"
    assert waiting["hx-trigger"] == "every 1s"
    assert "Die Verbindung wird geprüft" in text_of(waiting)

    answer_errand(errand.id, "done", "Die Verbindung steht, die Anmeldung wurde angenommen.")
    answered = soup_of(manager.get(waiting["hx-get"], headers=HTMX)).find(id="account-check")
    assert not answered.has_attr("hx-get")
    assert "Die Verbindung steht" in text_of(answered.select_one(".alert-success"))


def test_a_refused_log_in_is_said_with_the_servers_words_behind_details(manager: FlaskClient, account: int) -> None:
    waiting = check(manager, account)
    answer_errand(int(waiting["hx-get"].rpartition("/")[2]), "failed", "Bitte die Zugangsdaten prüfen.", "535 <b>denied</b>")

    answered = soup_of(manager.get(waiting["hx-get"], headers=HTMX))

    assert "Bitte die Zugangsdaten prüfen." in text_of(answered.select_one(".alert-danger"))
    assert "535 <b>denied</b>" in text_of(answered.details)


@pytest.mark.parametrize(("seconds", "silent"), [(14, False), (15, True)])
def test_after_fifteen_seconds_without_a_worker_the_page_says_so(
    manager: FlaskClient, account: int, clock: MovableClock, seconds: int, silent: bool
) -> None:
    waiting = check(manager, account)
    clock.moment += timedelta(seconds=seconds)

    later = soup_of(manager.get(waiting["hx-get"], headers=HTMX)).find(id="account-check")

    assert ("Kein Versandprozess aktiv" in text_of(later)) is silent
    assert later.has_attr("hx-get") is not silent


def test_without_redis_the_page_says_so_at_once(manager: FlaskClient, account: int, waker: FakeWaker) -> None:
    waker.redis_is_there = False

    answered = check(manager, account)

    assert "Kein Versandprozess aktiv" in text_of(answered)
    assert not answered.has_attr("hx-get")


def test_without_javascript_the_page_itself_has_the_answer(manager: FlaskClient, account: int) -> None:
    response = manager.post(f"{HERE}/{account}/check")
    errand = db.session.scalars(db.select(Errand)).one()

    assert (response.status_code, response.location) == (303, f"{HERE}/{account}?check={errand.id}")
    assert "Aktualisieren" in manager.get(response.location).text
    answer_errand(errand.id, "done", "Die Verbindung steht.")
    assert "Die Verbindung steht." in manager.get(response.location).text


def test_an_impatient_person_does_not_queue_the_same_check_twice(manager: FlaskClient, account: int) -> None:
    for _ in range(3):
        check(manager, account)

    states = db.session.scalars(db.select(Errand.state).order_by(Errand.id)).all()
    assert states == ["failed", "failed", "waiting"]


def test_a_check_of_another_account_is_not_shown(manager: FlaskClient, account: int) -> None:
    waiting = check(manager, account)
    other = int(manager.post(HERE, data=TYPED | {"name": "Zweites"}).location.rpartition("/")[2])
    errand = waiting["hx-get"].rpartition("/")[2]

    assert manager.get(f"{HERE}/{other}/check/{errand}", headers=HTMX).status_code == 404
    assert manager.get(f"{HERE}/{account}/check/4711", headers=HTMX).status_code == 404


# Who may


@pytest.mark.parametrize("role", ["staff", "reader"])
def test_accounts_are_for_those_who_lead(client_as: Any, account: int, role: str) -> None:
    client = client_as(role)

    for path in ("", "/new", f"/{account}", f"/{account}/check/1"):
        assert client.get(HERE + path).status_code == 403
    for path in ("", f"/{account}", f"/{account}/switch", f"/{account}/check", "/connection"):
        assert client.post(HERE + path, data=TYPED).status_code == 403


def test_an_account_that_does_not_exist_is_not_found(manager: FlaskClient) -> None:
    assert manager.get(f"{HERE}/4711").status_code == 404
    for path in ("/4711", "/4711/switch", "/4711/check"):
        assert manager.post(HERE + path, data=TYPED).status_code == 404
