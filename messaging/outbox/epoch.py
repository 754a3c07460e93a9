"""The epoch of the disk: changes when writes that were not waited for may have been lost.

Hand-over notes are committed without waiting for the disk. A killed process of ours loses none of them; a power cut may, and so
may a crash of PostgreSQL, also of one of its own processes. So a claim remembers the epoch it was made in: in another epoch a
missing note proves nothing.
"""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from messaging.models import DiskEpoch

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
TOKEN = select(DiskEpoch.token).where(DiskEpoch.id == 1)


def disk_epoch(connection: Connection) -> str:
    """A name that stays the same as long as no unwaited write can have been lost. Call it inside a write transaction."""
    return _token(connection) if connection.dialect.name == "postgresql" else _boot()


def _token(connection: Connection) -> str:
    """What stands in the unlogged table; after a crash it is empty and gets a new one. Who comes second reads the first's."""
    token = connection.scalar(TOKEN)
    if token is None:
        connection.execute(insert(DiskEpoch).values(id=1, token=secrets.token_hex(16)).on_conflict_do_nothing())
        token = connection.scalar(TOKEN)
    return str(token)


@cache
def _boot() -> str:
    """Where the system has no boot id, every process counts as an epoch of its own: more doubt, never a second sending."""
    return BOOT_ID.read_text(encoding="ascii").strip() if BOOT_ID.exists() else secrets.token_hex(16)
