"""What typed master data must be like, field by field, in sentences for the field. Pure.

What a value makes of itself (E.164, search words) is not said here, nor who may be written to.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from messaging.domain.countries import country_code
from messaging.domain.email_address import EMAIL_PROBLEMS, check_email
from messaging.domain.errors import Problem
from messaging.domain.phone import LANDLINE, MOBILE, PHONE_PROBLEMS, PhoneCheck, check_phone

#: What each field is called on the screen; messages name fields by these words.
FIELD_LABELS = {
    "number": "Nummer",
    "form_of_address": "Anrede",
    "title": "Titel",
    "first_name": "Vorname",
    "name_prefix": "Namenszusatz",
    "last_name": "Nachname",
    "birth_date": "Geburtsdatum",
    "letter_salutation": "Eigene Briefanrede",
    "guardian": "Sorgeberechtigte",
    "street": "Straße und Hausnummer",
    "address_extra": "Adresszusatz",
    "postcode": "PLZ",
    "city": "Ort",
    "country": "Land",
    "phone": "Telefon",
    "mobile": "Handy",
    "sms": "SMS",
    "email": "E-Mail",
    "source": "Herkunft",
    "note": "Bemerkung",
}
SEVERAL_LINES = ("address_extra", "note")
LONGEST = 200
LONGEST_NOTE = 2000

NO_NAME = Problem("person_no_name", "Ohne Namen findet die Person niemand wieder.", "Bitte Nachnamen oder Vornamen eintragen.")
NUMBER_TAKEN = Problem("person_number_taken", "Diese Nummer hat schon jemand.", "Bitte eine andere Nummer eintragen.")
NO_NUMBER = Problem(
    "person_no_number", "An der Nummer erkennt der Import die Person wieder.", "Bitte die Nummer wieder eintragen."
)

_POSTCODE = re.compile(r"[0-9]{5}")
_SHORT_POSTCODE = re.compile(r"[0-9]{4}")
#: An extension is of no use for an SMS, but people do call it.
_CALLED_ALL_THE_SAME = ("empty", "extension")


def problems_of(fields: Mapping[str, Any], changed: Collection[str]) -> dict[str, Problem]:
    """Field -> what is wrong, for the fields in `changed`; an old slip elsewhere must not keep a new address from being saved."""
    country = fields.get("country") or ""
    found = {name: field_problem(name, fields.get(name) or "", country) for name in FIELD_LABELS if name in changed}
    if not (fields.get("last_name") or fields.get("first_name")):
        found["last_name"] = NO_NAME
    return {name: problem for name, problem in found.items() if problem}


def field_problem(name: str, value: Any, country: str = "") -> Problem | None:
    """What is wrong with one cleaned value; an empty one is never wrong by itself. `country` decides what a postcode is like."""
    if not isinstance(value, str) or not value:
        return None
    limit = LONGEST_NOTE if name == "note" else LONGEST
    if len(value) > limit:
        return Problem("person_too_long", f"Es passen {limit} Zeichen.", "Bitte kürzer fassen.")
    if name in ("phone", "mobile", "sms"):
        return _phone_problem(name, check_phone(value))
    if name == "email":
        reason = check_email(value).reason
        return EMAIL_PROBLEMS[reason] if reason else None
    return _postcode_problem(value) if name == "postcode" and country_code(country) == "DE" else None


def field_note(name: str, texts: Mapping[str, str]) -> str:
    """What is worth knowing of a value that is not wrong: how a number was read, or in which field it belongs. "" for nothing."""
    value = texts.get(name) or ""
    if name not in ("phone", "mobile", "sms") or not value:
        return ""
    check = check_phone(value)
    if check.repaired and check.e164:
        return f"Gelesen als {check.repaired}."
    if name == "mobile" and check.kind == LANDLINE:
        return "Das ist eine Festnetznummer; sie gehört in das Feld Telefon."
    unused = name != "sms" and check.kind == MOBILE and not texts.get("sms")
    return "Für SMS bitte auch in das Feld SMS eintragen." if unused else ""


def _phone_problem(name: str, check: PhoneCheck) -> Problem | None:
    if name == "sms":
        return None if check.sms_possible else _with_proposal(check)
    return None if check.e164 or check.reason in _CALLED_ALL_THE_SAME else _with_proposal(check)


def _with_proposal(check: PhoneCheck) -> Problem:
    problem = PHONE_PROBLEMS[check.reason or "invalid"]
    if not check.repaired:
        return problem
    return Problem(problem.code, problem.sentence, f"Bitte prüfen: Ist {check.repaired} gemeint?")


def _postcode_problem(postcode: str) -> Problem | None:
    if _POSTCODE.fullmatch(postcode):
        return None
    cure = f"Bitte prüfen: Ist 0{postcode} gemeint?" if _SHORT_POSTCODE.fullmatch(postcode) else "Bitte die PLZ prüfen."
    return Problem("person_postcode", "Eine deutsche PLZ hat fünf Ziffern.", cure)
