"""The log as files for a spreadsheet: the list of dispatches, and one dispatch recipient by recipient. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from messaging.domain.calendar_de import date_time_words
from messaging.domain.csv_text import csv_bytes
from messaging.domain.sending_words import DISPATCH_LABELS, LEFT_OUT_LABEL, MESSAGE_LABELS, next_step, reason_sentence
from messaging.domain.words import CHANNEL_LABELS, PURPOSE_LABELS, Channel, Purpose
from messaging.services import dispatch_log, dispatch_recipients
from messaging.services.dispatch_log import DispatchLine, LogFilter
from messaging.services.dispatch_recipients import RecipientLine

LOG_HEAD = (
    *("Nummer", "Betreff", "Versandart", "Zweck", "Zustand", "Bestätigt am", "Beginn", "Ende", "Von", "Konto"),
    *("Ausgewählt", "Nachrichten", "Übergeben", "Offen", "Nicht zustellbar", "Unklar", "Ausgelassen"),
)
RECIPIENTS_HEAD = (
    *(
        "Name",
        "Adresse",
        "Termin",
        "Zustand",
        "Grund",
        "Wann",
        "Nächster Schritt",
        "Versuche",
        "Ohne Einwilligung, weil",
        "Message-ID",
    ),
)


def log_csv(wanted: LogFilter) -> bytes:
    """The list under a filter, in its order."""
    return csv_bytes(LOG_HEAD, (_log_row(line) for line in dispatch_log.every(wanted)))


def recipients_csv(dispatch_id: int) -> bytes:
    """Everybody of one dispatch, also those who were left out before."""
    return csv_bytes(RECIPIENTS_HEAD, (_recipient_row(line) for line in dispatch_recipients.every(dispatch_id)))


def _log_row(line: DispatchLine) -> Iterable[object]:
    numbers = line.numbers
    yield from (line.id, line.subject, CHANNEL_LABELS[Channel(line.channel)], PURPOSE_LABELS[Purpose(line.purpose)])
    yield from (DISPATCH_LABELS[line.state], _moment(line.created_at), _moment(line.started_at), _moment(line.finished_at))
    yield from (line.started_by, line.account_name)
    yield from (numbers.selected, numbers.total, numbers.sent, numbers.open, numbers.failed, numbers.unknown, numbers.left_out)


def _recipient_row(line: RecipientLine) -> Iterable[object]:
    state = MESSAGE_LABELS.get(line.state, LEFT_OUT_LABEL)
    yield from (line.name, line.address, _moment(line.appointment_start), state, reason_sentence(line.reason), _moment(line.at))
    yield from (next_step(line.state, line.reason), line.tries if line.message_id else None, line.override_reason, line.reference)


def _moment(moment: datetime | None) -> str:
    return date_time_words(moment) if moment else ""
