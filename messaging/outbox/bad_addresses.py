"""Addresses that a provider refused for good: remembered by the engine, forgotten when a person clears them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from messaging.domain.recipient_check import REFUSALS_TO_REMEMBER
from messaging.models import BadAddress, db, write_transaction


def remember(address: str, now: datetime) -> None:
    """Count one refusal for good."""
    with write_transaction() as session:
        if _counted(session, address, now):
            return
        try:
            with session.begin_nested():
                session.add(BadAddress(address=address, refusals=1, last_refused_at=now))
        except IntegrityError:  # another worker was the first to hear it
            _counted(session, address, now)


def _counted(session: Session, address: str, now: datetime) -> bool:
    more = update(BadAddress).where(BadAddress.address == address)
    counted = more.values(refusals=BadAddress.refusals + 1, last_refused_at=now).execution_options(synchronize_session=False)
    return bool(session.execute(counted).rowcount)


def is_known_bad(address: str) -> bool:
    """Whether the check window shows it red."""
    row = db.session.get(BadAddress, address, populate_existing=True) if address else None
    return row is not None and row.refusals >= REFUSALS_TO_REMEMBER


def clear(address: str) -> bool:
    """Somebody says it works again; False when it was not remembered."""
    with write_transaction() as session:
        return bool(session.execute(delete(BadAddress).where(BadAddress.address == address)).rowcount)
