"""How a person is named, greeted and addressed in German. The forms of DIN 5008 and of the usual guides to letters.

Pure text in, text out; real data is cleaned on the way (double blanks, "Dr" without its dot). What stands in a letter
besides name and address is not decided here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from messaging.domain.countries import country_code, country_name
from messaging.domain.facts import PersonFacts

ADULT_FROM_YEARS = 18
ADDRESS_LINES_AT_MOST = 6  # DIN 5008: the recipient zone of the address field
TO_EVERYBODY = "Sehr geehrte Damen und Herren,"

_FORMS = {
    "herr": "Herr",
    "herrn": "Herr",
    "hr.": "Herr",
    "hr": "Herr",
    "frau": "Frau",
    "fr.": "Frau",
    "fr": "Frau",
    "familie": "Familie",
    "fam.": "Familie",
}
_BEHIND_THE_NAME = re.compile(
    r"(?<![\w.-])(?:[MB]\.? ?(?:Sc|Eng|Ed|Mus|Phil|A)\b\.?|E?MBA\b|MPH\b|LL\.? ?[MB]\b\.?|Ph\.? ?D\b\.?)(?:\s*\([^)]*\))?,?"
)
_PROFESSOR = re.compile(r"\bProf(?:essor(?:in)?\b|\.|\b)", re.IGNORECASE)
_DOCTOR = re.compile(r"\bDr\b|\bDoktor\b", re.IGNORECASE)
_DOT_MISSING = re.compile(r"\b(Dr|Prof)\b(?![.-])")
_BLANK_MISSING = re.compile(r"\b(Dr\.|Prof\.)(?=\w)")
_DEGREE_WORD = re.compile(r"(?:[\w.-]*\.[\w.-]*|PD|\([A-Z]+\))")
_NOBLE = re.compile(
    r"(?:Reichs)?(?:Freiherr|Freifrau|Freiin|Graf|Gräfin|Baron|Baronin|Baronesse|Fürst|Fürstin|Prinz|Prinzessin)\b"
)
_PARTICLE = r"(?:von|vom|van|zu|zum|zur|und|auf|der|den|dem|de|del|della|di|da|du|la|le|ter|ten)(?!\S)"
_NOBLE_TITLE = re.compile(rf"(?<!\S)(?:{_NOBLE.pattern}(?!\S)(?: {_PARTICLE})*|{_PARTICLE}(?: {_PARTICLE})*$)")
_LAST_PARTICLES = re.compile(rf"(?:(?<!\S){_PARTICLE} ?)*$")
_BETWEEN_PERSONS = re.compile(r"\s+(?:und|u\.)\s+(?!zu\b)|\s*[;&]\s*|\s+/\s+|,\s*(?=\w+:)")
_NEXT_FORM = re.compile(r",\s*(?=(?:Herrn?|Frau|Hr\.?|Fr\.?|Familie|Fam\.)\s)")
#: What is noted beside a name: "(Mutter)", ", geb. Müller"; but "(FH)" is a degree.
_NOTED = re.compile(r"\((?![A-Z]+\))[^)]*\)|,\s*(?:Mutter|Vater|Eltern|[a-zäöü][^:,]*)$")
_COMPANY = re.compile(
    r"\b(?:g?GmbH|mbH|AG|KG|KGaA|OHG|GbR|UG|SE|PartG(?:mbB)?|eG|e\. ?[VKG]\.|eV|Ltd|Inc|Stiftung|Krankenkasse|MVZ)(?![\w-])"
)
_POSTCODE_SIGN = re.compile(r"^[A-Z]{1,3}-(?=\d)")


@dataclass(frozen=True, slots=True)
class PersonName:
    """The parts of a name, and what decides how it is greeted. Unknown parts are ""."""

    form_of_address: str = ""
    title: str = ""
    first_name: str = ""
    name_prefix: str = ""
    last_name: str = ""
    letter_salutation: str = ""
    birth_date: date | None = None
    guardian: str = ""

    @classmethod
    def of(cls, person: PersonFacts) -> "PersonName":
        """Take over the name of a person, cleaned of double blanks and with the dots of its degrees."""
        title, prefix = _split_noble(_tidy_title(person.title), _one_line(person.name_prefix), _one_line(person.last_name))
        return cls(
            _FORMS.get(person.form_of_address.strip().lower(), _one_line(person.form_of_address)),
            title,
            _one_line(person.first_name),
            prefix,
            _one_line(person.last_name),
            _one_line(person.letter_salutation),
            person.birth_date,
            _one_line(person.guardian),
        )

    @property
    def anrede(self) -> str:
        """Return "Herr", "Frau" or "", as the macro Anrede gives it."""
        return self.form_of_address if self.form_of_address in ("Herr", "Frau") else ""

    @property
    def surname(self) -> str:
        """Last name with its prefix: "von Berg"."""
        return _joined(self.name_prefix, self.last_name)

    @property
    def plain_name(self) -> str:
        """First and last name without degrees: "Eva von Berg"."""
        return _joined(self.first_name, self.surname)

    @property
    def full_name(self) -> str:
        """The name with all degrees where they belong: "Prof. Dr. Ute Groß", "Kai Öhme M. Sc."."""
        before, behind = _split_degrees(self.title)
        return _joined(before, self.plain_name, behind) if self.plain_name else ""

    @property
    def list_name(self) -> str:
        """The name as lists sort it: "Groß, Prof. Dr. Ute"."""
        before, behind = _split_degrees(self.title)
        rest = _joined(before, self.first_name, behind)
        return f"{self.surname}, {rest}" if self.surname and rest else self.surname or rest

    @property
    def is_company(self) -> bool:
        """True if the only name shows a legal form, as in "Weber GmbH"."""
        return not self.first_name and bool(_COMPANY.search(self.last_name))


def is_minor(birth_date: date | None, today: date) -> bool:
    """True under 18 years; born on 29 February means of age on 1 March. A date in the future is a slip, not a child."""
    if birth_date is None or birth_date > today:
        return False
    years = today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))
    return years < ADULT_FROM_YEARS


def briefanrede(name: PersonName, today: date, professor_form: str = "word") -> str:
    """Return the line that opens a letter, with its comma: "Sehr geehrter Herr Dr. Müller,".

    A stored salutation always wins. `professor_form` is "word" (Professor Weiß) or "short" (Prof. Dr. Weiß): guides disagree.
    """
    if name.letter_salutation.strip():
        return name.letter_salutation.strip()
    if not is_minor(name.birth_date, today):
        return _greeting([name], professor_form)
    if known := guardians(name.guardian):
        return _greeting(known, professor_form)
    return f"Sehr geehrte Eltern von {name.plain_name}," if name.plain_name else TO_EVERYBODY


def guardians(text: str) -> list[PersonName]:
    """Read the field Sorgeberechtigte: "Frau Jana Schulz und Herr Dr. Jens Schulz" are two names; none if one is unclear."""
    parts = [part for part in _BETWEEN_PERSONS.split(_one_line(text)) if part]
    names = [_read_guardian(each) for part in parts for each in (_NEXT_FORM.split(part) if _form_of(part) else [part])]
    return names if all(name.plain_name for name in names) else []


def name_lines(name: PersonName, today: date) -> tuple[str, ...]:
    """Return the lines of an address that name the recipient: ("Herrn", "Dr. Jörg Müller")."""
    if not is_minor(name.birth_date, today):
        return _recipient_lines([name])
    if known := guardians(name.guardian):
        return _recipient_lines(known)
    return ("An die Eltern von", name.plain_name) if name.plain_name else ()


def address_lines(person: PersonFacts, today: date) -> tuple[str, ...]:
    """Return the postal address line by line without blank lines; inland there is no country line.

    At most six lines if that is possible: "Herrn" then joins the name. A longer result is the caller's complaint to make.
    """
    names = name_lines(PersonName.of(person), today)
    extra = [_one_line(line) for line in person.address_extra.splitlines()]
    lines = [line for line in (*names, *extra, _one_line(person.street), *_place_lines(person)) if line]
    if len(lines) > ADDRESS_LINES_AT_MOST and len(names) == 2 and names[0] in ("Herrn", "Frau"):
        lines[:2] = [f"{names[0]} {names[1]}"]
    return tuple(lines)


def _place_lines(person: PersonFacts) -> tuple[str, ...]:
    """Postcode, town and country. Abroad the town and the country are in capitals (Deutsche Post, UPU); GB has its own order."""
    postcode, city = _POSTCODE_SIGN.sub("", _one_line(person.postcode)), _one_line(person.city)
    code = country_code(person.country)
    if code == "DE":
        return (_joined(postcode, city),)
    country = country_name(person.country).upper()
    return (city.upper(), postcode, country) if code == "GB" else (_joined(postcode, city.upper()), country)


def _greeting(names: list[PersonName], professor_form: str) -> str:
    greetings = [_greeted(name, professor_form) for name in names]
    if not greetings or not all(greetings):
        return TO_EVERYBODY
    if all(greeting.startswith("Sehr") for greeting in greetings):
        return ", ".join([greetings[0], *("s" + greeting[1:] for greeting in greetings[1:])]) + ","
    return f"Guten Tag {' und '.join(name.full_name for name in names)},"


def _greeted(name: PersonName, professor_form: str) -> str:
    """One person's part of the greeting without the comma, "" if nobody can be named."""
    if name.is_company:
        return ""
    if name.form_of_address == "Familie" and name.surname:
        return f"Sehr geehrte Familie {name.surname}"
    if not name.anrede or not name.surname:
        whole = _joined(_highest_degree(name, "short"), name.plain_name)
        return f"Guten Tag {whole}" if name.plain_name else ""
    opening = "Sehr geehrter" if name.anrede == "Herr" else "Sehr geehrte"
    degree = _highest_degree(name, professor_form)
    # Duden: beside Freifrau or Graf the words Frau and Herr fall away.
    form = "" if _NOBLE.match(name.name_prefix) and not degree else name.anrede
    return _joined(opening, form, degree, name.surname)


def _highest_degree(name: PersonName, professor_form: str) -> str:
    """The one degree that is spoken; diplomas, Master and Bachelor are not."""
    if _PROFESSOR.search(name.title):
        if professor_form == "word":
            return "Professorin" if name.anrede == "Frau" else "Professor"
        return "Prof. Dr." if _DOCTOR.search(name.title) else "Prof."
    return "Dr." if _DOCTOR.search(name.title) else ""


def _recipient_lines(names: list[PersonName]) -> tuple[str, ...]:
    if len(names) == 1 and names[0].form_of_address != "Familie":
        form = _accusative(names[0])
        return tuple(_nonempty((form, names[0].full_name))) if names[0].full_name else ()
    lines = [_joined(_accusative(name), name.full_name) for name in names]
    return (*(f"{line} und" for line in lines[:-1]), *lines[-1:])


def _accusative(name: PersonName) -> str:
    """A letter goes *an Herrn*; only a form of address that is known stands there."""
    return {"Herr": "Herrn", "Frau": "Frau", "Familie": "Familie"}.get(name.form_of_address, "")


def _read_guardian(text: str) -> PersonName:
    """One guardian without what is noted beside the name: "Mutter: Frau Schulz". No name if that is not clear."""
    noted, colon, behind = _one_line(_NOTED.sub("", text)).rpartition(":")
    unclear = behind.count(",") > 1 or (colon and ("," in noted or not _form_of(behind)))
    return PersonName() if unclear else _read_name(behind)


def _read_name(text: str) -> PersonName:
    """Take apart a name that was typed into one field.

    Its last word is the surname, with any "von" before it; in "Schulz, Jana" it is what stands before the comma.
    """
    before, _, behind = text.partition(",")
    form, degrees, names = _words_of(before)
    more_form, more_degrees, first_names = _words_of(behind)
    usual = len(first_names) or max(len(names) - 1, 0)
    names = first_names + names
    particles = (place for place, word in enumerate(names) if word.islower() and (place or re.fullmatch(_PARTICLE, word)))
    surname_at = next(particles, usual)
    title = _tidy_title(" ".join(degrees + more_degrees))
    return PersonName(form or more_form, title, " ".join(names[:surname_at]), "", " ".join(names[surname_at:]))


def _words_of(text: str) -> tuple[str, list[str], list[str]]:
    """The form of address, the degrees and the names, in the order in which they stand."""
    form = _form_of(text)
    words = text.split()[1 if form else 0 :]
    degrees = 0
    while degrees < len(words) - 1 and _DEGREE_WORD.fullmatch(_tidy_title(words[degrees])):
        degrees += 1
    return form, words[:degrees], words[degrees:]


def _form_of(text: str) -> str:
    """The form of address with which a text begins, or ""."""
    return _FORMS.get(text.split()[0].lower(), "") if text.strip() else ""


def _split_degrees(title: str) -> tuple[str, str]:
    """Part the degrees before the name from those behind it (M. Sc., B. A., LL. M.)."""
    behind = " ".join(match[0].rstrip(",") for match in _BEHIND_THE_NAME.finditer(title))
    return _one_line(_BEHIND_THE_NAME.sub("", title)).rstrip(", "), behind


def _split_noble(title: str, prefix: str, last_name: str) -> tuple[str, str]:
    """Part the degrees from what belongs to the name: "Graf von" in the field Titel, its "von" not a second time."""
    noble = _joined(*(match[0] for match in _NOBLE_TITLE.finditer(title)))
    particles = _LAST_PARTICLES.search(noble)[0].strip()
    if particles and f"{_joined(prefix, last_name)} ".startswith(f"{particles} "):
        noble = noble.removesuffix(particles).strip()
    return _one_line(_NOBLE_TITLE.sub("", title)), _joined(noble, prefix)


def _tidy_title(title: str) -> str:
    return _one_line(_BLANK_MISSING.sub(r"\1 ", _DOT_MISSING.sub(r"\1.", title)))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _joined(*parts: str) -> str:
    return " ".join(_nonempty(parts))


def _nonempty(parts: Iterable[str]) -> list[str]:
    return [part for part in parts if part]
