"""What the rules may know of a person, an appointment and the practice: frozen facts, cut loose from the database.

Services fill these from rows and hand them to every rule. No rules live here, and nothing of treatment or insurance.
Text fields are never None: an unknown text is "". Only dates and numbers that can be absent are None.
"""

from dataclasses import dataclass
from datetime import date, datetime

from messaging.domain.words import PersonKind


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """One patient or prospect as the rules see it.

    `phone`, `mobile` and `sms_number` are as typed; `mobile_e164` is the one number an SMS may go to, in E.164, else "".
    `email` is as typed, `email_normalized` the checked address or "". `form_of_address` is "Herr", "Frau", "divers" or "".
    `guardian` is a name with its form of address ("Frau Jana Schulz"); two guardians are joined by " und ".
    """

    id: int
    kind: str = PersonKind.PATIENT
    number: str = ""
    form_of_address: str = ""
    title: str = ""
    first_name: str = ""
    name_prefix: str = ""
    last_name: str = ""
    letter_salutation: str = ""
    guardian: str = ""
    birth_date: date | None = None
    street: str = ""
    address_extra: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    phone: str = ""
    mobile: str = ""
    sms_number: str = ""
    mobile_e164: str = ""
    email: str = ""
    email_normalized: str = ""
    deceased: bool = False
    archived: bool = False
    blocked: bool = False
    converted: bool = False


@dataclass(frozen=True, slots=True)
class AppointmentFacts:
    """One appointment; `starts_at` and `ends_at` are aware UTC. `status` is the code of the appointment's state."""

    id: int
    starts_at: datetime
    ends_at: datetime | None = None
    person_id: int | None = None
    number: str = ""
    type: str = ""
    practitioner: str = ""
    location: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class PracticeFacts:
    """The practice as it appears in texts. `professor_form` is "word" (Professor Weiß) or "short" (Prof. Dr. Weiß)."""

    name: str = ""
    phone: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    email: str = ""
    website: str = ""
    professor_form: str = "word"
