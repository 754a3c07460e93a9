"""The epoch of the disk: changes when writes that were not waited for may have been lost.

Hand-over notes are committed without waiting for the disk. A killed process loses none of them; a power cut (SQLite) or a crash
of the
database server (PostgreSQL) may. So a claim remembers the epoch it was made in: in another epoch a missing note proves nothing.
"""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, text

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def disk_epoch(connection: Connection) -> str:
    """A name that stays the same as long as no unwaited write can have been lost."""
    if connection.dialect.name == "postgresql":
        return str(connection.scalar(text("SELECT pg_postmaster_start_time()")))
    return _boot()


@cache
def _boot() -> str:
    """Where the system has no boot id, every process counts as an epoch of its own: more doubt, never a second sending."""
    return BOOT_ID.read_text(encoding="ascii").strip() if BOOT_ID.exists() else secrets.token_hex(16)
