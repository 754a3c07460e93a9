"""What the practice's own data must be like, in sentences for the fields. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from messaging.domain.errors import Problem
from messaging.domain.facts import PersonFacts
from messaging.domain.phone import PHONE_PROBLEMS, check_phone
from messaging.domain.salutation import PersonName, briefanrede

#: word: "Professor Weiß", short: "Prof. Dr. Weiß"; guides to letters disagree (domain.salutation).
PROFESSOR_FORMS = ("word", "short")
IDLE_AT_LEAST, IDLE_AT_MOST = 5, 240
LONGEST = 120
TEXTS = ("name", "phone", "street", "postcode", "city")

NO_NAME = Problem("practice_no_name", "Er steht in Nachrichten und Briefen.", "Bitte den Namen der Praxis eintragen.")
TOO_LONG = Problem("practice_too_long", f"Es passen {LONGEST} Zeichen.", "Bitte kürzer fassen.")
BAD_POSTCODE = Problem("practice_postcode", "Eine deutsche PLZ hat fünf Ziffern.", "Bitte die PLZ prüfen.")
BAD_FORM = Problem("practice_professor", "Es fehlt die Form.", "Bitte eine der beiden Formen wählen.")
BAD_IDLE = Problem(
    "practice_idle",
    "Länger lässt Patientendaten offen stehen, kürzer stört beim Arbeiten.",
    f"Bitte eine Zahl von {IDLE_AT_LEAST} bis {IDLE_AT_MOST} eintragen.",
)

_POSTCODE = re.compile(r"[0-9]{5}")
_MINUTES = re.compile(r"[0-9]{1,4}")


def problems_of(texts: Mapping[str, str]) -> dict[str, Problem]:
    """Field -> what is wrong with it, for cleaned texts of the form."""
    found: dict[str, Problem | None] = {name: TOO_LONG if len(texts[name]) > LONGEST else None for name in TEXTS}
    if not texts["name"]:
        found["name"] = NO_NAME
    found["phone"] = found["phone"] or _phone_problem(texts["phone"])
    if texts["postcode"] and not _POSTCODE.fullmatch(texts["postcode"]):
        found["postcode"] = BAD_POSTCODE
    found["professor_form"] = None if texts["professor_form"] in PROFESSOR_FORMS else BAD_FORM
    found["idle_minutes"] = None if _is_idle_time(texts["idle_minutes"]) else BAD_IDLE
    return {name: problem for name, problem in found.items() if problem}


def professor_example(form: str) -> str:
    """How a letter to a professor begins in this form."""
    weiss = PersonFacts(0, form_of_address="Herr", title="Prof. Dr.", first_name="Karl", last_name="Weiß")
    return briefanrede(PersonName.of(weiss), date(2026, 1, 1), form)


def _phone_problem(phone: str) -> Problem | None:
    """Any number people can call; an extension is fine."""
    check = check_phone(phone)
    if check.e164 or check.reason in ("empty", "extension"):
        return None
    return PHONE_PROBLEMS[check.reason or "invalid"]


def _is_idle_time(text: str) -> bool:
    return bool(_MINUTES.fullmatch(text)) and IDLE_AT_LEAST <= int(text) <= IDLE_AT_MOST
