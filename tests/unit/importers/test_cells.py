"""What a cell means, and what is reported when it means nothing."""

from datetime import date, time

import pytest

from messaging.domain.words import APPOINTMENT_STATUS_LABELS
from messaging.importers import cells

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  Groß ", "Groß"),
        ("Eva  Maria", "Eva Maria"),
        ("a\u0308", "ä"),
        ("Ute\u00a0Groß", "Ute Groß"),
        ("x\x00\x07y", "x y"),
        ("\ufeff", ""),
        ("", ""),
    ],
)
def test_a_cell_is_cleaned(typed, cleaned):
    assert cells.clean(typed) == cleaned


def test_line_breaks_stay_where_several_lines_make_sense():
    assert cells.clean_lines("Notiz  mit\r\nUmbruch ") == "Notiz mit\nUmbruch"
    assert cells.clean("Notiz mit\r\nUmbruch") == "Notiz mit Umbruch"


@pytest.mark.parametrize(
    ("text", "day", "code"),
    [
        ("13.03.1937", date(1937, 3, 13), None),
        ("3.4.1990", date(1990, 4, 3), None),
        ("1990-04-03", date(1990, 4, 3), None),
        ("03.04.1990 00:00:00", date(1990, 4, 3), None),
        ("29.02.1996", date(1996, 2, 29), None),
        ("29.02.1997", None, "bad_date"),
        ("31.11.1990", None, "bad_date"),
        ("00.00.0000", None, "bad_date"),
        ("13.03.37", None, "short_year"),
        ("01.01.2027", None, "birth_in_future"),
        ("23.11.2026", TODAY, None),
        ("01.01.1837", None, "birth_long_ago"),
        ("unbekannt", None, "bad_date"),
    ],
)
def test_birth_dates(text, day, code):
    found, problem = cells.read_birth_date(text, TODAY)

    assert (found, problem.code if problem else None) == (day, code)


@pytest.mark.parametrize(
    ("text", "day"),
    [("16.11.26", date(2026, 11, 16)), ("16.11.2026", date(2026, 11, 16)), ("2026-11-16T00:00", date(2026, 11, 16))],
)
def test_days_of_appointments(text, day):
    assert cells.read_day(text) == (day, None)


@pytest.mark.parametrize(
    ("text", "known"),
    [("31.12.1900", False), ("01.01.1901", True), ("31.12.2200", True), ("01.01.2201", False), ("0001-01-01", False)],
)
def test_days_that_no_practice_means_are_refused(text, known):
    day, problem = cells.read_day(text)

    assert (day is not None) == known
    assert (problem.code if problem else None) == (None if known else "bad_date")


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("01.01.0001", True),
        ("01.01.0001 00:00:00", True),
        ("1.1.1900 0:00:00", True),
        ("0001-01-01T00:00:00.0000000", True),
        ("30.12.1899", True),
        ("1900-01-01", True),
        ("01.01.00", False),
        ("02.01.1900", False),
        ("30.12.1899 08:00", False),
        ("", False),
    ],
)
def test_what_databases_write_where_no_date_is_known(text, empty):
    assert cells.is_no_date(text) == empty


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("08:00", time(8)),
        ("8:05", time(8, 5)),
        ("14.30 Uhr", time(14, 30)),
        ("8", time(8)),
        ("0830", time(8, 30)),
        ("14:30:00", time(14, 30)),
        ("14:30:00.000", time(14, 30)),
        ("00:00", time(0)),
        ("23:45", time(23, 45)),
        ("24:00", None),
        ("8:60", None),
        ("vormittags", None),
    ],
)
def test_times(text, expected):
    found, problem = cells.read_time(text)

    assert found == expected
    assert (problem is None) == (expected is not None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30", 30),
        ("30 min", 30),
        ("45 Minuten", 45),
        ("0:30", 30),
        ("1:15 h", 75),
        ("30,0", 30),
        ("0", None),
        ("1441", None),
        ("-5", None),
        ("lang", None),
    ],
)
def test_durations(text, expected):
    found, problem = cells.read_minutes(text)

    assert found == expected
    assert (problem is None) == (expected is not None)


@pytest.mark.parametrize(
    ("text", "answer", "told"),
    [
        ("ja", "yes", False),
        ("JA", "yes", False),
        ("x", "yes", False),
        ("true", "yes", False),
        ("1", "yes", False),
        ("nein", "no", False),
        ("N", "no", False),
        ("0", "no", False),
        ("nicht erwünscht", "no", False),
        ("widerrufen", "revoked", False),
        ("unbekannt", None, False),
        ("-", None, False),
        ("ja, ab Mai", None, True),
        ("vielleicht", None, True),
    ],
)
def test_only_a_clear_answer_counts(text, answer, told):
    found, problem = cells.read_answer(text)

    assert (found, problem is not None) == (answer, told)


@pytest.mark.parametrize(
    ("text", "form", "told"),
    [
        ("Herr", "Herr", False),
        ("Herrn", "Herr", False),
        ("Fr.", "Frau", False),
        ("FRAU", "Frau", False),
        ("m", "Herr", False),
        ("w", "Frau", False),
        ("männlich", "Herr", False),
        ("divers", "divers", False),
        ("Familie", "Familie", False),
        ("", "", False),
        ("Firma", "", False),
        ("Kapitän", "", True),
    ],
)
def test_forms_of_address(text, form, told):
    found, problem = cells.read_form_of_address(text)

    assert (found, problem is not None) == (form, told)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("geplant", "planned"),
        ("bestätigt", "confirmed"),
        ("Bestaetigt", "confirmed"),
        ("abgesagt", "cancelled"),
        ("Storniert", "cancelled"),
        ("erledigt", "done"),
        ("eingetroffen", "arrived"),
        ("nicht erschienen", "no_show"),
        ("No-Show", "no_show"),
        ("umbuchen", "rebook"),
        ("bitte umbuchen", "rebook"),
        ("verschoben", None),
        ("???", None),
    ],
)
def test_states_of_appointments_are_never_guessed(text, status):
    found, problem = cells.read_status(text)

    assert found == status
    assert (problem is None) == (status is not None)


def test_every_word_that_praxispost_itself_uses_for_a_state_is_read():
    assert {cells.read_status(label)[0] for label in APPOINTMENT_STATUS_LABELS.values()} == set(APPOINTMENT_STATUS_LABELS)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("?ukasz", "lost_letters"),
        ("?ur?a", "lost_letters"),
        ("Petrovi?", "lost_letters"),
        ("Yı\ufffdldız", "lost_letters"),
        ("JÃ¶rg", "garbled"),
        ("GroÃŸ", "garbled"),
        ("YÄ±ldÄ±z", "garbled"),
        ("Łukasz", None),
        ("Äpfel", None),
        ("Åse", None),
        ("?", None),
        ("Müller", None),
        ("O'Neill", None),
    ],
)
def test_letters_lost_on_the_way_are_noticed(text, code):
    problem = cells.letters_problem(text)

    assert (problem.code if problem else None) == code
