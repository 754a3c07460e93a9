import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.macro_catalogue import MACROS, MacroGroup, macro_named, nearest_macro, why_never
from messaging.domain.macros import UnfilledMacro, complaints, macros_in, parse

VALUES = {macro.name: macro.example for macro in MACROS}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{Briefanrede}}", "Sehr geehrte Frau Dr. Groß,"),
        ("{{ Briefanrede }}", "Sehr geehrte Frau Dr. Groß,"),
        ("{{\u00a0Briefanrede&nbsp;}}", "Sehr geehrte Frau Dr. Groß,"),  # as an HTML editor leaves it
        ("{{briefanrede}} {{NACHNAME}}", "Sehr geehrte Frau Dr. Groß, Groß"),
        ("{{{Name}}}", "Dr. Anna Groß"),
        ("%datum% um %uhrzeit% Uhr", "23.11.2026 um 08:00 Uhr"),
        ("%Datum%", "23.11.2026"),
        ("{{datum}}/{{Termindatum}}", "23.11.2026/23.11.2026"),
        ("{{Straße}}, {{Postleitzahl}} {{Ort}}", "Musterweg 12, 01067 Dresden"),
        ("{{E-Mail}}", "anna.gross@example.org"),
        ("<p>{{Vorname}}</p>", "<p>Anna</p>"),
        ("50 % Rabatt, 20% und 30%", "50 % Rabatt, 20% und 30%"),
        ("a {b} c", "a {b} c"),
        ("", ""),
        ("ohne Makro", "ohne Makro"),
    ],
)
def test_a_text_is_filled_as_it_was_meant(text, filled):
    assert parse(text).fill(VALUES) == filled


EVIL = "O'Neill & <b>Söhne</b>"


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{Nachname}}", "O&#x27;Neill &amp; &lt;b&gt;Söhne&lt;/b&gt;"),
        ("{{{Nachname}}}", EVIL),
        ("<p>%datum%</p>", "<p>&lt;i&gt;</p>"),
        ("{{{Signatur}}} {{Signatur}}", "<p>Ihr Team</p> <p>Ihr Team</p>"),  # a signature is HTML already
    ],
)
def test_double_braces_escape_and_triple_ones_do_not(text, filled):
    values = {"Nachname": EVIL, "Termindatum": "<i>", "Signatur": "<p>Ihr Team</p>"}

    assert parse(text).fill(values, html.escape) == filled


@pytest.mark.parametrize("value", ["%datum%", "{{7*7}}", "{{{Signatur}}}", "{{Vorname}}", "}}", "\\1", "%s"])
def test_a_value_stays_text(value):
    assert parse("{{Nachname}}/{{{Nachname}}}").fill({"Nachname": value}, html.escape) == f"{value}/{value}"


def test_a_macro_without_entry_stops_the_text():
    with pytest.raises(UnfilledMacro, match="unfilled_macro") as stopped:
        parse("Guten Tag {{Vorname}}").fill({"Nachname": "Groß"})

    assert stopped.value.name == "Vorname"
    assert "Vorname" in stopped.value.problem.sentence


@pytest.mark.parametrize("text", ["{{Diagnose}}", "{{7*7}}", "{{}}", "{{Brieffanrede}}"])
def test_what_is_no_macro_is_never_filled_whatever_the_values_hold(text):
    with pytest.raises(UnfilledMacro):
        parse(text).fill(VALUES | {"Diagnose": "x", "7*7": "49", "": "x"})


@pytest.mark.parametrize("blank", ["", " ", "\u00a0\n"])
def test_a_blank_value_counts_as_empty(blank):
    text = parse("{{Titel}} {{Nachname}} {{Terminort}}")

    assert text.empty_macros({"Titel": blank, "Nachname": "Groß"}) == ("Titel", "Terminort")
    assert text.fill({"Titel": "", "Nachname": "Groß", "Terminort": ""}) == " Groß "


def test_the_macros_of_a_text_are_listed_once_by_their_names():
    assert macros_in("{{nachname}} %datum% {{{Nachname}}} {{7*7}} {{Termindatum}}") == ("Nachname", "Termindatum")


def told(text: str, channel: str = "email") -> list[tuple[str, str, str | None]]:
    return [(complaint.code, complaint.written, complaint.replacement) for complaint in complaints(text, channel)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{{Brieffanrede}}", ("unknown_macro", "{{Brieffanrede}}", "{{Briefanrede}}")),
        ("{{signature}}", ("unknown_macro", "{{signature}}", "{{{Signatur}}}")),
        ("{{7*7}}", ("unknown_macro", "{{7*7}}", "")),
        ("{{}}", ("unknown_macro", "{{}}", "")),
        ("{{config.SECRET_KEY}}", ("unknown_macro", "{{config.SECRET_KEY}}", "")),
        ("{{{Diagnose}}}", ("never_exported", "{{{Diagnose}}}", "")),
        ("{Briefanrede}", ("single_braces", "{Briefanrede}", "{{Briefanrede}}")),
        ("%Vorname%", ("percent_name", "%Vorname%", "{{Vorname}}")),
        ("{{Brief<strong>anrede</strong>}}", ("formatted_macro", "{{Brief<strong>anrede</strong>}}", "{{Briefanrede}}")),
        ("{{Briefanrede", ("unbalanced", "{{Briefanred", None)),
        ("Briefanrede}} und", ("unbalanced", "riefanrede}} und", None)),
        ("{{{Name}}", ("unbalanced", "{…", None)),
        ("{{Name}}}", ("unbalanced", "…}", None)),
    ],
)
def test_what_is_wrong_in_a_text_is_named_with_its_cure(text, complaint):
    assert told(text) == [complaint]


def test_the_same_slip_is_named_once():
    assert len(told("{{Diagnose}} {{Diagnose}} {{7*7}}")) == 2


@pytest.mark.parametrize("text", ["Hallo {{Vorname}}, %datum%", "100 % {x} {y z}", "http://example.org/%C3%A4%ab%cd", "%ige%"])
def test_a_sound_text_has_no_complaints(text):
    assert told(text) == []


def test_the_sentence_says_what_was_meant_and_what_to_write():
    assert [c.sentence for c in complaints("{{Brieffanrede}} {{7*7}}", "email")] == [
        "Das Makro „Brieffanrede“ gibt es nicht. Meinten Sie „Briefanrede“?",
        "Das Makro „7*7“ gibt es nicht.",
    ]


GENERAL = "Anrede Titel Vorname Nachname Name Briefanrede Signatur Praxisname Praxistelefon Praxisanschrift Heute".split()  # noqa: SIM905
APPOINTMENT = ["Termindatum", "Terminuhrzeit", "Terminwochentag", "Terminart", "Behandler", "Terminort", "datum", "uhrzeit"]
POST = ["Anschrift", "Strasse", "PLZ", "Ort", "Land"]
CARRIED = {
    "email": [*GENERAL, *APPOINTMENT, "Email"],
    "sms": [*GENERAL, *APPOINTMENT, "Mobilnummer"],
    "letter": [*GENERAL, *APPOINTMENT, *POST],
}


@pytest.mark.parametrize("channel", CARRIED)
@pytest.mark.parametrize("name", [*GENERAL, *APPOINTMENT, "Email", "Mobilnummer", *POST])
def test_every_channel_carries_what_the_design_says_and_no_more(channel, name):
    expected = [] if name in CARRIED[channel] else [("not_exported", f"{{{{{name}}}}}", "")]

    assert told(f"{{{{{name}}}}}", channel) == expected


def test_a_macro_of_another_channel_is_refused_with_the_reason():
    assert [c.sentence for c in complaints("{{Anschrift}}", "sms")] == [
        "„Anschrift“ gibt es nur in Briefen: Eine SMS enthält nur die nötigen Angaben."
    ]


NEVER = [
    *("Geburtsdatum", "Geburtstag", "Beruf", "Versicherungsnummer", "Kasse", "Krankenkasse", "Anamnese", "Therapie"),
    *("Diagnose", "Behandlung", "Diagnosen", "Behandlungsdaten", "Therapieplan", "Befund", "Medikation", "Allergien", "ICD-10"),
    *("Rezept", "Überweisung", "Laborwerte", "Impfstatus", "Bemerkung", "Versichertennummer", "Körpergröße", "Schwangerschaft"),
]


@pytest.mark.parametrize("channel", CARRIED)
@pytest.mark.parametrize("name", NEVER)
def test_treatment_insurance_occupation_and_birth_never_go_out(channel, name):
    (complaint,) = complaints(f"{{{{{name}}}}}", channel)

    assert (complaint.code, complaint.replacement) == ("never_exported", "")
    assert complaint.sentence.startswith(f"„{name}“ wird in Serien nie versendet: ")


def test_the_catalogue_is_whole():
    assert {macro.group for macro in MACROS} == set(MacroGroup)
    assert {macro.name for macro in MACROS} == {*GENERAL, *APPOINTMENT, "Email", "Mobilnummer", *POST} - {"datum", "uhrzeit"}
    for macro in MACROS:
        assert macro.description
        assert macro.example
        assert why_never(macro.name) == ""
        assert {macro_named(name) for name in (macro.name, macro.name.upper(), macro.written, *macro.aliases)} == {macro}
        assert parse(macro.written).fill(VALUES) == macro.example


def test_nothing_is_near_to_nonsense():
    assert nearest_macro("xyzxyz") is None
    assert nearest_macro("") is None


LIKE_A_MACRO = st.one_of(
    st.text(), st.text(alphabet="{}% aNmedtu<b>&;7*", max_size=40), st.sampled_from([m.written for m in MACROS])
)


@given(LIKE_A_MACRO, LIKE_A_MACRO)
def test_filling_never_fills_again(value, other):
    filled = parse("[{{{Nachname}}}|{{Vorname}}]").fill({"Nachname": value, "Vorname": other})

    assert filled == f"[{value}|{other}]"


@given(LIKE_A_MACRO)
def test_a_text_without_complaints_can_always_be_filled_and_nothing_of_a_macro_is_left(text):
    compiled = parse(text)

    if not compiled.complaints("email"):
        filled = compiled.fill(dict.fromkeys(VALUES, "·"))
        assert "{{" not in filled
        assert "%datum%" not in filled.lower()


@given(LIKE_A_MACRO)
def test_cutting_a_text_loses_nothing(text):
    compiled = parse(text)
    pieces = list(compiled.pieces)
    for slot in compiled.slots:
        pieces[slot.index] = slot.written

    assert "".join(pieces) == text
