"""Large mails over slow lines: what was never ended was never taken over, and no hand-over outlasts its claim."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from jobs import errands, queues
from messaging.domain.reasons import REASONS
from messaging.outbox import claims, delivery
from messaging.providers import smtp, smtp_session
from messaging.providers.results import Envelope, ProviderError
from messaging.providers.smtp import SmtpConnection, SmtpSettings
from messaging.services import errands as service_errands
from tests.unit.scripted_smtp import HOST, Script, ScriptedServer, Silence, certificate_files, server_context

DROP, HANG = Silence.DROP, Silence.HANG
PIPELINING = ("PIPELINING", "AUTH PLAIN LOGIN", "SIZE 33554432")
ONE_BY_ONE = ("AUTH PLAIN LOGIN",)
SMALL = b"Subject: Hallo\r\n\r\nGuten Tag\r\n"
#: More than two systems hold in their buffers, so that writing it waits for the reader.
LARGE = b"Subject: Befund\r\n\r\n" + 60_000 * (
    b".JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDMgMCBSL0ZpbHRlci9GbGF0" + b"\r\n"
)
#: 10 MB of attachments in base64, with its line ends.
LARGEST = 14_000_000


@contextmanager
def connected(server: ScriptedServer, tls_mode: str = "none") -> Iterator[SmtpConnection]:
    connection = SmtpConnection(SmtpSettings(HOST, server.port, tls_mode, username="praxis", password="streng-geheim"))
    try:
        yield connection
    finally:
        connection.close()


def outcome_of(connection: SmtpConnection, content: bytes) -> tuple[str, str]:
    try:
        connection.send(Envelope("praxis@example.org", "ute.muster@example.com", content))
    except ProviderError as error:
        return str(error.outcome), REASONS[error.code].code
    return "accepted", ""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time-outs a test can wait for, over a line of which much is expected."""
    monkeypatch.setattr(smtp_session, "COMMAND_SECONDS", 0.3)
    monkeypatch.setattr(smtp, "CONTENT_SECONDS", 0.3)
    monkeypatch.setattr(smtp, "SLOWEST_LINE", 10**12)


@pytest.mark.parametrize("offers", [PIPELINING, ONE_BY_ONE], ids=["pipelining", "one by one"])
@pytest.mark.parametrize("how", [DROP, HANG])
@pytest.mark.parametrize("taken", [0, 10_000, 1_000_000])
def test_a_content_that_was_never_ended_was_surely_not_taken_over(
    impatient: None, taken: int, how: Silence, offers: tuple[str, ...]
) -> None:
    with ScriptedServer(Script(offers=offers, gives_up=(taken, how))) as server, connected(server) as connection:
        assert outcome_of(connection, LARGE) == ("temporary", "upload_broken")

    assert server.contents == []


@pytest.mark.parametrize("how", [DROP, HANG])
def test_an_encrypted_upload_that_breaks_is_not_doubtful_either(
    impatient: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: Silence
) -> None:
    files = certificate_files(tmp_path, HOST)
    monkeypatch.setattr(smtp_session, "tls_context", lambda _: ssl.create_default_context(cafile=str(files[0])))
    encrypted = ScriptedServer(Script(gives_up=(10_000, how)), tls=server_context(files), from_the_start=True)
    with encrypted as server, connected(server, "tls") as connection:
        assert outcome_of(connection, LARGE) == ("temporary", "upload_broken")


def test_after_a_broken_upload_the_next_mail_gets_a_new_connection() -> None:
    """On the old one it would become a part of the first content."""
    with ScriptedServer(Script(gives_up=(10_000, DROP)), Script()) as server, connected(server) as connection:
        assert outcome_of(connection, LARGE)[0] == "temporary"
        assert outcome_of(connection, SMALL)[0] == "accepted"

    assert server.connections == 2
    assert server.contents == [SMALL]
    assert "RSET" not in [line.upper() for line in server.heard]


@pytest.mark.parametrize("offers", [PIPELINING, ONE_BY_ONE], ids=["pipelining", "one by one"])
@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("silence", [DROP, HANG])
def test_an_answer_lost_after_the_final_dot_stays_doubtful(
    monkeypatch: pytest.MonkeyPatch, silence: Silence, content: bytes, offers: tuple[str, ...]
) -> None:
    monkeypatch.setattr(smtp, "CONTENT_SECONDS", 1)
    with ScriptedServer(Script({"content": silence}, offers)) as server, connected(server) as connection:
        assert outcome_of(connection, content) == ("unknown", "answer_lost")

    assert len(server.contents) == 1


@pytest.mark.parametrize("size", [0, 1, smtp.ONE_WRITE - 100, smtp.ONE_WRITE, smtp.ONE_WRITE + 1, len(LARGE)])
def test_a_content_of_any_size_arrives_whole_and_leaves_the_connection_in_step(size: int) -> None:
    content = LARGE[: size - 2] + b"\r\n" if size > 1 else LARGE[:size] + b"\r\n"
    with ScriptedServer() as server, connected(server) as connection:
        assert outcome_of(connection, content) == ("accepted", "")
        assert outcome_of(connection, SMALL) == ("accepted", "")

    assert [kept.replace(b"\r\n..", b"\r\n.") for kept in server.contents] == [content, SMALL]
    assert server.connections == 1


def all_that_is_written(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    writes: list[bytes] = []
    send = smtplib.SMTP.send

    def noted(session: smtplib.SMTP, sent: bytes | str) -> None:
        writes.append(sent.encode() if isinstance(sent, str) else bytes(sent))
        send(session, sent)

    monkeypatch.setattr(smtplib.SMTP, "send", noted)
    return writes


def test_only_a_small_content_goes_in_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    writes = all_that_is_written(monkeypatch)
    with ScriptedServer() as server, connected(server) as connection:
        outcome_of(connection, SMALL)
        small = [sent for sent in writes if b"Subject" in sent or sent.endswith(smtp.END)]
        writes.clear()
        outcome_of(connection, LARGE)
        large = [sent for sent in writes if b"Subject" in sent or sent.endswith(smtp.END)]

    assert small == [smtp.dot_stuffed(SMALL)]
    assert large == [smtp.dot_stuffed(LARGE).removesuffix(smtp.END), smtp.END]


def test_the_server_hears_the_size_of_a_large_mail_before_it_is_uploaded() -> None:
    with ScriptedServer(Script({"mail": "552 5.3.4 too big"})) as server, connected(server) as connection:
        assert outcome_of(connection, LARGE) == ("rejected", "text_refused")
    assert f"MAIL FROM:<praxis@example.org> SIZE={len(LARGE)}" in server.heard

    with ScriptedServer(Script(offers=ONE_BY_ONE)) as unknowing, connected(unknowing) as connection:
        assert outcome_of(connection, LARGE) == ("accepted", "")
    assert "MAIL FROM:<praxis@example.org>" in unknowing.heard


@pytest.mark.parametrize(("again_within", "outcome", "connections"), [(60, "accepted", 2), (-1, "busy", 1)])
def test_a_used_up_connection_is_replaced_at_once_only_if_little_time_is_gone(
    monkeypatch: pytest.MonkeyPatch, again_within: int, outcome: str, connections: int
) -> None:
    monkeypatch.setattr(smtp, "AGAIN_WITHIN", again_within)
    with ScriptedServer(Script({"content": "421 4.7.0 enough"}), Script()) as server, connected(server) as connection:
        connection._fresh_session()
        connection._sent_here = 3

        assert outcome_of(connection, SMALL)[0] == outcome

    assert server.connections == connections


def test_a_slow_line_gets_the_time_that_a_large_mail_needs() -> None:
    assert smtp.upload_seconds(LARGEST, spent=5) >= LARGEST / 50_000
    assert smtp.upload_seconds(200_000, spent=5) < 70


#: Used-up connection: MAIL, RCPT, DATA. New one: two addresses, greeting, EHLO, STARTTLS, handshake, EHLO, AUTH in two steps;
#: MAIL, RCPT, DATA again. Each takes all the time it has.
SLOWEST_STEPS_BEFORE_THE_CONTENT = 3 + 9 + 3


@pytest.mark.parametrize("steps", range(SLOWEST_STEPS_BEFORE_THE_CONTENT + 1))
@pytest.mark.parametrize("size", [smtp.ONE_WRITE, 1_000_000, LARGEST, 100 * LARGEST])
def test_the_longest_hand_over_ends_in_time_whatever_was_slow(steps: int, size: int) -> None:
    spent = steps * smtp_session.COMMAND_SECONDS
    upload = smtp.upload_seconds(size, spent)
    forgetting = smtp_session.COMMAND_SECONDS

    assert upload >= smtp.CONTENT_SECONDS
    assert spent + upload + smtp.CONTENT_SECONDS + forgetting <= smtp.LONGEST_HAND_OVER_SECONDS


def test_no_claim_ends_during_the_longest_hand_over() -> None:
    assert smtp.LONGEST_HAND_OVER_SECONDS + delivery.RENEW_AFTER.total_seconds() < claims.LEASE.total_seconds()


def test_no_job_is_ended_during_the_longest_hand_over() -> None:
    assert delivery.SLICE.total_seconds() + smtp.LONGEST_HAND_OVER_SECONDS < queues.JOB_SECONDS[queues.SEND]


def test_a_test_mail_with_all_files_passes_a_slow_line() -> None:
    bits = 8 * LARGEST
    assert bits / 400_000 < queues.JOB_SECONDS[queues.URGENT]


def test_the_page_waits_for_an_errand_longer_than_the_tick() -> None:
    assert errands.DONE_WITHIN + timedelta(minutes=1) < service_errands.DONE_WITHIN
