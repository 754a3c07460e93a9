"""The promise behind sending: a text without complaints is filled completely, whoever gets it."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.domain import draft_text
from messaging.domain.facts import AppointmentFacts, PersonFacts, PracticeFacts
from messaging.domain.macro_catalogue import MACROS
from messaging.domain.macro_values import values_for
from messaging.domain.macros import parse
from messaging.rendering.email import CompiledMail

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
PRACTICE = PracticeFacts("Praxis am Musterweg", "030 23125000", "Musterweg 1", "01067", "Dresden")

#: What people type, paste and tear apart.
PIECES = st.sampled_from(
    [macro.written for macro in MACROS]
    + ["{{", "}}", "{", "}", "%", "%datum%", "%Uhrzeit%", "%da", "tum%", "{{Diagnose}}", "{{7*7}}", "{{Breifanrede}}", "Signatur"]
    + ["<b>", "</b>", "<strong>", "</strong>", "<em>", "</em>", "<div>", "</div>", "<br>", "<li>", "<del>", "</del>"]
    + ["&#123;", "&#125;", "&nbsp;", "&amp;", "&lt;", "Brief", "anrede", "Name", "\u00a0", " ", "\n", "a", "ä"]
    + ['<a href="https://example.org/{{Name}}">', '<a href="https://example.org/">', "</a>"]
)
TEXTS = st.lists(PIECES, max_size=7).map("".join)
NAMES = st.one_of(
    st.sampled_from(["O'Neill & <b>Söhne</b>", "%datum%", "{{7*7}}", "{{Name}}", "{{{Signatur}}}", "=SUM(A1)", ""]),
    st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=20),
)


@settings(max_examples=600, deadline=None)
@given(place=st.sampled_from(["subject", "body", "signature"]), typed=TEXTS)
def test_a_text_without_complaints_has_nothing_left_to_fill(place: str, typed: str) -> None:
    texts = {"subject": "Ihr Termin", "body": "<div>{{Briefanrede}}</div>", "signature": "<div>{{Praxisname}}</div>"}
    texts[place] = draft_text.clean_subject(typed) if place == "subject" else draft_text.clean_body(typed)
    if draft_text.complaints(*texts.values(), "email"):
        return
    mail = CompiledMail(*texts.values())

    filled = mail.fill(dict.fromkeys(mail.macro_names, "x"))

    for part in (filled.subject, filled.html, filled.text):
        assert parse(part).slots == ()


@settings(max_examples=200, deadline=None)
@given(name=NAMES, first_name=NAMES, with_appointment=st.booleans())
def test_a_value_is_never_read_as_a_macro_again(name: str, first_name: str, with_appointment: bool) -> None:
    person = PersonFacts(1, last_name=name, first_name=first_name, email_normalized="p@example.org")
    appointment = AppointmentFacts(1, NOW, practitioner=name) if with_appointment else None
    mail = CompiledMail("{{Name}} am %datum%", "<div>{{Briefanrede}} {{Name}} {{Behandler}}</div>", "<div>{{Praxisname}}</div>")

    values = values_for(person, appointment, PRACTICE, "", NOW, names=mail.macro_names)
    filled = mail.fill(values)

    for value in values.values():
        assert " ".join(value.split()) in " ".join(f"{filled.subject} {filled.text}".split())
    assert filled.html.count("<") == "<div></div><div></div>".count("<")
