"""`flask --app app import patients|prospects|appointments FILE`: the import without the browser, for scripts and the night.

It is the same import with the same report; the run also stands in the list under "Import".
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app

from jobs import clock, importing
from jobs.cli_database import with_tables
from jobs.cli_refusals import Refused, refusals
from messaging.domain.calendar_de import number_words, plural
from messaging.domain.errors import DomainError
from messaging.domain.words import Purpose
from messaging.importers import problems
from messaging.importers.columns import KIND_LABELS, KINDS
from messaging.importers.problems import Severity
from messaging.models import ImportRun
from messaging.services import import_report, import_runs, import_work
from messaging.services.import_batches import COUNTED
from messaging.services.import_report import SEVERITY_LABELS
from messaging.services.import_states import RunState

LINES_SHOWN = 20


@click.command("import")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Nur prüfen und berichten, nichts schreiben.")
@click.option(
    "--yes-for",
    type=click.Choice([*(purpose.value for purpose in Purpose), "none"]),
    multiple=True,
    default=import_runs.USUAL_PURPOSES,
    show_default=True,
    help="Zweck, für den ein „ja“ der Datei als Einwilligung zählt; mehrfach möglich.",
)
@click.option("--json", "as_json", is_flag=True, help="Antwort mit allen Zeilen des Berichts als JSON.")
@with_tables
def import_file(kind: str, file: Path, dry_run: bool, yes_for: tuple[str, ...], as_json: bool) -> None:
    """Patienten, Interessenten oder Termine aus einer CSV-Datei übernehmen."""
    purposes = [purpose for purpose in yes_for if purpose != "none"]
    with refusals():
        run = carry_out(kind, file, purposes, dry_run)
    if run.problem:  # found while it was read; rows that were refused are in the report and no failure of the command
        raise Refused("import_failed", run.problem)
    answer_json(run, dry_run) if as_json else answer_text(run, dry_run)


def init_app(app: Flask) -> None:
    app.cli.add_command(import_file)


def carry_out(kind: str, file: Path, purposes: list[str], dry_run: bool) -> ImportRun:
    """The whole way from the file to the report, in this process."""
    folder = importing.folder()
    with file.open("rb") as source:
        run_id = import_runs.upload(folder, source, file.name, kind, None, clock.now())
    run = import_runs.fetch(run_id)
    try:
        mapping = {int(place): field for place, field in run.mapping.items()}
        import_runs.start(run_id, mapping, purposes, clock.now(), writing=not dry_run)
    except DomainError:
        import_runs.discard(run_id, folder, clock.now())
        raise
    import_work.work(run_id, folder, current_app.config["CLOCK"], tell=lambda done: show_progress(done, run.rows_total))
    run = import_runs.fetch(run_id)
    if run.state == RunState.CHECKED:
        import_runs.discard(run_id, folder, clock.now())
    return import_runs.fetch(run_id)


def show_progress(done: int, total: int) -> None:
    """On a terminal only; a log keeps lines."""
    if sys.stderr.isatty():
        click.echo(f"\r{number_words(done)} von {number_words(total)} Zeilen", nl=done >= total, err=True)


def hint_of(run: ImportRun) -> str:
    """What somebody should look at, though the file was taken as it was given; "" if nothing."""
    if not (kind := import_runs.doubtful_kind(run)):
        return ""
    doubt = problems.doubtful_kind_for_scripts(KIND_LABELS[kind], kind)
    return f"{doubt.sentence} {doubt.cure}"


def answer_text(run: ImportRun, dry_run: bool) -> None:
    count = {name: run.counts.get(name, 0) for name in COUNTED}
    click.echo("Probelauf: nichts wurde geschrieben." if dry_run else f"{run.filename} ist übernommen.")
    if hint := hint_of(run):
        click.echo(f"Hinweis: {hint}")
    words = {"created": "neu", "updated": "geändert", "unchanged": "unverändert", "refused": "abgewiesen"}
    parts = ", ".join(f"{number_words(count[name])} {word}" for name, word in words.items())
    click.echo(f"{plural(count['rows'], 'Zeile', 'Zeilen')}: {parts}; {plural(count['warnings'], 'Hinweis', 'Hinweise')}.")
    lines = import_report.page(run.id, None, 1, LINES_SHOWN)
    for line in lines:
        place = ", ".join(filter(None, (f"Zeile {number_words(line.row)}", line.column)))
        click.echo(f"{place}: {SEVERITY_LABELS[Severity(line.severity)]}. {line.sentence}")
    if (more := sum(import_report.numbers(run.id).values()) - len(lines)) > 0:
        click.echo(f"… und {plural(more, 'weitere Zeile', 'weitere Zeilen')} im Bericht unter „Import“.")


def answer_json(run: ImportRun, dry_run: bool) -> None:
    """One object; the report is written line by line, for it may be long."""
    head: dict[str, Any] = {
        "run": run.id,
        "kind": run.kind,
        "file": run.filename,
        "dry_run": dry_run,
        "state": RunState.CHECKED.value if dry_run else run.state,
        "counts": {name: run.counts.get(name, 0) for name in COUNTED},
        "hint": hint_of(run),
    }
    click.echo(json.dumps(head, ensure_ascii=False)[:-1] + ', "problems": [', nl=False)
    for number, line in enumerate(import_report.every_line(run.id)):
        shown = {name: getattr(line, name) for name in ("row", "column", "value", "severity", "sentence")}
        click.echo((", " if number else "") + json.dumps(shown, ensure_ascii=False), nl=False)
    click.echo("]}")
