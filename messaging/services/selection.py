"""The ticks of lists: which people or appointments a user has chosen. They stay until taken back, or until they were written to.

Kept per user, so that ten thousand are as easy as ten and no page has to send them. What is done with them is elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Select, delete, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from messaging.models import Appointment, Draft, Person, Recipient, SelectionItem, db, write_transaction

PEOPLE, APPOINTMENTS = "people", "appointments"

#: What the ids of a scope are ids of.
_TABLES = {PEOPLE: Person.__table__, APPOINTMENTS: Appointment.__table__}
_ITEM = SelectionItem.__table__
_IDS_AT_ONCE = 500


def count(user_id: int, scope: str) -> int:
    """How many rows the user has ticked."""
    return db.session.scalar(select(func.count()).select_from(_ITEM).where(*_mine(user_id, scope))) or 0


def ticked_items(user_id: int, scope: str) -> Select[tuple[int]]:
    """A query of the ticked ids."""
    return select(_ITEM.c.item_id).where(*_mine(user_id, scope))


def ticked_among(user_id: int, scope: str, ids: Sequence[int]) -> set[int]:
    """Which of `ids` (those of one page) are ticked."""
    found: set[int] = set()
    for part in _parts(ids):
        found.update(db.session.scalars(ticked_items(user_id, scope).where(_ITEM.c.item_id.in_(part))))
    return found


def add(user_id: int, scope: str, ids: Sequence[int]) -> None:
    """Tick rows; ids that do not exist are passed over."""
    with write_transaction() as session:
        _add(session, user_id, scope, ids)


def remove(user_id: int, scope: str, ids: Sequence[int]) -> None:
    """Untick rows."""
    with write_transaction() as session:
        _remove(session, user_id, scope, ids)


def keep_page(user_id: int, scope: str, shown: Sequence[int], ticked: Sequence[int]) -> None:
    """Take over a whole page: of the rows `shown`, those in `ticked` are ticked and the others are not."""
    with write_transaction() as session:
        _remove(session, user_id, scope, sorted(set(shown) - set(ticked)))
        _add(session, user_id, scope, ticked)


def add_query(user_id: int, scope: str, hits: Select[tuple[int]]) -> None:
    """Tick every row that `hits` finds, in one statement."""
    with write_transaction() as session:
        _add_query(session, user_id, scope, hits)


def remove_query(user_id: int, scope: str, hits: Select[tuple[int]]) -> None:
    """Untick every row that `hits` finds."""
    found = hits.subquery()
    with write_transaction() as session:
        session.execute(delete(_ITEM).where(*_mine(user_id, scope), _ITEM.c.item_id.in_(select(found.c[0]))))


def clear(user_id: int, scope: str) -> None:
    """Untick everything."""
    with write_transaction() as session:
        session.execute(delete(_ITEM).where(*_mine(user_id, scope)))


def untick_written_to(session: Session, draft_id: int) -> None:
    """Untick what a confirmed draft was made of: the next selection would write to it again. What was ticked since stays."""
    draft = session.get_one(Draft, draft_id)
    if draft.owner_id is None or draft.origin not in _TABLES:
        return
    source = Recipient.appointment_id if draft.origin == APPOINTMENTS else Recipient.person_id
    used = select(source).where(Recipient.draft_id == draft_id)
    session.execute(delete(_ITEM).where(*_mine(draft.owner_id, draft.origin), _ITEM.c.item_id.in_(used)))


def _add(session: Session, user_id: int, scope: str, ids: Sequence[int]) -> None:
    table = _TABLES[scope]
    for part in _parts(ids):
        _add_query(session, user_id, scope, select(table.c.id).where(table.c.id.in_(part)))


def _add_query(session: Session, user_id: int, scope: str, hits: Select[tuple[int]]) -> None:
    """Rows that are ticked already stay; two clicks at once are no conflict."""
    insert = postgresql.insert if session.connection().dialect.name == "postgresql" else sqlite.insert
    found = hits.subquery()
    rows = select(literal(user_id), literal(scope), found.c[0])
    if session.connection().dialect.name == "sqlite":
        rows = rows.where(literal(True))  # SQLite's parser takes the ON of "ON CONFLICT" for a join's without a WHERE before it
    session.execute(insert(_ITEM).from_select(["user_id", "scope", "item_id"], rows).on_conflict_do_nothing())


def _remove(session: Session, user_id: int, scope: str, ids: Sequence[int]) -> None:
    for part in _parts(ids):
        session.execute(delete(_ITEM).where(*_mine(user_id, scope), _ITEM.c.item_id.in_(part)))


def _mine(user_id: int, scope: str) -> tuple[ColumnElement[bool], ...]:
    return _ITEM.c.user_id == user_id, _ITEM.c.scope == scope


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _IDS_AT_ONCE] for start in range(0, len(ids), _IDS_AT_ONCE))
