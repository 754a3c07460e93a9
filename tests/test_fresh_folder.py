"""A fresh data folder: every command that uses the database makes its tables first, however many start at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, inspect

from jobs import cli_database
from messaging.models import db

CODE = Path(__file__).parent.parent
PATIENTS = "Pat-Nr;Nachname\r\nM1;Groß\r\n"


@pytest.fixture
def empty(app: Flask) -> Flask:
    """The house on its first morning: no table yet."""
    db.drop_all()
    return app


@pytest.mark.parametrize(
    "command",
    [
        ("user", "add", "anna", "--role", "admin"),
        ("user", "reset", "anna"),
        ("user", "list"),
        ("dispatch", "list"),
        ("dispatch", "show", "1"),
        ("egress",),
    ],
)
def test_a_command_finds_its_tables(empty: Flask, command: tuple[str, ...]) -> None:
    result = empty.test_cli_runner().invoke(args=[*command, "--json"])

    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    assert "alembic" not in result.stderr
    json.loads(result.stdout)


def test_an_import_finds_its_tables(empty: Flask, tmp_path: Path) -> None:
    file = tmp_path / "patienten.csv"
    file.write_text(PATIENTS, encoding="utf-8")

    result = empty.test_cli_runner().invoke(args=["import", "patients", str(file), "--json"])

    assert json.loads(result.stdout)["counts"]["created"] == 1


def test_rules_are_asked_without_a_database(empty: Flask) -> None:
    empty.test_cli_runner().invoke(args=["check", "phone"], input="keine\n")

    assert inspect(db.engine).get_table_names() == []


def test_when_nothing_is_to_do_it_costs_two_queries(empty: Flask) -> None:
    cli_database.bring_up_to_date()
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _connection, _cursor, words, *_: asked.append(words))

    cli_database.bring_up_to_date()

    assert len([words for words in asked if not words.startswith(("PRAGMA synchronous", "BEGIN"))]) <= 2


def test_several_commands_may_be_the_first(tmp_path: Path) -> None:
    all_started_at_once(tmp_path, "")


def test_several_commands_may_be_the_first_on_postgresql(tmp_path: Path, postgres_database: str) -> None:
    all_started_at_once(tmp_path, postgres_database)


def all_started_at_once(home: Path, database: str) -> None:
    (home / "house").mkdir()
    environ = os.environ | {"PRAXISPOST_HOME": str(home / "house"), "DATABASE_URL": database}
    words = [sys.executable, "-m", "flask", "--app", "app", "egress", "--json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(words, cwd=CODE, env=environ, **pipes) for _ in range(4)]
    ended = [(*process.communicate(timeout=60), process.returncode) for process in started]

    assert ended == [("[]\n", "", 0)] * 4
