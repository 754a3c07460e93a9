"""What commands that use the database begin with: its tables are brought up to date, so that a fresh folder is no mistake."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import inspect

from messaging.models import Person, db


def with_tables(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command find the tables it needs, whoever started first."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> Any:
        bring_up_to_date()
        return command(*args, **options)

    return run


def bring_up_to_date() -> None:
    """Run the migrations that are missing. Of several that start at once one does it, the others wait (migrations/env.py)."""
    if needs_upgrade():
        db.session.remove()  # a read that is still open would keep SQLite's tables as they were
        upgrade()


def needs_upgrade() -> bool:
    """One small query when nothing is to do. Tables that no migration made are those of a test, and stay as they are."""
    with db.engine.connect() as connection:
        made = MigrationContext.configure(connection).get_current_heads()
        if made:
            return set(made) != newest_steps(current_app.extensions["migrate"].directory)
        return not inspect(connection).has_table(Person.__tablename__)


@cache
def newest_steps(directory: str) -> set[str]:
    """Read once in a process: reading the steps costs more than asking the database."""
    return set(ScriptDirectory(directory).get_heads())
