"""E-mail over SMTP (RFC 5321). One connection carries many messages; each has exactly one recipient.

Connecting and logging in is providers.smtp_session, what a refusal means is providers.smtp_replies. The transaction is spoken
here, because only then it is known whether content was sent: a connection lost before the final dot is written is temporary, one
lost after it is unknown.
With PIPELINING (RFC 2920) MAIL, RCPT and DATA travel together, which saves two round trips a message.
"""

from __future__ import annotations

import re
import smtplib
import socket
import time
from collections.abc import Callable

from messaging.providers.redaction import said
from messaging.providers.results import (
    AccountBusy,
    ConnectionUsedUp,
    Envelope,
    ProviderError,
    Receipt,
    RejectedError,
    TemporaryError,
    UnknownOutcome,
)
from messaging.providers.smtp_replies import Reply, Step, refusal
from messaging.providers.smtp_session import COMMAND_SECONDS, SmtpSettings, discreet, open_session

__all__ = ["SmtpConnection", "SmtpSettings"]

#: Seconds for the answer after the content. Generous, because a time-out here means "unknown".
CONTENT_SECONDS = 60
#: A content up to this size is written in one go with its end. A larger one is ended only when all the rest is on its way, so
#: that a line too slow for it leaves no doubt.
ONE_WRITE = 64 * 1024
#: Bytes a second that the slowest line we count on carries, while other connections share it.
SLOWEST_LINE = 50_000
#: Bytes of a large content that the system may keep back as "written": they travel in the time of the answer.
KEPT_BACK = 256 * 1024
#: From `send` to its answer, however slow every step is: the claim of a message has to last longer (outbox.claims.LEASE).
#: Replacing a used-up connection (60), connecting and logging in (180) and three commands (60) leave 160 for uploading even then,
#: before the answer (60) and RSET (20).
LONGEST_HAND_OVER_SECONDS = 540
#: A try that took longer than its three commands may is not repeated at once: two uploads would not fit into that time.
AGAIN_WITHIN = 3 * COMMAND_SECONDS
#: Seconds for the answer to QUIT, which nobody needs.
GOODBYE_SECONDS = 2

_ADDRESS = re.compile(r"[^\s<>\x00-\x1f\x7f]+@[^\s<>\x00-\x1f\x7f]+")

#: The lone dot, and the line end before it.
END = b"\r\n.\r\n"


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
        try:
            receipt = self._send(envelope, time.monotonic())
        except ProviderError as error:
            error.detail = discreet(error.detail, self._settings, envelope.recipient)
            raise
        return Receipt(discreet(receipt.detail, self._settings, envelope.recipient))

    def _send(self, envelope: Envelope, began: float) -> Receipt:
        session = self._fresh_session()
        try:
            receipt = transact(session, envelope, began)
        except ConnectionUsedUp as error:
            used = self._sent_here
            self._drop()
            if used and time.monotonic() - began <= AGAIN_WITHIN:
                return self._send(envelope, began)
            raise AccountBusy(error.code, error.detail) from error
        except (AccountBusy, UnknownOutcome):
            self._drop()
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
            _wait_up_to(session, GOODBYE_SECONDS)
            session.quit()
        except OSError:  # smtplib's own errors are among them
            session.close()

    def _drop(self) -> None:
        """Leave without a word: a server that did not answer will not answer QUIT either."""
        session, self._session, self._sent_here = self._session, None, 0
        if session is not None:
            session.close()

    def _reset(self) -> None:
        """Leave the refused transaction; a session that cannot is closed, the next message gets a new one."""
        try:
            if self._session is not None and self._session.rset()[0] != 250:
                self._drop()
        except OSError:
            self._drop()

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


def transact(session: smtplib.SMTP, envelope: Envelope, began: float) -> Receipt:
    """One mail transaction of a hand-over that `began` (monotonic). Raises the ProviderError that the replies mean."""
    try:
        ready = _ask_for_data(session, envelope)
    except OSError as error:  # nothing of the content was sent; many servers drop a connection after so many messages
        raise ConnectionUsedUp("not_reachable", str(error)) from error
    if ready[0] < 400 and ready[0] != 354:
        raise ConnectionUsedUp("server_busy", said(*ready))  # out of step: who knows what this was the answer to
    if ready[0] != 354:
        raise refusal(Step.CONTENT, ready)
    return _hand_over(session, envelope.content, began)


def _ask_for_data(session: smtplib.SMTP, envelope: Envelope) -> Reply:
    """MAIL, RCPT and DATA; returns the reply to DATA. Raises when one of the first two was refused."""
    commands = (f"MAIL FROM:<{envelope.sender}>{_options(session, envelope)}", f"RCPT TO:<{envelope.recipient}>", "DATA")
    if session.has_extn("pipelining"):
        session.send(("\r\n".join(commands) + "\r\n").encode())
        replies = [_reply_unless_gone(session) for _ in commands]
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
        raise refusal(Step.SENDER, mail)
    if rcpt[0] >= 400:
        raise refusal(Step.RECIPIENT, rcpt)


def _undo_stray_data(session: smtplib.SMTP, replies: list[Reply]) -> None:
    """A server that refused the recipient and still asks for content gets an empty one, which it must refuse (RFC 2920, 3.1)."""
    if replies[2][0] != 354 or all(code < 400 for code, _ in replies[:2]):
        return
    try:
        session.send(b".\r\n")
        _reply(session)
    except OSError:
        session.close()  # the refusal stands all the same


def _hand_over(session: smtplib.SMTP, content: bytes, began: float) -> Receipt:
    """From the final dot on a lost connection means unknown."""
    rest = dot_stuffed(content)
    if len(rest) > ONE_WRITE:
        _upload(session, memoryview(rest)[: -len(END)], upload_seconds(len(rest), time.monotonic() - began))
        rest = END
    try:
        _wait_up_to(session, CONTENT_SECONDS)
        session.send(rest)
        reply = _reply(session)
        _wait_up_to(session, session.timeout)
    except OSError as error:
        raise UnknownOutcome("answer_lost", str(error)) from error
    if reply[0] == 250:
        return Receipt(said(*reply))
    if reply[0] < 400:
        raise UnknownOutcome("answer_lost", said(*reply))
    raise refusal(Step.CONTENT, reply)


def _upload(session: smtplib.SMTP, all_but_the_end: memoryview, seconds: float) -> None:
    """What goes wrong here leaves no doubt: a server must forget a content that was never ended (RFC 5321, 4.1.1.4)."""
    try:
        _write_through(session)
        _wait_up_to(session, seconds)
        session.send(all_but_the_end)
    except OSError as error:
        session.close()  # whatever we said now would become part of the content
        raise TemporaryError("upload_broken", str(error)) from error


def upload_seconds(size: int, spent: float) -> float:
    """How long writing `size` bytes may take, `spent` seconds after the hand-over began."""
    left = LONGEST_HAND_OVER_SECONDS - spent - CONTENT_SECONDS - COMMAND_SECONDS  # the answer and RSET come after it
    return max(CONTENT_SECONDS, min(CONTENT_SECONDS + size / SLOWEST_LINE, left))


def _write_through(session: smtplib.SMTP) -> None:
    """Else the system takes megabytes at once, and holds the end back until what came before it is confirmed."""
    if session.sock is not None:
        session.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KEPT_BACK)
        session.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _options(session: smtplib.SMTP, envelope: Envelope) -> str:
    """A server that knows the size of a large mail refuses it before the upload, not during it (RFC 1870)."""
    large = len(envelope.content) > ONE_WRITE and session.has_extn("size")
    size = f" SIZE={len(envelope.content)}" if large else ""
    return size if envelope.recipient.isascii() and envelope.sender.isascii() else size + _smtputf8(session)


def _smtputf8(session: smtplib.SMTP) -> str:
    if not session.has_extn("smtputf8"):
        raise RejectedError("bad_header", "the server does not take addresses with umlauts before the at sign (SMTPUTF8)")
    return " SMTPUTF8"


def _reply(session: smtplib.SMTP) -> Reply:
    code, words = session.getreply()
    if code < 0:
        raise smtplib.SMTPServerDisconnected("connection closed")
    return code, words.decode("utf-8", "replace")


def _reply_unless_gone(session: smtplib.SMTP) -> Reply:
    """After 421 the server closes the connection, and the other replies never come."""
    reply = _reply(session)
    if reply[0] == 421:
        raise ConnectionUsedUp("connection_limit", said(*reply))
    return reply


def _wait_up_to(session: smtplib.SMTP, seconds: float) -> None:
    if session.sock is not None:
        session.sock.settimeout(seconds)


def dot_stuffed(content: bytes) -> bytes:
    """Content as it travels: leading dots doubled, ended by a lone dot (RFC 5321, 4.5.2)."""
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    return stuffed.removesuffix(b"\r\n") + END
