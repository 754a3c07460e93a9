"""Which files may be attached: decided by what is in them, whatever they are called."""

import pytest

from messaging.domain.attachment_rules import (
    MOST_BYTES,
    MOST_FILES,
    CheckedFile,
    checked_file,
    kind_of,
    require_room,
    safe_name,
    size_words,
)
from messaging.domain.errors import DomainError

PDF = b"%PDF-1.7\n..."
PNG = b"\x89PNG\r\n\x1a\n...."
ICS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("Anfahrt.pdf", PDF, "application/pdf"),
        ("scan.PDF", b"\x00\x00junk before the mark %PDF-1.4", "application/pdf"),
        ("bild.png", PNG, "image/png"),
        ("foto.jpeg", b"\xff\xd8\xff\xe0....", "image/jpeg"),
        ("bild.gif", b"GIF89a....", "image/gif"),
        ("bild.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("termin.ics", ICS, "text/calendar"),
        ("termin.ics", b"\xef\xbb\xbf" + ICS, "text/calendar"),
    ],
)
def test_permitted_files_get_the_type_of_their_content(name: str, content: bytes, media_type: str) -> None:
    assert checked_file(name, content) == CheckedFile(name, media_type, content)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("leer.pdf", b"", "file_empty"),
        ("rechnung.pdf", b"MZ\x90\x00 a program", "file_kind"),
        ("bild.svg", b"<svg onload='x'/>", "file_kind"),
        ("brief.docx", b"PK\x03\x04", "file_kind"),
        ("seite.html", b"<!doctype html>", "file_kind"),
        ("programm.exe", PDF, "file_ending"),
        ("bild.pdf", PNG, "file_ending"),
        ("termin.ics", b"BEGIN:VCALENDAR and never an end", "file_kind"),
        ("termin.ics", b"BEGIN:VCALENDAR \xff\xfe END:VCALENDAR", "file_kind"),
    ],
)
def test_other_files_are_refused_with_a_cure(name: str, content: bytes, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        checked_file(name, content)

    assert refused.value.problem.code == code
    assert refused.value.problem.cure


@pytest.mark.parametrize(
    ("typed", "safe"),
    [
        ("C:\\Users\\Empfang\\Anfahrt.pdf", "Anfahrt.pdf"),
        ("../../etc/passwd", "passwd"),
        ("Ein  Name mit Leerzeichen.pdf", "Ein Name mit Leerzeichen.pdf"),
        ('bös"\r\nBcc: x.pdf', "bösBcc x.pdf"),
        ("rechnung\u202efdp.exe", "rechnungfdp.exe"),
        (".htaccess", "htaccess"),
        ("", "Anhang"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_lose_what_misleads(typed: str, safe: str) -> None:
    assert safe_name(typed) == safe


def test_all_files_together_stay_under_ten_megabytes() -> None:
    require_room([MOST_BYTES - 1000], [1000])
    with pytest.raises(DomainError):
        require_room([MOST_BYTES - 999], [1000])


def test_there_is_a_last_file() -> None:
    require_room([1] * (MOST_FILES - 1), [1])
    with pytest.raises(DomainError):
        require_room([1] * MOST_FILES, [1])


@pytest.mark.parametrize(
    ("size", "words"), [(1, "1 Byte"), (1499, "1 KB"), (824_000, "824 KB"), (999_600, "1,0 MB"), (1_249_000, "1,2 MB")]
)
def test_sizes_are_written_for_people(size: int, words: str) -> None:
    assert size_words(size) == words


def test_an_unknown_content_has_no_kind() -> None:
    assert kind_of(b"hello") is None
