"""Bytes of an e-mail: headers (RFC 5322, 2047) and multipart bodies (RFC 2045, 2046).

Everything that all messages of a dispatch share is built once. The standard library's EmailMessage would do the same and take
ten times as long a message, which is why the parts are written here; tests read every result back with its parser.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import quote
from functools import lru_cache

CRLF = b"\r\n"
#: Bytes of text in one encoded word: 39 bytes become 52 characters, with "=?utf-8?b?" and "?=" 64. A line with encoded words has
#: at most 76 characters (RFC 2047, 2), so there is room for the name of the header before the first.
WORD_BYTES = 39
#: Room for text in one line of a header before it is folded.
LINE_LENGTH = 66
#: What is longer and has no blank to break at is cut into encoded pieces: a line has at most 998 octets (RFC 5322, 2.1.1).
LONGEST_UNBROKEN = 900
_PLAIN_HEADER = re.compile(r"[\x20-\x7e]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


class BadHeader(ValueError):
    """A header value holds a line break or another control character."""


@dataclass(frozen=True, slots=True)
class File:
    """An attachment. `filename` may be any text; it is offered in ASCII and in full (RFC 2231)."""

    filename: str
    media_type: str
    content: bytes


def text_part(media_type: str, text: str) -> bytes:
    """A text part in quoted-printable, UTF-8, with its headers. Lines end in CRLF whatever `text` had."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").rstrip("\r\n") + "\r\n"
    head = f"Content-Type: {media_type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
    return head + binascii.b2a_qp(lines.encode(), istext=True)


def file_part(file: File) -> bytes:
    """An attachment in base64 with its headers. Raises BadHeader for a name or type that cannot stand in a header."""
    if not _MEDIA_TYPE.fullmatch(file.media_type):
        raise BadHeader("not a media type")
    disposition = ";\r\n ".join(("attachment", *_name_parameters(require_clean(file.filename))))
    head = (
        f"Content-Type: {file.media_type}",
        "Content-Transfer-Encoding: base64",
        f"Content-Disposition: {disposition}",
    )
    return "".join(f"{line}\r\n" for line in (*head, "")).encode() + base64.encodebytes(file.content).replace(b"\n", CRLF)


def _name_parameters(filename: str) -> list[str]:
    """The name in ASCII for old programs and, where that is not all of it, in full (RFC 2231, in pieces when long)."""
    in_full = "".join(map(_percent, filename.encode()))
    if len(in_full) > LONGEST_UNBROKEN:
        pieces = re.findall(r"(?:%..|[^%]){1,60}", in_full)
        return [f"filename*{place}*=" + ("" if place else "utf-8''") + piece for place, piece in enumerate(pieces)]
    plain = f'filename="{quote(filename.encode("ascii", "replace").decode().replace("?", "_"))}"'
    return [plain] if filename.isascii() else [plain, f"filename*=utf-8''{in_full}"]


def _percent(byte: int) -> str:
    return chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}"


def multipart(subtype: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    """A multipart body with its Content-Type header.

    `boundary` begins with "=_", which quoted-printable and base64 cannot contain.
    """
    line = f"--{boundary}\r\n".encode()
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(line + part + CRLF for part in parts) + f"--{boundary}--\r\n".encode()


def header(name: str, value: str) -> bytes:
    """One header line with an unstructured value (Subject)."""
    return f"{name}: {encoded(require_clean(value))}\r\n".encode("ascii")


@lru_cache(maxsize=4096)
def mailbox(name: str, address: str) -> str:
    """ "Name <address>" for From, To and Reply-To; the bare address without a name."""
    require_clean(address)
    if not name.strip():
        return address
    if not _PLAIN_HEADER.fullmatch(require_clean(name)) or "=?" in name or len(name) > LINE_LENGTH:
        return f"{_in_words(name)}\r\n <{address}>"
    shown = name if _ATOMS.fullmatch(name) else f'"{quote(name)}"'
    return f"{shown} <{address}>"


@lru_cache(maxsize=4096)
def encoded(value: str) -> str:
    """ASCII as it is (folded at blanks when long), anything else as RFC 2047 encoded words."""
    if _PLAIN_HEADER.fullmatch(value) and "=?" not in value:
        folded = _folded(value)
        if max(map(len, folded.split("\r\n"))) <= LONGEST_UNBROKEN:
            return folded
    return _in_words(value)


def _in_words(value: str) -> str:
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(chunk).decode()}?=" for chunk in _chunks(value.encode()))


def _folded(value: str) -> str:
    """Lines stay below 78 characters where there is a blank to break at (RFC 5322, 2.2.3)."""
    lines, rest = [], value
    while len(rest) > LINE_LENGTH and (at := rest.rfind(" ", 1, LINE_LENGTH)) > 0 and rest[at:].strip():
        lines.append(rest[:at])
        rest = rest[at:]
    return "\r\n".join([*lines, rest])


def _chunks(raw: bytes) -> list[bytes]:
    """Pieces of at most WORD_BYTES that never cut a UTF-8 character."""
    chunks = []
    while raw:
        end = min(WORD_BYTES, len(raw))
        while end < len(raw) and raw[end] & 0xC0 == 0x80:
            end -= 1
        chunks.append(raw[:end])
        raw = raw[end:]
    return chunks


def require_clean(value: str) -> str:
    """The value itself, or BadHeader: a line break in a header would let a text add recipients."""
    if _CONTROL.search(value):
        raise BadHeader("control character in a header value")
    return value
