from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.countries import country_code, country_name
from messaging.domain.facts import PersonFacts
from messaging.domain.salutation import PersonName, address_lines, briefanrede, is_minor, name_lines

TODAY = date(2026, 11, 22)
CHILD = date(2019, 3, 14)


def person(**facts) -> PersonFacts:
    return PersonFacts(id=1, **facts)


def named(form="", title="", first="", last="", **facts) -> PersonName:
    return PersonName.of(person(form_of_address=form, title=title, first_name=first, last_name=last, **facts))


JOERG = named("Herr", "Dr.", "Jörg", "Müßig")
UTE = named("Frau", "Prof. Dr.", "Ute", "Groß")
KAI = named("Herr", "Dipl.-Ing. (FH)", "Kai", "Öhme")
LEA = named("Frau", "M.Sc.", "Lea", "Winkler")
EVA = named("Frau", "", "Eva", "Berg-Lüttichau", name_prefix="Freifrau von und zu")
EVA_IN_ONE_FIELD = named("Frau", "", "Eva", "von und zu Berg-Lüttichau")
ALEX = named("divers", "", "Alex", "Winter")
KIM = named("", "", "", "Kim")
COMPANY = named("", "", "", "Weber GmbH")


@pytest.mark.parametrize(
    ("name", "salutation"),
    [
        (named("Herr", "", "Jörg", "Müller"), "Sehr geehrter Herr Müller,"),
        (named("Frau", "Dr.", "Anna", "Groß"), "Sehr geehrte Frau Dr. Groß,"),
        (JOERG, "Sehr geehrter Herr Dr. Müßig,"),
        (named("Herr", "Prof. Dr.", "Karl", "Weiß"), "Sehr geehrter Herr Professor Weiß,"),
        (UTE, "Sehr geehrte Frau Professorin Groß,"),
        (named("Herr", "Prof. Dr. Dr. h. c.", "Karl", "Weiß"), "Sehr geehrter Herr Professor Weiß,"),
        (named("Frau", "Dr. med. dent.", "Anna", "Groß"), "Sehr geehrte Frau Dr. Groß,"),
        (named("Herr", "Dr.-Ing.", "Karl", "Weiß"), "Sehr geehrter Herr Dr. Weiß,"),
        (named("Frau", "Dr. Dr.", "Anna", "Groß"), "Sehr geehrte Frau Dr. Groß,"),
        (named("Frau", "PD Dr.", "Anna", "Groß"), "Sehr geehrte Frau Dr. Groß,"),
        (KAI, "Sehr geehrter Herr Öhme,"),
        (LEA, "Sehr geehrte Frau Winkler,"),
        (named("Frau", "Dr. M. A.", "Lea", "Winkler"), "Sehr geehrte Frau Dr. Winkler,"),
        (named("Frau", "", "Eva", "Berg", name_prefix="von"), "Sehr geehrte Frau von Berg,"),
        (EVA_IN_ONE_FIELD, "Sehr geehrte Frau von und zu Berg-Lüttichau,"),
        (EVA, "Sehr geehrte Freifrau von und zu Berg-Lüttichau,"),
        (named("Frau", "Freifrau", "Eva", "von Berg"), "Sehr geehrte Freifrau von Berg,"),  # in the field Titel
        (named("Herr", "Dr. Graf", "Emil", "von Berg"), "Sehr geehrter Herr Dr. Graf von Berg,"),
        (named("Herr", "Graf von", "Carl", "Berg"), "Sehr geehrter Graf von Berg,"),
        (named("Herr", "Dr. Freiherr von und zu", "Carl", "Berg"), "Sehr geehrter Herr Dr. Freiherr von und zu Berg,"),
        (named("Herr", "Graf von", "Carl", "Berg", name_prefix="von"), "Sehr geehrter Graf von Berg,"),  # said twice
        (named("Herr", "Graf von", "Carl", "von Berg"), "Sehr geehrter Graf von Berg,"),
        (named("Frau", "Dr. von", "Eva", "Berg"), "Sehr geehrte Frau Dr. von Berg,"),
        (named("Herr", "", "Emil", "Graf"), "Sehr geehrter Herr Graf,"),  # here it is only a surname
        (ALEX, "Guten Tag Alex Winter,"),
        (named("divers", "Dr.", "Alex", "Winter"), "Guten Tag Dr. Alex Winter,"),
        (named("", "", "Alex", "Winter"), "Guten Tag Alex Winter,"),
        (KIM, "Guten Tag Kim,"),
        (named("Frau", "", "Kim", ""), "Guten Tag Kim,"),
        (named("Frau", "", "", "Schmidt"), "Sehr geehrte Frau Schmidt,"),
        (COMPANY, "Sehr geehrte Damen und Herren,"),
        (named("", "", "", "Sportfreunde Musterstadt e. V."), "Sehr geehrte Damen und Herren,"),
        (named("Familie", "", "", "Schulz"), "Sehr geehrte Familie Schulz,"),
        (named(), "Sehr geehrte Damen und Herren,"),
        (named("Frau", "Dr."), "Sehr geehrte Damen und Herren,"),
        (named("Herrn", " Dr ", " Jörg ", " Müller  Weber "), "Sehr geehrter Herr Dr. Müller Weber,"),  # as exports have it
        (named("Frau", "Prof.Dr.med.", "Ute", "Groß"), "Sehr geehrte Frau Professorin Groß,"),
        (named("Frau", "", "=SUM(A1)", "O'Neill & <b>Söhne</b>"), "Sehr geehrte Frau O'Neill & <b>Söhne</b>,"),
        (named("Herr", "", "%datum%", "{{7*7}}"), "Sehr geehrter Herr {{7*7}},"),
        (named("Herr", "", "Jörg", "von"), "Sehr geehrter Herr von,"),
    ],
)
def test_everybody_is_greeted_as_the_guides_say(name, salutation):
    assert briefanrede(name, TODAY) == salutation


@pytest.mark.parametrize(
    ("title", "salutation"),
    [
        ("Prof. Dr.", "Sehr geehrte Frau Prof. Dr. Groß,"),
        ("Prof. Dr. med. Dr. h. c.", "Sehr geehrte Frau Prof. Dr. Groß,"),
        ("Prof.", "Sehr geehrte Frau Prof. Groß,"),
        ("Dr.", "Sehr geehrte Frau Dr. Groß,"),
    ],
)
def test_a_practice_can_choose_the_short_form_for_professors(title, salutation):
    assert briefanrede(named("Frau", title, "Ute", "Groß"), TODAY, professor_form="short") == salutation


def test_a_stored_salutation_always_wins():
    child = named("Frau", "", "Mia", "Schulz", birth_date=CHILD, letter_salutation=" Liebe Mia, ")

    assert briefanrede(child, TODAY) == "Liebe Mia,"


@pytest.mark.parametrize(
    ("guardian", "salutation", "lines"),
    [
        ("", "Sehr geehrte Eltern von Mia Schulz,", ("An die Eltern von", "Mia Schulz")),
        ("Frau Jana Schulz", "Sehr geehrte Frau Schulz,", ("Frau", "Jana Schulz")),
        ("Herr Dr. Jens Groß", "Sehr geehrter Herr Dr. Groß,", ("Herrn", "Dr. Jens Groß")),
        ("Frau Eva von Berg", "Sehr geehrte Frau von Berg,", ("Frau", "Eva von Berg")),
        ("Jana Schulz", "Guten Tag Jana Schulz,", ("Jana Schulz",)),
        ("Familie Schulz", "Sehr geehrte Familie Schulz,", ("Familie Schulz",)),
        ("Jana und Jens Schulz", "Guten Tag Jana und Jens Schulz,", ("Jana und", "Jens Schulz")),
        (
            "Frau Anna Groß und Herr Jens Groß",
            "Sehr geehrte Frau Groß, sehr geehrter Herr Groß,",
            ("Frau Anna Groß und", "Herrn Jens Groß"),
        ),
        # with a comma the surname stands before it
        ("Frau Schulz, Jana", "Sehr geehrte Frau Schulz,", ("Frau", "Jana Schulz")),
        ("Schulz, Jana", "Guten Tag Jana Schulz,", ("Jana Schulz",)),
        ("Schulz, Frau Dr. Jana", "Sehr geehrte Frau Dr. Schulz,", ("Frau", "Dr. Jana Schulz")),
        ("Frau Müller Weber, Jana Eva", "Sehr geehrte Frau Müller Weber,", ("Frau", "Jana Eva Müller Weber")),
        ("Frau von Berg, Eva", "Sehr geehrte Frau von Berg,", ("Frau", "Eva von Berg")),
        ("Frau Berg, Eva von", "Sehr geehrte Frau von Berg,", ("Frau", "Eva von Berg")),
        ("Frau Jana Schulz,", "Sehr geehrte Frau Schulz,", ("Frau", "Jana Schulz")),
        ("Frau Schulz,", "Sehr geehrte Frau Schulz,", ("Frau", "Schulz")),
        ("Frau Jana Schulz, geb. Müller", "Sehr geehrte Frau Schulz,", ("Frau", "Jana Schulz")),
        ("Frau Jana Schulz, Mutter", "Sehr geehrte Frau Schulz,", ("Frau", "Jana Schulz")),
        ("Frau Jana Schulz (Mutter)", "Sehr geehrte Frau Schulz,", ("Frau", "Jana Schulz")),
        (
            "Frau Jana Schulz, Herr Jens Groß",
            "Sehr geehrte Frau Schulz, sehr geehrter Herr Groß,",
            ("Frau Jana Schulz und", "Herrn Jens Groß"),
        ),
        # what stands before a colon is no name
        ("Mutter: Frau Schulz", "Sehr geehrte Frau Schulz,", ("Frau", "Schulz")),
        ("Mutter: Frau Schulz, Jana", "Sehr geehrte Frau Schulz,", ("Frau", "Jana Schulz")),
        (
            "Mutter: Frau Schulz, Vater: Herr Dr. Groß",
            "Sehr geehrte Frau Schulz, sehr geehrter Herr Dr. Groß,",
            ("Frau Schulz und", "Herrn Dr. Groß"),
        ),
        ("Mutter: Jana", "Sehr geehrte Eltern von Mia Schulz,", ("An die Eltern von", "Mia Schulz")),
        ("Mutter:", "Sehr geehrte Eltern von Mia Schulz,", ("An die Eltern von", "Mia Schulz")),
        ("Mutter: Frau", "Sehr geehrte Eltern von Mia Schulz,", ("An die Eltern von", "Mia Schulz")),
        ("Frau Schulz, Tel.: 0171 3920001", "Sehr geehrte Eltern von Mia Schulz,", ("An die Eltern von", "Mia Schulz")),
        ("Herr und Frau Schulz", "Sehr geehrte Eltern von Mia Schulz,", ("An die Eltern von", "Mia Schulz")),
        ("Schulz, Jana, Jens", "Sehr geehrte Eltern von Mia Schulz,", ("An die Eltern von", "Mia Schulz")),
        ("Frau von Berg", "Sehr geehrte Frau von Berg,", ("Frau", "von Berg")),
        ("Frau Eva von und zu Berg", "Sehr geehrte Frau von und zu Berg,", ("Frau", "Eva von und zu Berg")),
    ],
)
def test_parents_are_written_to_for_a_child(guardian, salutation, lines):
    mia = named("Frau", "", "Mia", "Schulz", birth_date=CHILD, guardian=guardian)

    assert briefanrede(mia, TODAY) == salutation
    assert name_lines(mia, TODAY) == lines


def test_a_guardian_of_a_grown_up_is_not_written_to():
    grown_up = named("Frau", "", "Mia", "Schulz", birth_date=date(2000, 1, 1), guardian="Frau Jana Schulz")

    assert briefanrede(grown_up, TODAY) == "Sehr geehrte Frau Schulz,"
    assert name_lines(grown_up, TODAY) == ("Frau", "Mia Schulz")


@pytest.mark.parametrize(
    ("guardian", "salutation"),
    [
        ("  ", "Sehr geehrte Eltern von Mia Schulz,"),
        ("Frau", "Sehr geehrte Eltern von Mia Schulz,"),
        (";", "Sehr geehrte Eltern von Mia Schulz,"),
        (",", "Sehr geehrte Eltern von Mia Schulz,"),
    ],
)
def test_a_guardian_field_without_a_name_greets_no_stranger(guardian, salutation):
    child = named("", "", "Mia", "Schulz", birth_date=CHILD, guardian=guardian)

    assert briefanrede(child, TODAY) == salutation
    assert name_lines(child, TODAY) == ("An die Eltern von", "Mia Schulz")


@pytest.mark.parametrize(
    ("born", "today", "minor"),
    [
        (date(2008, 11, 22), TODAY, False),
        (date(2008, 11, 23), TODAY, True),
        (TODAY, TODAY, True),  # born today
        (date(2027, 1, 1), TODAY, False),  # a slip
        (date(1926, 9, 10), TODAY, False),  # 100 years old
        (date(1996, 2, 29), date(2014, 2, 28), True),
        (date(1996, 2, 29), date(2014, 3, 1), False),
        (None, TODAY, False),
    ],
)
def test_majority_begins_on_the_eighteenth_birthday(born, today, minor):
    assert is_minor(born, today) is minor


@pytest.mark.parametrize(
    ("name", "full", "listed", "lines"),
    [
        (JOERG, "Dr. Jörg Müßig", "Müßig, Dr. Jörg", ("Herrn", "Dr. Jörg Müßig")),
        (UTE, "Prof. Dr. Ute Groß", "Groß, Prof. Dr. Ute", ("Frau", "Prof. Dr. Ute Groß")),
        (KAI, "Dipl.-Ing. (FH) Kai Öhme", "Öhme, Dipl.-Ing. (FH) Kai", ("Herrn", "Dipl.-Ing. (FH) Kai Öhme")),
        (LEA, "Lea Winkler M.Sc.", "Winkler, Lea M.Sc.", ("Frau", "Lea Winkler M.Sc.")),
        (
            named("Frau", "Dr. LL. M.", "Lea", "Winkler"),
            "Dr. Lea Winkler LL. M.",
            "Winkler, Dr. Lea LL. M.",
            ("Frau", "Dr. Lea Winkler LL. M."),
        ),
        (
            EVA,
            "Eva Freifrau von und zu Berg-Lüttichau",
            "Freifrau von und zu Berg-Lüttichau, Eva",
            ("Frau", "Eva Freifrau von und zu Berg-Lüttichau"),
        ),
        (
            named("Herr", "Dr. Graf von", "Carl", "Berg"),
            "Dr. Carl Graf von Berg",
            "Graf von Berg, Dr. Carl",
            ("Herrn", "Dr. Carl Graf von Berg"),
        ),
        (
            named("Herr", "Freiherr von", "Carl", "Berg"),
            "Carl Freiherr von Berg",
            "Freiherr von Berg, Carl",
            ("Herrn", "Carl Freiherr von Berg"),
        ),
        (ALEX, "Alex Winter", "Winter, Alex", ("Alex Winter",)),
        (KIM, "Kim", "Kim", ("Kim",)),
        (COMPANY, "Weber GmbH", "Weber GmbH", ("Weber GmbH",)),
        (named("Frau", "", "Kim", ""), "Kim", "Kim", ("Frau", "Kim")),
        (named(), "", "", ()),
    ],
)
def test_names_stand_whole_in_lists_and_addresses(name, full, listed, lines):
    assert (name.full_name, name.list_name, name_lines(name, TODAY)) == (full, listed, lines)


@pytest.mark.parametrize(
    ("form", "anrede"), [("Herr", "Herr"), ("Frau", "Frau"), ("divers", ""), ("Firma", ""), ("herrn", "Herr")]
)
def test_the_form_of_address_is_mr_mrs_or_nothing(form, anrede):
    assert named(form, "", "Alex", "Winter").anrede == anrede


STREET = {"street": "Musterweg 12", "postcode": "01067", "city": "Dresden"}
WHO = {"form_of_address": "Herr", "first_name": "Jörg", "last_name": "Müller"}


@pytest.mark.parametrize(
    ("facts", "lines"),
    [
        (STREET, ("Herrn", "Jörg Müller", "Musterweg 12", "01067 Dresden")),
        (STREET | {"country": "Deutschland"}, ("Herrn", "Jörg Müller", "Musterweg 12", "01067 Dresden")),
        (STREET | {"address_extra": "bei Meier"}, ("Herrn", "Jörg Müller", "bei Meier", "Musterweg 12", "01067 Dresden")),
        (STREET | {"postcode": "1067"}, ("Herrn", "Jörg Müller", "Musterweg 12", "1067 Dresden")),  # mended at import, not here
        (STREET | {"postcode": ""}, ("Herrn", "Jörg Müller", "Musterweg 12", "Dresden")),
        (
            {"street": "Beispielgasse 7", "postcode": "A-1010", "city": "Wien", "country": "Österreich"},
            ("Herrn", "Jörg Müller", "Beispielgasse 7", "1010 WIEN", "ÖSTERREICH"),
        ),
        (
            {"street": "Teststrasse 1", "postcode": "8001", "city": "Zürich", "country": "CH"},
            ("Herrn", "Jörg Müller", "Teststrasse 1", "8001 ZÜRICH", "SCHWEIZ"),
        ),
        (
            {"street": "ul. Testowa 1", "postcode": "50-001", "city": "Wrocław", "country": "Polen"},
            ("Herrn", "Jörg Müller", "ul. Testowa 1", "50-001 WROCŁAW", "POLEN"),
        ),
        (
            {"street": "1 Test Road", "postcode": "SW1A 1AA", "city": "London", "country": "Großbritannien"},
            ("Herrn", "Jörg Müller", "1 Test Road", "LONDON", "SW1A 1AA", "VEREINIGTES KÖNIGREICH"),
        ),
        (
            {"address_extra": "c/o Meier\nHinterhaus", "street": "Gasse 7", "postcode": "1010", "city": "Wien", "country": "A"},
            ("Herrn Jörg Müller", "c/o Meier", "Hinterhaus", "Gasse 7", "1010 WIEN", "ÖSTERREICH"),
        ),
        ({}, ("Herrn", "Jörg Müller")),
    ],
)
def test_addresses_follow_the_post(facts, lines):
    assert address_lines(person(**(WHO | facts)), TODAY) == lines


@pytest.mark.parametrize("twin", ["Mia", "Tom"])
def test_the_parent_of_twins_stands_above_the_street_for_both(twin):
    child = person(first_name=twin, last_name="Schulz", birth_date=CHILD, guardian="Frau Jana Schulz", **STREET)

    assert address_lines(child, TODAY) == ("Frau", "Jana Schulz", "Musterweg 12", "01067 Dresden")


def test_countries_are_known_by_code_sign_and_name():
    assert [country_name(text) for text in ("AT", "A", " österreich ", "", "D", "Atlantis")] == [
        "Österreich",
        "Österreich",
        "Österreich",
        "Deutschland",
        "Deutschland",
        "Atlantis",
    ]
    assert country_code("Atlantis") == ""


PART = st.text(max_size=12)


@given(PART, PART, PART, PART, PART, st.sampled_from(["Herr", "Frau", "divers", ""]), st.sampled_from([None, CHILD]))
def test_no_name_makes_a_double_blank_or_an_empty_line(title, first, prefix, last, guardian, form, born):
    facts = person(
        form_of_address=form,
        title=title,
        first_name=first,
        name_prefix=prefix,
        last_name=last,
        guardian=guardian,
        birth_date=born,
    )
    name = PersonName.of(facts)

    salutation = briefanrede(name, TODAY)

    assert salutation.endswith(",")
    assert "  " not in salutation
    assert all(line.strip() == line != "" for line in address_lines(facts, TODAY))
    assert all("  " not in text for text in (name.full_name, name.list_name))
