"""What an SMTP account must be like before anything is sent with it, in sentences for the fields. Pure: nothing is connected."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from messaging.domain.email_address import EMAIL_PROBLEMS, check_email
from messaging.domain.errors import Problem
from messaging.domain.words import TlsMode

#: RFC 8314: 465 begins with TLS, 587 turns to it; 25 is what a relay on the same machine listens on.
USUAL_PORTS = {TlsMode.TLS: 465, TlsMode.STARTTLS: 587, TlsMode.NONE: 25}
LIMITS = ("per_hour", "per_quarter_hour", "per_connection")
LONGEST = {"name": 80, "sender_name": 80, "username": 200, "password": 500, "host": 253}
LARGEST_LIMIT = 1_000_000

_HOST = re.compile(r"[\w.-]+", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,9}")

NO_NAME = Problem("account_no_name", "Unter diesem Namen finden Sie das Konto beim Verfassen.", "Bitte einen Namen eintragen.")
NAME_TAKEN = Problem("account_name_taken", "Diesen Namen hat schon ein anderes Konto.", "Bitte einen anderen Namen wählen.")
NO_SENDER = Problem("account_no_sender", "So erscheint die Praxis im Posteingang.", "Bitte den Namen des Absenders eintragen.")
NO_HOST = Problem("account_no_host", "Er steht in der Anleitung Ihres Hosters.", "Bitte den Postausgangsserver (SMTP) eintragen.")
BAD_HOST = Problem("account_bad_host", "Hier steht nur der Name des Servers.", "Bitte zum Beispiel mail.example.org eintragen.")
BAD_PORT = Problem("account_bad_port", "Ein Port ist eine Zahl von 1 bis 65535.", "Bitte meist 465 oder 587 eintragen.")
BAD_TLS = Problem("account_bad_tls", "Es fehlt die Art der Verschlüsselung.", "Bitte TLS oder STARTTLS wählen.")
OPEN_WIRE = Problem(
    "account_open_wire",
    "Unverschlüsselt dürfen Passwort und Patientendaten diesen Rechner nicht verlassen.",
    "Bitte TLS oder STARTTLS wählen.",
)
BAD_LIMIT = Problem("account_bad_limit", "Es geht nur eine ganze Zahl ab 1.", "Bitte leer lassen, wenn es keine Grenze gibt.")
FOREIGN_LETTERS = Problem(
    "account_sender_letters",
    "Nicht jeder Mailserver nimmt Umlaute vor dem @ an.",
    "Bitte eine Absenderadresse ohne Umlaute wählen.",
)
TOO_LONG = Problem("account_too_long", "Das ist länger, als es sein darf.", "Bitte kürzer fassen.")
NO_USER = Problem("account_no_user", "Zu einem Passwort gehört ein Benutzername.", "Bitte den Benutzernamen eintragen.")
NO_PASSWORD = Problem("account_no_password", "Ohne Passwort gelingt die Anmeldung nicht.", "Bitte das Passwort eingeben.")
PASSWORD_AGAIN = Problem(
    "account_password_again",
    "Das gespeicherte Passwort gehört zum bisherigen Server und geht nicht an einen anderen.",
    "Bitte das Passwort für den neuen Server eingeben.",
)

NO_TLS_WARNING = "Ohne Verschlüsselung kann jeder im Netz mitlesen. Das geht nur mit einem Mailserver auf diesem Rechner."
NO_CHECK_WARNING = (
    "Ohne Prüfung des Zertifikats kann sich ein fremder Rechner als Ihr Mailserver ausgeben und alles mitlesen, auch Passwörter. "
    "Bitte nur vorübergehend ausschalten und den Hoster nach dem richtigen Servernamen fragen."
)


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """What is known of the password an account already has: whether there is one, and the server it was typed for."""

    exists: bool = False
    host: str = ""


@dataclass(frozen=True, slots=True)
class PasswordWish:
    """What the form says about the password: a new one, "" to keep what is stored, or its removal."""

    typed: str = ""
    remove: bool = False


def problems_of(texts: Mapping[str, str], wish: PasswordWish, stored: StoredPassword) -> dict[str, Problem]:
    """Field -> what is wrong with it, for cleaned texts of the form."""
    found = {
        "name": _text_problem(texts, "name", NO_NAME),
        "sender_name": _text_problem(texts, "sender_name", NO_SENDER),
        "sender_address": _sender_problem(texts["sender_address"]),
        "reply_to": _address_problem(texts["reply_to"]) if texts["reply_to"] else None,
        "host": _host_problem(texts["host"]),
        "tls_mode": _tls_problem(texts["tls_mode"], texts["host"]),
        "port": None if read_port(texts) else BAD_PORT,
        "username": _user_problem(texts["username"], wish),
        "password": _password_problem(texts, wish, stored),
        **{name: None if _is_limit(texts[name]) else BAD_LIMIT for name in LIMITS},
    }
    return {name: problem for name, problem in found.items() if problem}


def read_port(texts: Mapping[str, str]) -> int | None:
    """The typed port, or the usual one of the kind of encryption if the field is empty; None if it is no port."""
    if not texts["port"]:
        return USUAL_PORTS.get(texts["tls_mode"])  # type: ignore[call-overload]
    port = int(texts["port"]) if _NUMBER.fullmatch(texts["port"]) else 0
    return port if 1 <= port <= 65535 else None


def suggested_port(tls_mode: str, typed: str) -> str:
    """What the field Port should say after another encryption was chosen: a port of one's own stays, a usual one follows."""
    usual = {str(port) for port in USUAL_PORTS.values()}
    follows = tls_mode in USUAL_PORTS and (not typed or typed in usual)
    return str(USUAL_PORTS[TlsMode(tls_mode)]) if follows else typed


def warnings_of(tls_mode: str, port: str, verify_certificate: bool) -> list[str]:
    """What is permitted but ought to be known."""
    found = []
    if tls_mode == TlsMode.NONE:
        found.append(NO_TLS_WARNING)
    elif not verify_certificate:
        found.append(NO_CHECK_WARNING)
    if (tls_mode, port) == (TlsMode.TLS, "587"):
        found.append("Port 587 gehört bei den meisten Hostern zu STARTTLS.")
    if (tls_mode, port) == (TlsMode.STARTTLS, "465"):
        found.append("Port 465 gehört bei den meisten Hostern zu TLS.")
    return found


def leaves_its_server(host: str, stored: StoredPassword) -> bool:
    """Whether the stored password would go to another server than the one it was typed for."""
    return stored.exists and host.lower() != stored.host.lower()


def is_loopback(host: str) -> bool:
    """Whether this name or number means the machine itself."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def _text_problem(texts: Mapping[str, str], name: str, missing: Problem) -> Problem | None:
    if not texts[name]:
        return missing
    return TOO_LONG if len(texts[name]) > LONGEST[name] else None


def _sender_problem(address: str) -> Problem | None:
    return _address_problem(address) or (FOREIGN_LETTERS if check_email(address).smtputf8 else None)


def _address_problem(address: str) -> Problem | None:
    reason = check_email(address).reason
    return EMAIL_PROBLEMS[reason] if reason else None


def _host_problem(host: str) -> Problem | None:
    if not host:
        return NO_HOST
    return None if len(host) <= LONGEST["host"] and (_HOST.fullmatch(host) or _is_ip_address(host)) else BAD_HOST


def _is_ip_address(host: str) -> bool:
    """An IPv6 number is the only server with colons in its name; "mail.example.org:465" is a server and a port."""
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def _tls_problem(tls_mode: str, host: str) -> Problem | None:
    if tls_mode not in USUAL_PORTS:
        return BAD_TLS
    return OPEN_WIRE if tls_mode == TlsMode.NONE and host and not is_loopback(host) else None


def _user_problem(username: str, wish: PasswordWish) -> Problem | None:
    if len(username) > LONGEST["username"]:
        return TOO_LONG
    return NO_USER if wish.typed and not username else None


def _password_problem(texts: Mapping[str, str], wish: PasswordWish, stored: StoredPassword) -> Problem | None:
    if len(wish.typed) > LONGEST["password"]:
        return TOO_LONG
    if wish.typed or wish.remove or not texts["username"]:
        return None
    if not stored.exists:
        return NO_PASSWORD
    return PASSWORD_AGAIN if leaves_its_server(texts["host"], stored) else None


def _is_limit(text: str) -> bool:
    return not text or bool(_NUMBER.fullmatch(text) and 1 <= int(text) <= LARGEST_LIMIT)
