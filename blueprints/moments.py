"""A day and a time typed into a form become a moment, and a moment the values of a form. Whether it may be chosen is a rule.

A button named `when` means typed fields ("later"), or names its moment exactly (ISO with zone), whatever the fields say. What is
wrong is said per field: "date" or "time".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from messaging.domain.calendar_de import local, utc_from_local
from messaging.domain.errors import DomainError, Problem
from messaging.domain.form_errors import FormRefused, refuse
from messaging.domain.quiet_hours import quiet_time
from messaging.domain.typed_day import read_day
from messaging.domain.typed_time import read_time

NO_DAY = Problem("no_day", "Der Tag fehlt.", "Bitte einen Tag angeben.")
NO_TIME = Problem("no_time", "Die Uhrzeit fehlt.", "Bitte eine Uhrzeit wie 8:30 eingeben.")
DAY_OVER = Problem("day_over", "Dieser Tag ist schon vorbei.", "Bitte einen späteren Tag wählen.")
TIME_OVER = Problem("time_over", "Dieser Zeitpunkt ist schon vorbei.", "Bitte eine spätere Uhrzeit wählen.")
FAR_AWAY = Problem("far_away", "Dieser Tag liegt mehr als zehn Jahre entfernt.", "Bitte das Jahr prüfen.")
#: Nobody plans that far: it is a slip in the year.
AWAY_AT_MOST = timedelta(days=3653)

TYPED = ("", "later")


@dataclass(frozen=True)
class QuietChoice:
    """A typed moment at which messages disturb, and why; a person chooses it all the same, or the one that is offered."""

    sentence: str
    chosen: datetime
    offered: datetime


@dataclass(frozen=True)
class MomentField:
    """What a field shows. `unreadable`: a field for days or times would swallow it; it stays as typed, in one of text."""

    value: str
    unreadable: bool = False
    error: str | None = None


def wanted_moment(form: Mapping[str, str], now: datetime) -> datetime:
    """The moment in the future that was typed or that a button names, aware UTC. FormRefused has a sentence per field."""
    moment = typed_moment(form, now) if form.get("when", "") in TYPED else named_moment(form, now)
    if moment is None:
        raise FormRefused({"date": NO_DAY, "time": NO_TIME})
    if moment <= now:
        raise FormRefused({"date": DAY_OVER} if local(moment).date() < local(now).date() else {"time": TIME_OVER})
    return moment


def typed_moment(form: Mapping[str, str], now: datetime) -> datetime:
    problems: dict[str, Problem] = {}
    day = read_or_note(form, "date", partial(typed_day, today=local(now).date()), problems)
    at = read_or_note(form, "time", typed_time, problems)
    refuse(problems)
    return utc_from_local(day, at)


def read_or_note(form: Mapping[str, str], name: str, read: Callable[[str], Any], problems: dict[str, Problem]) -> Any:
    """The value of a field; what is wrong with it is noted in `problems`."""
    try:
        return read(form.get(name, "").strip())
    except DomainError as refused:
        problems[name] = refused.problem


def typed_day(text: str, today: date) -> date:
    if not text:
        raise DomainError(NO_DAY)
    day = read_day(text, today)
    if abs(day - today) > AWAY_AT_MOST:
        raise DomainError(FAR_AWAY)
    return day


def typed_time(text: str) -> time:
    if not text:
        raise DomainError(NO_TIME)
    return read_time(text)


def named_moment(form: Mapping[str, str], now: datetime) -> datetime | None:
    """The moment that a button names with its zone; None if it names none, or a made-up one."""
    try:
        moment = datetime.fromisoformat(form.get("when", ""))
        return moment.astimezone(UTC) if moment.tzinfo and abs(moment - now) <= AWAY_AT_MOST else None
    except ValueError:
        return None


def quiet_choice(form: Mapping[str, str], purpose: str, moment: datetime) -> QuietChoice | None:
    """What to ask before a typed moment is taken. Whoever pressed a button that names its moment has been asked."""
    quiet = quiet_time(purpose, moment) if form.get("when", "") in TYPED else None
    return QuietChoice(quiet.sentence, moment, quiet.until) if quiet else None


def typed_or(
    form: Mapping[str, str], offered: datetime | None, now: datetime, errors: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The fields: what was typed, else the moment of the button, else the offered one; and today, before which nothing can be."""
    shown, today = named_moment(form, now) or offered, local(now).date()
    day, at = (local(shown).date().isoformat(), f"{local(shown):%H:%M}") if shown else ("", "")
    errors = errors or {}
    return {
        "date": moment_field(form.get("date", day), lambda typed: read_day(typed, today).isoformat(), errors.get("date")),
        "time": moment_field(form.get("time", at), lambda typed: f"{read_time(typed):%H:%M}", errors.get("time")),
        "today": today.isoformat(),
    }


def moment_field(typed: str, read: Callable[[str], str], error: str | None) -> MomentField:
    try:
        return MomentField(read(typed), error=error)
    except DomainError:
        return MomentField(typed, unreadable=bool(typed.strip()), error=error)
