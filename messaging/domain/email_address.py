"""Whether an e-mail address is well-formed, and its normal form.

Pure: it never asks the DNS, so it cannot say that a mailbox exists.
The faults that people make (two at signs, a blank, a name around the address) are found first, because their cure can be
named; email-validator decides the rest.
"""

import re
from dataclasses import dataclass

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from messaging.domain.errors import Problem

_PROBLEMS = (
    Problem("empty", "Es ist keine E-Mail-Adresse eingetragen.", "Bitte E-Mail-Adresse nachtragen."),
    Problem(
        "control", "In der Adresse steht ein unsichtbares Zeichen oder ein Zeilenumbruch.", "Bitte die Adresse neu eintippen."
    ),
    Problem("two_addresses", "Im Feld stehen zwei Adressen.", "Bitte nur eine Adresse stehen lassen."),
    Problem("display_name", "Im Feld steht mehr als die Adresse.", "Bitte nur die Adresse ohne Namen und Klammern eintragen."),
    Problem("blank", "In der Adresse steht ein Leerzeichen.", "Bitte das Leerzeichen entfernen."),
    Problem("no_at", "In der Adresse fehlt das Zeichen @.", "Bitte die Adresse vervollständigen."),
    Problem("two_at", "In der Adresse steht das Zeichen @ mehrmals.", "Bitte nur ein @ stehen lassen."),
    Problem("no_dot", "Nach dem @ fehlt die Endung, zum Beispiel „.de“.", "Bitte die Adresse vervollständigen."),
    Problem("too_long", "Die Adresse ist länger, als E-Mail-Adressen sein dürfen.", "Bitte die Adresse prüfen."),
    Problem("local_part", "Der Teil vor dem @ ist so nicht möglich.", "Bitte den Teil vor dem @ prüfen."),
    Problem("domain", "Der Teil nach dem @ ist so nicht möglich.", "Bitte den Teil nach dem @ prüfen."),
)
EMAIL_PROBLEMS = {problem.code: problem for problem in _PROBLEMS}

# Names that the library refuses because the internet cannot reach them. A house network can, and tests must not reach anyone;
# so only their form is judged, under a name of the same form that the library lets pass.
_HOUSE_NAMES = (".invalid", ".test", ".local")
_JUDGED_AS = ".example"

_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_LONGEST = 254  # RFC 5321 4.5.3.1.3: a path of 256 with its angle brackets


@dataclass(frozen=True, slots=True)
class EmailCheck:
    """What the rules say of one typed address.

    `normalized` is the form to store and compare (domain in lower case and readable: "müller-praxis.example.org"), `wire`
    the form for SMTP (domain in ASCII); both None if invalid. `smtputf8`: only servers that know SMTPUTF8 can take it, for its
    local part is not ASCII. `reason` is a code of EMAIL_PROBLEMS, None exactly if valid.
    """

    input: str
    valid: bool = False
    normalized: str | None = None
    reason: str | None = None
    wire: str | None = None
    smtputf8: bool = False


def check_email(text: str) -> EmailCheck:
    """Judge the form of one address; blanks around it are dropped. Never raises, never asks the network."""
    cleaned = text.strip()
    fault = _fault_with_a_cure(cleaned)
    if fault:
        return EmailCheck(text, reason=fault)
    local_part, _, domain = cleaned.partition("@")
    ending = next((name for name in _HOUSE_NAMES if domain.lower().endswith(name)), "")
    try:
        read = _validated(cleaned[: -len(ending)] + _JUDGED_AS if ending else cleaned)
    except EmailNotValidError:
        return EmailCheck(text, reason=_guilty_part(local_part))
    readable, ascii_domain = read.domain, read.ascii_domain
    if ending:
        readable, ascii_domain = (name.removesuffix(_JUDGED_AS) + ending for name in (readable, ascii_domain))
    wire = f"{read.local_part}@{ascii_domain}"
    if len(wire.encode()) > _LONGEST:
        return EmailCheck(text, reason="too_long")
    return EmailCheck(text, True, f"{read.local_part}@{readable}", None, wire, read.smtputf8)


def _fault_with_a_cure(cleaned: str) -> str | None:
    if not cleaned:
        return "empty"
    if _INVISIBLE.search(cleaned):
        return "control"
    at_signs = cleaned.count("@")
    if at_signs > 1 and re.search(r"@\S*[\s,;/]+\S*@", cleaned):
        return "two_addresses"
    if "<" in cleaned or ">" in cleaned or '"' in cleaned:
        return "display_name"
    if at_signs != 1:
        return "two_at" if at_signs else "no_at"
    if len(cleaned.split()) > 1:
        return "blank"
    if len(cleaned) > _LONGEST:
        return "too_long"
    domain = cleaned.partition("@")[2]
    return "no_dot" if domain and "." not in domain.strip(".。") else None


def _validated(address: str) -> ValidatedEmail:
    return validate_email(address, check_deliverability=False, allow_smtputf8=True, strict=True)


def _guilty_part(local_part: str) -> str:
    try:
        _validated(f"{local_part}@a.example")
    except EmailNotValidError:
        return "local_part"
    return "domain"
