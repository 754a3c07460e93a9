"""How typed text becomes the text of a draft, what is wrong with its macros, and how that is mended."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from messaging.domain import draft_text, macros
from messaging.domain.macro_catalogue import MACROS


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("<div>Guten Tag<br>bis bald</div>", "<div>Guten Tag<br>bis bald</div>"),
        ("Guten Tag\r\n\r\nbis bald", "<div>Guten Tag<br><br>bis bald</div>"),
        ("2 < 3 & 4 > 3", "<div>2 &lt; 3 &amp; 4 &gt; 3</div>"),
        ("<script>alert(1)</script><div>x</div>", "<div>x</div>"),
        ("<div onclick='x()'>x</div>", "<div>x</div>"),
        ("\x00<div>a\x0bb</div>", "<div>ab</div>"),
        ("   ", ""),
        ("", ""),
    ],
)
def test_typed_text_becomes_clean_html(typed: str, stored: str) -> None:
    assert draft_text.clean_body(typed) == stored


def test_a_subject_is_one_line() -> None:
    assert draft_text.clean_subject("  Ihr Termin\r\nBcc: x@example.org\x00 ") == "Ihr Termin Bcc: x@example.org"


@pytest.mark.parametrize("body", ["", "<div><br></div>", "<div>&nbsp; </div>", "<p></p>"])
def test_a_body_without_anything_to_read_is_blank(body: str) -> None:
    assert draft_text.is_blank(body)


def test_a_text_of_one_letter_is_not_blank() -> None:
    assert not draft_text.is_blank("<div>a</div>")


def test_what_is_too_long_is_said_at_its_field() -> None:
    assert draft_text.length_problems("x" * 200, "y" * 100_000) == {}
    assert set(draft_text.length_problems("x" * 201, "y" * 100_001)) == {"subject", "body"}


def codes(subject: str = "", body: str = "", signature: str = "", **options: bool) -> list[tuple[str, str]]:
    return [(one.place, one.code) for one in draft_text.complaints(subject, body, signature, "email", **options)]


@pytest.mark.parametrize(
    ("subject", "body", "signature", "expected"),
    [
        ("{{Briefanrede}}", "<div>{{Termindatum}} %uhrzeit%</div>", "{{Praxisname}}", []),
        ("{{Breifanrede}}", "", "", [("subject", "unknown_macro")]),
        ("", "{{Mobilnummer}}", "", [("body", "not_exported")]),
        ("", "{{Diagnose}}", "", [("body", "never_exported")]),
        ("", "", "{{Ort}}", [("signature", "not_exported")]),
        ("{{{Signatur}}}", "{{{Signatur}}}", "", [("subject", "signature_elsewhere")]),
        ("", "", "{{Signatur}}", [("signature", "signature_elsewhere")]),
        ("", "%da<em>tum</em>%", "", [("body", "formatted_macro")]),
        ("", '<a href="https://example.org/?n={{Name}}">x</a>', "", [("body", "macro_in_link")]),
    ],
)
def test_every_place_is_judged(subject: str, body: str, signature: str, expected: list[tuple[str, str]]) -> None:
    assert [found for found in codes(subject, body, signature) if found != ("body", "single_braces")] == expected


def test_macros_of_the_appointment_need_appointments() -> None:
    assert codes("%datum%", "{{Behandler}}", with_appointments=False) == [
        ("subject", "no_appointments"),
        ("body", "no_appointments"),
    ]
    assert codes("%datum%", "{{Behandler}}", with_appointments=True) == []


@pytest.mark.parametrize(
    ("text", "written", "replacement", "mended"),
    [
        ("Hallo {{Vornahme}}, {{Vornahme}}!", "{{Vornahme}}", "{{Vorname}}", "Hallo {{Vorname}}, {{Vorname}}!"),
        ("{{{Name}}} {{Name}}", "{{Name}}", "", "{{{Name}}} "),
        ("Am {Termindatum}", "{Termindatum}", "{{Termindatum}}", "Am {{Termindatum}}"),
        ("Am %termin%", "%termin%", "{{Termindatum}}", "Am {{Termindatum}}"),
        ("nichts", "{{X}}", "y", "nichts"),
        ("nichts", "", "y", "nichts"),
    ],
)
def test_mending_touches_only_what_was_meant(text: str, written: str, replacement: str, mended: str) -> None:
    assert draft_text.mend(text, written, replacement) == mended


@pytest.mark.parametrize(
    ("subject", "cures"),
    [
        ("{{Vornamme}}", ("{{Vorname}}", "")),
        ("{{Xyzzy}}", ("",)),
        ("{{}}", ("",)),
        ("{{Diagnose}}", ("",)),
        ("{Vorname}", ("{{Vorname}}",)),
        ("{{Vorname", ()),
    ],
)
def test_an_unknown_macro_can_always_be_removed_and_a_near_name_comes_first(subject: str, cures: tuple[str, ...]) -> None:
    (complaint,) = draft_text.complaints(subject, "", "", "email")

    assert complaint.cures == cures


@given(st.text(alphabet="{}%Namedtu <>bi/&", max_size=30), st.sampled_from([0, -1]))
@example("{{a}} {{Nam}}", -1)
def test_mending_all_complaints_with_an_offer_leaves_none_of_them(text: str, choice: int) -> None:
    """An offered cure cures: the button never leaves the same complaint behind, whichever of them is clicked.

    Only braces around the macro can close up to the same one again, and a person is told to look at those.
    """
    found = draft_text.complaints(text, "", "", "email")
    assume("unbalanced" not in [one.code for one in found])
    for one in found:
        if not one.cures or one.code in ("single_braces", "percent_name"):
            continue
        text = draft_text.mend(text, one.written, one.cures[choice])

        assert one.written not in [slot.written for slot in macros.parse(text).slots]


def test_used_macros_are_known_ones_without_the_signature() -> None:
    assert draft_text.used_macros("{{name}} {{Unsinn}}", "%datum%{{{Signatur}}}") == {"Name", "Termindatum"}


def test_a_macro_is_greyed_with_its_reason() -> None:
    by_name = {macro.name: macro for macro in MACROS}

    assert draft_text.why_greyed(by_name["Vorname"], "email", with_appointments=False) == ""
    assert "Terminliste" in draft_text.why_greyed(by_name["Behandler"], "email", with_appointments=False)
    assert draft_text.why_greyed(by_name["Behandler"], "email", with_appointments=True) == ""
    assert "SMS" in draft_text.why_greyed(by_name["Mobilnummer"], "email", with_appointments=True)


def test_what_stands_in_square_brackets_may_be_a_blank_to_fill() -> None:
    assert draft_text.open_blanks("am [Datum]", "<div>[Datum] bis [letzter Tag], []</div>") == ("[Datum]", "[letzter Tag]")
