"""A detail is shown on pages and kept in the log: it names no patient and no password, however the server writes them."""

from __future__ import annotations

import pytest

from messaging.providers.redaction import DETAIL_LENGTH, redacted
from messaging.providers.results import Envelope, ProviderError
from messaging.providers.smtp import SmtpConnection, SmtpSettings
from tests.unit.scripted_smtp import HOST, Script, ScriptedServer

UTE = "ute.mueller@example.org"
PASSWORD = "streng-geheim"


def detail_of(words: str, recipient: str = UTE, step: str = "rcpt", username: str = "praxis.sued") -> str:
    """What is kept when the server answers so."""
    offers = ("PIPELINING", "AUTH PLAIN", "SMTPUTF8")
    with ScriptedServer(Script({step: words}, offers)) as server:
        connection = SmtpConnection(SmtpSettings(HOST, server.port, "none", username=username, password=PASSWORD))
        try:
            return connection.send(Envelope("praxis@example.net", recipient, b"Hallo\r\n")).detail
        except ProviderError as error:
            return error.detail
        finally:
            connection.close()


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "content"])
@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("550 5.1.1 ute.mueller: user unknown", "550 5.1.1 …: user unknown"),
        ("550 5.1.1 <ute.mueller>: user unknown", "550 5.1.1 <…>: user unknown"),
        ("550 5.1.1 UTE.Mueller is unknown", "550 5.1.1 … is unknown"),
        ("550 ute.mueller=40example.org unknown", "550 … unknown"),
        ("550 ute.mueller%40example.org unknown", "550 … unknown"),
        ("550 bounce-ute.mueller=example.org refused", "550 bounce-… refused"),
        ("550 ute.mueller=40mail.example.org unknown", "550 …@… unknown"),
        ("550 eva.muster=40example.net unknown", "550 …@… unknown"),
        ("550 <ute.mueller@example.org>: unknown", "550 <…>: unknown"),
        ("550 <eva.muster@example.net>: unknown", "550 <…@…>: unknown"),
        ("550 mailbox /var/mail/ute.mueller is gone", "550 mailbox /var/mail/… is gone"),
        ("550 ute.mueller2 is another word, size=4096", "550 ute.mueller2 is another word, size=4096"),
    ],
)
def test_no_reply_brings_the_patient_into_a_detail(words: str, kept: str, step: str) -> None:
    assert detail_of(words, step=step) == kept


def test_a_receipt_names_nobody_either() -> None:
    assert detail_of("250 2.0.0 queued for ute.mueller as 4711", step="content") == "250 2.0.0 queued for … as 4711"


@pytest.mark.parametrize(
    ("recipient", "words"),
    [
        ("o'brien@example.org", "550 o'brien@example.org unknown"),
        ("o'brien@example.org", "550 o=27brien=40example.org unknown"),
        ("ute+praxis@example.org", "550 ute=2Bpraxis unknown"),
        ("ute+praxis@example.org", "550 ute%2Bpraxis unknown"),
        ("müller@example.org", "550 m=C3=BCller=40example.org unknown"),
        ("müller@example.org", "550 müller unknown"),
        ("(ute)@example.org", "550 (ute)=40example.org unknown"),
    ],
)
def test_odd_signs_in_an_address_hide_nothing_of_it(recipient: str, words: str) -> None:
    assert detail_of(words, recipient) == "550 … unknown"


def test_a_very_short_name_is_left_where_it_may_be_any_word() -> None:
    assert detail_of("550 so it is", "so@example.org") == "550 so it is"
    assert detail_of("550 so=example.org is unknown", "so@example.org") == "550 … is unknown"


def test_a_name_is_hidden_and_the_reply_understood_although_they_share_words() -> None:
    assert detail_of("550 unknown user", "user@example.org") == "550 unknown …"


def test_no_half_of_an_address_is_left_at_the_end_of_a_long_detail() -> None:
    for length in range(DETAIL_LENGTH - 30, DETAIL_LENGTH):
        detail = detail_of(f"550 {'x' * (length - 4)} ute.mueller@example.org")
        assert "ute" not in detail
        assert len(detail) <= DETAIL_LENGTH


@pytest.mark.parametrize("step", ["auth", "mail", "rcpt", "data", "content"])
@pytest.mark.parametrize("username", ["praxis.sued", "praxis.sued@example.net"])
def test_the_log_in_is_in_no_detail_at_any_step(step: str, username: str) -> None:
    detail = detail_of(f"550 {username} (praxis.sued) with {PASSWORD} may not, x{PASSWORD}x", step=step, username=username)

    assert PASSWORD not in detail
    assert "praxis.sued" not in detail
    assert "may not" in detail


def test_what_no_database_stores_is_taken_out() -> None:
    assert redacted("550 no\x00 such\x07\x85 box\r\n") == "550 no such box"
