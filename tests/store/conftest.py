"""Every test of this room runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from jobs import importing
from messaging.models import ImportRun
from messaging.services import import_runs
from tests.conftest import MovableClock
from tests.store.imported_files import HEAD, mapping_of, uploaded


@pytest.fixture(params=["sqlite", "postgresql"])
def database_uri(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "sqlite" else request.getfixturevalue("postgres_database")


@pytest.fixture
def bring_in(app: Flask, clock: MovableClock) -> Callable[..., ImportRun]:
    """Import a file from its rows, with the whole way from the upload to the report."""

    def bring(
        *rows: str, head: str = HEAD, kind: str = "patients", yes_for: tuple[str, ...] = ("appointment",), dry: bool = False
    ) -> ImportRun:
        run_id = uploaded("\r\n".join((head, *rows)), kind)
        run = import_runs.fetch(run_id)
        import_runs.start(run_id, mapping_of(run), yes_for, clock(), writing=not dry)
        importing.run_import(run_id)
        return import_runs.fetch(run_id)

    return bring
