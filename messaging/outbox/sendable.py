"""Which rows of a draft go out, and why the others do not, as SQL: check window, confirm page and staging count with these.

The verdicts come from `domain.recipient_check`; here stands only how the stored columns are read. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, not_, or_, select
from sqlalchemy.orm import Session

from messaging.models import Recipient


@dataclass(frozen=True, slots=True)
class Numbers:
    """The four numbers of a draft, and what the filters count. `allowed` + `not_allowed` + `impossible` = `selected`."""

    selected: int = 0
    allowed: int = 0
    not_allowed: int = 0
    impossible: int = 0
    duplicates: int = 0
    sendable: int = 0
    #: rows that one click on "erlaubt" would untick
    removable: int = 0
    ticked: int = 0

    @property
    def left_out(self) -> int:
        return self.selected - self.sendable


def sendable_clause() -> ColumnElement[bool]:
    """Ticked, possible, and allowed or with a written reason."""
    return and_(Recipient.ticked, Recipient.possible, has_permission_clause())


def has_permission_clause() -> ColumnElement[bool]:
    return or_(Recipient.allowed, Recipient.override_reason != "")


def removable_clause() -> ColumnElement[bool]:
    """Ticked although it may not go: what "Nicht erlaubte entfernen" unticks."""
    return and_(Recipient.ticked, Recipient.possible, not_(has_permission_clause()))


#: The filters of the check window. The first three after "all" divide the draft without overlap.
FILTERS: Mapping[str, ColumnElement[bool] | None] = {
    "all": None,
    "allowed": and_(Recipient.possible, Recipient.allowed),
    "not_allowed": and_(Recipient.possible, not_(Recipient.allowed)),
    "impossible": not_(Recipient.possible),
    "duplicates": and_(Recipient.possible, Recipient.duplicate),
}


def left_out_reason() -> ColumnElement[str]:
    """The one reason code (domain.reasons) why a row does not go out; meant for rows that are not sendable."""
    return case(
        (or_(not_(Recipient.possible), not_(has_permission_clause())), Recipient.reason),
        (Recipient.duplicate, "duplicate_person"),
        else_="unticked",
    )


def count(session: Session | Connection, draft_id: int) -> Numbers:
    """All numbers of a draft in one pass over its rows."""
    parts = {name: clause for name, clause in FILTERS.items() if clause is not None}
    parts |= {"sendable": sendable_clause(), "removable": removable_clause(), "ticked": Recipient.ticked}
    columns: list[Any] = [func.count(case((clause, 1))).label(name) for name, clause in parts.items()]
    row = session.execute(select(func.count().label("selected"), *columns).where(Recipient.draft_id == draft_id)).one()
    return Numbers(**row._asdict())


def left_out_counts(session: Session | Connection, draft_id: int) -> dict[str, int]:
    """How many rows do not go out, by reason code, the most frequent first; adds up to `left_out`."""
    code, number = left_out_reason().label("code"), func.count().label("number")
    query = select(code, number).where(Recipient.draft_id == draft_id, not_(sendable_clause())).group_by(code)
    return {row.code: row.number for row in session.execute(query.order_by(number.desc(), code))}
