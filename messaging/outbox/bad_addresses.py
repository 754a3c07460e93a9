"""Addresses that a provider refused for good: remembered by the engine, forgotten when a person clears them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from messaging.domain.recipient_check import REFUSALS_TO_REMEMBER
from messaging.models import BadAddress, db, write_transaction


def remember(address: str, now: datetime) -> None:
    """Count one refusal for good."""
    with write_transaction() as session:
        row = session.get(BadAddress, address, with_for_update=True) or BadAddress(address=address, refusals=0)
        row.refusals, row.last_refused_at = row.refusals + 1, now
        session.add(row)


def is_known_bad(address: str) -> bool:
    """Whether the check window shows it red."""
    row = db.session.get(BadAddress, address, populate_existing=True) if address else None
    return row is not None and row.refusals >= REFUSALS_TO_REMEMBER


def clear(address: str) -> bool:
    """Somebody says it works again; False when it was not remembered."""
    with write_transaction() as session:
        return bool(session.execute(delete(BadAddress).where(BadAddress.address == address)).rowcount)
