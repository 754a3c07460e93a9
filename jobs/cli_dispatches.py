"""`flask --app app dispatch …`: what is going out and what became of it, in numbers. Names, addresses and texts are not shown."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from jobs import clock
from jobs.cli_database import with_tables
from jobs.cli_refusals import Refused
from messaging.domain.calendar_de import date_time_words
from messaging.domain.sending_words import DISPATCH_LABELS, MESSAGE_LABELS
from messaging.domain.states import DispatchState
from messaging.domain.words import CHANNEL_LABELS, PURPOSE_LABELS, Channel, Purpose
from messaging.models import MailAccount, db
from messaging.outbox.progress import Progress, progress
from messaging.services import dispatch_log
from messaging.services.dispatch_log import DispatchLine, LogFilter
from messaging.services.dispatch_words import standing
from messaging.services.list_page import ListPage

group = AppGroup("dispatch", help="Versände auflisten und ansehen.")
json_option = click.option("--json", "as_json", is_flag=True, help="Antwort als JSON.")


def init_app(app: Flask) -> None:
    app.cli.add_command(group)


@group.command("list")
@click.option("--state", type=click.Choice([str(state) for state in DispatchState]), default=None, help="Nur in diesem Zustand.")
@click.option("--page", "number", type=click.IntRange(min=1), default=1, show_default=True, help="Seite zu 50 Zeilen.")
@json_option
@with_tables
def list_dispatches(state: str | None, number: int, as_json: bool) -> None:
    """Versände auflisten: zuerst was noch läuft, dann die neuesten."""
    found = dispatch_log.page(LogFilter(state=state or ""), ListPage(number, "50"))
    if as_json:
        click.echo(json.dumps([as_dict(line) for line in found.rows], ensure_ascii=False))
        return
    for line in found.rows:
        click.echo(one_line(line))
    if not found.rows:
        click.echo("Kein Versand gefunden.")


@group.command("show")
@click.argument("dispatch_id", type=int, metavar="ID")
@json_option
@with_tables
def show(dispatch_id: int, as_json: bool) -> None:
    """Einen Versand ansehen: wie weit er ist, was wartet und warum."""
    line = dispatch_log.one(dispatch_id)
    if line is None:
        raise Refused("dispatch_unknown", f"Den Versand {dispatch_id} gibt es nicht. Bitte mit `dispatch list` nachsehen.")
    found = progress(dispatch_id, clock.now())
    if as_json:
        click.echo(json.dumps(as_dict(line) | progress_dict(found), ensure_ascii=False))
        return
    account = db.session.get(MailAccount, line.account_id)
    stands = standing(found, account, line.finished_at, clock.now())
    click.echo(one_line(line))
    for sentence in (stands.sentence, stands.hint, stands.stopped, stands.detail):
        if sentence:
            click.echo(f"  {sentence}")
    for state, number in sorted(found.counts.items()):
        click.echo(f"  {number:>7} {MESSAGE_LABELS[state]}")


def one_line(line: DispatchLine) -> str:
    numbers = line.numbers
    what = f"{PURPOSE_LABELS[Purpose(line.purpose)]} per {CHANNEL_LABELS[Channel(line.channel)]}"
    counts = f"{line.done} von {numbers.total} bearbeitet, {numbers.sent} übergeben, {numbers.failed} nicht zustellbar"
    doubt = f", {numbers.unknown} unklar" if numbers.unknown else ""
    return f"{line.id:>6}  {DISPATCH_LABELS[line.state]:<11} {date_time_words(line.created_at)}  {what}: {counts}{doubt}"


def as_dict(line: DispatchLine) -> dict[str, Any]:
    """Ids, states, counts and moments (ISO, UTC)."""
    numbers = line.numbers
    return {
        "id": line.id,
        "state": line.state,
        "channel": line.channel,
        "purpose": line.purpose,
        "account": line.account_name,
        "created_at": iso(line.created_at),
        "scheduled_at": iso(line.scheduled_at),
        "started_at": iso(line.started_at),
        "finished_at": iso(line.finished_at),
        "selected": numbers.selected,
        "total": numbers.total,
        "open": numbers.open,
        "sent": numbers.sent,
        "failed": numbers.failed,
        "unknown": numbers.unknown,
        "left_out": numbers.left_out,
    }


def progress_dict(found: Progress) -> dict[str, Any]:
    return {
        "counts": dict(found.counts),
        "rate_per_minute": found.rate_per_minute,
        "seconds_left": found.seconds_left,
        "wait_until": iso(found.wait_until),
        "wait_code": found.wait_code or None,
        "pause_code": found.pause_code or None,
        "ended": found.ended,
    }


def iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
