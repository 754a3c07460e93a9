"""The file of the database: for its owner alone, and never opened beside SQLite."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from messaging.models import store


def test_a_database_in_use_is_never_opened_beside_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing it would drop the locks of every connection of this process, and with them the write-ahead log."""
    path = tmp_path / "praxispost.sqlite3"
    store._owner_only(None, None, [str(path)], None)
    path.chmod(0o644)
    flags: list[int] = []
    real = os.open

    def noted(name: Any, how: int, *mode: int) -> int:
        flags.append(how)
        return real(name, how, *mode)

    monkeypatch.setattr(os, "open", noted)
    store._owner_only(None, None, [str(path)], None)

    assert all(how & os.O_EXCL for how in flags)
    assert path.stat().st_mode & 0o777 == 0o600
