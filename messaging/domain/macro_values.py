"""What each macro says for one recipient: the closed catalogue as a table of small functions. Dates and times as in Berlin.

The language that puts the values into a text is in `macros`, the catalogue with its privacy classes in `macro_catalogue`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from messaging.domain.calendar_de import clock_digits, date_words, local, weekday_word
from messaging.domain.countries import country_name
from messaging.domain.facts import AppointmentFacts, PersonFacts, PracticeFacts
from messaging.domain.macro_catalogue import MACROS
from messaging.domain.phone import display_phone
from messaging.domain.salutation import PersonName, address_lines, briefanrede

#: The one macro whose value depends on when the text leaves.
TODAY = "Heute"


@dataclass(frozen=True, slots=True)
class _Occasion:
    """Everything one recipient's values are made of."""

    person: PersonFacts
    name: PersonName
    appointment: AppointmentFacts | None
    practice: PracticeFacts
    signature: str
    today: date

    @property
    def day(self) -> date:
        """The local day of the appointment; only asked where there is one."""
        return local(self.appointment.starts_at).date()


def values_for(
    person: PersonFacts,
    appointment: AppointmentFacts | None,
    practice: PracticeFacts,
    signature: str,
    now: datetime,
    channel: str | None = None,
    names: Iterable[str] | None = None,
) -> dict[str, str]:
    """Return the value of every macro, keyed by canonical name. Without an appointment its macros are empty.

    `signature` goes in as it is: sanitised HTML for an HTML body, plain text else. With `channel` only what that channel may
    carry is in the answer, so that a text with anything else cannot be filled; with `names` only these are computed.
    """
    wanted = _VALUES if names is None else names
    occasion = _Occasion(person, PersonName.of(person), appointment, practice, signature, local(now).date())
    return {name: _VALUES[name](occasion) for name in wanted if channel is None or _MACROS[name].exported_to(channel)}


def as_of(values: Mapping[str, str], now: datetime) -> Mapping[str, str]:
    """Stored values as they are when the text leaves the house: "Heute" is that day, not the day on which somebody confirmed."""
    return {**values, TODAY: date_words(local(now).date())} if TODAY in values else values


def _of_appointment(value: Callable[[_Occasion], str]) -> Callable[[_Occasion], str]:
    return lambda occasion: value(occasion) if occasion.appointment else ""


def _practice_address(occasion: _Occasion) -> str:
    place = " ".join(part for part in (occasion.practice.postcode, occasion.practice.city) if part)
    return ", ".join(part for part in (occasion.practice.street, place) if part)


_MACROS = {macro.name: macro for macro in MACROS}

_VALUES: dict[str, Callable[[_Occasion], str]] = {
    "Briefanrede": lambda o: briefanrede(o.name, o.today, o.practice.professor_form),
    "Anrede": lambda o: o.name.anrede,
    "Titel": lambda o: o.name.title,
    "Vorname": lambda o: o.name.first_name,
    "Nachname": lambda o: o.name.surname,
    "Name": lambda o: o.name.full_name,
    "Email": lambda o: o.person.email_normalized or o.person.email.strip(),
    "Mobilnummer": lambda o: display_phone(o.person.mobile_e164),
    "Anschrift": lambda o: "\n".join(address_lines(o.person, o.today)),
    "Strasse": lambda o: o.person.street.strip(),
    "PLZ": lambda o: o.person.postcode.strip(),
    "Ort": lambda o: o.person.city.strip(),
    "Land": lambda o: country_name(o.person.country),
    "Termindatum": _of_appointment(lambda o: date_words(o.day)),
    "Terminuhrzeit": _of_appointment(lambda o: clock_digits(o.appointment.starts_at)),
    "Terminwochentag": _of_appointment(lambda o: weekday_word(o.day)),
    "Terminart": _of_appointment(lambda o: o.appointment.type),
    "Behandler": _of_appointment(lambda o: o.appointment.practitioner),
    "Terminort": _of_appointment(lambda o: o.appointment.location),
    "Praxisname": lambda o: o.practice.name,
    "Praxistelefon": lambda o: o.practice.phone,
    "Praxisanschrift": _practice_address,
    TODAY: lambda o: date_words(o.today),
    "Signatur": lambda o: o.signature,
}
