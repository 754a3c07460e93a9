"""The checked columns and the word index that typing and importing share."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from messaging.models import Person, PersonWord, db, write_transaction
from messaging.services import person_fields
from tests.conftest import NOW

UTE = {
    "number": "M00002",
    "first_name": "Ute",
    "last_name": "Groß",
    "city": "Chemnitz",
    "sms": "0176 040690 17",
    "email": "Ute.Gross@Example.org",
}


def test_derived_columns_are_the_checked_forms() -> None:
    columns = person_fields.derived({**UTE, "phone": "030 23125001", "mobile": "0176 040690 17"})

    assert columns["sms_e164"] == columns["mobile_e164"] == "+4917604069017"
    assert columns["phone_e164"] == "+493023125001"
    assert columns["email_normalized"] == "Ute.Gross@example.org"
    assert (columns["sms_problem"], columns["email_problem"]) == ("", "")
    assert columns["sort_key"] == "gross  ute"


@pytest.mark.parametrize(
    ("fields", "column", "value"),
    [
        ({}, "sms_problem", ""),
        ({"sms": None, "email": None}, "email_problem", ""),
        ({"sms": "0180 5 12345"}, "sms_problem", "service"),
        ({"sms": "030 23125001"}, "sms_problem", "landline"),
        ({"sms": "030 23125001"}, "sms_e164", "+493023125001"),
        ({"email": "a@@b"}, "email_problem", "two_at"),
        ({"email": "a@@b"}, "email_normalized", ""),
    ],
)
def test_an_empty_field_is_no_fault_but_a_wrong_one_is(fields: dict, column: str, value: str) -> None:
    assert person_fields.derived(fields)[column] == value


def test_search_text_holds_every_word_with_a_blank_before_it() -> None:
    text = person_fields.derived(UTE)["search_text"]

    assert text.startswith(" ")
    assert {"ute", "gross", "chemnitz", "m00002"} <= set(text.split())


def test_indexing_a_person_again_replaces_its_words(app: Flask) -> None:
    with write_transaction() as session:
        person = Person(kind="patient", created_at=NOW, updated_at=NOW, birth_date=date(1975, 12, 4), **UTE)
        session.add(person)
        person_fields.index_person(session, person)
    before = words_of(person.id)

    with write_transaction() as session:
        person = session.get(Person, person.id)
        person.last_name, person.email = "Weiß", ""
        person_fields.index_person(session, person)

    assert {"gross", "ute", "04.12.1975"} <= before
    assert "gross" not in words_of(person.id)
    assert {"weiss", "ute"} <= words_of(person.id)


def words_of(person_id: int) -> set[str]:
    return set(db.session.scalars(select(PersonWord.word).where(PersonWord.person_id == person_id)))
