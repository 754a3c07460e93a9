"""`check phone|email|sms|text`: what the rules say of each line of standard input, one JSON object a line out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from messaging.domain import macros, phone, sms_text
from messaging.domain.email_address import check_email
from messaging.domain.words import Channel

group = AppGroup("check", help="Zeigen, was die Regeln zu Nummern, Adressen und Texten sagen (eine Zeile, ein Ergebnis).")


def init_app(app: Flask) -> None:
    app.cli.add_command(group)


def answer_each(rule: Callable[[str], dict[str, Any]]) -> None:
    """One JSON object per input line. Only the line end is taken off: blanks may be what is wrong."""
    for line in sys.stdin:
        click.echo(json.dumps(rule(line.rstrip("\r\n")), ensure_ascii=False))


@group.command("phone")
@click.option("--json", "_json", is_flag=True, help="Antwort als JSON (ist immer so).")
def check_phone(_json: bool) -> None:
    """Telefonnummern prüfen."""
    answer_each(phone_answer)


def phone_answer(text: str) -> dict[str, Any]:
    found = phone.check_phone(text)
    return {"input": text, "e164": found.e164, "kind": found.kind, "sms_possible": found.sms_possible, "reason": found.reason}


@group.command("email")
@click.option("--json", "_json", is_flag=True, help="Antwort als JSON (ist immer so).")
def check_email_addresses(_json: bool) -> None:
    """E-Mail-Adressen prüfen."""
    answer_each(email_answer)


def email_answer(text: str) -> dict[str, Any]:
    found = check_email(text)
    return {"input": text, "valid": found.valid, "normalized": found.normalized, "reason": found.reason}


@group.command("sms")
@click.option("--json", "_json", is_flag=True, help="Antwort als JSON (ist immer so).")
def check_sms(_json: bool) -> None:
    """SMS-Texte messen: Zeichensatz, Einheiten, SMS-Teile."""
    answer_each(sms_text.check_sms)


@group.command("text")
@click.option("--channel", type=click.Choice([channel.value for channel in Channel]), default=Channel.EMAIL.value)
@click.option("--json", "_json", is_flag=True, help="Antwort als JSON (ist immer so).")
def check_text(channel: str, _json: bool) -> None:
    """Makros in Texten prüfen."""
    answer_each(lambda text: text_answer(text, channel))


def text_answer(text: str, channel: str) -> dict[str, Any]:
    """The macros of a text and everything that keeps it from being sent over the channel."""
    parsed = macros.parse(text)
    complaints = [
        {
            "code": complaint.code,
            "written": complaint.written,
            "sentence": complaint.sentence,
            "replacement": complaint.replacement,
        }
        for complaint in parsed.complaints(channel)
    ]
    return {"input": text, "macros": list(parsed.macros), "complaints": complaints}
