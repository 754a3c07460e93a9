"""Which character set a file is written in, decided over the whole file in one streaming pass. No column is read here.

Only text of practice programs and spreadsheets is let through; whoever uploads a workbook or a PDF is told so by name.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from messaging.domain.errors import Problem
from messaging.importers import problems
from messaging.importers.problems import FileRefused

UTF8, UTF8_BOM, UTF16, WINDOWS = "utf-8", "utf-8-sig", "utf-16", "cp1252"

ENCODING_LABELS = {UTF8: "UTF-8", UTF8_BOM: "UTF-8", UTF16: "UTF-16", WINDOWS: "Windows-1252"}

_CHUNK = 1 << 20

#: How other formats begin (their registered magic numbers), in the order in which they are tried.
_OTHER_FORMATS: tuple[tuple[bytes, Problem], ...] = (
    (b"%PDF", problems.PDF),
    (b"\xd0\xcf\x11\xe0", problems.OLD_OFFICE),
    (b"\x1f\x8b", problems.ARCHIVE),
    (b"7z\xbc\xaf", problems.ARCHIVE),
    (b"Rar!", problems.ARCHIVE),
    (b"\x89PNG", problems.IMAGE),
    (b"\xff\xd8\xff", problems.IMAGE),
    (b"{\\rtf", problems.OLD_OFFICE),
    (b"BEGIN:VCALENDAR", problems.CALENDAR),
    (b"<", problems.MARKUP),
)
_BEGINS_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BDT_HEAD = (b"8000", b"6001")
#: In a workbook of today the parts of the document are files of a ZIP archive.
_WORKBOOK_PARTS = (b"[Content_Types].xml", b"xl/", b"mimetypeapplication/vnd.oasis")


def encoding_of(path: Path) -> str:
    """Return the name of the codec that decodes the whole file; raises FileRefused if it is no text file."""
    with path.open("rb") as file:
        beginning = file.read(4096)
    if not beginning.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise FileRefused(problems.EMPTY)
    if other := _other_format(beginning):
        raise FileRefused(other)
    if beginning.startswith(_BEGINS_UTF16):
        return _proven(path, UTF16, problems.mixed_encoding)
    if beginning.startswith(codecs.BOM_UTF8):
        return _proven(path, UTF8_BOM, problems.mixed_encoding)
    if _fault_line(path, UTF8) is None:
        return UTF8
    return _proven(path, WINDOWS, problems.undecodable)


def _other_format(beginning: bytes) -> Problem | None:
    if beginning.startswith(b"PK\x03\x04"):
        return problems.SPREADSHEET if any(part in beginning for part in _WORKBOOK_PARTS) else problems.ARCHIVE
    text = beginning.removeprefix(codecs.BOM_UTF8).lstrip()
    # xDT: a line is three digits of length, then the field; every file opens with 8000 or the older 6001.
    if text[:3].isdigit() and text[3:7] in _BDT_HEAD:
        return problems.BDT
    found = next((problem for magic, problem in _OTHER_FORMATS if text.startswith(magic)), None)
    if found is None and b"\x00" in beginning and not beginning.startswith(_BEGINS_UTF16):
        return problems.BINARY
    return found


def _proven(path: Path, encoding: str, complaint) -> str:
    line = _fault_line(path, encoding)
    if line is not None:
        raise FileRefused(complaint(line))
    return encoding


def _fault_line(path: Path, encoding: str) -> int | None:
    """The line, from 1, of the first bytes that the codec does not know; None if it knows them all."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    for chunk, is_last in _chunks(path):
        try:
            text = decoder.decode(chunk, is_last)
        except UnicodeDecodeError as fault:
            return line + fault.object[: fault.start].count(b"\n")
        if "\x00" in text:
            raise FileRefused(problems.BINARY)
        line += text.count("\n")
    return None


def _chunks(path: Path) -> Iterator[tuple[bytes, bool]]:
    """The bytes of the file and whether they are its last; at least one chunk."""
    with path.open("rb") as file:
        chunk = file.read(_CHUNK)
        while True:
            following = file.read(_CHUNK)
            yield chunk, not following
            if not following:
                return
            chunk = following
