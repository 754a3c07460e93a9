"""The character set is decided over the whole file, and what is no text file is named."""

import codecs
from pathlib import Path

import pytest

from messaging.importers.decoding import encoding_of
from messaging.importers.problems import FileRefused

LONG = "Pat-Nr;Nachname\r\n" + "M1;Meyer\r\n" * 200_000  # more than one chunk


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"Pat-Nr;Nachname", "utf-8"),
        ("Pat-Nr;Straße".encode(), "utf-8"),
        ("Pat-Nr;Straße".encode("cp1252"), "cp1252"),
        (codecs.BOM_UTF8 + "Straße".encode(), "utf-8-sig"),
        ("Pat-Nr;Straße".encode("utf-16"), "utf-16"),  # what a spreadsheet calls "Unicode-Text"
        # the only umlaut stands in the last line, far behind the first chunk
        ((LONG + "Groß").encode(), "utf-8"),
        ((LONG + "Groß").encode("cp1252"), "cp1252"),
    ],
)
def test_the_whole_file_decides_its_encoding(tmp_path, content, encoding):
    assert encoding_of(written(tmp_path, content)) == encoding


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\r\n  \r\n", "empty_file"),
        (codecs.BOM_UTF8, "empty_file"),
        (b"PK\x03\x04\x14\x00[Content_Types].xml", "spreadsheet"),
        (b"PK\x03\x04\x14\x00patienten.csv", "archive"),
        (b"\x1f\x8b\x08\x00", "archive"),
        (b"%PDF-1.7 ...", "pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_office"),
        (b"{\\rtf1", "old_office"),
        (b"\x89PNG\r\n", "image"),
        (b"<!DOCTYPE html><html>", "markup"),
        (b"BEGIN:VCALENDAR\r\n", "calendar"),
        (b"01380006310\r\n", "bdt"),
        (b"0136001...\r\n", "bdt"),
        (b"Pat-Nr;Name\x00", "binary"),
        (LONG.encode() + b"M2;\x00", "binary"),
        (b"Pat-Nr;Name\r\nM1;M\x81ller", "undecodable"),  # code page 850
        (codecs.BOM_UTF8 + b"Pat-Nr;Name\r\nM1;M\xfcller", "mixed_encoding"),
        # two exports pasted together, in either order, the odd line far behind the first chunk
        ("Pat-Nr;Name\r\nM1;Zoë Groß\r\n".encode() + "M2;Müller".encode("cp1252"), "mixed_encoding"),
        ("Pat-Nr;Straße\r\n".encode("cp1252") + "M1;Zoë Groß".encode(), "mixed_encoding"),
        ("Pat-Nr;Straße\r\n".encode("cp1252") + LONG.encode() + "M1;Yıldız".encode(), "mixed_encoding"),
    ],
)
def test_what_is_no_csv_file_is_named(tmp_path, content, code):
    with pytest.raises(FileRefused) as refused:
        encoding_of(written(tmp_path, content))

    assert refused.value.problem.code == code
    assert refused.value.problem.cure


def test_the_line_of_the_other_encoding_is_named(tmp_path):
    with pytest.raises(FileRefused) as refused:
        encoding_of(written(tmp_path, "Pat-Nr;Straße\r\nM1;Müller\r\n".encode("cp1252") + "M2;Zoë".encode()))

    assert "Zeile 3" in refused.value.problem.sentence


def test_the_line_of_an_unknown_character_is_named(tmp_path):
    with pytest.raises(FileRefused) as refused:
        encoding_of(written(tmp_path, LONG.encode() + b"M2;M\x81ller\r\n"))

    assert "Zeile 200.002" in refused.value.problem.sentence
