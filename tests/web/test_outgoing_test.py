"""The page "Testausgang": what the sandbox kept, shown safely, and only in a demo practice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from messaging.models import Practice, write_transaction
from sandbox.mailbox import FOLDER, Mailbox
from sandbox.smtp_server import DROPPED, LATER, REFUSED, SLOW, WRONG_PASSWORD
from tests.web.drafts_of import page_of, words_of

MAIL = (
    b"From: Praxis <praxis@example.org>\r\nTo: Ute <ute@example.org>\r\nSubject: Ihr Termin\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Bis <strong>Montag</strong></p><script>alert(1)</script>\r\n"
)


@pytest.fixture
def kept(app: Flask) -> Mailbox:
    mailbox = Mailbox(Path(app.config["HOME"]) / FOLDER)
    mailbox.keep("praxis@example.org", ("ute@example.org",), "praxis", MAIL)
    return mailbox


@pytest.fixture
def demo(app: Flask) -> None:
    with write_transaction() as session:
        session.add(Practice(id=1, name="Demo", is_demo=True))


def test_a_kept_mail_is_listed_and_opens(demo: None, kept: Mailbox, client: FlaskClient) -> None:
    listed = client.get("/testausgang/").text
    shown = client.get(f"/testausgang/{kept.names()[0]}").text

    assert "ute@example.org" in listed
    assert "Testausgang" in listed
    assert "Bis <strong>Montag</strong>" in shown
    assert "<script>alert" not in shown


@pytest.mark.parametrize(
    ("query", "rows", "words"),
    [
        ("", 25, "1–25 von 60 E-Mails"),
        ("?page=3", 10, "51–60 von 60 E-Mails"),
        ("?page=99&per_page=50", 10, "51–60 von 60 E-Mails"),
        ("?per_page=all", 60, "1–60 von 60 E-Mails"),
    ],
)
def test_the_list_has_as_many_rows_as_asked(
    demo: None, kept: Mailbox, client: FlaskClient, query: str, rows: int, words: str
) -> None:
    for _ in range(59):
        kept.keep("praxis@example.org", ("ute@example.org",), "praxis", MAIL)

    answer = client.get(f"/testausgang/{query}")

    assert len(page_of(answer).select("tbody tr")) == rows
    assert words_of(answer, ".pager-range") == words


def test_the_next_page_is_as_long_as_this_one(demo: None, kept: Mailbox, client: FlaskClient) -> None:
    for _ in range(50):
        kept.keep("praxis@example.org", ("ute@example.org",), "praxis", MAIL)

    assert page_of(client.get("/testausgang/?per_page=50")).select_one("#pager-next")["href"].endswith("per_page=50&page=2")


def test_an_empty_outbox_says_what_to_do(demo: None, client: FlaskClient) -> None:
    assert "Noch nichts verschickt" in client.get("/testausgang/").text


@pytest.mark.parametrize("trick", [REFUSED, LATER, DROPPED, SLOW, f"Passwort {WRONG_PASSWORD}", "Benutzername limit5"])
def test_everything_that_the_sandbox_does_wrong_on_purpose_is_explained(demo: None, client: FlaskClient, trick: str) -> None:
    terms = page_of(client.get("/testausgang/")).select("section dt")

    (term,) = (term for term in terms if trick in term.get_text())
    assert term.find_next_sibling("dd").get_text()


@pytest.mark.parametrize(("role", "linked"), [("manager", True), ("staff", False)])
def test_the_accounts_are_linked_for_those_who_may_open_them(
    demo: None, client_as: Callable[[str], FlaskClient], role: str, linked: bool
) -> None:
    answer = client_as(role).get("/testausgang/")

    assert "unter Verwaltung > E-Mail-Konten ein Konto" in words_of(answer, "section dl + p")
    assert bool(page_of(answer).select("section a[href='/admin/mail-accounts']")) == linked


def test_emptying_it_leaves_nothing(demo: None, kept: Mailbox, client: FlaskClient) -> None:
    assert client.post("/testausgang/leeren").status_code == 303

    assert kept.names() == []


def test_a_real_practice_has_no_such_page(kept: Mailbox, client_as: Callable[[str], FlaskClient]) -> None:
    assert client_as("admin").get("/testausgang/").status_code == 404


@pytest.mark.parametrize("name", ["gibtsnicht", "..%2Fsecret.key", "%2e%2e"])
def test_a_name_that_is_no_mail_is_not_found(demo: None, kept: Mailbox, client: FlaskClient, name: str) -> None:
    assert client.get(f"/testausgang/{name}").status_code == 404
