"""Whoever is typed in any spelling is found, in the same order by either way of looking, on both databases."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.domain.folding import parse_query
from messaging.models import db, write_transaction
from messaging.services import person_search, selection
from messaging.services.people_filter import SHOWN, SORTS, PeopleFilter, shortest, spellings
from tests.conftest import NOW
from tests.store.crowd_of_few import add_person

PEOPLE = {
    "mueller": {
        "last_name": "Müller",
        "first_name": "Anna",
        "birth_date": date(1937, 3, 13),
        "city": "Dresden",
        "number": "M00017",
    },
    "muller": {"last_name": "Muller", "first_name": "Jörg", "phone": "030 23125450", "city": "Berlin"},
    "mueller_ue": {"last_name": "Mueller", "first_name": "Annalena", "mobile": "0176 04069017"},
    "gross": {"last_name": "Groß", "first_name": "Ute", "title": "Prof. Dr.", "email": "ute.gross@example.org"},
    "petrovic": {"last_name": "Petrović", "first_name": "Đorđe", "birth_date": date(1980, 12, 1)},
    "yildiz": {"last_name": "Yıldız", "first_name": "Ayşe", "city": "Königs Wusterhausen"},
    "girard": {"last_name": "Girard", "first_name": "François", "number": "00123"},
    "berg": {"last_name": "Berg-Lüttichau", "first_name": "Eva", "name_prefix": "von und zu"},
    "oneill": {"last_name": "O'Neill", "first_name": "Seán"},
    "percent": {"last_name": "100%_ig", "first_name": "Kim"},
}


@pytest.fixture
def ids(app: Flask) -> dict[str, int]:
    with write_transaction():
        return {name: add_person(**fields) for name, fields in PEOPLE.items()}


def names_found(ids: dict[str, int], query: str, **wanted: str) -> list[str]:
    by_id = {person_id: name for name, person_id in ids.items()}
    return [by_id[each] for each in person_search.find(PeopleFilter(query, **wanted), 0, 50).ids]


KINDS = ("", "patient", "prospect")

#: what is typed -> who is found
TYPED = [
    # one name, every spelling of it
    ("Müller", {"mueller", "muller", "mueller_ue"}),
    ("mueller", {"mueller", "muller", "mueller_ue"}),
    ("MULLER", {"mueller", "muller", "mueller_ue"}),
    ("mue", {"mueller", "muller", "mueller_ue"}),
    ("gross", {"gross"}),
    ("GROẞ", {"gross"}),
    ("Dorde Petrovic", {"petrovic"}),
    ("Đorđe", {"petrovic"}),
    ("yildiz", {"yildiz"}),
    ("ayse", {"yildiz"}),
    ("francois", {"girard"}),
    ("sean oneill", {"oneill"}),
    ("o'neill", {"oneill"}),
    ("neill", {"oneill"}),
    ("Luttichau", {"berg"}),
    # several words in any order, each as far as it is typed
    ("anna müller", {"mueller", "mueller_ue"}),
    ("müller, anna", {"mueller", "mueller_ue"}),
    ("mü an", {"mueller", "mueller_ue"}),
    ("annal mull", {"mueller_ue"}),
    ("Frau Prof. Dr. Ute Groß", {"gross"}),
    ("von berg", {"berg"}),
    ("anna gross", set()),
    # number, birth date, town, mail
    ("M00017", {"mueller"}),
    ("m000", {"mueller"}),
    ("123", {"girard"}),
    ("13.3.37", {"mueller"}),
    ("13.03.1937", {"mueller"}),
    ("1937-03-13", {"mueller"}),
    ("13.3.", {"mueller"}),
    ("müller 1937", {"mueller"}),
    ("1.12.", {"petrovic"}),
    ("dresden müller", {"mueller"}),
    ("wusterh", {"yildiz"}),
    ("ute.gross@example.org", {"gross"}),
    ("ute.gross@ex", {"gross"}),
    # phones: however they are grouped, without the country, by their last digits
    ("0176 04069017", {"mueller_ue"}),
    ("+49 (0)176 040", {"mueller_ue"}),
    ("017604", {"mueller_ue"}),
    ("030/23125450", {"muller"}),
    ("23125450", {"muller"}),
    ("5450", {"muller"}),
    ("069017", {"mueller_ue"}),
    ("müller 5450", {"muller"}),
    # signs that mean something to a database
    ("100", {"percent"}),
    ("%", set(PEOPLE)),
    ("_", set(PEOPLE)),
    ("'; --", set(PEOPLE)),
    ("xyzzy", set()),
]


def test_who_is_found(ids: dict[str, int]) -> None:
    assert [(query, set(names_found(ids, query))) for query, _ in TYPED] == TYPED


def test_without_words_everybody_is_listed_in_dictionary_order(ids: dict[str, int]) -> None:
    assert names_found(ids, "")[:4] == ["percent", "berg", "girard", "gross"]


def test_surnames_that_begin_as_typed_come_first_in_every_spelling(app: Flask) -> None:
    names = [("Abel", "Müller"), ("Mueller", "Zoe"), ("Zander", "Mulle"), ("Müller", "Ada"), ("Mullerheim", "Bo")]
    ids = {f"{last} {first}": add_person(last, first) for last, first in names}

    assert names_found(ids, "mülle") == ["Mueller Zoe", "Müller Ada", "Mullerheim Bo", "Abel Müller", "Zander Mulle"]


def test_of_two_words_the_longer_is_taken_for_the_surname_first(app: Flask) -> None:
    ids = {
        f"{last} {first}": add_person(last, first)
        for last, first in [("Anders", "Martin"), ("Martin", "Anna"), ("Kahn", "Anna Martina")]
    }

    assert names_found(ids, "an martin") == ["Martin Anna", "Anders Martin", "Kahn Anna Martina"]


def test_reading_in_list_order_finds_the_same_as_collecting(ids: dict[str, int]) -> None:
    add_person("Müller", "Otto", kind="prospect")

    for query, kind in product(["m", "mu", "an m", "m an", "a", "o", "e", "z", "anna", "d p", "xyzzy", "k 1"], KINDS):
        search = person_search.weighed(PeopleFilter(query, kind))
        for start, size in ((0, 5), (2, 2)):
            in_order = person_search.read_in_order(search, start, size)
            assert in_order == person_search.collected(search, start, size), (query, kind)


def test_what_is_read_before_giving_up_is_the_beginning_of_all(ids: dict[str, int]) -> None:
    search = person_search.weighed(PeopleFilter("m"))
    everybody = list(person_search.collected(search, 0, 50).ids)

    for rows in (1, 2, 3, 5):
        read, at_end = person_search.first_hits(search, rows)
        assert (read, at_end) == (everybody[: len(read)], False)


def test_a_number_of_hits_nobody_counted_is_rounded_and_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with write_transaction():
        for number in range(40):
            add_person("Meier", f"Nr{number}")
    monkeypatch.setattr(person_search, "FEW_ENTRIES", 10)
    monkeypatch.setattr(person_search, "ROWS_READ", (35, 200))

    first = person_search.find(PeopleFilter("mei"), 0, 5)
    last = person_search.find(PeopleFilter("mei"), 35, 5)

    assert (len(first.ids), first.hits, first.exact) == (5, 30, False)
    assert (len(last.ids), last.hits, last.exact) == (5, 40, True)


def test_many_frequent_words_that_nobody_has_together_find_nobody(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with write_transaction():
        for number in range(20):
            add_person("Aal" if number % 2 else "Zobel", city="Ulm" if number % 2 else "Bonn")
    monkeypatch.setattr(person_search, "FEW_ENTRIES", 3)
    monkeypatch.setattr(person_search, "ROWS_READ", (4, 6))

    assert person_search.find(PeopleFilter("ulm bonn"), 0, 5) == person_search.Found([], 0)
    assert person_search.find(PeopleFilter("ulm aal"), 0, 20).hits == 10


def test_all_hits_are_the_rows_of_the_list(ids: dict[str, int], make_user) -> None:
    staff = make_user().id
    add_person("Müller", "Anna", kind="prospect", converted_to_id=add_person("Müller", "Anna", email="anna@example.org"))

    for query, kind, shown in product(["", "m", "anna"], KINDS, SHOWN):
        wanted = PeopleFilter(query, kind, shown)
        selection.clear(staff, "people")
        selection.add_query(staff, "people", person_search.ids_query(wanted))
        found = person_search.find(wanted, 0, 100)
        assert selection.ticked_among(staff, "people", found.ids) == set(found.ids), wanted
        counts = {selection.count(staff, "people"), found.hits, len(found.ids), person_search.count_ticked(wanted, staff)}
        assert len(counts) == 1, wanted


def test_put_away_people_are_left_out_of_the_usual_list_and_counted_so(app: Flask) -> None:
    active = add_person("Aktiv")
    archived = add_person("Archiv", archived_at=NOW)
    converted = add_person("Neu", kind="prospect", converted_to_id=active)

    def listed(**wanted: str) -> tuple[list[int], int]:
        found = person_search.find(PeopleFilter(**wanted), 0, 50)
        return list(found.ids), found.hits

    assert listed(shown="active") == ([active], 1)
    assert listed(shown="put_away") == ([archived, converted], 2)
    assert listed(shown="all") == ([active, archived, converted], 3)
    assert listed(shown="active", kind="prospect") == ([], 0)


def test_every_column_sorts_both_ways_and_people_without_it_come_last(app: Flask) -> None:
    fields = {
        "birth_date": date(1980, 1, 1),
        "city": "Übigau",
        "email": "a@example.org",
        "mobile": "0176 04069001",
        "number": "9",
    }
    later = {
        "birth_date": date(1990, 1, 1),
        "city": "Velten",
        "email": "B@example.org",
        "mobile": "0176 04069002",
        "number": "10",
    }
    ids = {
        "first": add_person("Aal", **fields),
        "second": add_person("Bär", **later),
        "none": add_person("Czech", number="A-2027"),
    }

    for sort in SORTS:
        assert names_found(ids, "", sort=sort) == ["first", "second", "none"], sort
        backwards = ["none", "second", "first"] if sort in ("name", "number") else ["second", "first", "none"]
        assert names_found(ids, "", sort=f"-{sort}") == backwards, sort


def test_only_ticked_people_are_searched_where_only_they_are_shown(ids: dict[str, int], make_user) -> None:
    staff, other = make_user("staff"), make_user("manager")
    selection.add(staff.id, "people", [ids["mueller"], ids["gross"]])
    selection.add(other.id, "people", [ids["muller"]])

    assert names_found(ids, "", ticked_by=staff.id) == ["gross", "mueller"]
    assert names_found(ids, "mül", ticked_by=staff.id) == ["mueller"]
    assert person_search.count_ticked(PeopleFilter("mül"), staff.id) == 1


def test_spellings_are_those_that_fold_to_the_word() -> None:
    assert set(spellings("muller")) == {"muller", "mueller"}
    assert list(spellings("oauoa")) == ["oauoa"]
    assert shortest(sorted(spellings("mu"))) == ["mu"]


NAMES = st.text(st.sampled_from("aeiouäöüßéłđşmnrstMÄ-' "), min_size=1, max_size=12).filter(parse_query)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=NAMES, last=NAMES, data=st.data())
def test_everybody_is_found_by_the_beginning_of_any_own_name(app: Flask, first: str, last: str, data: st.DataObject) -> None:
    person_id = add_person(last, first)
    word = data.draw(st.sampled_from(parse_query(f"{first} {last}")))
    typed = word[: data.draw(st.integers(1, len(word)))]

    found = person_search.find(PeopleFilter(typed), 0, 1_000)

    assert person_id in found.ids
    db.session.rollback()
