"""Which telephone number was typed, and whether an SMS may go there. Pure: nothing is looked up and nothing is remembered.

The order of the checks matters: the characters first, because the library reads letters as digits ("O172 …" would pass as
a mobile number); then the kind, because "valid" includes service numbers and pagers. There is no list of prefixes here.
"""

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from messaging.domain.errors import Problem

MOBILE, LANDLINE, SERVICE, PAGER, OTHER = "mobile", "landline", "service", "pager", "other"

KINDS = {
    PhoneNumberType.MOBILE: MOBILE,
    PhoneNumberType.FIXED_LINE: LANDLINE,
    PhoneNumberType.TOLL_FREE: SERVICE,
    PhoneNumberType.PREMIUM_RATE: SERVICE,
    PhoneNumberType.SHARED_COST: SERVICE,
    PhoneNumberType.PERSONAL_NUMBER: SERVICE,
    PhoneNumberType.UAN: SERVICE,
    PhoneNumberType.VOICEMAIL: SERVICE,
    PhoneNumberType.PAGER: PAGER,
}

_PROBLEMS = (
    Problem("empty", "Es ist keine Nummer eingetragen.", "Bitte Handynummer nachtragen."),
    Problem(
        "characters",
        "In der Nummer stehen Zeichen, die nicht hineingehören.",
        "Bitte nur Ziffern eintragen; Zusätze wie „privat“ gehören in die Bemerkung.",
    ),
    Problem(
        "spreadsheet",
        "Die Tabellenkalkulation hat die Nummer gekürzt.",
        "Bitte die Spalte als Text formatieren und die Nummer neu eintragen.",
    ),
    Problem("two_numbers", "Im Feld stehen zwei Nummern.", "Bitte nur eine Nummer stehen lassen."),
    Problem("extension", "An eine Durchwahl kann keine SMS gehen.", "Bitte Handynummer ohne Durchwahl eintragen."),
    Problem("lost_plus", "Vor der Ländervorwahl fehlt das Plus.", "Bitte die Nummer mit Plus eintragen, zum Beispiel +49 …"),
    Problem("too_short", "Für eine Telefonnummer sind es zu wenige Ziffern.", "Bitte die Nummer vervollständigen."),
    Problem("too_long", "Für eine Telefonnummer sind es zu viele Ziffern.", "Bitte die Nummer prüfen."),
    Problem("invalid", "Diese Nummer gibt es so nicht.", "Bitte die Nummer prüfen."),
    Problem("landline", "Das ist eine Festnetznummer.", "Bitte Handynummer nachtragen."),
    Problem("service", "Das ist eine Servicenummer.", "Bitte Handynummer nachtragen."),
    Problem("pager", "Das ist die Nummer eines Funkrufempfängers.", "Bitte Handynummer nachtragen."),
    Problem("other", "Bei dieser Nummer ist nicht sicher, dass sie SMS empfängt.", "Bitte Handynummer nachtragen."),
    Problem("foreign", "Die Einrichtung sendet keine SMS ins Ausland.", "Bitte deutsche Handynummer nachtragen."),
)
PHONE_PROBLEMS = {problem.code: problem for problem in _PROBLEMS}

_BLANKS = re.compile("[\u00a0\u2007\u2009\u202f]")
# Direction marks and zero-width characters come along when a number is copied from an address book; nobody can see them.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_ALLOWED = re.compile(r"[(]?[ ]*[+]?[0-9 ()\-/.]*[0-9][0-9 ()\-/.]*")
_EXTENSION = re.compile(r"\d.*(?:x|ext|dw|app|durchwahl|apparat|#|;ext=)[ .:]*\d{1,7}", re.IGNORECASE)
_SPREADSHEET = re.compile(r"\d(?:[.,]\d+)?E[+]?\d+", re.IGNORECASE)
_SEPARATED = re.compile(r"\d{3}[^,;\n]*(?:[,;\n]|\b(?:oder|und|u)\b).*\d{3}", re.IGNORECASE)
_NEXT_NUMBER = re.compile(r"[ /,;\n+-]+(?=[+(0])")
_FIRST_SIGN = re.compile("[+0-9]")
_NOT_DIGIT = re.compile("[^0-9]")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class PhoneCheck:
    """What the rules say of one typed number.

    `e164` and `kind` are None if it is no number. `reason` is a code of PHONE_PROBLEMS, None exactly if an SMS is possible.
    `repaired` is how a number without its zero was read, or what is proposed for one without its plus.
    """

    input: str
    e164: str | None = None
    kind: str | None = None
    sms_possible: bool = False
    reason: str | None = None
    repaired: str | None = None


def check_phone(text: str, region: str = "DE", *, allow_foreign: bool = True) -> PhoneCheck:
    """Return what was typed, as E.164 and by kind; never raises. Only the type MOBILE may get an SMS."""
    cleaned = text.strip()
    if not cleaned.isascii():
        cleaned = _BLANKS.sub(" ", _INVISIBLE.sub("", cleaned)).strip()
    if fault := _fault_in_characters(cleaned):
        return PhoneCheck(text, reason=fault)
    read = _read(cleaned, region)
    zero_lost = _FIRST_SIGN.search(cleaned)[0] not in "+0"
    if zero_lost and (proposal := _with_plus(cleaned, read, region)):
        return PhoneCheck(text, reason="lost_plus", repaired=proposal)
    if read is None:
        return PhoneCheck(text, reason=_why_unreadable(cleaned, region))
    number, kind = read
    foreign = number.country_code != phonenumbers.country_code_for_region(region)
    reason = kind if kind != MOBILE else "foreign" if foreign and not allow_foreign else None
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return PhoneCheck(text, e164, kind, reason is None, reason, display_phone(e164) if zero_lost else None)


def display_phone(e164: str) -> str:
    """Write a stored number as people do: "0152 28817386", "030 23125001", "+43 664 1234567". Unreadable text comes back."""
    # The library's national form "01522 8817386" is not recognised by its owners; German mobile prefixes have three digits.
    if e164.startswith(("+4915", "+4916", "+4917")):
        return f"0{e164[3:6]} {e164[6:]}"
    try:
        number = phonenumbers.parse(e164, None)
    except NumberParseException:
        return e164
    form = PhoneNumberFormat.NATIONAL if number.country_code == 49 else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def _fault_in_characters(cleaned: str) -> str | None:
    if len(cleaned) > _LONGEST:
        return "too_long"
    if _ALLOWED.fullmatch(cleaned):
        return "two_numbers" if "/" in cleaned and _names_second_ending(cleaned) else None
    if not cleaned:
        return "empty"
    if _SPREADSHEET.fullmatch(cleaned):
        return "spreadsheet"
    if _SEPARATED.search(cleaned) or _holds_two_numbers(cleaned, "DE"):
        return "two_numbers"
    return "extension" if _EXTENSION.fullmatch(cleaned) else "characters"


def _names_second_ending(cleaned: str) -> bool:
    """True for "0171 3920001/2", which means two numbers; read as one it would be a stranger's, with one digit more."""
    head, _, tail = cleaned.rpartition("/")
    return len(_NOT_DIGIT.sub("", tail)) <= 2 and len(_NOT_DIGIT.sub("", head)) >= 8


def _read(cleaned: str, region: str) -> tuple[PhoneNumber, str] | None:
    """Parse and classify; None if it cannot be read or there is no such number."""
    try:
        number = phonenumbers.parse(cleaned, region)
    except NumberParseException:
        return None
    # A number that is not valid has the type UNKNOWN, so asking for the type answers both questions in one pass.
    kind = phonenumbers.number_type(number)
    return None if kind == PhoneNumberType.UNKNOWN else (number, KINDS.get(kind, OTHER))


def _with_plus(cleaned: str, read: tuple[PhoneNumber, str] | None, region: str) -> str | None:
    """The number with the plus that it may have lost; None if its digits make sense only without.

    "49152 28817386" would otherwise be a landline in Leer (0491): the rule is to ask, not to guess.
    """
    if read is not None and read[1] == MOBILE:
        return None
    proposal = _read("+" + cleaned, region)
    if proposal is None:
        return None
    number, kind = proposal
    if number.country_code == 49:
        return "+49 " + display_phone(phonenumbers.format_number(number, PhoneNumberFormat.E164)).removeprefix("0")
    own_country = number.country_code == phonenumbers.country_code_for_region(region)
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL) if own_country or kind == MOBILE else None


def _why_unreadable(cleaned: str, region: str) -> str:
    if _holds_two_numbers(cleaned, region):
        return "two_numbers"
    digits = len(_NOT_DIGIT.sub("", cleaned))
    if digits < 9:
        return "too_short"
    return "too_long" if digits > 15 else "invalid"


def _holds_two_numbers(cleaned: str, region: str) -> bool:
    """True if the text falls into two numbers that are both valid by themselves."""
    gaps = _NEXT_NUMBER.finditer(cleaned)
    return any(_read(cleaned[: gap.start()], region) and _read(cleaned[gap.end() :], region) for gap in gaps)
