"""A dispatch's text and a recipient's values become an e-mail.

The composer's preview and the sender use the same CompiledMail, so they cannot differ.

Not here: where values come from, who may be written to, how the bytes travel.
"""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import quote

from messaging.domain import macros
from messaging.domain.calendar_de import BERLIN
from messaging.domain.html_text import to_plain_text
from messaging.domain.words import Purpose
from messaging.rendering import mime

_SIGNATURE = re.compile(r"\{\{\{?\s*signatur\s*\}?\}\}", re.IGNORECASE)
#: Mass mailings that a person may want to leave (RFC 2369); a reminder of one's own appointment is none.
LEAVABLE = {Purpose.RECALL, Purpose.BIRTHDAY, Purpose.INVITATION, Purpose.INFORMATION}

_PAGE_HEAD = (
    '<!DOCTYPE html><html lang="de"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "</head><body style=\"font-family: 'Segoe UI', Arial, sans-serif; font-size: 15px; line-height: 1.5; color: #1d273b\">\r\n"
)
_PAGE_END = "\r\n</body></html>"


@dataclass(frozen=True, slots=True)
class FilledMail:
    """One recipient's mail in words: subject, HTML of the body (no page around it) and the plain text."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes. `reply_to` may be ""."""

    name: str
    address: str
    reply_to: str = ""


class CompiledMail:
    """Subject, body and signature parsed once. The signature stands where `{{{Signatur}}}` is, else at the end."""

    def __init__(self, subject: str, body_html: str, signature_html: str = "") -> None:
        whole = with_signature(body_html, signature_html)
        self._subject = macros.parse(subject)
        self._html = macros.parse(whole)
        self._text = macros.parse(to_plain_text(whole))

    @property
    def macro_names(self) -> frozenset[str]:
        """Canonical names of every macro the values must hold."""
        return frozenset(self._subject.macros) | frozenset(self._html.macros)

    def fill(self, values: Mapping[str, str]) -> FilledMail:
        """Raises macros.UnfilledMacro when a used macro has no value."""
        subject = " ".join(self._subject.fill(values).split())
        return FilledMail(subject, self._html.fill(values, escape=html.escape), self._text.fill(values))


def with_signature(body_html: str, signature_html: str) -> str:
    if _SIGNATURE.search(body_html):
        return _SIGNATURE.sub(lambda _: signature_html, body_html)
    return f"{body_html}\n{signature_html}" if signature_html else body_html


class MailWriter:
    """Writes the bytes of every mail of one dispatch."""

    def __init__(self, mail: CompiledMail, sender: Sender, purpose: str, files: Sequence[mime.File] = (),
                 subject_mark: str = "") -> None:  # fmt: skip
        self._mail = mail
        self._subject_mark = subject_mark
        self._boundary = secrets.token_hex(12)
        self._shared_head = _shared_head(sender, purpose)
        self._files = [mime.file_part(file) for file in files]

    def write(self, values: Mapping[str, str], to_name: str, to_address: str, reference: str, at: datetime) -> bytes:
        """The whole message with CRLF line ends. Raises BadHeader or UnfilledMacro."""
        filled = self._mail.fill(values)
        return b"".join(
            (
                mime.header("Subject", self._subject_mark + filled.subject),
                b"To: ", mime.mailbox(to_name, to_address).encode(), mime.CRLF,
                b"Message-ID: ", reference.encode("ascii"), mime.CRLF,
                b"Date: ", date_header(at.replace(microsecond=0)), mime.CRLF,
                self._shared_head,
                self._body(filled),
            )
        )  # fmt: skip

    def _body(self, filled: FilledMail) -> bytes:
        texts = [mime.text_part("text/plain", filled.text), mime.text_part("text/html", _PAGE_HEAD + filled.html + _PAGE_END)]
        # neither boundary begins with the other: a reader need not compare the whole line (RFC 2046, 5.1.2)
        alternative = mime.multipart("alternative", f"=_a{self._boundary}", texts)
        if not self._files:
            return alternative
        return mime.multipart("mixed", f"=_m{self._boundary}", [alternative, *self._files])


def _shared_head(sender: Sender, purpose: str) -> bytes:
    lines = [f"From: {mime.mailbox(sender.name, sender.address)}", "MIME-Version: 1.0"]
    if sender.reply_to:
        lines.append(f"Reply-To: {mime.mailbox('', sender.reply_to)}")
    if purpose in LEAVABLE:
        lines.append(f"List-Unsubscribe: <mailto:{quote(sender.reply_to or sender.address, safe='@+')}?subject=Abmelden>")
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8")


@lru_cache(maxsize=8)
def date_header(at: datetime) -> bytes:
    return format_datetime(at.astimezone(BERLIN)).encode()
