"""Which character set a file is written in, decided over the whole file in one streaming pass. No column is read here.

Only text of practice programs and spreadsheets is let through; whoever uploads a workbook or a PDF is told so by name.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from messaging.domain.errors import Problem
from messaging.importers import problems
from messaging.importers.problems import FileRefused

UTF8, UTF8_BOM, UTF16, WINDOWS = "utf-8", "utf-8-sig", "utf-16", "cp1252"

ENCODING_LABELS = {UTF8: "UTF-8", UTF8_BOM: "UTF-8", UTF16: "UTF-16", WINDOWS: "Windows-1252"}

_CHUNK = 1 << 20

#: One letter of several bytes as UTF-8 writes it: for "é" in Windows-1252 somebody would have had to type "Ã©".
_UTF8_LETTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")

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
    _refuse_utf8_inside(path)
    return _proven(path, WINDOWS, problems.undecodable)


def _refuse_utf8_inside(path: Path) -> None:
    """Of two exports pasted together one would be stored as "ZoÃ«"; the line names where the UTF-8 stands."""
    for number, line in _lines_beyond_ascii(path):
        if _UTF8_LETTER.search(line) and _is_utf8(line):
            raise FileRefused(problems.mixed_encoding(number))


def _lines_beyond_ascii(path: Path) -> Iterator[tuple[int, bytes]]:
    """Line by line, but never more than a chunk of one at a time."""
    with path.open("rb") as file:
        number = 1
        while line := file.readline(_CHUNK):
            if not line.isascii():
                yield number, line
            number += line.endswith(b"\n")


def _is_utf8(line: bytes) -> bool:
    try:
        return bool(line.decode(UTF8))
    except UnicodeDecodeError:
        return False


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
