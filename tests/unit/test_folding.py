from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.facts import PersonFacts
from messaging.domain.folding import LONGEST_WORD, fold, parse_query, phone_end, phone_word, sort_key, words_for_person


@pytest.mark.parametrize(
    ("spellings", "folded"),
    [
        (("Müller", "Mueller", "Muller", "MÜLLER", "Mu\u0308ller"), "muller"),
        (("Groß", "Gross", "GROẞ", "groß"), "gross"),
        (("Käthe", "Kaethe", "Kathe"), "kathe"),
        (("Öhme", "Oehme", "Ohme"), "ohme"),
        (("Đorđe", "Dorde"), "dorde"),
        (("Łukasz", "Lukasz"), "lukasz"),
        (("Sørensen", "Soerensen", "Sorensen"), "sorensen"),
        (("Ayşe Yıldız", "Ayse Yildiz"), "ayse yildiz"),
        (("İsmail", "ismail", "Ismail"), "ismail"),
        (("Nguyễn", "Nguyen"), "nguyen"),
        (("Wójcik", "Wojcik"), "wojcik"),
        (("François", "Francois"), "francois"),
        (("Çelik", "Celik"), "celik"),
        (("Zoë", "Zoe"), "zo"),
        (("Siobhán",), "siobhan"),
        (("Æble", "Aeble"), "able"),
        (("Þór",), "thor"),
        (("",), ""),
    ],
)
def test_spellings_of_one_name_fold_to_one_word(spellings, folded):
    assert {fold(spelling) for spelling in spellings} == {folded}


ANNA = PersonFacts(
    id=1,
    number="M00017",
    first_name="Anna",
    last_name="Müller",
    birth_date=date(1937, 3, 13),
    phone="030 23125450",
    mobile="0176 040690 17",
    mobile_e164="+4917604069017",
    email="Anna.Mueller@example.org",
    city="Königs Wusterhausen",
)


def found(typed: str, person: PersonFacts = ANNA) -> bool:
    words = words_for_person(person)
    return all(any(word.startswith(part) for word in words) for part in parse_query(typed))


@pytest.mark.parametrize(
    "typed",
    [
        "Müller",
        "mueller",
        "Mue",
        "mü",
        "Anna Müller",
        "müller, anna",
        "Frau Müller",
        "Frau Dr. Müller",
        "M00017",
        "m000",
        "13.03.1937",
        "13.3.1937",
        "13.3.37",
        "13.03.19",
        "13.3.",
        "13.3",
        "13.",
        "1937-03-13",
        "Anna 13.3.37",
        "0176 040",
        "0176/040690-17",
        "(0176) 040",
        "+49 176 040",
        "+49 (0)176 04069017",
        "0049176040",
        "017604069017",
        "176 040",
        "17604",
        "030 231",
        "030/23125450 Müller",
        "anna.mueller@example.org",
        "Anna.Müller@exam",
        "<anna.mueller@example.org>",
        "Königs Wus",
        "koenigs",
        "Müller Wuster",
        "",
        "0",
        "+49",
    ],
)
def test_a_person_is_found_however_the_words_are_typed(typed):
    assert found(typed)


@pytest.mark.parametrize(
    "typed",
    ["Meyer", "Anna Meyer", "13.3.38", "14.3.", "0176 041", "M00018", "ller", "frau", "1.1.1937", "example.org", "31.13."],
)
def test_a_person_is_not_found_by_what_she_is_not(typed):
    assert not found(typed)


def test_everything_stays_found_while_it_is_being_typed():
    for whole in ("Anna Mueller", "Müller, Anna", "M00017", "0176 040690 17", "030 23125450", "anna.mueller@example.org"):
        for length in range(1, len(whole) + 1):
            assert found(whole[:length]), whole[:length]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("  Müller   ANNA ", ("muller", "anna")),
        ("Müller Müller", ("muller",)),
        ("Frau", ("frau",)),
        ("Frau Frau", ("frau",)),
        ("Prof. Dr. Groß", ("gross",)),
        ("O'Neill", ("oneill",)),
        ("Berg-Lüttichau", ("berg", "luttichau")),
        ("13.3.37 Anna", ("13.03.37", "anna")),
        ("1.1", ("01.01",)),
        ("1.0", ("01.0",)),
        ("1.12.", ("01.12.",)),
        ("32.1.2000", ("3212000",)),  # no date, so digits
        ("0664 123 Anna 5", ("664123", "anna", "5")),
        ("+43 664 123", ("43664123",)),
        ("00123", ("123",)),
        ("=SUM(A1)", ("sum", "a1")),
        ("%datum%", ("datum",)),
        ("{{7*7}}", ("7",)),
        ("'; --", ()),
        ("a b c d e f g h i j", ("a", "b", "c", "d", "e", "f", "g", "h")),
    ],
)
def test_a_typed_search_becomes_folded_words(typed, words):
    assert parse_query(typed) == words


def test_the_words_of_a_person_are_these_and_no_more():
    assert words_for_person(ANNA) == {
        "anna",
        "muller",
        "m00017",
        "13.03.1937",
        "13.03.37",
        "1937",
        "17604069017",
        "3023125450",
        "<71096040671",
        "<0545213203",
        "anna.muller@example.org",
        "konigs",
        "wusterhausen",
    }


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"last_name": "Kim"}, {"kim"}),
        ({}, set()),
        ({"number": "00123"}, {"00123", "123"}),
        ({"number": "P-12/3"}, {"p123", "p", "12", "3"}),
        ({"mobile_e164": "+436641234567"}, {"436641234567", "<765432146634"}),
        ({"phone": "110"}, {"110"}),
        ({"first_name": "Kai", "last_name": "O'Neill"}, {"kai", "oneill", "o", "neill"}),
        ({"first_name": "Eva", "name_prefix": "von", "last_name": "Berg"}, {"eva", "von", "berg"}),
        ({"first_name": "%datum%", "last_name": "{{7*7}}"}, {"datum", "7"}),
    ],
)
def test_odd_people_have_words_too(facts, words):
    assert words_for_person(PersonFacts(id=1, **facts)) == words


def test_a_very_long_name_stays_within_bounds():
    words = words_for_person(PersonFacts(id=1, first_name=" ".join("abcdefghij"), last_name="x" * 500))

    assert max(map(len, words)) == LONGEST_WORD
    assert len(words) == 11


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("+49 (0)176 040", "176040"),
        ("0049176", "176"),
        ("0491 123", "491123"),
        ("+43 664", "43664"),
        ("", ""),
        ("+49", ""),
        ("000", ""),
    ],
)
def test_phone_digits_lose_country_code_and_zeros(text, word):
    assert phone_word(text) == word


def test_people_are_sorted_as_in_a_dictionary():
    people = [
        ("von und zu Berg-Lüttichau", "Eva", ""),
        ("Berg", "Ute", "von"),
        ("Freifrau von Berg", "Anna", ""),
        ("Bergmann", "Ina", ""),
        ("De Luca", "Ada", ""),
        ("Graf", "Emil", ""),
        ("Groß", "Ute", ""),
        ("Gross", "Zoe", ""),
        ("Großmann", "Jana", ""),
        ("Müller", "Anna", ""),
        ("Mueller", "Anna", ""),
        ("Muller", "Bea", ""),
        ("O'Neill", "Kai", ""),
        ("Oehme", "Kai", ""),
        ("von", "Jörg", ""),
        ("Łukasz", "Jan", ""),
    ]

    order = [f"{last}, {first}" for last, first, prefix in sorted(people, key=lambda person: sort_key(*person))]

    assert order == [
        "Freifrau von Berg, Anna",
        "Berg, Ute",
        "von und zu Berg-Lüttichau, Eva",
        "Bergmann, Ina",
        "De Luca, Ada",
        "Graf, Emil",
        "Groß, Ute",
        "Gross, Zoe",
        "Großmann, Jana",
        "Łukasz, Jan",
        "Mueller, Anna",
        "Müller, Anna",
        "Muller, Bea",
        "Oehme, Kai",
        "O'Neill, Kai",
        "von, Jörg",
    ]


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.text())
def test_folding_keeps_beginnings(beginning, rest):
    assert fold(beginning + rest).startswith(fold(beginning))


@given(st.text(), st.dates())
def test_any_query_is_made_of_folded_words(text, day):
    for typed in (text, f"{day.day}.{day.month}.{day.year} {text}"):
        for word in parse_query(typed):
            assert word
            assert fold(word) == word


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2030, 1, 1)))
def test_every_birth_date_is_found_in_its_usual_forms(day):
    person = PersonFacts(id=1, birth_date=day)

    for typed in (f"{day.day}.{day.month}.{day.year}", f"{day:%d.%m.%Y}", f"{day.day}.{day.month}.{day:%y}", f"{day:%Y-%m-%d}"):
        assert found(typed, person)


@pytest.mark.parametrize(
    ("digits", "word"),
    [("17604069017", "<71096040671"), ("069017", "<710960"), ("9017", "<7109"), ("017", ""), ("", ""), ("13.03.37", "")],
)
def test_a_phone_is_found_by_its_last_digits(digits, word):
    assert phone_end(digits) == word
