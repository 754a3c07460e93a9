"""What the text of one cell means: dates, times, yes and no, states, names. Pure; nothing here raises.

The result is (value, problem): the value that may be used, None or "" if there is none, and the problem to report, if any.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time

from messaging.domain.errors import Problem
from messaging.domain.folding import fold
from messaging.domain.words import AppointmentStatus, ConsentStatus
from messaging.importers import problems

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2060\ufeff]")
_GERMAN_DATE = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{2}|\d{4})")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_MIDNIGHT = re.compile(r"[T ]+0{1,2}[:.]00([:.]00(\.0+)?)?$")
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2})(?::\d{2}(?:\.\d+)?)?)?")
_DIGITS_TIME = re.compile(r"(\d{2})(\d{2})")
_MINUTES = re.compile(r"(\d{1,4})(?:[.,]0+)?(?:min(?:uten|\.)?)?")
_HOURS_MINUTES = re.compile(r"(\d{1,2}):(\d{2})(?::00)?(?:h|std\.?)?")
# Windows-1252 has no ł and no ć; what cannot be written there leaves a question mark: "?ukasz", "Petrovi?".
_LOST_LETTER = re.compile(r"\?\w|\w\?|\ufffd")
# UTF-8 that was read as Windows-1252 on its way here: "Ã¤", "Ã\u0178", "Å‚".
_GARBLED = re.compile("[ÃÅÄ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]")

#: What .NET, Access and SQL Server write where no date is known, or before a time that stands alone.
_NO_DATES = frozenset((date(1, 1, 1), date(1899, 12, 30), date(1900, 1, 1)))
#: Days outside are slips of the keyboard; far outside there are none in UTC.
_FIRST_YEAR, _LAST_YEAR = 1901, 2200
_OLDEST = 120
_LONGEST_APPOINTMENT = 24 * 60

_YES = frozenset(map(fold, ("ja", "j", "x", "1", "wahr", "true", "yes", "y", "erlaubt", "einverstanden", "ok", "+", "✓")))
_NO = frozenset(
    map(fold, ("nein", "n", "0", "falsch", "false", "no", "nicht erlaubt", "abgelehnt", "nicht erwünscht", "verboten"))
)
_REVOKED = frozenset(map(fold, ("widerrufen", "widerruf", "widersprochen", "widerspruch")))
_NOTHING = frozenset(map(fold, ("", "-", "–", "?", "unbekannt", "k.a.", "k. a.", "ka", "keine Angabe", "offen", "null")))

_FORMS = {
    "herr": "Herr", "herrn": "Herr", "hr": "Herr", "m": "Herr", "mannlich": "Herr", "mann": "Herr", "junge": "Herr",
    "frau": "Frau", "fr": "Frau", "w": "Frau", "f": "Frau", "weiblich": "Frau", "fraulein": "Frau", "madchen": "Frau",
    "divers": "divers", "d": "divers", "x": "divers", "inter": "divers",
    "familie": "Familie", "fam": "Familie",
    "": "", "keine": "", "firma": "", "ohne": "", "unbekannt": "", "u": "", "-": "",
}  # fmt: skip

_STATUS_NAMES = {
    AppointmentStatus.PLANNED: """
        geplant, offen, vereinbart, vorgemerkt, reserviert, gebucht, angelegt, neu, aktiv, terminiert, eingetragen""",
    AppointmentStatus.CONFIRMED: "bestätigt, zugesagt, fix, ok, confirmed",
    AppointmentStatus.ARRIVED: """
        eingetroffen, anwesend, angekommen, da, Wartezimmer, im Wartezimmer, wartet, in Behandlung""",
    AppointmentStatus.DONE: """
        erledigt, behandelt, abgeschlossen, fertig, wahrgenommen, erschienen, stattgefunden, durchgeführt, abgerechnet""",
    AppointmentStatus.CANCELLED: """
        abgesagt, Absage, abgesagt Praxis, abgesagt Patient, storniert, Storno, gelöscht, ausgefallen, entfällt, entfallen,
        fällt aus, cancelled, canceled""",
    AppointmentStatus.NO_SHOW: """
        nicht erschienen, nichterschienen, nicht gekommen, versäumt, no show, noshow, unentschuldigt, ferngeblieben""",
    AppointmentStatus.REBOOK: """
        umbuchen, bitte umbuchen, umzubuchen, verlegen, bitte verlegen, verschieben, neu vereinbaren, neuer Termin""",
}
_STATES = {fold(name.strip()): status for status, names in _STATUS_NAMES.items() for name in names.split(",")}


def clean(text: str) -> str:
    """One line without control characters and double blanks, composed (ä is one letter, not a and dots)."""
    if text.isascii() and text.isprintable():
        return text.strip() if "  " not in text else " ".join(text.split())
    return " ".join(unicodedata.normalize("NFC", _CONTROL.sub(" ", text)).split())


def clean_lines(text: str) -> str:
    """As `clean`, but line breaks stay."""
    return "\n".join(clean(line) for line in text.splitlines()).strip()


def letters_problem(text: str) -> Problem | None:
    """Tell whether a name shows that letters were lost or garbled on the way here."""
    if text.isascii():
        return problems.LOST_LETTERS if "?" in text and _LOST_LETTER.search(text) else None
    if _LOST_LETTER.search(text):
        return problems.LOST_LETTERS
    return problems.GARBLED if _GARBLED.search(text) else None


def read_day(text: str) -> tuple[date | None, Problem | None]:
    """A day as "23.11.2026", "23.11.26" or ISO, with or without a midnight behind it, in a year that somebody may mean."""
    day, problem = _written_day(text)
    return (None, problems.BAD_YEAR) if day and not _FIRST_YEAR <= day.year <= _LAST_YEAR else (day, problem)


def is_no_date(text: str) -> bool:
    """Tell whether a cell is empty in the words of a database: "01.01.0001 00:00:00", "30.12.1899"."""
    return ("0001" in text or "1899" in text or "1900" in text) and _written_day(text)[0] in _NO_DATES


def _written_day(text: str) -> tuple[date | None, Problem | None]:
    found = _GERMAN_DATE.fullmatch(text) or _GERMAN_DATE.fullmatch(_MIDNIGHT.sub("", text))
    if found:
        day, month, year = found.groups()
        return _day(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    found = _ISO_DATE.fullmatch(_MIDNIGHT.sub("", text))
    return _day(*map(int, found.groups())) if found else (None, problems.BAD_DATE)


def read_birth_date(text: str, today: date) -> tuple[date | None, Problem | None]:
    """A birth date; a year of two digits is refused, for 36 may be 1936 or 2036's grandchild."""
    found = _GERMAN_DATE.fullmatch(text)
    if found and len(found[3]) == 2:
        return None, problems.SHORT_YEAR
    day, problem = _written_day(text)
    if day and day > today:
        return None, problems.BIRTH_IN_FUTURE
    if day and day.year < today.year - _OLDEST:
        return None, problems.BIRTH_LONG_AGO
    return day, problem


def read_time(text: str) -> tuple[time | None, Problem | None]:
    """A time as "14:30", "14.30 Uhr", "8", "0830" or "14:30:00"."""
    bare = text.lower().removesuffix("uhr").strip()
    found = _DIGITS_TIME.fullmatch(bare) or _TIME.fullmatch(bare)
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return None, problems.BAD_TIME
    return time(int(found[1]), int(found[2] or 0)), None


def read_minutes(text: str) -> tuple[int | None, Problem | None]:
    """A duration in minutes: "30", "30 min", "0:30"."""
    bare = text.lower().replace(" ", "")
    if found := _HOURS_MINUTES.fullmatch(bare):
        minutes = int(found[1]) * 60 + int(found[2])
    elif found := _MINUTES.fullmatch(bare):
        minutes = int(found[1])
    else:
        return None, problems.BAD_DURATION
    return (minutes, None) if 0 < minutes <= _LONGEST_APPOINTMENT else (None, problems.BAD_DURATION)


def read_answer(text: str) -> tuple[ConsentStatus | None, Problem | None]:
    """Ja, nein or widerrufen; None for an empty cell and for words that are no clear answer."""
    word = fold(text)
    if word in _YES:
        return ConsentStatus.YES, None
    if word in _NO:
        return ConsentStatus.NO, None
    if word in _REVOKED:
        return ConsentStatus.REVOKED, None
    return None, None if word in _NOTHING else problems.NOT_YES_OR_NO


def read_form_of_address(text: str) -> tuple[str, Problem | None]:
    """Herr, Frau, divers, Familie or "", from the columns Anrede and Geschlecht alike."""
    form = _FORMS.get(fold(text).rstrip("."))
    return ("", problems.UNKNOWN_FORM) if form is None else (form, None)


def read_status(text: str) -> tuple[AppointmentStatus | None, Problem | None]:
    """The state of an appointment; an unknown word is never guessed at."""
    status = _STATES.get(" ".join(fold(text).replace("-", " ").replace("/", " ").split()))
    return (None, problems.UNKNOWN_STATUS) if status is None else (status, None)


def _day(year: int, month: int, day: int) -> tuple[date | None, Problem | None]:
    try:
        return date(year, month, day), None
    except ValueError:
        return None, problems.BAD_DATE
