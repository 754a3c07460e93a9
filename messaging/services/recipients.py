"""The recipients of a draft: what the check window shows, and every change to ticks and purpose.

Verdicts come from `drafts_checking`, the conditions from `outbox.sendable`; written reasons live in `recipients_overrides`. Every
change refuses a draft that is no longer open, inside its own transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select, update
from sqlalchemy.orm import Session

from messaging.domain.recipient_rows import BY_HAND, NOT_UNTICKED
from messaging.domain.words import Purpose
from messaging.models import Recipient, db, write_transaction
from messaging.outbox import sendable
from messaging.outbox.sendable import FILTERS, Numbers
from messaging.services.drafts import require_open
from messaging.services.drafts_checking import Rechecked, log_lapsed, recheck_rows


@dataclass(frozen=True, slots=True)
class Removed:
    """The last click on "erlaubt" that can still be undone: its number and how many rows it unticked."""

    batch: int
    rows: int


@dataclass(frozen=True, slots=True)
class FilterTicks:
    """Of the rows of one filter: how many can be ticked, how many are."""

    possible: int
    ticked: int


def numbers(draft_id: int) -> Numbers:
    """The four numbers and what the filters count."""
    return sendable.count(db.session(), draft_id)


def left_out(draft_id: int) -> dict[str, int]:
    """How many do not go out, by reason code; adds up to `numbers(...).left_out`."""
    return sendable.left_out_counts(db.session(), draft_id)


def last_removed(draft_id: int) -> Removed | None:
    """What "rückgängig" would bring back; None if there is nothing."""
    row = db.session.execute(_removed_query(draft_id)).first()
    return Removed(*row) if row else None


def filter_ticks(draft_id: int, filter_name: str) -> FilterTicks:
    """For "alle ankreuzen" under a filter."""
    ticked = func.count().filter(Recipient.ticked)
    query = select(func.count(), ticked).where(*in_filter(draft_id, filter_name), Recipient.possible)
    return FilterTicks(*db.session.execute(query).one())


def in_filter(draft_id: int, filter_name: str) -> list[Any]:
    """Conditions for the rows of a draft under one of FILTERS; an unknown name is a mistake of the caller (KeyError)."""
    clause = FILTERS[filter_name]
    return [Recipient.draft_id == draft_id, *([] if clause is None else [clause])]


def tick(draft_id: int, ids: Sequence[int], on: bool) -> None:
    """Tick or untick rows by hand. Impossible rows and rows of other drafts are left as they are."""
    with write_transaction() as session:
        require_open(session, draft_id)
        _tick_rows(session, draft_id, ids, on)


def tick_page(draft_id: int, shown: Sequence[int], ticked: Sequence[int]) -> None:
    """Take over a page of ticks as a browser without JavaScript sends it: of `shown`, exactly `ticked` are on."""
    on = set(ticked)
    with write_transaction() as session:
        require_open(session, draft_id)
        _tick_rows(session, draft_id, [row for row in shown if row in on], on=True)
        _tick_rows(session, draft_id, [row for row in shown if row not in on], on=False)


def tick_all(draft_id: int, filter_name: str, on: bool) -> None:
    """Tick or untick every row of a filter by hand, on all pages."""
    with write_transaction() as session:
        require_open(session, draft_id)
        session.execute(_ticked(on).where(*in_filter(draft_id, filter_name), Recipient.possible, Recipient.ticked.is_(not on)))


def untick_not_allowed(draft_id: int) -> int:
    """The click on "erlaubt": untick every row without permission. Returns how many; `undo` brings them back."""
    with write_transaction() as session:
        draft = require_open(session, draft_id)
        removed = and_(Recipient.draft_id == draft_id, sendable.removable_clause())
        unticked = update(Recipient).where(removed).values(ticked=False, unticked_batch=draft.last_batch + 1)
        count = session.execute(unticked.execution_options(synchronize_session=False)).rowcount
        if count:
            draft.last_batch += 1
        return count


def undo(draft_id: int, batch: int | None = None) -> int:
    """Tick again what the last click on "erlaubt" unticked. With `batch` only that click: a repeated one does nothing."""
    with write_transaction() as session:
        require_open(session, draft_id)
        last = session.execute(_removed_query(draft_id)).first()
        if last is None or batch not in (None, last.unticked_batch):
            return 0
        mine = and_(Recipient.draft_id == draft_id, Recipient.unticked_batch == last.unticked_batch)
        back = update(Recipient).where(mine).values(ticked=Recipient.possible, unticked_batch=NOT_UNTICKED)
        return session.execute(back.execution_options(synchronize_session=False)).rowcount


def recheck(draft_id: int, now: datetime) -> Rechecked:
    """Check every row against the master data, consents and appointments of now."""
    with write_transaction() as session:
        return recheck_rows(session, require_open(session, draft_id), now)


def recheck_person(draft_id: int, recipient_id: int, now: datetime) -> Rechecked:
    """Check the rows of one recipient's person again; an unknown recipient changes nothing."""
    with write_transaction() as session:
        draft = require_open(session, draft_id)
        mine = select(Recipient.person_id).where(Recipient.id == recipient_id, Recipient.draft_id == draft_id)
        person_id = session.scalar(mine)
        return recheck_rows(session, draft, now, person_id) if person_id else Rechecked(0, ())


def set_purpose(draft_id: int, purpose: str, now: datetime) -> Rechecked:
    """Write for another purpose: everything is checked again. A reason written for the old purpose does not hold for the new."""
    with write_transaction() as session:
        draft = require_open(session, draft_id)
        if draft.purpose == Purpose(purpose):
            return Rechecked(0, ())
        draft.purpose = Purpose(purpose)
        lapsed = _drop_reasons(session, draft_id, now)
        checked = recheck_rows(session, draft, now)
        return Rechecked(checked.changed, lapsed)


def _removed_query(draft_id: int) -> Select[Any]:
    mine = and_(Recipient.draft_id == draft_id, Recipient.unticked_batch > NOT_UNTICKED)
    by_click = select(Recipient.unticked_batch, func.count()).where(mine).group_by(Recipient.unticked_batch)
    return by_click.order_by(Recipient.unticked_batch.desc()).limit(1)


def _ticked(on: bool) -> Any:
    values = {"ticked": on, "unticked_batch": NOT_UNTICKED if on else BY_HAND}
    return update(Recipient).values(values).execution_options(synchronize_session=False)


def _tick_rows(session: Session, draft_id: int, ids: Sequence[int], on: bool) -> None:
    """One prepared statement for any number of rows; a row that is so already keeps its memory of who unticked it."""
    table = Recipient.__table__
    here = (table.c.id == bindparam("row_id"), table.c.draft_id == draft_id, table.c.possible, table.c.ticked.is_(not on))
    statement = update(table).where(*here).values(ticked=on, unticked_batch=NOT_UNTICKED if on else BY_HAND)
    if ids:
        session.connection().execute(statement, [{"row_id": row_id} for row_id in ids])


def _drop_reasons(session: Session, draft_id: int, now: datetime) -> tuple[int, ...]:
    given = and_(Recipient.draft_id == draft_id, Recipient.override_reason != "")
    lapsed = tuple(session.scalars(select(Recipient.id).where(given)))
    session.execute(update(Recipient).where(given).values(override_reason="").execution_options(synchronize_session=False))
    log_lapsed(session, draft_id, lapsed, now)
    return lapsed
