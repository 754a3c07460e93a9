"""A row of patients or prospects becomes fields and answers, and what is wrong with it a line of the report."""

from datetime import date

import pytest

from messaging.importers import columns
from messaging.importers.people import PersonReader

TODAY = date(2026, 11, 23)


def read(cells: dict[str, str], kind: str = "patients", row: int = 7):
    full = {"Pat-Nr" if kind == "patients" else "Nr": "M1", "Nachname": "Groß", **cells}
    reader = PersonReader(list(full), columns.recognise(list(full), kind), TODAY)
    return reader.read(row, list(full.values()))


def told(person):
    return [(problem.column, problem.problem.code, problem.severity.value) for problem in person.problems]


def test_a_whole_row_is_read_and_empty_cells_are_left_out():
    person = read(
        {
            "Anrede": "Frau",
            "Titel": "Prof. Dr.",
            "Vorname": "Ute",
            "Geburtsdatum": "04.12.1975",
            "Straße": "An der  Teststrecke 116",
            "PLZ": "09111",
            "Ort": "Chemnitz",
            "Land": "",
            "Telefon": "",
            "SMS": "0176 040690 17",
            "E-Mail": " ute@example.org ",
            "Kontakt SMS": "ja",
            "Kontakt Mail": "nein",
            "Kontakt Post": "",
            "verstorben": "",
            "Bemerkung": "eine\nNotiz",
        }
    )

    assert person.number == "M1"
    assert person.fields == {
        "last_name": "Groß",
        "form_of_address": "Frau",
        "title": "Prof. Dr.",
        "first_name": "Ute",
        "birth_date": date(1975, 12, 4),
        "street": "An der Teststrecke 116",
        "postcode": "09111",
        "city": "Chemnitz",
        "sms": "0176 040690 17",
        "email": "ute@example.org",
        "note": "eine\nNotiz",
    }
    assert (person.consents, person.deceased) == ({"sms": "yes", "email": "no"}, None)
    assert not person.problems
    assert not person.refused


def test_insurance_and_profession_are_dropped_at_reading():
    person = read({"Kasse": "AOK", "Beruf": "Tischler", "Diagnose": "geheim", "Haarfarbe": "blond"})

    assert person.fields == {"last_name": "Groß"}


@pytest.mark.parametrize(
    ("cells", "postcode", "reported"),
    [
        ({"PLZ": "1067"}, "01067", [("PLZ", "postcode_repaired", "warning")]),
        ({"PLZ": "1067", "Land": "Deutschland"}, "01067", [("PLZ", "postcode_repaired", "warning")]),
        ({"PLZ": "1067", "Land": "D"}, "01067", [("PLZ", "postcode_repaired", "warning")]),
        ({"PLZ": "1010", "Land": "Österreich"}, "1010", []),
        ({"PLZ": "8001", "Land": "CH"}, "8001", []),
        ({"PLZ": "01067"}, "01067", []),
        ({"PLZ": "D-01067"}, "01067", []),
        ({"PLZ": "106"}, "106", [("PLZ", "postcode_not_five", "warning")]),
        ({"PLZ": "ofW"}, "ofW", [("PLZ", "postcode_not_five", "warning")]),
        ({"PLZ/Ort": "01067 Dresden"}, "01067", []),
        ({"PLZ/Ort": "1067 Dresden"}, "01067", [("PLZ/Ort", "postcode_repaired", "warning")]),
    ],
)
def test_postcodes(cells, postcode, reported):
    person = read(cells)

    assert person.fields["postcode"] == postcode
    assert told(person) == reported


def test_place_and_house_number_from_their_own_columns():
    assert read({"PLZ Ort": "01067 Dresden OT Gorbitz"}).fields["city"] == "Dresden OT Gorbitz"
    assert read({"PLZ Ort": "Dresden"}).fields == {"last_name": "Groß", "city": "Dresden"}
    assert read({"Straße": "Musterweg", "Hausnummer": "5a"}).fields["street"] == "Musterweg 5a"
    assert read({"Straße": "Musterweg 5a", "Hausnummer": "5a"}).fields["street"] == "Musterweg 5a"
    assert "street" not in read({"Straße": "", "Hausnummer": "5a"}).fields


@pytest.mark.parametrize(
    ("cells", "deceased"),
    [
        ({"verstorben": "ja"}, True),
        ({"verstorben": "nein"}, False),
        ({"verstorben": ""}, None),
        ({"verstorben": "01.01.0001 00:00:00"}, None),  # no date, in the words of a database
        ({"verstorben": "30.12.1899"}, None),
        ({"Verstorben am": "12.03.2024"}, True),
    ],
)
def test_deceased(cells, deceased):
    person = read(cells)

    assert person.deceased is deceased
    assert not person.problems


@pytest.mark.parametrize(
    ("cells", "reported"),
    [
        ({"Geburtsdatum": "31.02.1990"}, ("Geburtsdatum", "bad_date", "warning")),
        ({"Kontakt Mail": "nur Herr Doktor"}, ("Kontakt Mail", "not_yes_or_no", "warning")),
        ({"verstorben": "vielleicht"}, ("verstorben", "not_yes_or_no", "warning")),
        ({"Anrede": "Kapitän"}, ("Anrede", "unknown_form", "warning")),
        ({"Geschlecht": "Q"}, ("Geschlecht", "unknown_form", "warning")),
        ({"Vorname": "?ukasz"}, ("Vorname", "lost_letters", "warning")),
        ({"Ort": "MÃ¼nchen"}, ("Ort", "garbled", "warning")),
        ({"Pat-Nr": " "}, ("Pat-Nr", "no_number", "refused")),
        ({"Nachname": ""}, ("Nachname", "no_name", "refused")),
        ({"Vorname": "x" * 201}, ("Vorname", "too_long", "refused")),
    ],
)
def test_what_is_wrong_is_named_with_its_column(cells, reported):
    person = read(cells)

    assert told(person) == [reported]
    assert person.refused == (reported[2] == "refused")
    assert all(problem.row == 7 and problem.problem.sentence for problem in person.problems)


def test_one_name_is_enough():
    assert not read({"Nachname": "", "Vorname": "Kim"}).refused


def test_the_sex_fills_the_form_of_address_only_where_none_is_given():
    assert read({"Geschlecht": "w"}).fields["form_of_address"] == "Frau"
    assert read({"Anrede": "Herr", "Geschlecht": "w"}).fields["form_of_address"] == "Herr"


def test_names_are_text_and_nothing_else():
    person = read({"Vorname": "O'Neill & <b>Söhne</b>", "Nachname": "=SUM(A1)", "Titel": "{{7*7}}"})

    assert (person.fields["first_name"], person.fields["last_name"], person.fields["title"]) == (
        "O'Neill & <b>Söhne</b>",
        "=SUM(A1)",
        "{{7*7}}",
    )


@pytest.mark.parametrize(
    ("cells", "code", "refused"),
    [
        (["M1", "Groß", "Berlin", "noch etwas"], "too_many_cells", True),
        (["M1", "Groß", "Berlin", "", ""], None, False),
        (["M1", "Groß"], "too_few_cells", False),
        (["M1"], "too_few_cells", True),  # and nobody has no name
    ],
)
def test_rows_of_another_width_than_the_head(cells, code, refused):
    head = ["Pat-Nr", "Nachname", "Ort"]
    person = PersonReader(head, columns.recognise(head, "patients"), TODAY).read(2, cells)

    assert ([problem.problem.code for problem in person.problems] or [None])[0] == code
    assert person.refused == refused


def test_a_prospect_has_its_number_and_source():
    person = read({"Quelle": "Messe"}, kind="prospects")

    assert (person.number, person.fields["source"]) == ("M1", "Messe")


@pytest.mark.parametrize("text", ["01.01.0001", "1900-01-01 00:00:00.000", "30.12.1899"])
def test_a_birth_date_that_a_database_left_open_is_an_empty_cell(text):
    person = read({"Geburtsdatum": text})

    assert "birth_date" not in person.fields
    assert not person.problems
