"""`flask --app app user …`: what scripts rely on."""

from __future__ import annotations

import json

import pytest
from click.testing import Result
from flask import Flask

from messaging.models import User, db
from messaging.services import passwords


def run(app: Flask, *words: str, typed: str = "") -> Result:
    result = app.test_cli_runner().invoke(args=["user", *words], input=typed)
    db.session.rollback()
    return result


def only_user() -> User:
    return db.session.scalars(db.select(User)).one()


def test_a_user_is_made_with_the_password_from_standard_input(app: Flask) -> None:
    result = run(app, "add", "Anna", "--role", "admin", "--password-stdin", typed="ein langer satz\nzweite Zeile\n")

    assert (result.exit_code, result.stdout) == (0, "Benutzer anna (Administration) angelegt.\n")
    assert passwords.matches(only_user().password_hash, "ein langer satz")
    assert not only_user().must_change_password


def test_spaces_belong_to_the_password_the_line_break_does_not(app: Flask) -> None:
    run(app, "add", "anna", "--role", "admin", "--password-stdin", typed=" ein langer satz \r\n")

    assert passwords.matches(only_user().password_hash, " ein langer satz ")


def test_without_one_there_is_a_one_time_password(app: Flask) -> None:
    answer = json.loads(run(app, "add", "anna", "--role", "staff", "--json").stdout)

    assert {key: answer[key] for key in ("id", "name", "role")} == {"id": 1, "name": "anna", "role": "staff"}
    assert passwords.matches(only_user().password_hash, answer["one_time_password"])
    assert only_user().must_change_password


@pytest.mark.parametrize(
    ("words", "typed", "sentence"),
    [
        (("add", "anna", "--role", "chef", "--password-stdin"), "ein langer satz", "Bitte eine dieser Rollen angeben."),
        (("add", "anna", "--role", "staff", "--password-stdin"), "kurz", "Bitte ein längeres Kennwort wählen."),
        (("add", "anna", "--role", "staff", "--password-stdin"), "", "Bitte ein längeres Kennwort wählen."),
        (("add", "a b", "--role", "staff"), "", "Bitte den Benutzernamen ändern."),
        (("reset", "niemand"), "", "Diesen Benutzer gibt es nicht."),
    ],
)
def test_what_is_wrong_is_said_in_german_on_standard_error(app: Flask, words: tuple[str, ...], typed: str, sentence: str) -> None:
    result = run(app, *words, typed=typed)

    assert (result.exit_code, result.stdout) == (1, "")
    assert sentence in result.stderr
    assert "Error" not in result.stderr
    assert db.session.scalar(db.select(User)) is None


@pytest.mark.parametrize(
    ("words", "code"),
    [(("add", "a b", "--role", "staff"), "user_name_form"), (("reset", "niemand"), "user_unknown")],
)
def test_scripts_are_refused_with_an_object_on_standard_output(app: Flask, words: tuple[str, ...], code: str) -> None:
    result = run(app, *words, "--json")

    answer = json.loads(result.stdout)
    assert (result.exit_code, result.stderr, answer["code"]) == (1, "", code)
    assert answer["error"].endswith(".")


def test_a_name_that_exists_is_refused(app: Flask) -> None:
    run(app, "add", "anna", "--role", "staff")

    result = run(app, "add", "ANNA", "--role", "admin")

    assert result.exit_code == 1
    assert "gibt es schon" in result.stderr


def test_a_lost_password_is_replaced(app: Flask) -> None:
    run(app, "add", "anna", "--role", "staff", "--password-stdin", typed="ein langer satz\n")

    result = run(app, "reset", "Anna")

    assert result.stdout.startswith("Benutzer anna (Mitarbeit) hat ein neues Kennwort.\nEinmalkennwort: ")
    assert passwords.matches(only_user().password_hash, result.stdout.split()[-1])


def test_users_are_listed(app: Flask) -> None:
    run(app, "add", "bert", "--role", "reader", "--display-name", "Bert Beispiel")

    listed = json.loads(run(app, "list", "--json").stdout)

    assert listed == [{"id": 1, "name": "bert", "display_name": "Bert Beispiel", "role": "reader", "active": True}]
    assert run(app, "list").stdout.split() == ["bert", "nur", "lesen"]
