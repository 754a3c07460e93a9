"""How names, numbers and dates are folded so that a search finds them however they are typed.

Pure text; no index, no database. The same folding serves the stored words and the typed ones: ä = ae = a, ß = ss, accents
and case do not count. It keeps prefixes: what a whole word finds is found while it is being typed.
"""

import re
import unicodedata
from collections.abc import Iterator

from messaging.domain.calendar_de import date_words
from messaging.domain.facts import PersonFacts

LONGEST_WORD = 80
WORDS_IN_A_QUERY = 8
_SHORTEST_PHONE_END = 4

# Letters that do not decompose into a base letter and an accent.
_LETTERS = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ı": "i",
        "ł": "l",
        "ŋ": "n",
        "ŧ": "t",
        "þ": "th",
        "ĸ": "k",
    }
)
_UMLAUT_SPELLED_OUT = re.compile("([aou])e+")
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHE = re.compile(r"(?<=\w)['’‘ʼ`´](?=\w)")
_NOT_DIGIT = re.compile("[^0-9]")
_PHONE_PART = re.compile(r"[+(]?[0-9()/.\-]*[0-9][0-9()/.\-]*|[+(]")
_DATE = re.compile(r"(\d{1,2})\.(?:(\d{1,2})(?:(\.)(\d{0,4}))?)?")
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_FORMS_AND_DEGREES = {"herr", "herrn", "frau", "dr", "prof"}
_PARTICLES = frozenset((
    "am", "auf", "aus", "da", "dal", "de", "del", "della", "den", "der", "des", "di", "do", "dos", "du", "el", "im", "la", "le",
    "ten", "ter", "und", "van", "vom", "von", "zu", "zum", "zur",
))  # fmt: skip
_NOBLE = frozenset(("baron", "baronin", "freifrau", "freiherr", "furst", "furstin", "graf", "grafin", "prinz", "prinzessin"))


def fold(text: str) -> str:
    """Return the text in lower case, without accents, umlauts reduced in all their spellings. Folding twice changes nothing."""
    text = _plain_letters(text)
    return _UMLAUT_SPELLED_OUT.sub(r"\1", text) if "e" in text else text


def words_for_person(person: PersonFacts) -> frozenset[str]:
    """Return every word under which a person is found by its beginning: names, number, birth date, phones, mail, town.

    Phones stand there read from their end as well (`phone_end`), for numbers typed without what comes before.
    """
    names = _words(f"{person.first_name} {person.name_prefix} {person.last_name}")
    words = {*names, *_number_words(person.number), *_words(person.city), *_email_words(person.email_normalized or person.email)}
    if _APOSTROPHE.search(person.last_name):
        words.update(_WORD.findall(fold(person.last_name)))
    phones = set(map(phone_word, {person.phone, person.mobile, person.sms_number, person.mobile_e164}))
    words.update(phones, map(phone_end, phones))
    if person.birth_date:
        written = date_words(person.birth_date)
        words.update((written, written[:6] + written[8:], written[6:]))  # 13.03.1937, 13.03.37 and 1937
    words.discard("")
    return frozenset(word[:LONGEST_WORD] for word in words)


def parse_query(text: str) -> tuple[str, ...]:
    """Return the folded words of a typed search, in the order typed; every one is the beginning of a stored word.

    Groups of digits that belong together become one phone word, dates are completed (13.3.37 is 13.03.37), and "Frau" or
    "Dr." counts only if nothing else was typed.
    """
    words = list(dict.fromkeys(_query_words(re.split(r"[\s,;]+", text))))
    telling = [word for word in words if word not in _FORMS_AND_DEGREES]
    return tuple(word[:LONGEST_WORD] for word in (telling or words)[:WORDS_IN_A_QUERY])


def phone_word(text: str) -> str:
    """Return the digits of a number without country code 49 and without leading zeros: "+49 (0)176 040" is "176040"."""
    digits = _NOT_DIGIT.sub("", text)
    if text.lstrip(" (").startswith("+"):
        digits = digits.removeprefix("49")
    elif digits.startswith("00"):
        digits = digits[2:].removeprefix("49")
    return digits.lstrip("0")


def phone_end(digits: str) -> str:
    """Return the word that finds a phone by its last digits ("069017" of 0176 04069017); "" if these are too few or none."""
    return f"<{digits[::-1]}" if digits.isdigit() and len(digits) >= _SHORTEST_PHONE_END else ""


def sort_key(last_name: str, first_name: str, name_prefix: str = "") -> str:
    """Return the key of German dictionary order (DIN 5007-1): ä as a, ß as ss; "von" and "Freifrau von" do not count.

    `name_prefix` decides only between equal names. Keys are compared as plain strings; the shorter surname comes first.
    """
    words = _WORD.findall(_plain_letters(_APOSTROPHE.sub("", last_name)))
    typed = last_name.split()
    while len(typed) > 1 and len(words) > 1 and _is_particle(typed[0]):
        typed, words = typed[1:], words[1:]
    rest = _WORD.findall(_plain_letters(f"{first_name} {name_prefix}"))
    return f"{' '.join(words)}  {' '.join(rest)}".rstrip()


def _is_particle(word: str) -> bool:
    """A "von" typed small, or a title of nobility. "De Luca" with a capital is a surname and stays."""
    return (word.islower() and word in _PARTICLES) or _plain_letters(word) in _NOBLE


def _query_words(tokens: list[str]) -> Iterator[str]:
    digits: list[str] = []
    for token in tokens:
        date_word = _date_word(token)
        if not date_word and _PHONE_PART.fullmatch(token):
            digits.append(token)
            continue
        yield from _joined_digits(digits)
        digits = []
        yield from [date_word] if date_word else _email_query(token) if "@" in token else _words(token)
    yield from _joined_digits(digits)


def _joined_digits(groups: list[str]) -> list[str]:
    word = phone_word(" ".join(groups))
    return [word] if word else []


def _email_query(token: str) -> list[str]:
    return [fold(token).strip("<>().\"'")]


def _date_word(token: str) -> str:
    """A date as far as it is typed, in the form of the stored word; "" if the token is none."""
    if iso := _ISO_DATE.fullmatch(token):
        year, month, day = iso.groups()
        return f"{day}.{month}.{year}"
    read = _DATE.fullmatch(token)
    if not read or not 1 <= int(read[1]) <= 31:
        return ""
    day, month, dot, year = read.groups(default="")
    if not month:
        return f"{int(day):02d}."
    if month == "0":
        return f"{int(day):02d}.0" if not dot else ""
    return f"{int(day):02d}.{int(month):02d}{dot}{year}" if 1 <= int(month) <= 12 else ""


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(_APOSTROPHE.sub("", text)))


def _number_words(number: str) -> set[str]:
    """A number as typed, without its separators, and without leading zeros, because a typed zero may be a phone's."""
    joined = "".join(_words(number))
    return {joined, *_words(number), joined.lstrip("0")} if joined else set()


def _email_words(email: str) -> set[str]:
    folded = fold(email.strip())
    return {folded, *_WORD.findall(folded.partition("@")[0])}


def _plain_letters(text: str) -> str:
    """Lower case without accents; umlauts lose their dots, ß is ss."""
    if not text.isascii():
        text = text.translate(_LATIN)
        if not text.isascii():
            text = _reduced(text)
    return text.lower()


def _reduced(text: str) -> str:
    # Casefold between two decompositions: some letters only show their accent, or their small form, after the other step.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).translate(_LETTERS)


_LATIN = {code: _reduced(chr(code)) for code in (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00))}
