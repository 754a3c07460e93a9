"""`demo` and `run-practice`: everything that `make demo` and `make run` do after set-up."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import Flask, current_app
from sqlalchemy import func, select

from jobs import clock
from jobs.cli_database import with_tables
from jobs.cli_refusals import Refused
from jobs.cli_sandbox import smtp_port
from jobs.embedded_redis import RedisNotAvailable
from jobs.processes import HouseNotStarted, run_house
from messaging.domain.words import Role
from messaging.models import User, db
from messaging.services import users
from messaging.services.demo import practice

OTHER_HOUSE = (
    "In diesem Datenordner liegen schon die Daten einer Praxis. "
    "Bitte für die Demo einen anderen wählen, etwa: PRAXISPOST_HOME=demo make demo"
)


def init_app(app: Flask) -> None:
    app.cli.add_command(demo)
    app.cli.add_command(run_practice)


@click.command("demo")
@click.option("--fill-only", is_flag=True, help="Nur die Beispielpraxis anlegen, nichts starten.")
@with_tables
def demo(fill_only: bool) -> None:
    """Beispielpraxis mit Testausgang starten."""
    if practice.is_empty():
        click.echo("Die Beispielpraxis wird angelegt …")
        practice.fill(clock.now(), smtp_port(current_app))
    elif not practice.is_demo():
        raise Refused("other_house", OTHER_HOUSE)
    practice.follow_port(smtp_port(current_app))
    if not fill_only:
        start(
            sandbox=True,
            login=f"Anmelden als „{practice.LOGIN}“ (oder leitung, admin, lesen) mit dem Kennwort „{practice.PASSWORD}“",
        )


@click.command("run-practice")
@with_tables
def run_practice() -> None:
    """Praxispost mit den eigenen Daten starten."""
    start(sandbox=False, login=first_administrator())


def first_administrator() -> str:
    """On the very first start an administrator with a one-time password, shown once and stored nowhere."""
    if db.session.scalar(select(func.count()).select_from(User)):
        return "Anmelden mit Ihrem Benutzernamen."
    access = users.create(users.NewUser("admin", Role.ADMIN, "Administration"), clock.now())
    return f"Erste Anmeldung: Benutzer „{access.name}“, Einmalkennwort „{access.one_time_password}“ (wird nur jetzt gezeigt)."


def start(*, sandbox: bool, login: str) -> None:
    """Run all programs until Ctrl-C."""
    port = current_app.config["PORT"]
    home = Path(current_app.config["HOME"])
    db.session.remove()
    db.engine.dispose()

    def announce() -> None:
        click.echo(f"\n  Praxispost läuft: http://localhost:{port}/\n  {login}\n  Beenden mit Strg+C.\n")

    try:
        sys.exit(run_house(home, port, sandbox=sandbox, announce=announce))
    except (HouseNotStarted, RedisNotAvailable) as error:
        raise Refused("not_started", str(error)) from error
