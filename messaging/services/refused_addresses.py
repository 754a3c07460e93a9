"""Addresses that providers refused for good: whether a person's is one, and clearing it when somebody says it works again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from messaging.models import Person, db, write_transaction
from messaging.outbox import bad_addresses
from messaging.services import audit


def is_refused(address: str) -> bool:
    """Whether the check window shows this address red. `address` is the checked form."""
    return bad_addresses.is_known_bad(address)


def clear(person_id: int, user_id: int, now: datetime) -> bool:
    """Let the person's mail address be written to again; False when it was not remembered as bad."""
    with write_transaction() as session:
        address = db.session.scalar(select(Person.email_normalized).where(Person.id == person_id))
        cleared = bool(address) and bad_addresses.clear(address)
        if cleared:
            audit.record(session, now, user_id, "bad_address_cleared", "person", person_id)
    return cleared
