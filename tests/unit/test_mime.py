"""Bytes of a mail, read back with the standard library's parser: what went in comes out, and nothing else can be read into it."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.rendering import mime
from messaging.rendering.mime import BadHeader, File

CONTROL = "".join(map(chr, range(32))) + "\x7f\x85\u2028\u2029"
#: Everything a person can type or paste, surrogates aside, which no UTF-8 can hold.
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
HEADER_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=CONTROL), max_size=300)
LINES = st.lists(
    st.one_of(
        st.sampled_from([".", "..", ". x", "From me", "=", "=20", "--=_a", "--", " ", "\t", "x " * 60, "ü" * 500, "x" * 2_000]),
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=120),
    ),
    max_size=8,
)


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=SMTP)
    assert isinstance(message, EmailMessage)
    assert not [part.defects for part in message.walk() if part.defects]
    return message


def assert_fit_for_the_wire(content: bytes) -> None:
    """RFC 5321 4.5.3.1.6 and RFC 5322 2.1.1: at most 998 octets a line; CR and LF only together; seven bits."""
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    assert content.isascii()
    assert b"\0" not in content


def with_subject(subject: str) -> bytes:
    return mime.header("Subject", subject) + b"\r\nText\r\n"


@given(HEADER_TEXT.map(lambda text: " ".join(text.split())))
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    content = with_subject(subject)

    assert_fit_for_the_wire(content)
    assert read(content)["Subject"] == subject
    assert read(content).keys() == ["Subject"]


@pytest.mark.parametrize(
    "subject",
    [
        "Ihr Termin",
        "Praxis geschlossen: Ü-Woche",
        "ä" * 400,
        "x" * 997,
        "x" * 5_000,
        "ein " * 300 + "Ende",
        "=?utf-8?q?kein_kodiertes_Wort?=",
        "😀" * 60,
        "a" + " " * 3 + "b",
        "",
    ],
)
def test_odd_subjects_are_read_as_they_were_written(subject: str) -> None:
    content = with_subject(subject)

    assert_fit_for_the_wire(content)
    assert read(content)["Subject"] == subject.strip()


@given(HEADER_TEXT)
def test_a_line_with_encoded_words_has_at_most_76_characters(subject: str) -> None:
    """RFC 2047, 2; a longer one is cut by some servers in the middle of a letter."""
    for line in with_subject(subject).split(b"\r\n"):
        assert b"=?" not in line or len(line) <= 76


@pytest.mark.parametrize("control", CONTROL)
def test_no_header_takes_a_control_character(control: str) -> None:
    for make in (
        lambda text: mime.header("Subject", text),
        lambda text: mime.mailbox(text, "ute@example.org"),
        lambda text: mime.mailbox("", f"{text}@example.org"),
        lambda text: mime.file_part(File(f"{text}.pdf", "application/pdf", b"x")),
        lambda text: mime.file_part(File("a.pdf", text, b"x")),
    ):
        with pytest.raises(BadHeader):
            make(f"harmlos{control}Bcc: eva@example.org")


def name_and_address(content: bytes) -> tuple[str, str]:
    """The one recipient. Neighbouring encoded words belong together (RFC 2047, 6.2); the address parser puts blanks between."""
    (address,) = read(content)["To"].addresses
    shown = content.partition(b"\r\n\r\n")[0].decode().removeprefix("To: ").rpartition("<")[0].rstrip()
    encoded_name = str(make_header(decode_header(shown))) if shown.startswith("=?") else address.display_name
    return encoded_name, address.addr_spec


@given(HEADER_TEXT.map(lambda text: " ".join(text.split())))
def test_a_name_is_read_as_it_was_written_and_stays_one_recipient(name: str) -> None:
    content = f"To: {mime.mailbox(name, 'ute@example.org')}\r\n\r\nText\r\n".encode()

    assert_fit_for_the_wire(content)
    assert name_and_address(content) == (name, "ute@example.org")


@pytest.mark.parametrize(
    "name",
    [
        "Ute Muster",
        "Muster, Ute",
        'Ute "Mimi" Muster',
        "Ute\\Muster",
        "Ute <eva@example.org>",
        "eva@example.org, x",
        "Müller-Lüdenscheidt (Praxis)",
        "Prof. Dr. med. h. c. " + "Ü" * 120,
        "=?utf-8?q?Eva?= <eva@example.org>",
        "Gruppe: eva@example.org;",
    ],
)
def test_a_name_cannot_become_another_address(name: str) -> None:
    content = f"To: {mime.mailbox(name, 'ute@example.org')}\r\n\r\nText\r\n".encode()

    assert name_and_address(content) == (name, "ute@example.org")


def test_without_a_name_the_address_stands_alone() -> None:
    assert mime.mailbox("", "ute@example.org") == mime.mailbox("  ", "ute@example.org") == "ute@example.org"


def text_of(text: str) -> str:
    content = b"MIME-Version: 1.0\r\n" + mime.text_part("text/plain", text)
    assert_fit_for_the_wire(content)
    message = read(content)
    assert message.get_content_charset() == "utf-8"
    return message.get_content()


@given(LINES)
def test_a_text_is_read_as_it_was_written(lines: list[str]) -> None:
    text = "\n".join(lines).rstrip("\n") + "\n"

    assert text_of(text).replace("\r\n", "\n") == text


@given(ANY_TEXT)
def test_line_ends_of_any_kind_become_line_ends_and_nothing_is_lost(text: str) -> None:
    expected = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"

    assert text_of(text).replace("\r\n", "\n") == expected


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\rb", "a\r\n\r\nb\r\n\r\n"])
def test_no_bare_carriage_return_or_line_feed_leaves(text: str) -> None:
    """A server that takes one for the end of the mail would read what follows as commands."""
    assert b"a=0D" not in mime.text_part("text/plain", text)
    assert_fit_for_the_wire(mime.text_part("text/plain", text))


FILE_NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=CONTROL), min_size=1, max_size=250).filter(
    lambda name: name == name.strip()
)


@given(FILE_NAMES, st.binary(max_size=400))
def test_an_attachment_is_read_as_it_was_given(filename: str, raw: bytes) -> None:
    content = b"MIME-Version: 1.0\r\n" + mime.file_part(File(filename, "application/pdf", raw))

    assert_fit_for_the_wire(content)
    message = read(content)
    assert message.get_content() == raw
    assert message.get_content_disposition() == "attachment"
    assert in_full(content) == filename


def in_full(part: bytes) -> str | None:
    """The full name: where there is an extended form it wins (RFC 6266, 4.3), which the standard library does not know."""
    return read(re.sub(rb'filename="(?:[^"\\]|\\.)*";\r\n ', b"", part)).get_filename()


@pytest.mark.parametrize(
    ("filename", "in_ascii"),
    [
        ("Befund.pdf", "Befund.pdf"),
        ("Überweisung.pdf", "_berweisung.pdf"),
        ('a"b.pdf', 'a"b.pdf'),
        ("a;b.pdf", "a;b.pdf"),
        ("日本.pdf", "__.pdf"),
    ],
)
def test_old_programs_see_a_name_in_ascii(filename: str, in_ascii: str) -> None:
    part = mime.file_part(File(filename, "application/pdf", b"x"))
    plain = re.search(rb'filename="((?:[^"\\]|\\.)*)"', part)

    assert plain is not None
    assert plain[1].decode().replace('\\"', '"') == in_ascii


@pytest.mark.parametrize("media_type", ["pdf", "a/b; name=x", "text /plain", "tëxt/plain", ""])
def test_what_is_no_media_type_is_refused(media_type: str) -> None:
    with pytest.raises(BadHeader):
        mime.file_part(File("a.pdf", media_type, b"x"))


@given(LINES, st.binary(max_size=200))
def test_the_parts_of_a_multipart_stay_apart(lines: list[str], raw: bytes) -> None:
    text = "\n".join(lines)
    inner = mime.multipart("alternative", "=_a1", [mime.text_part("text/plain", text), mime.text_part("text/html", text)])
    content = b"MIME-Version: 1.0\r\n" + mime.multipart("mixed", "=_m1", [inner, mime.file_part(File("a.png", "image/png", raw))])

    assert_fit_for_the_wire(content)
    types = [part.get_content_type() for part in read(content).walk()]
    assert types == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "image/png"]
