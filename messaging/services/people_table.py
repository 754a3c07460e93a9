"""Lists of people as they are shown: the rows of one page with their ticks, and the German words for filters and remarks.

Who is in the list is found by `person_search`. Nothing is changed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from messaging.domain.facts import PersonFacts
from messaging.domain.phone import display_phone
from messaging.domain.salutation import PersonName
from messaging.domain.words import KIND_LABELS, PersonKind
from messaging.models import Person, db
from messaging.services import person_search, selection
from messaging.services.list_page import ListPage
from messaging.services.people_filter import PeopleFilter

#: What the filter "Anzeigen" offers (keys of people_filter.SHOWN).
SHOWN_LABELS = {
    "active": "alle aktiven",
    "no_email": "ohne E-Mail-Adresse",
    "no_sms": "ohne Nummer für SMS",
    "put_away": "archivierte und übernommene",
    "all": "alle",
}

_IDS_AT_ONCE = 500
_COLUMNS = (
    *(Person.id, Person.kind, Person.number, Person.title, Person.first_name, Person.name_prefix, Person.last_name),
    *(Person.birth_date, Person.postcode, Person.city, Person.email, Person.email_problem, Person.mobile, Person.mobile_e164),
    *(Person.deceased, Person.blocked_at, Person.archived_at, Person.converted_to_id),
)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line. `remark` says why somebody is not written to, "" for most."""

    id: int
    name: str
    kind: str
    number: str
    birth_date: date | None
    town: str
    email: str
    mobile: str
    remark: str
    selected: bool
    is_prospect: bool


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """`hits` people are in the list, or if not `exact` more than that."""

    rows: Sequence[PersonRow]
    hits: int
    exact: bool
    page: ListPage


def page(wanted: PeopleFilter, user_id: int, asked: ListPage) -> PeoplePage:
    """One page of the list; past the end it is the last one."""
    found = person_search.find(wanted, asked.start, asked.size)
    if not found.ids and found.hits:
        asked = asked.within(found.hits)
        found = person_search.find(wanted, asked.start, asked.size)
    ticked = selection.ticked_among(user_id, selection.PEOPLE, found.ids)
    rows = [_row(row, row.id in ticked) for row in _rows(found.ids)]
    return PeoplePage(rows, found.hits, found.exact, asked if rows else asked.within(0))


def anybody(kind: str = "") -> bool:
    """Whether there is anybody at all, or anybody of this kind."""
    query = select(Person.id).where(Person.kind == kind) if kind else select(Person.id)
    return db.session.scalar(query.limit(1)) is not None


def list_name(row: Any) -> str:
    """The name as lists have it, "Groß, Prof. Dr. Ute"; somebody without a name is named by the number."""
    parts = {name: getattr(row, name) for name in ("title", "first_name", "name_prefix", "last_name")}
    return PersonName.of(PersonFacts(id=row.id, **parts)).list_name or f"ohne Namen ({row.number})"


def _rows(ids: Sequence[int]) -> list[Row[Any]]:
    """The rows in the order of `ids`."""
    found: dict[int, Row[Any]] = {}
    for start in range(0, len(ids), _IDS_AT_ONCE):
        part = db.session.execute(select(*_COLUMNS).where(Person.id.in_(ids[start : start + _IDS_AT_ONCE])))
        found.update((row.id, row) for row in part)
    return [found[person_id] for person_id in ids]


def _row(row: Row[Any], selected: bool) -> PersonRow:
    return PersonRow(
        id=row.id,
        name=list_name(row),
        kind=KIND_LABELS[PersonKind(row.kind)],
        number=row.number,
        birth_date=row.birth_date,
        town=f"{row.postcode} {row.city}".strip(),
        email=row.email,
        mobile=display_phone(row.mobile_e164) if row.mobile_e164 else row.mobile,
        remark=_remark(row),
        selected=selected,
        is_prospect=row.kind == PersonKind.PROSPECT,
    )


def _remark(row: Row[Any]) -> str:
    if row.deceased:
        return "verstorben"
    if row.blocked_at is not None:
        return "Kontaktsperre"
    if row.converted_to_id is not None:
        return "jetzt Patient"
    if row.archived_at is not None:
        return "archiviert"
    return "E-Mail-Adresse prüfen" if row.email_problem else ""
