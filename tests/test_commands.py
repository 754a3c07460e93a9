"""The command line that scripts rely on: check, egress, backup, restore."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from messaging.models import Dispatch, MailAccount, Message, Person, db, write_transaction
from messaging.models.vault import vault
from tests.web.made_dispatches import make_dispatch, put_states

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def answers(app: Flask, *command: str, lines: str) -> list[dict[str, object]]:
    result = app.test_cli_runner().invoke(args=list(command), input=lines)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def in_its_own_context(app: Flask, *command: str) -> Result:
    """Run a command in another house than that of the test."""
    with app.app_context():
        try:
            return app.test_cli_runner().invoke(args=list(command))
        finally:
            db.session.remove()
            db.engine.dispose()


def test_phone_numbers_are_answered_line_by_line(app: Flask) -> None:
    mobile, wrong = answers(app, "check", "phone", lines="0171 39200 70\nkeine\n")

    assert mobile == {"input": "0171 39200 70", "e164": "+491713920070", "kind": "mobile", "sms_possible": True, "reason": None}
    assert (wrong["e164"], wrong["sms_possible"]) == (None, False)
    assert wrong["reason"]


def test_addresses_are_answered_line_by_line(app: Flask) -> None:
    good, bad = answers(app, "check", "email", lines=" ute@Example.org \na@@b\n")

    assert good == {"input": " ute@Example.org ", "valid": True, "normalized": "ute@example.org", "reason": None}
    assert (bad["valid"], bool(bad["reason"])) == (False, True)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Bis morgen!", {"encoding": "gsm7", "units": 11, "segments": 1}),
        ("€" * 81, {"encoding": "gsm7", "units": 162, "segments": 2}),
        ("Ayşe", {"encoding": "ucs2", "units": 4, "segments": 1}),
    ],
)
def test_sms_texts_are_measured(app: Flask, text: str, answer: dict[str, object]) -> None:
    assert answers(app, "check", "sms", lines=text + "\n") == [answer]


def test_texts_name_their_macros_and_what_is_wrong(app: Flask) -> None:
    (answer,) = answers(app, "check", "text", lines="{{Briefanrede}} {{Diagnose}}\n")

    assert answer["macros"][0] == "Briefanrede"
    assert [complaint["written"] for complaint in answer["complaints"]] == ["{{Diagnose}}"]


def account(**values: object) -> MailAccount:
    usual = {"name": "Praxis", "sender_name": "Praxis", "sender_address": "praxis@example.org", "tls_mode": "starttls"}
    return MailAccount(**usual, updated_at=NOW, **{"host": "mail.example.org", "port": 587} | values)


def test_egress_names_each_active_server_once(app: Flask) -> None:
    with write_transaction() as session:
        session.add_all([account(), account(), account(host="alt.example.org", active=False)])

    assert answers(app, "egress", "--json", lines="") == [[{"host": "mail.example.org", "port": 587, "why": "E-Mail"}]]


def test_a_backup_restores_data_and_secrets_into_an_empty_folder(app: Flask, tmp_path: Path) -> None:
    with write_transaction() as session:
        session.add(account(password_encrypted=vault().encrypt("geheim")))
    runner = app.test_cli_runner()
    file = tmp_path / "sicherung.tgz"

    assert runner.invoke(args=["backup", str(file)]).exit_code == 0
    other = create_app({"HOME": tmp_path / "other", "SQLALCHEMY_DATABASE_URI": "", "WAKER": app.config["WAKER"]})
    result = in_its_own_context(other, "restore", str(file))

    assert result.exit_code == 0, result.output
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    fresh = create_app({"HOME": tmp_path / "other", "SQLALCHEMY_DATABASE_URI": "", "WAKER": app.config["WAKER"]})
    with fresh.app_context():
        assert vault().decrypt(db.session.scalars(db.select(MailAccount)).one().password_encrypted) == "geheim"
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def elsewhere(app: Flask, tmp_path: Path) -> Callable[[str], Flask]:
    """A house whose database lies outside its data folder, as DATABASE_URL may say."""
    return lambda name: create_app({"HOME": tmp_path / f"{name}-home", "WAKER": app.config["WAKER"],
                                    "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / name}.sqlite3?timeout=10"})  # fmt: skip


def test_a_backup_follows_the_address_of_the_database(elsewhere: Callable[[str], Flask], tmp_path: Path) -> None:
    with elsewhere("old").app_context():
        db.create_all()
        with write_transaction() as session:
            session.add(account())
        db.session.remove()
        db.engine.dispose()
    file = tmp_path / "sicherung.tgz"

    results = [
        in_its_own_context(elsewhere("old"), "backup", str(file)),
        in_its_own_context(elsewhere("new"), "restore", str(file)),
    ]

    assert [result.exit_code for result in results] == [0, 0], [result.output for result in results]
    with elsewhere("new").app_context():
        assert db.session.scalars(db.select(MailAccount.host)).all() == ["mail.example.org"]
        db.session.remove()
        db.engine.dispose()
    assert not [folder for folder in ("old-home", "new-home") if (tmp_path / folder / "praxispost.sqlite3").exists()]


def test_restoring_never_overwrites_a_practice_outside_the_data_folder(
    app: Flask, elsewhere: Callable[[str], Flask], tmp_path: Path
) -> None:
    file = tmp_path / "sicherung.tgz"
    app.test_cli_runner().invoke(args=["backup", str(file)])
    in_its_own_context(elsewhere("full"), "restore", str(file))

    result = in_its_own_context(elsewhere("full"), "restore", str(file))

    assert result.exit_code != 0
    assert "überschrieben" in result.output


@pytest.mark.parametrize("there", [False, True])
def test_a_database_that_is_not_there_is_not_backed_up(elsewhere: Callable[[str], Flask], tmp_path: Path, there: bool) -> None:
    house, file, database = elsewhere("typo"), tmp_path / "sicherung.tgz", tmp_path / "typo.sqlite3"
    database.unlink(missing_ok=True)
    if there:
        database.touch()  # what opening a wrong path leaves behind

    result = in_its_own_context(house, "backup", str(file))

    assert result.exit_code != 0
    assert "DATABASE_URL" in result.output
    assert "Traceback" not in result.output
    assert not file.exists()
    assert list(tmp_path.glob(".*.part")) == []


def test_restoring_to_a_folder_that_is_not_there_is_refused_in_words(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "sicherung.tgz"
    app.test_cli_runner().invoke(args=["backup", str(file)])
    url = f"sqlite:///{tmp_path / 'gone' / 'practice.sqlite3'}"
    house = create_app({"HOME": tmp_path / "other", "SQLALCHEMY_DATABASE_URI": url, "WAKER": app.config["WAKER"]})

    result = in_its_own_context(house, "restore", str(file))

    assert result.exit_code != 0
    assert "legen Sie ihn an" in result.output


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_postgresql_is_saved_and_restored_with_its_own_tools(app: Flask, tmp_path: Path, command: str) -> None:
    file = tmp_path / "sicherung.tgz"
    app.test_cli_runner().invoke(args=["backup", str(file)])
    url = "postgresql://nobody@127.0.0.1:9/none"
    house = create_app({"HOME": tmp_path / "other", "SQLALCHEMY_DATABASE_URI": url, "WAKER": app.config["WAKER"]})

    result = in_its_own_context(house, command, str(file))

    assert result.exit_code != 0
    assert "pg_dump" in result.output
    assert not (tmp_path / "other" / "praxispost.sqlite3").exists()


def test_a_restored_practice_sends_nothing_by_itself(app: Flask, make_user: Callable, tmp_path: Path) -> None:
    """The dispatches of the backup wait for a person in the very file that is put in place; those of the living go on."""
    dispatch_id = make_dispatch(app, make_user("staff", "owner"))
    put_states(app, dispatch_id, "sent", "sending")
    file = tmp_path / "sicherung.tgz"
    app.test_cli_runner().invoke(args=["backup", str(file)])
    other = create_app({"HOME": tmp_path / "other", "SQLALCHEMY_DATABASE_URI": "", "WAKER": app.config["WAKER"]})

    result = in_its_own_context(other, "restore", str(file), "--json")

    assert json.loads(result.output) == {"restored": str(file), "paused": 1, "unclear": 1}
    with other.app_context():
        dispatch = db.session.scalars(db.select(Dispatch)).one()
        assert (dispatch.state, dispatch.pause_code) == ("paused", "restored")
        assert db.session.scalars(db.select(Message.state).order_by(Message.id)).all() == ["sent", "unknown", "queued"]
        db.session.remove()
        db.engine.dispose()
    assert db.session.get_one(Dispatch, dispatch_id, populate_existing=True).state == "running"


def test_a_backup_without_our_tables_is_refused_and_changes_nothing(app: Flask, tmp_path: Path) -> None:
    file, empty = tmp_path / "fremd.tgz", tmp_path / "empty"
    sqlite3.connect(empty).execute("CREATE TABLE other (id)").connection.close()
    with tarfile.open(file, "w:gz") as archive:
        archive.add(empty, "praxispost.sqlite3")
        archive.add(empty, "secret.key")
    other = create_app({"HOME": tmp_path / "other", "SQLALCHEMY_DATABASE_URI": "", "WAKER": app.config["WAKER"]})

    result = in_its_own_context(other, "restore", str(file))

    assert result.exit_code != 0
    assert "beschädigt" in result.output
    assert "Traceback" not in result.output


def test_restoring_never_overwrites_a_practice(app: Flask, tmp_path: Path) -> None:
    with write_transaction() as session:
        session.add(Person(kind="patient", number="M1", created_at=NOW, updated_at=NOW))
    file = tmp_path / "sicherung.tgz"
    runner = app.test_cli_runner()
    runner.invoke(args=["backup", str(file)])

    result = runner.invoke(args=["restore", str(file)])

    assert result.exit_code != 0
    assert "leeren Ordner" in result.output
    assert db.session.scalars(db.select(Person.number)).all() == ["M1"]


@pytest.mark.parametrize("content", [b"", b"kein Archiv", b"\x1f\x8b kaputt"])
def test_a_file_that_is_no_backup_is_refused_in_words(app: Flask, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "falsch.tgz"
    file.write_bytes(content)
    other = create_app({"HOME": tmp_path / "other", "SQLALCHEMY_DATABASE_URI": "", "WAKER": app.config["WAKER"]})

    result = in_its_own_context(other, "restore", str(file))

    assert result.exit_code != 0
    assert "keine Sicherung" in result.output
