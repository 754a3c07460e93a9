"""What the other side said, fit for pages and the log: in one line, without addresses, names of mailboxes, log-ins, passwords."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote

DETAIL_LENGTH = 300
#: A shorter local part is a syllable that stands anywhere, and tells nothing of a person.
SHORTEST_NAME = 3

#: Also as quoted-printable or a URL has it, where a host name follows ("size=4096" is none).
_ADDRESS = re.compile(r"[^\s<>()\"']+(?:@|[=%]40(?=[\w.-]*\.[a-z]{2}))[^\s<>()\"']+", re.IGNORECASE)
#: A reply may hold anything, and PostgreSQL stores no NUL.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
#: How the two parts of an address are joined: as usual, as a return path holds it (VERP), and encoded.
_JOINTS = ("@", "=", "=40", "%40")


def said(code: int, words: bytes | str) -> str:
    """A reply as it came; whoever hands it on redacts it."""
    return f"{code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"


def redacted(words: object, secrets: Iterable[str] = (), names: Iterable[str] = ()) -> str:
    """Without `secrets` wherever they stand, without `names` where they stand as a whole word, without any address.

    Cut last: half an address would not be known as one.
    """
    text = _CONTROLS.sub(" ", str(words))
    for secret in secrets:
        text = text.replace(secret, "…") if secret else text
    for name in sorted(names, key=len, reverse=True):
        text = _without_word(text, name)
    return " ".join(_ADDRESS.sub("…@…", text).split())[:DETAIL_LENGTH]


def _without_word(text: str, word: str) -> str:
    """The first look is for speed: nearly no reply repeats a name, and a pattern of its own for each recipient is dear."""
    if word.lower() not in text.lower():
        return text
    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "…", text, flags=re.IGNORECASE)


def names_in(address: str) -> list[str]:
    """The address, its local part, and both as servers encode them. A log-in that is no address is a name by itself."""
    local, at, domain = address.rpartition("@")
    if not at:
        return [address] if len(address) >= SHORTEST_NAME else []
    locals_ = {local, quote(local, safe=""), _quoted_printable(local)}
    whole = [f"{each}{joint}{domain}" for each in locals_ for joint in _JOINTS]
    return [*whole, *(each for each in locals_ if len(each) >= SHORTEST_NAME)]


def _quoted_printable(local: str) -> str:
    return quote(local, safe="").replace("%", "=")


def forms_of_a_log_in(username: str, password: str) -> list[str]:
    """The password as it is, and what travels of both (RFC 4616 and AUTH LOGIN)."""
    return [password, *(_base64(each) for each in (password, username) if each), _base64(f"\0{username}\0{password}")]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
