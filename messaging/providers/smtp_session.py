"""A logged-in SMTP session: connecting, encrypting, logging in. What failed, and whether waiting would help, is told here.

Not here: the mail transaction (providers.smtp).
"""

from __future__ import annotations

import base64
import smtplib
import ssl
from dataclasses import dataclass, field

from messaging.domain.words import TlsMode
from messaging.providers.redaction import forms_of_a_log_in, names_in, redacted, said
from messaging.providers.results import AccountBusy, MisconfiguredError, ProviderError

#: Seconds for connecting and for each command. RFC 5321 4.5.3.2 allows minutes; a practice waits less, and a time-out before 354
#: costs nothing.
COMMAND_SECONDS = 20
LOOPBACK = {"localhost", "127.0.0.1", "::1"}

#: RFC 4954: logged in now; logged in already.
_LOGGED_IN = (235, 503)


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


def open_session(settings: SmtpSettings) -> smtplib.SMTP:
    """Connect, encrypt, log in. Raises MisconfiguredError or AccountBusy. Never falls back to an unencrypted connection."""
    try:
        return _opened(settings)
    except ProviderError as error:
        error.detail = discreet(error.detail, settings)
        raise


def discreet(detail: str, settings: SmtpSettings, recipient: str = "") -> str:
    """A server that repeats what it was told must bring neither the password nor the patient onto a page."""
    names = [*names_in(settings.username), *names_in(recipient)]
    return redacted(detail, forms_of_a_log_in(settings.username, settings.password), names)


def _opened(settings: SmtpSettings) -> smtplib.SMTP:
    if settings.tls_mode == TlsMode.NONE and settings.host not in LOOPBACK:
        raise MisconfiguredError("no_starttls", "unencrypted connections are for loopback only")
    session = _connected(settings)
    try:
        _log_in(session, settings)
    except ProviderError:
        session.close()
        raise
    return session


def _connected(settings: SmtpSettings) -> smtplib.SMTP:
    try:
        return _encrypted(settings)
    except smtplib.SMTPNotSupportedError as error:
        raise MisconfiguredError("no_starttls", str(error)) from error
    except smtplib.SMTPResponseException as error:
        raise _turned_away(error) from error
    except ssl.SSLCertVerificationError as error:
        raise MisconfiguredError("bad_certificate", error.verify_message) from error
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
        raise AccountBusy("not_reachable", str(error)) from error
    except ssl.SSLError as error:  # no TLS spoken here, or none that both know: most often the wrong port
        raise MisconfiguredError("no_starttls", error.reason or type(error).__name__) from error
    except UnicodeError as error:
        raise MisconfiguredError("not_reachable", "not a possible host name") from error
    except OSError as error:
        raise AccountBusy("not_reachable", str(error)) from error


def _turned_away(error: smtplib.SMTPResponseException) -> ProviderError:
    """A refusing or senseless banner, EHLO or STARTTLS (RFC 5321, 3.1: 554 instead of 220 is for good)."""
    detail = said(error.smtp_code, error.smtp_error)
    if 400 <= error.smtp_code < 500:
        return AccountBusy("server_busy", detail)
    refused_before_tls = isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError)
    return MisconfiguredError("not_reachable" if refused_before_tls else "no_starttls", detail)


def _encrypted(settings: SmtpSettings) -> smtplib.SMTP:
    context = tls_context(settings)
    if settings.tls_mode == TlsMode.TLS:
        session: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.host, settings.port, local_hostname="localhost", timeout=COMMAND_SECONDS, context=context
        )
    else:
        session = smtplib.SMTP(settings.host, settings.port, local_hostname="localhost", timeout=COMMAND_SECONDS)
    try:
        session.local_hostname = _own_literal(session)
        if settings.tls_mode == TlsMode.STARTTLS:
            session.starttls(context=context)
        session.ehlo_or_helo_if_needed()
    except OSError:
        session.close()
        raise
    return session


def _own_literal(session: smtplib.SMTP) -> str:
    """Who we say we are: our end of the connection (RFC 5321, 4.1.3). A name would cost a look-up, which can hang for long."""
    address = session.sock.getsockname()[0] if session.sock else "127.0.0.1"
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


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
        if (settings.username + settings.password).isascii():
            session.login(settings.username, settings.password)
        else:
            _log_in_beyond_ascii(session, settings)
    except smtplib.SMTPAuthenticationError as error:
        detail = said(error.smtp_code, error.smtp_error)
        if 400 <= error.smtp_code < 500:
            raise AccountBusy("server_busy", detail) from error
        raise MisconfiguredError("login_refused", detail) from error
    except smtplib.SMTPServerDisconnected as error:
        raise AccountBusy("not_reachable", str(error)) from error
    except smtplib.SMTPException as error:  # no log-in offered, or none that we know
        raise MisconfiguredError("login_refused", str(error)) from error
    except OSError as error:
        raise AccountBusy("not_reachable", str(error)) from error


def _log_in_beyond_ascii(session: smtplib.SMTP, settings: SmtpSettings) -> None:
    """smtplib encodes in ASCII only; the mechanism PLAIN is UTF-8 (RFC 4616)."""
    if "PLAIN" not in str(session.esmtp_features.get("auth", "")).upper().split():
        raise smtplib.SMTPNotSupportedError("umlauts in the log-in need AUTH PLAIN, which the server does not offer")
    code, words = session.docmd("AUTH", f"PLAIN {_plain(settings)}")
    if code not in _LOGGED_IN:
        raise smtplib.SMTPAuthenticationError(code, words)


def _plain(settings: SmtpSettings) -> str:
    return base64.b64encode(f"\0{settings.username}\0{settings.password}".encode()).decode()
