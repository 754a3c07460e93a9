"""How a dispatch stands, in German: where it is and what comes next. Counts and times come in; nothing is read here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from messaging.domain.calendar_de import (
    clock_words,
    date_time_words,
    date_words,
    duration_words,
    local,
    near_time_words,
    number_words,
    plural,
    weekday_word,
)
from messaging.domain.reasons import REASONS
from messaging.domain.states import DispatchState
from messaging.models import MailAccount
from messaging.outbox.progress import Progress

#: What waiting for one of these is called; everything else is a server that could not be reached or was busy.
LIMITS = {"per_hour": "Stundenlimit", "per_quarter_hour": "15-Minuten-Limit"}

#: Reasons for standing still that nobody can mend: a person looks and says how it goes on.
TO_DECIDE = {"restored", "failures_in_a_row", "too_many_failures"}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a dispatch is. `hint` is a second, quieter sentence or ""; `stopped` is why it paused by itself, with its cure."""

    sentence: str
    hint: str = ""
    stopped: str = ""
    detail: str = ""


def standing(progress: Progress, account: MailAccount | None, finished_at: datetime | None, now: datetime) -> Standing:
    """The words for one dispatch. `account` names the limit it waits for."""
    if progress.state == DispatchState.SCHEDULED:
        return Standing(f"Beginnt von selbst {near_time_words(progress.scheduled_at, now)}.")
    if progress.state == DispatchState.RUNNING:
        return _running(progress, account, now)
    if progress.state == DispatchState.PAUSED:
        return _paused(progress)
    return _over(progress, finished_at, now)


def _running(progress: Progress, account: MailAccount | None, now: datetime) -> Standing:
    if progress.wait_until:
        return _waiting(progress, progress.wait_until, account, now)
    if progress.scheduled_at > now:
        return Standing(f"Beginnt von selbst {near_time_words(progress.scheduled_at, now)}.")
    if _only_retries(progress) and progress.next_attempt_at:
        again = plural(progress.counts["retrying"], "Nachricht", "Nachrichten")
        when = at_words(max(progress.next_attempt_at, now), now)
        return Standing(f"neuer Versuch {when} für {again}", "Der Mailserver hat sie vorübergehend nicht angenommen.")
    if not progress.rate_per_minute:
        return Standing("Der Versand läuft an.")
    left = f", noch {duration_words(progress.seconds_left)}" if progress.seconds_left is not None else ""
    return Standing(f"{number_words(progress.rate_per_minute)} je Minute{left}")


def _waiting(progress: Progress, until: datetime, account: MailAccount | None, now: datetime) -> Standing:
    """ "wartet bis 14:05 (Stundenlimit 250)", or why the next try is later."""
    if progress.wait_code in LIMITS:
        number = getattr(account, progress.wait_code, None)
        limit = f"{LIMITS[progress.wait_code]} {number_words(number)}" if number else LIMITS[progress.wait_code]
        return Standing(
            f"wartet bis {until_words(until, now)} ({limit})", f"Danach geht es von selbst weiter{_ready(progress, now)}."
        )
    known = REASONS.get(progress.wait_code)
    return Standing(f"neuer Versuch {at_words(until, now)}", known.text if known else "")


def _ready(progress: Progress, now: datetime) -> str:
    if progress.seconds_left is None:
        return ""
    return f", fertig etwa {near_time_words(now + timedelta(seconds=progress.seconds_left), now)}"


def _paused(progress: Progress) -> Standing:
    if not progress.pause_code:
        return Standing("Angehalten. Es geht weiter, sobald jemand auf „Fortsetzen“ klickt.")
    known = REASONS.get(progress.pause_code)
    why = known.text if known else progress.pause_code
    mend = "beheben Sie die Ursache und setzen Sie dann fort"
    cure = "entscheiden Sie, ob es weitergeht" if progress.pause_code in TO_DECIDE else mend
    return Standing(f"Angehalten. Bitte {cure}.", "", why, progress.pause_detail)


def _over(progress: Progress, finished_at: datetime | None, now: datetime) -> Standing:
    when = f" {near_time_words(finished_at, now)}" if finished_at else ""
    if progress.state == DispatchState.FINISHED:
        return Standing(f"Fertig{when}.")
    dropped = progress.counts.get("cancelled", 0)
    words = plural(dropped, "Nachricht ging", "Nachrichten gingen")
    return Standing(f"Abgebrochen{when}. {words} nicht mehr hinaus.")


def _only_retries(progress: Progress) -> bool:
    return bool(progress.counts.get("retrying")) and not (progress.counts.get("queued") or progress.counts.get("sending"))


def at_words(moment: datetime, now: datetime) -> str:
    """ "um 14:05" today, else "morgen um 0:05" or "am Mo 23.11.2026, 8:00 Uhr"."""
    days = (local(moment).date() - local(now).date()).days
    if days > 1:
        return f"am {date_time_words(moment)}"
    return f"{'morgen ' if days == 1 else ''}um {clock_words(moment)}"


def until_words(moment: datetime, now: datetime) -> str:
    """ "14:05" today, else "morgen 0:05" or the date."""
    return clock_words(moment) if local(moment).date() == local(now).date() else near_time_words(moment, now)


def short_words(moment: datetime | None, now: datetime) -> str:
    """For narrow columns: "heute 14:05", "Mi 18.11. 14:05", in another year "18.11.2025"; "–" for none."""
    if moment is None:
        return "–"
    day, today = local(moment).date(), local(now).date()
    if abs((day - today).days) <= 1:
        return near_time_words(moment, now)
    if day.year != today.year:
        return date_words(day)
    return f"{weekday_word(day)[:2]} {day.day:02d}.{day.month:02d}. {clock_words(moment)}"
