"""Rules of signing in: what a user name and a password must be like, and how long to wait after wrong ones.

Pure; where failures are counted and how passwords are stored is not said here.
"""

import re
import unicodedata
from datetime import timedelta

from messaging.domain.calendar_de import plural
from messaging.domain.errors import Problem

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
PASSWORD_RULE = (
    f"Mindestens {SHORTEST_PASSWORD} Zeichen, nicht der Benutzername. Ein kurzer Satz ist gut zu merken und schwer zu raten."
)

USER_NAME = re.compile(r"[a-z0-9äöüß][a-z0-9äöüß._@-]{1,39}")
USER_NAME_RULE = "2 bis 40 Zeichen: Buchstaben, Ziffern, Punkt, Strich. Groß und klein ist gleich."

#: Failures are counted over this time; the first ones cost nothing, for people mistype.
COUNTED = timedelta(minutes=15)
FREE_FAILURES_OF_NAME = 5
FREE_FAILURES_OF_ADDRESS = 20
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)


def folded_name(typed: str) -> str:
    """The user name as it is stored and compared: "Anna " and "anna" are the same person."""
    return unicodedata.normalize("NFC", typed).strip().lower()


def normal_password(typed: str) -> str:
    """The same password from every keyboard: some send ä as two characters."""
    return unicodedata.normalize("NFC", typed)


def user_name_problem(name: str) -> Problem | None:
    """What is wrong with a folded user name."""
    if not name:
        return Problem("user_name_missing", "Ohne Benutzernamen geht es nicht.", "Bitte einen Benutzernamen eingeben.")
    if not USER_NAME.fullmatch(name):
        return Problem("user_name_form", USER_NAME_RULE, "Bitte den Benutzernamen ändern.")
    return None


def password_problem(password: str, user_name: str) -> Problem | None:
    """What is wrong with a new password of the user `user_name` (folded)."""
    if len(password) < SHORTEST_PASSWORD:
        return Problem(
            "password_short", f"Es braucht mindestens {SHORTEST_PASSWORD} Zeichen.", "Bitte ein längeres Kennwort wählen."
        )
    if len(password) > LONGEST_PASSWORD:
        return Problem(
            "password_long", f"Mehr als {LONGEST_PASSWORD} Zeichen gehen nicht.", "Bitte ein kürzeres Kennwort wählen."
        )
    if folded_name(password).replace(user_name, "") == "":
        return Problem("password_is_name", "Der Benutzername ist zu leicht zu raten.", "Bitte ein anderes Kennwort wählen.")
    if len(set(password)) < 4:
        return Problem("password_uniform", "Es besteht fast nur aus einem Zeichen.", "Bitte ein anderes Kennwort wählen.")
    return None


def pause_after(failures: int, free: int) -> timedelta:
    """How long to wait after the latest of `failures`: 30 s when the free ones are used up, then twice as long each time."""
    if failures < free:
        return timedelta()
    return min(FIRST_PAUSE * 2 ** min(failures - free, 10), LONGEST_PAUSE)


def wait_words(wait: timedelta) -> str:
    """ "30 Sekunden", "2 Minuten"; rounded up, so that nobody is sent back for a second."""
    seconds = max(1, -int(-wait.total_seconds() // 1))
    return plural(seconds, "Sekunde", "Sekunden") if seconds <= 60 else plural(-(-seconds // 60), "Minute", "Minuten")


def wait_problem(wait: timedelta) -> Problem:
    return Problem(
        "sign_in_wait",
        "Das Kennwort war zu oft falsch.",
        f"Bitte warten Sie noch {wait_words(wait)} und versuchen Sie es dann wieder.",
    )


def wrong_problem(wait: timedelta) -> Problem:
    """The same sentence for a wrong name and a wrong password, so that nobody learns which names exist."""
    later = f" Der nächste Versuch geht in {wait_words(wait)}." if wait else ""
    return Problem(
        "sign_in_wrong",
        f"So passen sie nicht zusammen.{later}",
        "Bitte prüfen Sie Benutzername und Kennwort, auch die Feststelltaste.",
    )
