"""Runs Alembic inside the app: its database, its tables. What a step does stands in versions/."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import DateTime, TypeDecorator, text

#: Two programs that start together must not migrate together.
LOCK = 4_711


def written(type_: str, thing: Any, autogen_context: Any) -> str | bool:
    """How a column type stands in a version file: plain SQLAlchemy, so that old steps keep working when our types move."""
    if type_ == "type" and isinstance(thing, TypeDecorator) and isinstance(thing.impl, DateTime):
        return "sa.DateTime(timezone=True)"
    return False


def migrate() -> None:
    db = current_app.extensions["migrate"].db
    with db.engine.connect() as plain:
        connection = plain.execution_options(write=True)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            render_item=written,
            compare_type=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            context.run_migrations()


migrate()
