"""`flask --app app user …`: make users, list them, give a new password. For the first start, scripts, and a lost password."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from jobs import clock
from jobs.cli_database import with_tables
from jobs.cli_refusals import Refused, refusals
from messaging.domain.errors import Problem
from messaging.domain.words import ROLE_LABELS, Role
from messaging.models import User
from messaging.services import users

UNKNOWN_USER = Problem("user_unknown", "Diesen Benutzer gibt es nicht.", "Bitte mit `user list` nachsehen.")

group = AppGroup("user", help="Benutzer anlegen, auflisten, Kennwort neu vergeben.")
json_option = click.option("--json", "as_json", is_flag=True, help="Antwort als JSON.")
stdin_option = click.option(
    "--password-stdin", is_flag=True, help="Kennwort als eine Zeile von der Standardeingabe; sonst gibt es ein Einmalkennwort."
)


def init_app(app: Flask) -> None:
    app.cli.add_command(group)


@group.command("add")
@click.argument("name")
@click.option("--role", required=True, metavar="ROLE", help="admin, manager, staff oder reader.")
@click.option("--display-name", default="", help="Name auf dem Bildschirm.")
@stdin_option
@json_option
@with_tables
def add(name: str, role: str, display_name: str, password_stdin: bool, as_json: bool) -> None:
    """Einen Benutzer anlegen."""
    wanted = users.NewUser(name, role, display_name, read_password() if password_stdin else None)
    with refusals():
        access = users.create(wanted, clock.now())
    answer(access, as_json, "angelegt")


@group.command("reset")
@click.argument("name")
@stdin_option
@json_option
@with_tables
def reset(name: str, password_stdin: bool, as_json: bool) -> None:
    """Einem Benutzer ein neues Kennwort geben; seine offenen Sitzungen enden."""
    user = users.named(name)
    if user is None:
        raise Refused(UNKNOWN_USER.code, UNKNOWN_USER.text)
    with refusals():
        access = users.reset_password(user.id, clock.now(), password=read_password() if password_stdin else None)
    answer(access, as_json, "hat ein neues Kennwort")


@group.command("list")
@json_option
@with_tables
def list_users(as_json: bool) -> None:
    """Alle Benutzer auflisten."""
    everybody = users.everybody()
    if as_json:
        click.echo(json.dumps([as_dict(user) for user in everybody], ensure_ascii=False))
        return
    for user in everybody:
        click.echo(f"{user.name:<24} {role_label(user.role):<16} {'' if user.active else 'ausgeschaltet'}".rstrip())


def read_password() -> str:
    """The first line of standard input; the line break is not part of the password."""
    return sys.stdin.readline().rstrip("\r\n")


def answer(access: users.Access, as_json: bool, what: str) -> None:
    if as_json:
        shown = {"id": access.user_id, "name": access.name, "role": access.role, "one_time_password": access.one_time_password}
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    click.echo(f"Benutzer {access.name} ({role_label(access.role)}) {what}.")
    if access.one_time_password:
        click.echo(f"Einmalkennwort: {access.one_time_password}")


def as_dict(user: User) -> dict[str, Any]:
    return {"id": user.id, "name": user.name, "display_name": user.display_name, "role": user.role, "active": user.active}


def role_label(role: str) -> str:
    return ROLE_LABELS[Role(role)]
