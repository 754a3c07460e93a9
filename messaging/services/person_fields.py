"""What the master data of a person make of themselves: checked numbers and addresses, the sort key and the search words.

Typing in the record and importing a file both come through here, so that both store the same. Who may be written to is not
decided here, and no person is saved here; only the word index is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete
from sqlalchemy.orm import Session

from messaging.domain.email_address import EmailCheck, check_email
from messaging.domain.facts import PersonFacts
from messaging.domain.folding import sort_key, words_for_person
from messaging.domain.phone import PhoneCheck, check_phone
from messaging.models import Person, PersonWord
from messaging.services.bulk_insert import insert_rows

#: Typed fields that `derived` and `search_words` look at; a person whose other fields changed keeps its words.
SEARCHED_FIELDS = ("number", "first_name", "name_prefix", "last_name", "birth_date", "city", "phone", "mobile", "sms", "email")

_PLAIN_WORD_FIELDS = ("number", "first_name", "name_prefix", "last_name", "city", "phone", "mobile", "email")

# One person often has the same number in two fields, and a family shares it; its rows stand close together.
_NUMBERS_REMEMBERED = 512


def derived(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the checked columns of `Person` for its typed fields; a missing field counts as empty.

    `sms_problem` and `email_problem` are codes of `domain.phone` and `domain.email_address`, "" if nothing is wrong.
    """
    return derived_and_words(fields)[0]


def search_words(fields: Mapping[str, Any]) -> frozenset[str]:
    """Return the folded words under which the person is found, for the rows of `PersonWord`."""
    sms = checked_phone(_text(fields, "sms"))
    email = checked_email(_text(fields, "email"))
    return words_for_person(
        PersonFacts(
            id=0,
            **{name: _text(fields, name) for name in _PLAIN_WORD_FIELDS},
            birth_date=fields.get("birth_date"),
            sms_number=_text(fields, "sms"),
            mobile_e164=sms.e164 or "",
            email_normalized=email.normalized or "",
        )
    )


def derived_and_words(fields: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return `derived` and `search_words` of the same fields at the price of one; for many people at a time."""
    phone, mobile, sms = (checked_phone(_text(fields, name)) for name in ("phone", "mobile", "sms"))
    email = checked_email(_text(fields, "email"))
    words = search_words(fields)
    columns = {
        "phone_e164": phone.e164 or "",
        "mobile_e164": mobile.e164 or "",
        "sms_e164": sms.e164 or "",
        "sms_problem": _complaint(sms),
        "email_normalized": email.normalized or "",
        "email_problem": _complaint(email),
        "sort_key": sort_key(_text(fields, "last_name"), _text(fields, "first_name"), _text(fields, "name_prefix")),
        "search_text": "".join(f" {word}" for word in sorted(words) if " " not in word),
    }
    return columns, words


def index_person(session: Session, person: Person) -> None:
    """Write the words of one stored person anew; call it inside the transaction that saves the person."""
    session.flush()
    fields = {name: getattr(person, name) for name in SEARCHED_FIELDS}
    replace_words(session, [(person.id, search_words(fields))])


def replace_words(session: Session | Connection, people: Iterable[tuple[int, Iterable[str]]]) -> None:
    """Write the words of stored persons anew: (person id, words)."""
    people = list(people)
    if people:
        theirs = PersonWord.__table__.c.person_id == bindparam("indexed_id")
        session.execute(delete(PersonWord.__table__).where(theirs), [{"indexed_id": person_id} for person_id, _ in people])
    add_words(session, people)


def add_words(session: Session | Connection, people: Iterable[tuple[int, Iterable[str]]]) -> None:
    """Write the words of persons that have none yet. In the order of the index, for its pages are then written once."""
    insert_rows(session, PersonWord.__table__, ("word", "person_id"), sorted(_word_rows(people)))


def _word_rows(people: Iterable[tuple[int, Iterable[str]]]) -> Iterator[tuple[str, int]]:
    return ((word, person_id) for person_id, words in people for word in words)


def _text(fields: Mapping[str, Any], name: str) -> str:
    return fields.get(name) or ""


def _complaint(check: PhoneCheck | EmailCheck) -> str:
    """The code of what is wrong; an empty field is no fault."""
    return check.reason if check.reason and check.reason != "empty" else ""


checked_phone = lru_cache(maxsize=_NUMBERS_REMEMBERED)(check_phone)
checked_email = lru_cache(maxsize=_NUMBERS_REMEMBERED)(check_email)
