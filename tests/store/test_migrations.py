"""The migrations make exactly the tables that the models describe, and can take them away again."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from messaging.models import db


def test_migrating_an_empty_database_gives_the_tables_of_the_models(app: Flask) -> None:
    db.drop_all()

    upgrade()

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_migrating_twice_changes_nothing(app: Flask) -> None:
    db.drop_all()
    upgrade()

    upgrade()

    assert "person" in inspect(db.engine).get_table_names()


def test_the_way_back_leaves_no_table_of_ours(app: Flask) -> None:
    db.drop_all()
    upgrade()

    downgrade(revision="base")

    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
