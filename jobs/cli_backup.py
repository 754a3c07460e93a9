"""`backup FILE` and `restore FILE`."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import Flask, current_app

from messaging.domain.errors import DomainError
from messaging.models import db
from messaging.services import backup


def init_app(app: Flask) -> None:
    app.cli.add_command(back_up)
    app.cli.add_command(restore)


def home_and_key() -> tuple[Path, Path]:
    home = Path(current_app.config["HOME"])
    return home, Path(current_app.config["SECRET_KEY_FILE"] or home / backup.KEY)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Antwort als JSON.")
def back_up(file: Path, as_json: bool) -> None:
    """Datenbank und Schlüssel in eine Datei sichern; der Betrieb läuft dabei weiter."""
    home, key_file = home_and_key()
    try:
        size = backup.back_up(home, key_file, current_app.config["SQLALCHEMY_DATABASE_URI"], file)
    except DomainError as error:
        raise click.ClickException(error.problem.text) from error
    sentence = f"Gesichert: {file} ({size} Bytes). Bitte verschlossen aufbewahren: Die Datei enthält auch den Schlüssel."
    click.echo(json.dumps({"file": str(file), "bytes": size}) if as_json else sentence)


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Antwort als JSON.")
def restore(file: Path, as_json: bool) -> None:
    """Eine Sicherung in einen leeren Datenordner zurückspielen."""
    home, key_file = home_and_key()
    db.session.remove()
    db.engine.dispose()
    try:
        backup.restore(home, key_file, file)
    except DomainError as error:
        raise click.ClickException(error.problem.text) from error
    click.echo(json.dumps({"restored": str(file)}) if as_json else "Wiederhergestellt. Praxispost kann jetzt gestartet werden.")
