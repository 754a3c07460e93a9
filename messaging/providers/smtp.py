"""E-mail over SMTP (RFC 5321). One connection carries many messages; each has exactly one recipient.

Connecting and logging in is smtplib's work. The transaction is spoken here, because only then it is known whether content was
sent:
a connection lost before the server asked for the content (354) is temporary, one lost after it is unknown.
With PIPELINING (RFC 2920) MAIL, RCPT and DATA travel together, which saves two round trips a message.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from messaging.domain.words import TlsMode
from messaging.providers.results import (
    AccountBusy,
    ConnectionUsedUp,
    Envelope,
    MisconfiguredError,
    ProviderError,
    Receipt,
    RejectedError,
    TemporaryError,
    UnknownOutcome,
)

#: Seconds for connecting and for each command. RFC 5321 4.5.3.2 allows minutes; a practice waits less, and a time-out before 354
#: costs nothing.
COMMAND_SECONDS = 20
#: Seconds for the answer after the content. Generous, because a time-out here means "unknown".
CONTENT_SECONDS = 60
DETAIL_LENGTH = 300
LOOPBACK = {"localhost", "127.0.0.1", "::1"}

_ADDRESS = re.compile(r"[^\s<>\x00-\x1f\x7f]+@[^\s<>\x00-\x1f\x7f]+")
_SIZE_REFUSED = re.compile(r"^5\.3\.4|size|too (big|large)", re.IGNORECASE)

Reply = tuple[int, str]


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where and how to connect. `per_connection`: messages after which we reconnect by ourselves (None = no limit)."""

    host: str
    port: int
    tls_mode: str
    verify_certificate: bool = True
    username: str = ""
    password: str = field(default="", repr=False)
    per_connection: int | None = None


class SmtpConnection:
    """A logged-in session that reconnects when its message limit is reached. Not for use by two threads."""

    def __init__(self, settings: SmtpSettings, connect: Callable[[SmtpSettings], smtplib.SMTP] | None = None) -> None:
        self._settings = settings
        self._connect = connect or open_session
        self._session: smtplib.SMTP | None = None
        self._sent_here = 0

    def open(self) -> None:
        """Connect and log in now, to see whether it works. Raises like `send`."""
        self._fresh_session()

    def send(self, envelope: Envelope) -> Receipt:
        """Hand one message over. Raises a ProviderError;

        after any doubt about the session it is closed and the next send opens a new one.
        """
        refuse_odd_addresses(envelope)
        session = self._fresh_session()
        try:
            receipt = transact(session, envelope)
        except ConnectionUsedUp as error:
            used = self._sent_here
            self.close()
            if used:
                return self.send(envelope)
            raise AccountBusy("connection_limit", error.detail) from error
        except (AccountBusy, UnknownOutcome):
            self.close()
            raise
        except ProviderError:
            self._reset()
            raise
        self._sent_here += 1
        return receipt

    def close(self) -> None:
        """Say goodbye if the other side still listens. A bad answer to QUIT changes nothing of what was accepted."""
        session, self._session, self._sent_here = self._session, None, 0
        if session is None:
            return
        try:
            session.quit()
        except (smtplib.SMTPException, OSError):
            session.close()

    def _reset(self) -> None:
        """Leave the refused transaction; a session that cannot is closed, the next message gets a new one."""
        try:
            if self._session is not None and self._session.rset()[0] != 250:
                self.close()
        except (smtplib.SMTPException, OSError):
            self.close()

    def _fresh_session(self) -> smtplib.SMTP:
        limit = self._settings.per_connection
        if limit and self._sent_here >= limit:
            self.close()
        if self._session is None:
            self._session = self._connect(self._settings)
        return self._session


def refuse_odd_addresses(envelope: Envelope) -> None:
    """Nothing that could break out of a command line ever reaches the wire."""
    if not (_ADDRESS.fullmatch(envelope.recipient) and _ADDRESS.fullmatch(envelope.sender)):
        raise RejectedError("bad_header", "address with blanks, brackets or control characters")


def open_session(settings: SmtpSettings) -> smtplib.SMTP:
    """Connect, encrypt, log in. Raises MisconfiguredError or AccountBusy. Never falls back to an unencrypted connection."""
    if settings.tls_mode == TlsMode.NONE and settings.host not in LOOPBACK:
        raise MisconfiguredError("no_starttls", "unencrypted connections are for loopback only")
    try:
        session = _connected(settings)
    except ssl.SSLError as error:
        raise MisconfiguredError("bad_certificate", redacted(error.reason or type(error).__name__)) from error
    except smtplib.SMTPNotSupportedError as error:
        raise MisconfiguredError("no_starttls", redacted(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise AccountBusy("not_reachable", redacted(error)) from error
    try:
        _log_in(session, settings)
    except ProviderError:
        session.close()
        raise
    return session


def _connected(settings: SmtpSettings) -> smtplib.SMTP:
    context = tls_context(settings)
    if settings.tls_mode == TlsMode.TLS:
        session: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, timeout=COMMAND_SECONDS, context=context)
    else:
        session = smtplib.SMTP(settings.host, settings.port, timeout=COMMAND_SECONDS)
    if settings.tls_mode == TlsMode.STARTTLS:
        session.starttls(context=context)
    session.ehlo_or_helo_if_needed()
    return session


def tls_context(settings: SmtpSettings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not settings.verify_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _log_in(session: smtplib.SMTP, settings: SmtpSettings) -> None:
    if not settings.username:
        return
    try:
        session.login(settings.username, settings.password)
    except smtplib.SMTPNotSupportedError as error:
        raise MisconfiguredError("login_refused", "the server offers no log-in on this connection") from error
    except smtplib.SMTPAuthenticationError as error:
        detail = redacted(_said(error.smtp_code, error.smtp_error))
        if 400 <= error.smtp_code < 500:
            raise AccountBusy("server_busy", detail) from error
        raise MisconfiguredError("login_refused", detail) from error
    except (smtplib.SMTPException, OSError) as error:
        raise AccountBusy("not_reachable", redacted(error)) from error


def transact(session: smtplib.SMTP, envelope: Envelope) -> Receipt:
    """One mail transaction. Raises the ProviderError that the replies mean."""
    try:
        ready = _ask_for_data(session, envelope)
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        raise AccountBusy("not_reachable", redacted(error)) from error
    if ready[0] != 354:
        raise _refusal(ready, RejectedError, "text_refused")
    return _hand_over(session, envelope.content)


def _ask_for_data(session: smtplib.SMTP, envelope: Envelope) -> Reply:
    """MAIL, RCPT and DATA; returns the reply to DATA. Raises when one of the first two was refused."""
    options = "" if envelope.recipient.isascii() and envelope.sender.isascii() else _smtputf8(session)
    commands = (f"MAIL FROM:<{envelope.sender}>{options}", f"RCPT TO:<{envelope.recipient}>", "DATA")
    if session.has_extn("pipelining"):
        session.send(("\r\n".join(commands) + "\r\n").encode())
        replies = [_reply(session) for _ in commands]
        _undo_stray_data(session, replies)
        _require_envelope(replies[0], replies[1])
        return replies[2]
    replies = []
    for command in commands[:2]:
        session.send(f"{command}\r\n".encode())
        replies.append(_reply(session))
        _require_envelope(*replies)
    session.send(b"DATA\r\n")
    return _reply(session)


def _require_envelope(mail: Reply, rcpt: Reply = (250, "")) -> None:
    if mail[0] >= 400:
        raise _refusal(mail, MisconfiguredError, "sender_refused")
    if rcpt[0] >= 400:
        raise _refusal(rcpt, RejectedError, "mailbox_refused")


def _undo_stray_data(session: smtplib.SMTP, replies: list[Reply]) -> None:
    """A server that refused the recipient and still asks for content gets an empty one, which it must refuse (RFC 2920, 3.1)."""
    if replies[2][0] == 354 and any(code >= 400 for code, _ in replies[:2]):
        session.send(b".\r\n")
        _reply(session)


def _hand_over(session: smtplib.SMTP, content: bytes) -> Receipt:
    """From here on a lost connection means unknown."""
    try:
        _wait_up_to(session, CONTENT_SECONDS)
        session.send(dot_stuffed(content))
        code, words = _reply(session)
        _wait_up_to(session, COMMAND_SECONDS)
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        raise UnknownOutcome("answer_lost", redacted(error)) from error
    if code == 250:
        return Receipt(redacted(_said(code, words)))
    if code < 400:
        raise UnknownOutcome("answer_lost", redacted(_said(code, words)))
    raise _refusal((code, words), RejectedError, "text_refused")


def _refusal(reply: Reply, for_good: type[ProviderError], code: str) -> ProviderError:
    """The error a reply of 4xx or 5xx means; `for_good` and `code` say what a plain 5xx is at this step."""
    status, words = reply
    detail = redacted(_said(status, words))
    if status == 421:
        return ConnectionUsedUp("connection_limit", detail)
    if status == 454:
        return AccountBusy("server_busy", detail)
    if status < 500:
        return TemporaryError("server_busy", detail)
    if _SIZE_REFUSED.search(words):
        return RejectedError("text_refused", detail)
    return for_good(code, detail)


def _smtputf8(session: smtplib.SMTP) -> str:
    if not session.has_extn("smtputf8"):
        raise RejectedError("mailbox_refused", "the server does not take addresses with umlauts (SMTPUTF8)")
    return " SMTPUTF8"


def _reply(session: smtplib.SMTP) -> Reply:
    code, words = session.getreply()
    if code < 0:
        raise smtplib.SMTPServerDisconnected("connection closed")
    return code, words.decode("utf-8", "replace")


def _wait_up_to(session: smtplib.SMTP, seconds: int) -> None:
    if session.sock is not None:
        session.sock.settimeout(seconds)


def dot_stuffed(content: bytes) -> bytes:
    """Content as it travels: leading dots doubled, ended by a lone dot (RFC 5321, 4.5.2)."""
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    return stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n")


def _said(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {text}"


def redacted(words: object) -> str:
    """What the other side said, without addresses: details are shown on pages and kept in the log."""
    text = re.sub(r"[^\s<>()\"']+@[^\s<>()\"']+", "…@…", str(words))
    return " ".join(text.split())[:DETAIL_LENGTH]
