"""Runs the one rule of permission over all rows of a draft: used when it is made and whenever it is checked again.

What may be done is decided in `domain.recipient_check`; what then happens to ticks and written reasons, in `recipients_recheck`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Subquery
from sqlalchemy.orm import Session

from messaging.domain.recipient_check import RecipientCheck, Sameness, Verdict, duplicates
from messaging.outbox import check_facts


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """One recipient with its verdict. `key` is the id in the source it was loaded from."""

    key: int
    person_id: int
    appointment_id: int | None
    verdict: Verdict
    duplicate: bool

    @property
    def ticked_at_first(self) -> bool:
        """As the window shows it before anybody touched it: a red NEIN is ticked (and does not go out), a red row is not."""
        return self.verdict.possible and not self.duplicate


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


def _samenesses(rows: Iterable[Any], verdicts: Iterable[Verdict]) -> Iterable[Sameness]:
    for row, verdict in zip(rows, verdicts, strict=True):
        yield Sameness(row.person_id, row.appointment_id, verdict.address)
