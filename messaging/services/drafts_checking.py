"""Runs the one rule of permission over the rows of a draft: when it is made and whenever it is checked again.

What may be done is decided in `domain.recipient_check`; how a row's tick follows, in `domain.recipient_rows`. Callers hold the
transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Subquery, bindparam, select, update
from sqlalchemy.orm import Session

from messaging.domain.recipient_check import RecipientCheck, Sameness, Verdict, duplicates
from messaging.domain.recipient_rows import RowState, after_recheck
from messaging.models import Draft, Recipient
from messaging.outbox import check_facts
from messaging.services import audit

STATE_COLUMNS = (Recipient.address, Recipient.ticked, Recipient.allowed, Recipient.possible, Recipient.reason,
                 Recipient.duplicate, Recipient.unticked_batch, Recipient.override_reason)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """One recipient with its verdict. `key` is the id in the source it was loaded from."""

    key: int
    person_id: int
    appointment_id: int | None
    verdict: Verdict
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Rechecked:
    """`changed` rows have another verdict, address or tick; of `lapsed` a written reason no longer stands."""

    changed: int
    lapsed: tuple[int, ...]


def check_rows(session: Session, source: Subquery, order: Sequence[Any], check: RecipientCheck) -> list[CheckedRow]:
    """Check every row of `source` (columns key, person_id, appointment_id) in the given order."""
    query = check_facts.facts_query(source, check.channel, check.purpose).add_columns(source.c.person_id, source.c.appointment_id)
    rows = session.execute(query.order_by(None).order_by(*order)).all()
    verdicts = [check.verdict(check_facts.facts_of(row)) for row in rows]
    doubles = duplicates(check.purpose, _samenesses(rows, verdicts))
    return [
        CheckedRow(row.key, row.person_id, row.appointment_id, verdict, bool(double))
        for row, verdict, double in zip(rows, verdicts, doubles, strict=True)
    ]


def recheck_rows(session: Session, draft: Draft, now: datetime, person_id: int | None = None) -> Rechecked:
    """Check the rows of a draft against the master data of now, all or those of one person, and store what changed."""
    mine = [Recipient.draft_id == draft.id, *([Recipient.person_id == person_id] if person_id is not None else [])]
    query = select(Recipient.id.label("key"), Recipient.person_id, Recipient.appointment_id, Recipient.position)
    source = query.where(*mine).subquery()
    checked = check_rows(session, source, (source.c.position,), RecipientCheck(draft.channel, draft.purpose, now))
    states = {row[0]: RowState(*row[1:]) for row in session.execute(select(Recipient.id, *STATE_COLUMNS).where(*mine))}
    fresh = {row.key: after_recheck(states[row.key], row.verdict, row.duplicate) for row in checked}
    changed = {key: state for key, state in fresh.items() if state != states[key]}
    _store_states(session, changed)
    if person_id is None:
        draft.checked_at = draft.updated_at = now
    lapsed = tuple(key for key, state in changed.items() if states[key].override_reason and not state.override_reason)
    log_lapsed(session, draft.id, lapsed, now)
    return Rechecked(len(changed), lapsed)


def log_lapsed(session: Session, draft_id: int, recipient_ids: Sequence[int], now: datetime) -> None:
    """Nobody took these written reasons back: what they were given against has changed."""
    for recipient_id in recipient_ids:
        audit.record(session, now, None, "override_lapsed", "recipient", recipient_id, draft_id=draft_id)


def _samenesses(rows: Iterable[Any], verdicts: Iterable[Verdict]) -> Iterable[Sameness]:
    for row, verdict in zip(rows, verdicts, strict=True):
        yield Sameness(row.person_id, row.appointment_id, verdict.address)


def _store_states(session: Session, states: dict[int, RowState]) -> None:
    if not states:
        return
    table = Recipient.__table__
    names = [column.key for column in STATE_COLUMNS]
    statement = update(table).where(table.c.id == bindparam("row_id")).values({name: bindparam(name) for name in names})
    values = [{"row_id": key, **{name: getattr(state, name) for name in names}} for key, state in states.items()]
    session.connection().execute(statement, values)
