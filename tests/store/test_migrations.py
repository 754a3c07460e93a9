"""The migrations make exactly the tables that the models describe, and can take them away again."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, inspect, select, text

from messaging.models import Attachment, db
from tests.conftest import NOW


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


def test_files_of_drafts_come_through_the_step_that_lets_them_be_put_back(app: Flask) -> None:
    db.drop_all()
    upgrade(revision="0002")
    with db.engine.begin() as connection:
        # As that version knew the tables; the models of today have more columns.
        tables = MetaData()
        tables.reflect(connection, only=["draft", "attachment"])
        row = dict.fromkeys(("purpose", "origin", "state", "subject", "body", "channel"), "x")
        numbers = dict.fromkeys(("version", "last_batch"), 1)
        times = {"created_at": NOW, "updated_at": NOW}
        connection.execute(tables.tables["draft"].insert().values(id=1, keep_doubled=False, **row, **numbers, **times))
        connection.execute(
            tables.tables["attachment"].insert().values(draft_id=1, filename="a.pdf", media_type="x", size=1, content=b"x")
        )

    upgrade()
    there = [
        (file.draft_id, file.filename, file.content, file.removed_from_id) for file in db.session.scalars(select(Attachment))
    ]
    db.session.remove()
    downgrade(revision="0002")

    assert there == [(1, "a.pdf", b"x", None)]
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM attachment")) == 1
