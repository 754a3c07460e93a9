"""Every kind of answer a mail server gives at every step: what it means, what is kept of it, and that nothing goes twice."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from messaging.domain.reasons import REASONS
from messaging.providers import smtp, smtp_session
from messaging.providers.redaction import redacted
from messaging.providers.results import Envelope, Outcome, ProviderError, Receipt
from messaging.providers.smtp import SmtpConnection, SmtpSettings
from sandbox import smtp_server
from sandbox.mailbox import Mailbox
from tests.unit.scripted_smtp import HOST, Answer, Script, ScriptedServer, Silence, certificate_files, server_context

DROP, HANG = Silence.DROP, Silence.HANG
PASSWORD = "streng-geheim"
SENDER, RECIPIENT = "praxis@example.org", "ute.muster@example.com"
CONTENT = b"Subject: Hallo\r\n\r\nGuten Tag\r\n"
ALL_EXTENSIONS = ("PIPELINING", "AUTH PLAIN LOGIN", "SMTPUTF8")
NO_PIPELINING = ("AUTH PLAIN LOGIN", "SMTPUTF8")
ON_TLS = Script(offers=("STARTTLS", "AUTH PLAIN"))


def settings(port: int, tls_mode: str = "none", **others: object) -> SmtpSettings:
    values = {"host": HOST, "port": port, "tls_mode": tls_mode, "username": "praxis", "password": PASSWORD} | others
    return SmtpSettings(**values)


@contextmanager
def connected(server: ScriptedServer, **others: object) -> Iterator[SmtpConnection]:
    connection = SmtpConnection(settings(server.port, **others))
    try:
        yield connection
    finally:
        connection.close()


def outcome_of(connection: SmtpConnection, recipient: str = RECIPIENT) -> tuple[str, str, str]:
    """(outcome, code, detail) of handing one mail over."""
    try:
        receipt: Receipt = connection.send(Envelope(SENDER, recipient, CONTENT))
    except ProviderError as error:
        return str(error.outcome), error.code, error.detail
    return str(Outcome.ACCEPTED), "", receipt.detail


def assert_meaning(script: Script, outcome: str, code: str, **others: object) -> ScriptedServer:
    with ScriptedServer(script) as server, connected(server, **others) as connection:
        found = outcome_of(connection)
    assert found[:2] == (outcome, code)
    assert not code or code in REASONS
    assert_nothing_secret(found[2])
    return server


def assert_nothing_secret(detail: str) -> None:
    plain = base64.b64encode(f"\0praxis\0{PASSWORD}".encode()).decode()
    for secret in (PASSWORD, base64.b64encode(PASSWORD.encode()).decode(), plain, SENDER, RECIPIENT, "ute.muster"):
        assert secret not in detail
    assert len(detail) <= 300
    assert "\n" not in detail


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time-outs a test can wait for."""
    monkeypatch.setattr(smtp_session, "COMMAND_SECONDS", 0.3)
    monkeypatch.setattr(smtp, "CONTENT_SECONDS", 0.3)


BEFORE_LOG_IN = [
    ("banner", "554 5.7.1 No service for dial-up lines", "misconfigured", "not_reachable"),
    ("banner", "521 no mail here", "misconfigured", "not_reachable"),
    ("banner", "421 4.3.2 too many connections", "busy", "server_busy"),
    ("banner", "450 4.3.2 please wait", "busy", "server_busy"),
    ("banner", "+OK this is POP3", "misconfigured", "not_reachable"),
    ("banner", DROP, "busy", "not_reachable"),
    ("ehlo", DROP, "busy", "not_reachable"),
    ("ehlo", "421 4.3.0 shutting down", "busy", "not_reachable"),
    # without EHLO there is no log-in
    ("ehlo", "502 5.5.1 not here", "misconfigured", "login_refused"),
    ("auth", "535 5.7.8 wrong user name or password", "misconfigured", "login_refused"),
    ("auth", "534 5.7.9 application password required", "misconfigured", "login_refused"),
    ("auth", "538 5.7.11 encryption required", "misconfigured", "login_refused"),
    ("auth", "454 4.7.0 too many log-ins, try again later", "busy", "server_busy"),
    ("auth", "451 4.3.0 directory not available", "busy", "server_busy"),
    ("auth", "421 4.7.0 too many errors", "busy", "not_reachable"),
    ("auth", DROP, "busy", "not_reachable"),
    ("auth", f"535 5.7.8 praxis may not come in with {PASSWORD}", "misconfigured", "login_refused"),
]


@pytest.mark.parametrize(("step", "answer", "outcome", "code"), BEFORE_LOG_IN)
def test_a_refusal_before_the_first_mail(step: str, answer: Answer, outcome: str, code: str) -> None:
    server = assert_meaning(Script({step: answer}), outcome, code)

    assert server.contents == []


def test_neither_ehlo_nor_helo_welcome_is_a_wrong_server() -> None:
    assert_meaning(Script({"ehlo": "550 no", "helo": "550 no"}), "misconfigured", "not_reachable")


@pytest.mark.parametrize("step", ["banner", "ehlo", "auth"])
def test_a_server_that_hangs_before_the_first_mail_is_not_reachable(impatient: None, step: str) -> None:
    assert_meaning(Script({step: HANG}), "busy", "not_reachable")


@pytest.mark.parametrize(
    "offers", [("PIPELINING",), ("AUTH XOAUTH2 OAUTHBEARER",), ("AUTH",)], ids=["no log-in", "none we know", "none at all"]
)
def test_a_server_without_a_log_in_that_we_know_needs_other_settings(offers: Sequence[str]) -> None:
    assert_meaning(Script(offers=offers), "misconfigured", "login_refused")


def test_a_server_that_wants_no_log_in_gets_none() -> None:
    server = assert_meaning(Script(offers=()), "accepted", "", username="", password="")

    assert not [line for line in server.heard if line.upper().startswith("AUTH")]


def test_umlauts_in_a_password_are_sent_in_utf_8() -> None:
    server = assert_meaning(Script(), "accepted", "", password="Grüße")

    blob = next(line.split()[-1] for line in server.heard if line.startswith("AUTH PLAIN"))
    assert base64.b64decode(blob).decode() == "\0praxis\0Grüße"


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (Script({"auth": "535 5.7.8 no"}), "misconfigured"),
        (Script({"auth": "454 4.7.0 later"}), "busy"),
        (Script(offers=("AUTH LOGIN",)), "misconfigured"),
    ],
)
def test_umlauts_in_a_password_are_refused_like_any_other(script: Script, outcome: str) -> None:
    assert_meaning(script, outcome, "server_busy" if outcome == "busy" else "login_refused", password="Grüße")


def test_we_name_our_end_of_the_connection_and_ask_nobody_for_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getfqdn", lambda *_: pytest.fail("a look-up can hang for long"))

    server = assert_meaning(Script(), "accepted", "")

    assert server.heard[0] == f"ehlo [{HOST}]"


def test_a_closed_port_is_not_reachable() -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]

    assert outcome_of(SmtpConnection(settings(port)))[:2] == ("busy", "not_reachable")


@pytest.mark.parametrize("host", ["..", "x" * 70 + ".example.org"])
def test_a_host_name_that_cannot_be_is_a_wrong_setting(host: str) -> None:
    assert outcome_of(SmtpConnection(settings(25, "tls", host=host)))[:2] == ("misconfigured", "not_reachable")


def test_nothing_is_ever_sent_unencrypted_to_another_machine() -> None:
    """The guard against other machines would fail this test if it were tried."""
    assert outcome_of(SmtpConnection(settings(25, host="192.0.2.1")))[:2] == ("misconfigured", "no_starttls")


#: A first mail on a fresh connection; "busy" makes the whole account wait, "temporary" only this mail.
IN_A_MAIL = [
    ("mail", "421 4.7.0 too many messages", "busy", "connection_limit"),
    ("mail", "450 4.7.1 slow down", "busy", "server_busy"),
    ("mail", "451 4.3.0 try again", "busy", "server_busy"),
    ("mail", "452 4.3.1 no space", "busy", "server_busy"),
    ("mail", "454 4.7.0 throttled", "busy", "server_busy"),
    ("mail", "530 5.7.0 authentication required", "misconfigured", "login_refused"),
    ("mail", f"550 5.1.0 <{SENDER}> is not yours", "misconfigured", "sender_refused"),
    ("mail", "553 5.7.1 sender address rejected", "misconfigured", "sender_refused"),
    ("mail", "552 5.3.4 message size exceeds the limit", "rejected", "text_refused"),
    ("mail", DROP, "busy", "not_reachable"),
    ("rcpt", "421 4.7.0 too many recipients", "busy", "connection_limit"),
    ("rcpt", f"450 4.2.0 <{RECIPIENT}> greylisted", "temporary", "server_busy"),
    ("rcpt", "451 4.7.1 come back in five minutes", "temporary", "server_busy"),
    ("rcpt", "452 4.2.2 mailbox full", "temporary", "mailbox_full"),
    ("rcpt", "454 4.7.0 throttled", "busy", "server_busy"),
    ("rcpt", "530 5.7.0 authentication required", "misconfigured", "login_refused"),
    ("rcpt", f"550 5.1.1 <{RECIPIENT}>: no such user", "rejected", "mailbox_refused"),
    ("rcpt", "550 unknown user", "rejected", "mailbox_refused"),
    ("rcpt", "550 5.1.1 user unknown (relay1.example.org)", "rejected", "mailbox_refused"),
    ("rcpt", "552 5.2.2 mailbox is over its size limit", "rejected", "mailbox_full"),
    ("rcpt", "550 5.4.5 Daily sending limit", "busy", "sending_limit"),
    ("rcpt", "550 Sender verify failed", "misconfigured", "sender_refused"),
    ("rcpt", "550 5.1.0 Authentication required", "misconfigured", "login_refused"),
    ("rcpt", "551 user not local", "rejected", "mailbox_refused"),
    ("rcpt", "553 5.1.3 bad address syntax", "rejected", "mailbox_refused"),
    ("rcpt", f"554 5.7.1 <{RECIPIENT}>: relay access denied", "rejected", "policy_refused"),
    ("rcpt", "550 relaying denied", "rejected", "policy_refused"),
    ("rcpt", "251 2.1.5 will forward", "accepted", ""),
    ("rcpt", DROP, "busy", "not_reachable"),
    ("data", "421 4.3.0 bye", "busy", "connection_limit"),
    ("data", "451 4.3.0 local error", "temporary", "server_busy"),
    ("data", "554 5.5.1 no valid recipients", "rejected", "text_refused"),
    ("data", "250 2.0.0 out of step", "busy", "server_busy"),
    ("data", DROP, "busy", "not_reachable"),
    ("content", "250 2.6.0 queued\r\n", "accepted", ""),
    ("content", "421 4.3.0 shutting down", "busy", "connection_limit"),
    ("content", "451 4.7.1 greylisted", "temporary", "server_busy"),
    ("content", "452 4.3.1 no space", "temporary", "server_busy"),
    ("content", "454 4.7.0 throttled", "busy", "server_busy"),
    ("content", "530 5.7.0 authentication required", "misconfigured", "login_refused"),
    ("content", "550 5.4.5 daily limit", "busy", "sending_limit"),
    ("content", "552-5.2.2 over\r\n552 5.2.2 quota", "rejected", "mailbox_full"),
    ("content", "550 5.7.1 looks like spam", "rejected", "text_refused"),
    ("content", "552 5.3.4 too big", "rejected", "text_refused"),
    ("content", f"554 5.6.0 message for {RECIPIENT} refused", "rejected", "text_refused"),
    ("content", "251 2.0.0 perhaps", "unknown", "answer_lost"),
    ("content", "354 what now", "unknown", "answer_lost"),
    ("content", "ok, I think", "unknown", "answer_lost"),
    ("content", f"{'x' * 9_000}", "unknown", "answer_lost"),
    ("content", DROP, "unknown", "answer_lost"),
]


@pytest.mark.parametrize("offers", [ALL_EXTENSIONS, NO_PIPELINING], ids=["pipelining", "one by one"])
@pytest.mark.parametrize(("step", "answer", "outcome", "code"), IN_A_MAIL)
def test_an_answer_in_the_middle_of_a_mail(step: str, answer: Answer, outcome: str, code: str, offers: Sequence[str]) -> None:
    assert_meaning(Script({step: answer}, offers), outcome, code)


@pytest.mark.parametrize("offers", [ALL_EXTENSIONS, NO_PIPELINING], ids=["pipelining", "one by one"])
@pytest.mark.parametrize(
    ("step", "outcome", "code"),
    [
        ("mail", "busy", "not_reachable"),
        ("rcpt", "busy", "not_reachable"),
        ("data", "busy", "not_reachable"),
        ("content", "unknown", "answer_lost"),
    ],
)
def test_a_server_that_hangs_is_doubtful_only_after_it_asked_for_the_content(
    impatient: None, step: str, outcome: str, code: str, offers: Sequence[str]
) -> None:
    assert_meaning(Script({step: HANG}, offers), outcome, code)


@pytest.mark.parametrize("offers", [ALL_EXTENSIONS, NO_PIPELINING], ids=["pipelining", "one by one"])
@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("answer", ["421 4.7.0 enough over this connection", DROP])
def test_a_connection_that_is_used_up_is_replaced_at_once(step: str, answer: Answer, offers: Sequence[str]) -> None:
    """After one mail: many servers end a connection after so many, some without a word."""
    with ScriptedServer(Script({}, offers)) as server, connected(server) as connection:
        assert outcome_of(connection)[0] == "accepted"
        server._scripts = (Script({step: answer}, offers), Script({}, offers))
        server.connections = 0
        connection._drop()
        connection._fresh_session()
        connection._sent_here = 1

        assert outcome_of(connection)[0] == "accepted"

    assert server.connections == 2
    assert len(server.contents) == 2


def test_after_the_content_a_lost_answer_is_never_sent_again() -> None:
    with ScriptedServer(Script({"content": DROP}), Script()) as server, connected(server) as connection:
        connection._fresh_session()
        connection._sent_here = 7

        assert outcome_of(connection)[:2] == ("unknown", "answer_lost")
        assert outcome_of(connection)[0] == "accepted"

    assert len(server.contents) == 2


def test_a_used_up_connection_is_replaced_once_and_not_for_ever() -> None:
    with ScriptedServer(Script({"mail": "421 4.7.0 go away"})) as server, connected(server) as connection:
        connection._fresh_session()
        connection._sent_here = 1

        assert outcome_of(connection)[:2] == ("busy", "connection_limit")

    assert server.connections == 2


@pytest.mark.parametrize("offers", [ALL_EXTENSIONS, NO_PIPELINING], ids=["pipelining", "one by one"])
@pytest.mark.parametrize("answers", [{"rcpt": "550 5.1.1 unknown"}, {"mail": "550 5.7.1 not yours"}], ids=["rcpt", "mail"])
def test_content_is_never_sent_for_an_envelope_that_was_refused(answers: dict[str, Answer], offers: Sequence[str]) -> None:
    """With PIPELINING a server may still ask for the content (354); it gets an empty one, and the connection goes on."""
    script = Script({**answers, "content": "554 5.5.1 no valid recipients"}, offers)
    with ScriptedServer(script) as server, connected(server) as connection:
        found = outcome_of(connection)
        again = outcome_of(connection)

    assert found[:2] == again[:2]
    assert b"".join(server.contents) == b""
    assert server.connections == 1


def test_a_refusal_stands_although_the_empty_content_is_not_answered() -> None:
    script = Script({"rcpt": "550 5.1.1 unknown", "content": DROP})
    with ScriptedServer(script, Script()) as server, connected(server) as connection:
        assert outcome_of(connection)[:2] == ("rejected", "mailbox_refused")
        assert outcome_of(connection)[0] == "accepted"


@pytest.mark.parametrize("answer", ["550 no", "421 4.3.0 bye", DROP])
def test_a_session_that_cannot_forget_a_refused_mail_is_left(answer: Answer) -> None:
    script = Script({"rcpt": "550 5.1.1 unknown", "rset": answer})
    with ScriptedServer(script, Script()) as server, connected(server) as connection:
        assert outcome_of(connection)[0] == "rejected"
        assert outcome_of(connection)[0] == "accepted"

    assert server.connections == 2


@pytest.mark.parametrize("answer", ["500 what?", "421 4.3.0 bye", DROP, HANG])
def test_a_bad_goodbye_changes_nothing_of_what_was_accepted(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    monkeypatch.setattr(smtp, "GOODBYE_SECONDS", 0.3)

    assert_meaning(Script({"quit": answer}), "accepted", "")


def test_the_own_limit_of_a_connection_is_kept() -> None:
    with ScriptedServer() as server, connected(server, per_connection=2) as connection:
        for _ in range(5):
            assert outcome_of(connection)[0] == "accepted"

    assert server.connections == 3
    assert [line.upper() for line in server.heard].count("QUIT") == 3


def test_every_mail_names_its_one_recipient() -> None:
    with ScriptedServer() as server, connected(server) as connection:
        outcome_of(connection)
        outcome_of(connection, "eva@example.net")

    recipients = [line for line in server.heard if line.startswith("RCPT")]
    assert recipients == [f"RCPT TO:<{RECIPIENT}>", "RCPT TO:<eva@example.net>"]
    assert server.contents == [CONTENT, CONTENT]


@pytest.mark.parametrize(
    "address", ["a b@example.org", "a\r\nRCPT TO:<b@example.org>@example.org", "<a@example.org>", "a@exam\0ple.org", "", "ohne"]
)
def test_an_address_that_could_end_the_command_never_reaches_the_server(address: str) -> None:
    with ScriptedServer() as server, connected(server) as connection:
        assert outcome_of(connection, address)[:2] == ("rejected", "bad_header")

    assert server.heard == []


def test_an_address_with_umlauts_needs_a_server_that_takes_it() -> None:
    with ScriptedServer(Script(offers=ALL_EXTENSIONS)) as server, connected(server) as connection:
        assert outcome_of(connection, "müller@example.org")[0] == "accepted"
    assert f"MAIL FROM:<{SENDER}> SMTPUTF8" in server.heard
    assert "RCPT TO:<müller@example.org>" in server.heard

    with ScriptedServer() as plain, connected(plain) as connection:
        assert outcome_of(connection, "müller@example.org")[:2] == ("rejected", "bad_header")
        assert outcome_of(connection)[0] == "accepted"


@pytest.mark.parametrize(
    ("content", "wire"),
    [
        (b"a\r\n", b"a\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b"", b"\r\n.\r\n"),
        (b".\r\n", b"..\r\n.\r\n"),
        (b"a\r\n.\r\nb\r\n", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\r\n..b\r\n", b"a\r\n...b\r\n.\r\n"),
    ],
)
def test_a_dot_at_the_beginning_of_a_line_is_doubled(content: bytes, wire: bytes) -> None:
    assert smtp.dot_stuffed(content) == wire


@pytest.mark.parametrize(
    ("script", "outcome", "code"),
    [
        (Script(), "misconfigured", "no_starttls"),  # not offered
        (Script({"starttls": "454 4.7.0 not now"}, ("STARTTLS",)), "busy", "server_busy"),
        (Script({"starttls": "501 5.5.4 no"}, ("STARTTLS",)), "misconfigured", "no_starttls"),
        (Script({"starttls": DROP}, ("STARTTLS",)), "busy", "not_reachable"),
        # promises TLS and speaks none
        (Script({"starttls": "220 go"}, ("STARTTLS",)), "misconfigured", "no_starttls"),
    ],
)
def test_without_starttls_nobody_logs_in(impatient: None, script: Script, outcome: str, code: str) -> None:
    server = assert_meaning(script, outcome, code, tls_mode="starttls")

    assert not [line for line in server.heard if line.upper().startswith(("AUTH", "MAIL"))]


def test_tls_with_a_server_that_speaks_none_is_a_wrong_setting() -> None:
    assert_meaning(Script(), "misconfigured", "no_starttls", tls_mode="tls")


@pytest.mark.parametrize(("tls_mode", "from_the_start"), [("tls", True), ("starttls", False)])
@pytest.mark.parametrize("name", [HOST, "mail.example.org"])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls_mode: str, from_the_start: bool, name: str
) -> None:
    """Self-signed, and then trusted but for another name."""
    files = certificate_files(tmp_path, name)
    if name != HOST:
        monkeypatch.setattr(smtp_session, "tls_context", lambda _: ssl.create_default_context(cafile=str(files[0])))
    encrypted = ScriptedServer(ON_TLS, tls=server_context(files), from_the_start=from_the_start)
    with encrypted as server, connected(server, tls_mode=tls_mode) as connection:
        assert outcome_of(connection)[:2] == ("misconfigured", "bad_certificate")

    assert not [line for line in server.heard if line.upper().startswith(("AUTH", "MAIL"))]


@pytest.mark.parametrize(("tls_mode", "from_the_start"), [("tls", True), ("starttls", False)])
def test_a_practice_may_do_without_the_check_of_the_certificate(tmp_path: Path, tls_mode: str, from_the_start: bool) -> None:
    tls = server_context(certificate_files(tmp_path, "mail.example.org"))
    encrypted = ScriptedServer(ON_TLS, tls=tls, from_the_start=from_the_start)
    with encrypted as server, connected(server, tls_mode=tls_mode, verify_certificate=False) as connection:
        assert outcome_of(connection)[0] == "accepted"


@pytest.mark.parametrize("tls_mode", ["tls", "starttls"])
def test_a_real_server_takes_mail_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls_mode: str) -> None:
    files = certificate_files(tmp_path, HOST)
    monkeypatch.setattr(smtp_session, "tls_context", lambda _: ssl.create_default_context(cafile=str(files[0])))
    tls = server_context(files)
    options = {"tls": tls} if tls_mode == "tls" else {"tls_context": tls, "require_starttls": True, "auth_require_tls": True}
    with smtp_server.running(tmp_path / "sink", **options) as port:
        connection = SmtpConnection(settings(port, tls_mode))
        try:
            found = [outcome_of(connection)[0], outcome_of(connection, "eva@example.net")[0]]
            wrong = outcome_of(SmtpConnection(settings(port, tls_mode, password=smtp_server.WRONG_PASSWORD)))
        finally:
            connection.close()

    assert found == ["accepted", "accepted"]
    assert wrong[:2] == ("misconfigured", "login_refused")
    kept = list(Mailbox(tmp_path / "sink").mails())
    assert {mail.recipients for mail in kept} == {(RECIPIENT,), ("eva@example.net",)}
    assert {mail.account for mail in kept} == {"praxis"}


def test_a_password_is_not_part_of_what_is_printed() -> None:
    assert PASSWORD not in repr(settings(25))


@pytest.mark.parametrize(
    "words",
    [
        f"550 <{RECIPIENT}>: unknown",
        f'550 "{RECIPIENT}" unknown',
        f"550 {RECIPIENT}, {SENDER}",
        "550 müller@praxis-süd.example is not here",
        "550 a\nb" * 500,
    ],
)
def test_a_detail_is_one_short_line_without_addresses(words: str) -> None:
    detail = redacted(words)

    assert "muster" not in detail
    assert "müller" not in detail
    assert detail.startswith("550")
    assert_nothing_secret(detail)
