"""`backup FILE` and `restore FILE`; `restored` after other tools have restored the database."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import Flask, current_app

from jobs import clock
from jobs.cli_refusals import Refused, refusals
from messaging.domain.calendar_de import plural
from messaging.models import db
from messaging.services import backup
from messaging.services.backup import HeldBack

NO_PLACE = "Bitte einen vorhandenen Ordner wählen, in den geschrieben werden darf. Die Sicherung ließ sich nicht ablegen."


def init_app(app: Flask) -> None:
    app.cli.add_command(back_up)
    app.cli.add_command(restore)
    app.cli.add_command(restored)


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
        with refusals():
            size = backup.back_up(home, key_file, backup.database_file(db.engine.url), file)
    except OSError as error:
        raise Refused("no_place", f"{NO_PLACE} ({error.strerror})") from error
    sentence = f"Gesichert: {file} ({size} Bytes). Bitte verschlossen aufbewahren: Die Datei enthält auch den Schlüssel."
    click.echo(json.dumps({"file": str(file), "bytes": size}) if as_json else sentence)


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Antwort als JSON.")
def restore(file: Path, as_json: bool) -> None:
    """Eine Sicherung in einen leeren Datenordner zurückspielen."""
    _, key_file = home_and_key()
    db.session.remove()
    db.engine.dispose()
    with refusals():
        held = backup.restore(backup.database_file(db.engine.url), key_file, file, clock.now())
    sentence = f"Wiederhergestellt. {held_words(held)} Praxispost kann jetzt gestartet werden."
    click.echo(json.dumps({"restored": str(file), **held_counts(held)}) if as_json else sentence)


@click.command("restored")
@click.option("--json", "as_json", is_flag=True, help="Antwort als JSON.")
def restored(as_json: bool) -> None:
    """Nach pg_restore: offene Versände anhalten, damit nichts zweimal hinausgeht."""
    held = backup.hold_back_here(clock.now())
    click.echo(json.dumps(held_counts(held)) if as_json else held_words(held))


def held_counts(held: HeldBack) -> dict[str, int]:
    return {"paused": held.dispatches, "unclear": held.messages}


def held_words(held: HeldBack) -> str:
    paused = plural(held.dispatches, "Versand ist", "Versände sind")
    unclear = plural(held.messages, "Nachricht ist", "Nachrichten sind")
    return f"{paused} angehalten, {unclear} unklar: Bitte prüfen Sie, was nach der Sicherung schon gesendet wurde."
