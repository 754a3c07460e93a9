"""Who of a file may have a record already under another number: lost zeros in front of it, or the same name and date of birth.

Else a number that a spreadsheet has worn down would make a second record, and with it a permission that the person took back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from messaging.domain.folding import sort_key
from messaging.domain.imported_consent import Key, Known, closed_channels
from messaging.domain.imported_identity import is_somebody_else, spellings
from messaging.importers.people import PersonRow
from messaging.models import Consent, Person
from messaging.services.import_batches import lists_of

PERSON = Person.__table__
CONSENT = Consent.__table__
_COLUMNS = tuple(PERSON.c[name] for name in ("id", "number", "first_name", "last_name", "birth_date", "sort_key"))
SOME = 1_000


@dataclass(frozen=True, slots=True)
class Twin:
    """A stored record that may be of the same person. `same_number`: but for zeros in front; `closed`: channels of its no."""

    number: str = ""
    same_number: bool = False
    closed: frozenset[str] = frozenset()


NOBODY = Twin()


def find(session: Session, kind: str, rows: Sequence[PersonRow]) -> dict[str, Twin]:
    """The twins of rows whose numbers are new, by number."""
    if not rows:
        return {}
    worn = _by_number(session, kind, rows)
    alike = _by_name(session, kind, [row for row in rows if row.number not in worn])
    known = latest_consents(session, [person.id for person in alike.values()])
    twins = {number: Twin(person.number, True) for number, person in worn.items()}
    return twins | {
        number: Twin(person.number, closed=closed_channels(known.get(person.id, {}))) for number, person in alike.items()
    }


def _by_number(session: Session, kind: str, rows: Sequence[PersonRow]) -> dict[str, Row[Any]]:
    lengths = _lengths(session, kind)
    meant = {other: row for row in rows for other in spellings(row.number, lengths)}
    found = {}
    for some in lists_of(meant):
        for person in session.execute(select(*_COLUMNS).where(PERSON.c.kind == kind, PERSON.c.number.in_(some))):
            row = meant[person.number]
            if not is_somebody_else(row.fields, person._mapping):
                found[row.number] = person
    return found


def _lengths(session: Session, kind: str) -> Sequence[int]:
    """How long stored numbers are that begin with a nought; a practice writes all of them alike, so some tell."""
    padded = (PERSON.c.kind == kind, PERSON.c.number >= "0", PERSON.c.number < "1")
    some = select(PERSON.c.number).where(*padded).limit(SOME).subquery()
    return session.scalars(select(func.length(some.c.number)).distinct()).all()


def _by_name(session: Session, kind: str, rows: Iterable[PersonRow]) -> dict[str, Row[Any]]:
    named: dict[str, list[PersonRow]] = {}
    for row in rows:
        if row.fields.get("birth_date"):
            key = sort_key(*(row.fields.get(name) or "" for name in ("last_name", "first_name", "name_prefix")))
            named.setdefault(key, []).append(row)
    found = {}
    for keys in lists_of(named):
        for person in session.execute(select(*_COLUMNS).where(PERSON.c.kind == kind, PERSON.c.sort_key.in_(keys))):
            same = [row for row in named[person.sort_key] if row.fields["birth_date"] == person.birth_date]
            found |= {row.number: person for row in same}
    return found


def latest_consents(session: Session, person_ids: Sequence[int]) -> dict[int, dict[Key, Known]]:
    """The latest entry of each channel and purpose, by person."""
    found: dict[int, dict[Key, Known]] = {}
    for some in lists_of(person_ids):
        newest = select(func.max(CONSENT.c.id)).where(CONSENT.c.person_id.in_(some))
        newest = newest.group_by(CONSENT.c.person_id, CONSENT.c.channel, CONSENT.c.purpose)
        columns = (CONSENT.c[name] for name in ("person_id", "channel", "purpose", "status", "source", "target"))
        for person_id, channel, purpose, *entry in session.execute(select(*columns).where(CONSENT.c.id.in_(newest))):
            found.setdefault(person_id, {})[channel, purpose] = Known(*entry)
    return found
