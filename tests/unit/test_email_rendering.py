"""A whole mail as it leaves the house: for one person, complete, readable everywhere, and the same as the preview showed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.calendar_de import BERLIN
from messaging.domain.html_text import sanitize, to_plain_text
from messaging.domain.macros import UnfilledMacro
from messaging.domain.words import Purpose
from messaging.rendering.email import CompiledMail, MailWriter, Sender, with_signature
from messaging.rendering.mime import BadHeader, File

AT = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
SENDER = Sender("Praxis Muster", "praxis@example.org", "empfang@example.org")
REFERENCE = "<4711@example.org>"
TO = ("Ute Muster", "ute@example.com")
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80)


def written(
    subject: str = "Neues", body: str = "<div>Guten Tag</div>", values: dict[str, str] | None = None,
    purpose: str = Purpose.INFORMATION, files: tuple[File, ...] = (), at: datetime = AT, sender: Sender = SENDER,
    mark: str = "", signature: str = "", to: tuple[str, str] = TO,
) -> EmailMessage:  # fmt: skip
    writer = MailWriter(CompiledMail(subject, body, signature), sender, purpose, files, mark)
    content = writer.write(values or {}, *to, REFERENCE, at)
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    assert content.isascii()
    message = message_from_bytes(content, policy=SMTP)
    assert isinstance(message, EmailMessage)
    assert not [part.defects for part in message.walk() if part.defects]
    return message


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return part.get_content().replace("\r\n", "\n").rstrip("\n")


def html(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


def test_a_mail_has_every_header_once_and_no_other() -> None:
    message = written()

    assert sorted(message.keys()) == sorted(
        ["Subject", "To", "Message-ID", "Date", "From", "MIME-Version", "Reply-To", "List-Unsubscribe", "Content-Type"]
    )


def test_a_mail_names_one_recipient_and_its_sender() -> None:
    message = written()

    assert [(each.display_name, each.addr_spec) for each in message["To"].addresses] == [TO]
    assert [each.addr_spec for each in message["From"].addresses] == ["praxis@example.org"]
    assert [each.addr_spec for each in message["Reply-To"].addresses] == ["empfang@example.org"]
    assert message["Message-ID"] == REFERENCE


def test_without_an_address_for_answers_there_is_none() -> None:
    message = written(sender=Sender("Praxis", "praxis@example.org"))

    assert message["Reply-To"] is None
    assert message["List-Unsubscribe"] == "<mailto:praxis@example.org?subject=Abmelden>"


@pytest.mark.parametrize("purpose", [*Purpose])
def test_whoever_gets_mail_to_many_can_leave_and_a_reminder_is_none(purpose: Purpose) -> None:
    header = written(purpose=purpose)["List-Unsubscribe"]

    if purpose is Purpose.APPOINTMENT:
        assert header is None
    else:
        assert header == "<mailto:empfang@example.org?subject=Abmelden>"


def test_an_odd_address_stays_whole_in_the_link_to_leave() -> None:
    assert written(sender=Sender("P", "a%b?c&d@example.org"))["List-Unsubscribe"] == (
        "<mailto:a%25b%3Fc%26d@example.org?subject=Abmelden>"
    )


@pytest.mark.parametrize(
    ("at", "offset"),
    [
        (datetime(2026, 11, 23, 7, 30, tzinfo=UTC), "+0100"),
        (datetime(2026, 7, 1, 6, 0, tzinfo=UTC), "+0200"),
        # both clock changes, a second before and at them
        (datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), "+0100"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "+0200"),
        (datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC), "+0200"),
        (datetime(2026, 10, 25, 1, 0, tzinfo=UTC), "+0100"),
        # local midnight
        (datetime(2026, 11, 22, 23, 0, tzinfo=UTC), "+0100"),
        (datetime(2026, 11, 23, 7, 30, 5, 999_999, tzinfo=UTC), "+0100"),
    ],
)
def test_the_date_is_the_practice_s_wall_time_and_the_right_moment(at: datetime, offset: str) -> None:
    header = written(at=at)["Date"]

    assert header.datetime == at.replace(microsecond=0)
    assert str(header).endswith(offset)
    assert header.datetime.astimezone(BERLIN).utcoffset() == header.datetime.utcoffset()


@given(name=WORDS, rest=WORDS.map(lambda text: re.sub("[{}%]", "", text)))
def test_values_stand_in_the_mail_as_they_are(name: str, rest: str) -> None:
    message = written("Für {{Name}}: " + rest, "<div>Guten Tag {{Name}}!</div>", {"Name": name})

    assert message["Subject"] == " ".join(f"Für {name}: {rest}".split())
    assert plain(message) == f"Guten Tag {name}!"
    assert shown_text(message) == f"Guten Tag {name}!"


def shown_text(message: EmailMessage) -> str:
    """What a reader shows of a page of one line."""
    inner = re.search(r"<div>(.*)</div>", html(message), re.DOTALL)
    assert inner is not None
    return unescape(inner[1])


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a & b", '"Ute"', "{{Anrede}}", "%datum%", "&lt;"])
def test_a_value_is_text_and_never_markup_or_a_macro(name: str) -> None:
    message = written(body="<div>{{Name}}</div>", values={"Name": name, "Anrede": "X", "Termindatum": "Y"})

    assert plain(message) == name
    assert "<script>" not in html(message)
    assert shown_text(message) == name


@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028"])
def test_a_line_break_in_a_value_adds_no_header(line_break: str) -> None:
    """In a subject it becomes a blank; in a name or an address the mail is refused."""
    evil = f"Ute{line_break}Bcc: eva@example.net"
    message = written("Für {{Name}}", values={"Name": evil})

    assert message["Bcc"] is None
    assert message["Subject"] == "Für Ute Bcc: eva@example.net"
    for to in ((evil, TO[1]), (TO[0], f"ute@example.com{line_break}Bcc: eva@example.net")):
        with pytest.raises(BadHeader):
            written(to=to)


def test_nobody_else_is_ever_named() -> None:
    message = written(values={"Name": "Ute"}, body="<div>{{Name}}</div>")

    assert message["Cc"] is None
    assert message["Bcc"] is None
    assert len(message["To"].addresses) == 1


def test_a_macro_without_a_value_writes_nothing() -> None:
    with pytest.raises(UnfilledMacro):
        written(body="<div>{{Name}}</div>")


@given(st.lists(st.one_of(WORDS, st.sampled_from([".", "..", "From x", "a" * 1_200, "ü" * 900, " x", "x "])), max_size=8))
def test_any_text_of_a_body_arrives_whole(lines: list[str]) -> None:
    body = "".join(f"<div>{escaped(line)}</div>" for line in lines)

    message = written(body=body)

    assert plain(message) == to_plain_text(body)
    assert f"\n{body}\n" in html(message)


def escaped(text: str) -> str:
    """As the editor writes it; braces and percent signs aside, which would be macros."""
    text = text.replace("{", "(").replace("}", ")").replace("%", "/")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


BODIES = [
    "<div>Guten Tag {{Name}},<br><br>wir haben <strong>neue</strong> Zeiten.</div>",
    "<h1>Neu</h1><ul><li>montags</li><li>dienstags</li></ul><blockquote>Zitat</blockquote>",
    '<div>Mehr <a href="https://example.org/zeiten?a=1&amp;b=2">hier</a>.</div>',
    "<pre>  eingerückt\n.\n..</pre>",
    "<div>{{{Signatur}}}</div><div>P. S.: {{Name}}</div>",
    "",
]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("signature", ["", "<div>Ihre Praxis<br>{{Name}}</div>"])
def test_the_mail_is_what_the_preview_shows(body: str, signature: str) -> None:
    """The preview fills the same CompiledMail; what it shows must be what the bytes say."""
    values = {"Name": "Ute Ünver & Söhne"}
    shown = CompiledMail("Neues für {{Name}}", body, signature).fill(values)

    message = written("Neues für {{Name}}", body, values, signature=signature)

    assert message["Subject"] == shown.subject
    assert plain(message) == shown.text.rstrip("\n")
    assert shown.html.replace("\r\n", "\n") in html(message)
    assert sanitize(shown.html) == shown.html


def test_the_plain_text_says_what_the_page_says() -> None:
    body = BODIES[0]

    assert plain(written(body=body, values={"Name": "Ute"})) == to_plain_text(body).replace("{{Name}}", "Ute")


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        ("<div>Text</div>", "<div>Text</div>\n<div>Gruß</div>"),
        ("<div>{{{Signatur}}}</div><div>P. S.</div>", "<div><div>Gruß</div></div><div>P. S.</div>"),
        ("<div>{{ signatur }}</div>", "<div><div>Gruß</div></div>"),
    ],
)
def test_the_signature_stands_where_it_is_named_or_at_the_end(body: str, whole: str) -> None:
    assert with_signature(body, "<div>Gruß</div>") == whole


def test_a_signature_is_no_pattern() -> None:
    assert with_signature("<div>{{{Signatur}}}</div>", r"<div>\1 \g<0></div>") == r"<div><div>\1 \g<0></div></div>"


def test_files_go_with_the_mail_and_the_text_stays_readable() -> None:
    files = (
        File("Anfahrt Süd.pdf", "application/pdf", bytes(range(256)) * 20),
        File("Termin.ics", "text/calendar", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),
    )
    message = written(files=files)

    assert message.get_content_type() == "multipart/mixed"
    attached = list(message.iter_attachments())
    assert [part.get_payload(decode=True) for part in attached] == [file.content for file in files]
    assert plain(message) == "Guten Tag"


def test_no_boundary_begins_with_the_other() -> None:
    """RFC 2046, 5.1.2: a reader need only compare the beginning of a line."""
    message = written(files=(File("a.pdf", "application/pdf", b"x"),))
    boundaries = [part.get_boundary() for part in message.walk() if part.is_multipart()]

    assert len(boundaries) == 2
    assert not boundaries[0].startswith(boundaries[1])
    assert not boundaries[1].startswith(boundaries[0])


def test_a_test_mail_says_that_it_is_one() -> None:
    assert written("Für {{Name}}", values={"Name": "Ute"}, mark="[Test] ")["Subject"] == "[Test] Für Ute"


def test_every_mail_of_a_dispatch_has_its_own_person_and_moment() -> None:
    writer = MailWriter(CompiledMail("Für {{Name}}", "<div>{{Name}}</div>"), SENDER, Purpose.RECALL)
    mails = [
        message_from_bytes(
            writer.write(
                {"Name": name}, name, f"{name.lower()}@example.org", f"<{name}@example.org>", AT + timedelta(hours=hour)
            ),
            policy=SMTP,
        )
        for hour, name in enumerate(["Ute", "Eva", "Ida"])
    ]

    assert [mail["Subject"] for mail in mails] == ["Für Ute", "Für Eva", "Für Ida"]
    assert [mail["To"].addresses[0].addr_spec for mail in mails] == ["ute@example.org", "eva@example.org", "ida@example.org"]
    assert [mail["Date"].datetime for mail in mails] == [AT, AT + timedelta(hours=1), AT + timedelta(hours=2)]
    assert len({mail["Message-ID"] for mail in mails}) == 3
