"""A day as people type it into a field: "23.11.2026", "23.11.", "heute". Pure; what day it is today is a parameter.

Search words are not read here (`folding` completes a date while it is typed), nor the columns of a file.
"""

import re
from datetime import date, timedelta

from messaging.domain.errors import DomainError, Problem

_GERMAN = re.compile(r"(\d{1,2})\s*\.\s*(\d{1,2})\s*\.?\s*(\d{4}|\d{2})?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_WORDS = {"gestern": -1, "heute": 0, "morgen": 1, "übermorgen": 2}
_CENTURY = 2000
#: Beyond them it is a slip of the finger, and near the ends of the calendar no neighbouring day can be computed.
YEARS = range(1900, 2101)
_SHOWN_AT_MOST = 30


def read_day(text: str, today: date) -> date:
    """Return the day; without a year this year's, with two digits this century's. DomainError has the field's sentence."""
    typed = " ".join(text.split())
    if typed.lower() in _WORDS:
        return today + timedelta(days=_WORDS[typed.lower()])
    if german := _GERMAN.fullmatch(typed):
        return _day(typed, _year(german[3], today), int(german[2]), int(german[1]))
    if iso := _ISO.fullmatch(typed):
        return _day(typed, int(iso[1]), int(iso[2]), int(iso[3]))
    raise DomainError(
        Problem("not_a_day", f"„{typed[:_SHOWN_AT_MOST]}“ ist kein Tag.", "Bitte ein Datum wie 23.11.2026 eingeben.")
    )


def _year(digits: str | None, today: date) -> int:
    if not digits:
        return today.year
    return int(digits) if len(digits) == 4 else _CENTURY + int(digits)


def _day(typed: str, year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        problem = Problem("no_such_day", f"Den Tag {typed} gibt es im Kalender nicht.", "Bitte Tag, Monat und Jahr prüfen.")
        raise DomainError(problem) from None
    if year not in YEARS:
        cure = f"Bitte ein Jahr von {YEARS[0]} bis {YEARS[-1]} eingeben."
        raise DomainError(Problem("far_year", f"Das Jahr {year} liegt zu weit entfernt.", cure))
    return found
