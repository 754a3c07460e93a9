"""What a list of people can be narrowed down to and sorted by, as conditions for the database. Asking is `person_search`'s.

Every condition works on SQLite and PostgreSQL, and every beginning of a word is one range of an index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from messaging.models import Person, PersonWord
from messaging.services.selection import PEOPLE, ticked_items

NAME = "name"

PERSON = Person.__table__.c
_WORD = PersonWord.__table__.c

#: Sorts after every sign a word can hold.
_LAST_SIGN = "\U0010ffff"
#: A word with more vowels that may be umlauts is ranked as a surname by its plain spelling only; it is found all the same.
_VOWELS_SPELLED = 4


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """What a list of people shows.

    `kind` is a PersonKind or "" for both, `shown` a key of SHOWN, `sort` a key of SORTS, turned round by a "-" before it.
    `ticked_by` is a user id: only people whom that user has ticked.
    """

    query: str = ""
    kind: str = ""
    shown: str = "all"
    sort: str = NAME
    ticked_by: int | None = None


@dataclass(frozen=True, slots=True)
class SortColumn:
    """`missing` is true of people without the value: they come last either way."""

    columns: Sequence[ColumnElement[Any]]
    missing: Sequence[ColumnElement[bool]] = ()


def without_umlauts(column: ColumnElement[str]) -> ColumnElement[str]:
    """Towns such as Übigau stand under U; the small umlauts within a word decide too little to be worth the time."""
    return func.lower(func.replace(func.replace(func.replace(column, "Ä", "A"), "Ö", "O"), "Ü", "U"))


def is_active(columns: Any) -> ColumnElement[bool]:
    return and_(columns.archived_at.is_(None), columns.converted_to_id.is_(None))


def is_put_away(columns: Any) -> ColumnElement[bool]:
    """Archived, or a prospect that became a patient. Written like the condition of the index `ix_person_put_away`."""
    return or_(columns.archived_at.is_not(None), columns.converted_to_id.is_not(None))


#: Which people a list shows; "all" is no condition. The German words are in `people_table`.
SHOWN: Mapping[str, Sequence[Callable[[Any], ColumnElement[bool]]]] = {
    "all": [],
    "active": [is_active],
    "put_away": [is_put_away],
    "no_email": [is_active, lambda columns: columns.email_normalized == ""],
    "no_sms": [is_active, lambda columns: columns.sms_e164 == ""],
}

SORTS: Mapping[str, SortColumn] = {
    NAME: SortColumn([PERSON.sort_key]),
    "number": SortColumn([func.length(PERSON.number), PERSON.number]),
    "birth": SortColumn([PERSON.birth_date], [PERSON.birth_date.is_(None)]),
    "city": SortColumn([without_umlauts(PERSON.city)], [PERSON.city == ""]),
    "email": SortColumn([func.lower(PERSON.email)], [PERSON.email == ""]),
    "mobile": SortColumn([PERSON.mobile_e164], [PERSON.mobile_e164 == ""]),
}


def conditions(columns: Any, wanted: PeopleFilter, words: Sequence[str]) -> list[ColumnElement[bool]]:
    """What a row must be like to be a hit, apart from its kind. `columns` are those of the table or of a part of it."""
    found = [columns.search_text.contains(f" {word}", autoescape=True) for word in words]
    found += [condition(columns) for condition in SHOWN[wanted.shown]]
    if wanted.ticked_by is not None:
        found.append(columns.id.in_(ticked_items(wanted.ticked_by, PEOPLE)))
    return found


def of_kind(wanted: PeopleFilter) -> list[ColumnElement[bool]]:
    return [PERSON.kind == wanted.kind] if wanted.kind else []


def of_kind_without_index(wanted: PeopleFilter) -> list[ColumnElement[bool]]:
    """The same in a form that keeps the planner from reading all patients by the index of kinds."""
    return [PERSON.kind + "" == wanted.kind] if wanted.kind else []


def order(wanted: PeopleFilter, words: Sequence[str]) -> list[ColumnElement[Any]]:
    """By the chosen column, then by name; a typed search by name has the surnames that begin as typed first."""
    key = wanted.sort.removeprefix("-")
    turned = [column.desc() if wanted.sort.startswith("-") else column for column in SORTS[key].columns]
    ranges = [or_(*(between(PERSON.sort_key, each) for each in beginnings)) for beginnings in typed_surnames(words)]
    first = [case(*((found, rank) for rank, found in enumerate(ranges)), else_=len(ranges))] if ranges and key == NAME else []
    return [*first, *SORTS[key].missing, *turned, *([] if key == NAME else [PERSON.sort_key]), PERSON.id]


def people_of(word: str) -> Select[tuple[int]]:
    """Ids of the people with a word that begins like this; an id can come twice."""
    return select(_WORD.person_id).where(between(_WORD.word, word))


def between(column: ColumnElement[str], beginning: str) -> ColumnElement[bool]:
    """The column begins like this, as one range of its index."""
    return and_(column >= beginning, column < beginning + _LAST_SIGN)


def typed_surnames(words: Sequence[str]) -> list[list[str]]:
    """For each word that can be a surname, the longest first: how sort keys begin that were typed so, in list order.

    Folded words have lost the e of "Mueller"; sort keys keep it.
    """
    names = sorted((word for word in words if word[0].isalpha() and "@" not in word), key=len, reverse=True)
    return [shortest(sorted(spellings(name))) for name in names]


def shortest(beginnings: Sequence[str]) -> list[str]:
    """Of sorted beginnings those that none before them is the beginning of."""
    kept: list[str] = []
    for beginning in beginnings:
        if not kept or not beginning.startswith(kept[-1]):
            kept.append(beginning)
    return kept


def spellings(word: str) -> Iterator[str]:
    """The word with each of its umlauts plain and spelled out."""
    if sum(sign in "aou" for sign in word) > _VOWELS_SPELLED:
        return iter([word])
    return ("".join(signs) for signs in product(*((sign, sign + "e") if sign in "aou" else (sign,) for sign in word)))
