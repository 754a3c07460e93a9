"""Times of the practice (Europe/Berlin) and how dates and numbers are written in German.

The store keeps aware UTC; only here it becomes local. No rule about *what* is due lives here, and no clock: `now` is a parameter.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")

WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_SATURDAY = 5


def local(moment: datetime) -> datetime:
    """Return an aware moment as local time. A naive one is a mistake of the caller and raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a moment without zone cannot be placed in the practice's day")
    return moment.astimezone(BERLIN)


def utc_from_local(day: date, wall_time: time) -> datetime:
    """Return the UTC moment of a local wall time.

    A time that the change to summer time skips (02:30) is one hour later on the clock; of one that exists twice, the first.
    """
    return datetime.combine(day, wall_time, tzinfo=BERLIN).astimezone(UTC)


def local_day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return the UTC moments of the local midnight that opens the day and of the one that ends it: 23, 24 or 25 hours apart."""
    return utc_from_local(day, time.min), utc_from_local(day + timedelta(days=1), time.min)


def next_working_day(day: date, holidays: Collection[date] = ()) -> date:
    """Return the first day after `day` that is neither Saturday, Sunday nor one of `holidays`."""
    following = day + timedelta(days=1)
    while following.weekday() >= _SATURDAY or following in holidays:
        following += timedelta(days=1)
    return following


def weekday_word(day: date) -> str:
    """Name the weekday: "Montag"."""
    return WEEKDAYS[day.weekday()]


def date_words(day: date) -> str:
    """Write a date: "23.11.2026"."""
    return f"{day.day:02d}.{day.month:02d}.{day.year:04d}"


def day_words(day: date) -> str:
    """Write a date with its weekday: "Mo 23.11.2026"."""
    return f"{weekday_word(day)[:2]} {date_words(day)}"


def clock_words(moment: datetime) -> str:
    """Write the local time as running text has it: "8:00"."""
    wall = local(moment)
    return f"{wall.hour}:{wall.minute:02d}"


def clock_digits(moment: datetime) -> str:
    """Write the local time as appointment texts have it: "08:00"."""
    wall = local(moment)
    return f"{wall.hour:02d}:{wall.minute:02d}"


def date_time_words(moment: datetime) -> str:
    """Write a moment: "Mo 23.11.2026, 8:00 Uhr"."""
    return f"{day_words(local(moment).date())}, {clock_words(moment)} Uhr"


def near_day_words(day: date, today: date) -> str:
    """Say "gestern", "heute" or "morgen" if it is, else "Mo 23.11.2026"."""
    return {-1: "gestern", 0: "heute", 1: "morgen"}.get((day - today).days) or day_words(day)


def near_time_words(moment: datetime, now: datetime) -> str:
    """Say "heute 12:00" or "morgen 8:00" if it is, else "Mo 23.11.2026, 8:00 Uhr"."""
    day, today = local(moment).date(), local(now).date()
    if abs((day - today).days) > 1:
        return date_time_words(moment)
    return f"{near_day_words(day, today)} {clock_words(moment)}"


def duration_words(seconds: float) -> str:
    """Say how long: "unter 1 Minute", "etwa 1 Stunde 20 Minuten". Rounded up: nobody minds waiting less than promised."""
    minutes = -int(-seconds // 60)
    if minutes < 1 or seconds < 60:
        return "unter 1 Minute"
    if minutes < 60:
        return f"etwa {plural(minutes, 'Minute', 'Minuten')}"
    hours, rest = divmod(minutes, 60)
    words = f"etwa {plural(hours, 'Stunde', 'Stunden')}"
    return f"{words} {plural(rest, 'Minute', 'Minuten')}" if rest else words


def number_words(number: int) -> str:
    """Write a number with its points: "1.234"."""
    return f"{number:,}".replace(",", ".")


def plural(n: int, one: str, many: str) -> str:
    """Write a number with its noun: "1 E-Mail", "1.234 E-Mails"."""
    return f"{number_words(n)} {one if n == 1 else many}"
