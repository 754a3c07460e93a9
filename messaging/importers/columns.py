"""Which column of a file holds which field: a table of the names that practice programs give them.

Case, umlauts, dots, blanks and hyphens do not count. Columns about insurance, profession and treatment are known here so that
they can be left out: nothing of them is ever read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from messaging.domain.folding import fold

PATIENTS, PROSPECTS, APPOINTMENTS = "patients", "prospects", "appointments"
KINDS = (PATIENTS, PROSPECTS, APPOINTMENTS)
KIND_LABELS = {PATIENTS: "Patienten", PROSPECTS: "Interessenten", APPOINTMENTS: "Termine"}

_NOT_A_SIGN = re.compile("[^0-9a-z]")


@dataclass(frozen=True, slots=True)
class Field:
    """A field that a column may fill: its name in the code, the one on the screen, and others that columns have for it."""

    name: str
    label: str
    others: str = ""

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.label, *self.others.split(", "))))


_PERSON = (
    Field("form_of_address", "Anrede"),
    Field("gender", "Geschlecht", "Sex, m/w/d, m/w"),
    Field("title", "Titel", "Akad. Titel, Akademischer Titel, Akademischer Grad"),
    Field("first_name", "Vorname", "Vornamen, Rufname"),
    Field("name_prefix", "Namenszusatz", "Vorsatzwort, Namensvorsatz, Namensvorsatzwort, Adelstitel"),
    Field("last_name", "Nachname", "Name, Familienname, Zuname, Nachname/Firma"),
    Field("birth_date", "Geburtsdatum", "Geb.-Datum, Geb.Dat., Geb., Geb. am, Geboren, Geboren am, Geburtstag, GebDatum"),
    Field("letter_salutation", "Briefanrede", "Individuelle Briefanrede, Briefanrede individuell, Anrede im Brief"),
    Field(
        "guardian",
        "Sorgeberechtigte",
        "Sorgeberechtigter, Erziehungsberechtigte, Erziehungsberechtigter, Gesetzlicher Vertreter, Eltern",
    ),
    Field(
        "street",
        "Straße",
        "Str., Straße und Hausnummer, Straße/Hausnummer, Straße/Nr., Straße Nr., Straße + Nr., Anschrift, Adresse",
    ),
    Field("house_number", "Hausnummer", "Haus-Nr., HNr., Hausnr."),
    Field("address_extra", "Adresszusatz", "Anschriftenzusatz, Adress-Zusatz, c/o, Zusatz"),
    Field("postcode", "PLZ", "Postleitzahl"),
    Field("city", "Ort", "Wohnort, Stadt, Wohnort/Stadt"),
    Field("postcode_city", "PLZ und Ort", "PLZ Ort, PLZ/Ort, PLZ Wohnort, PLZ + Ort"),
    Field("country", "Land", "Länderkennzeichen, LKZ, Ländercode, Staat, Wohnland"),
    Field(
        "phone",
        "Telefon",
        "Tel., Telefonnummer, Tel.-Nr., Telefon privat, Tel. privat, Telefon 1, Tel. 1, Festnetz, Rufnummer, Fon",
    ),
    Field(
        "mobile",
        "Mobil",
        "Handy, Mobiltelefon, Mobilnummer, Mobil-Nr., Handynummer, Handy-Nr., Mobilfunk, Telefon mobil, Tel. mobil, Mobil privat",
    ),
    Field("sms", "SMS", "SMS-Nummer, SMS-Nr., SMS an, Nummer für SMS"),
    Field("email", "E-Mail", "Mail, E-Mail-Adresse, Mailadresse, Mail-Adresse, E-Mail privat, E-Mail 1"),
    Field(
        "consent_sms",
        "Kontakt SMS",
        "Kontakt per SMS, SMS Kontakt, SMS erlaubt, Einwilligung SMS, SMS-Einwilligung, SMS ja/nein, Darf SMS",
    ),
    Field(
        "consent_email",
        "Kontakt Mail",
        "Kontakt E-Mail, Kontakt per Mail, Kontakt per E-Mail, Mail Kontakt, E-Mail Kontakt, Mail erlaubt, E-Mail erlaubt, "
        "Einwilligung Mail, Einwilligung E-Mail, Mail-Einwilligung, E-Mail-Einwilligung, E-Mail ja/nein, Darf E-Mail",
    ),
    Field(
        "consent_letter",
        "Kontakt Post",
        "Kontakt Brief, Kontakt per Post, Kontakt per Brief, Post erlaubt, Brief erlaubt, Einwilligung Post, Einwilligung Brief, "
        "Post ja/nein, Darf Post",
    ),
    Field("deceased", "verstorben", "Verstorben am, Gestorben, Tot"),
    Field("source", "Quelle", "Herkunft, Aufmerksam durch, Kontaktquelle, Kam über"),
    Field("note", "Bemerkung", "Bemerkungen, Notiz, Notizen, Anmerkung, Kommentar"),
)

_ANY_NUMBER = "Nr., Nummer, ID, Lfd. Nr., Kd-Nr., Kundennummer, Karteinummer, Kartei-Nr."
_PATIENT_NUMBER = "Pat-Nr., Patnr, Patient-Nr., Patienten-Nr., Patientennr., Pat-Nummer, Pat-ID, Patienten-ID, PatientID, PID"
_PROSPECT_NUMBER = "Interessenten-Nr., Int-Nr., Interessent-Nr., Interessenten-ID"

FIELDS: dict[str, tuple[Field, ...]] = {
    PATIENTS: (Field("number", "Patientennummer", f"{_PATIENT_NUMBER}, {_ANY_NUMBER}"), *_PERSON),
    PROSPECTS: (Field("number", "Interessentennummer", f"{_PROSPECT_NUMBER}, {_ANY_NUMBER}"), *_PERSON),
    APPOINTMENTS: (
        Field("number", "Terminnummer", f"Termin-Nr., Terminnr., Termin-ID, TID, {_ANY_NUMBER}"),
        Field("person_number", "Patientennummer", f"{_PATIENT_NUMBER}, Patient"),
        Field("day", "Datum", "Termindatum, Tag, Termin am, Am"),
        Field("time", "Uhrzeit", "Zeit, Beginn, Von, Terminzeit, Startzeit, Anfang, Uhrzeit von, Terminbeginn, Start"),
        Field("starts", "Datum und Uhrzeit", "Termin, Datum/Uhrzeit, Zeitpunkt"),
        Field("minutes", "Dauer", "Dauer in Minuten, Dauer (min), Dauer Min., Minuten, Länge"),
        Field("ends", "Ende", "Bis, Endzeit, Uhrzeit bis, Terminende, Schluss"),
        Field("type", "Terminart", "Art, Termintyp, Typ, Art des Termins"),
        Field(
            "practitioner", "Behandler", "Arzt, Ärztin, Behandlerin, Behandler/in, Therapeut, Therapeutin, Mitarbeiter, Kalender"
        ),
        Field("location", "Terminort", "Ort, Raum, Zimmer, Behandlungsraum, Standort, Ressource"),
        Field("status", "Status", "Terminstatus, Zustand, Terminzustand"),
    ),
}

#: Each group needs one of its sets of fields; the first of a group is the one that is asked for.
MUST: dict[str, tuple[tuple[tuple[str, ...], ...], ...]] = {
    PATIENTS: ((("number",),), (("last_name",),)),
    PROSPECTS: ((("number",),), (("last_name",),)),
    APPOINTMENTS: ((("number",),), (("person_number",),), (("day", "time"), ("starts",))),
}

#: What a column's name says of illness, insurance, money or work; such a column is never read and cannot be chosen.
_PRIVATE_PARTS = (
    "allergi", "anamnes", "arbeitgeber", "befund", "behandlung", "beruf", "beschaftigung", "blutgruppe", "diagnos", "erkrankung",
    "gesundheit", "heilmittel", "iban", "impf", "kasse", "konfession", "kontonummer", "kostentrager", "krank", "labor",
    "leistung", "medikament", "medikation", "pflegegrad", "religion", "rezept", "schwanger", "symptom", "tatigkeit", "therapie",
    "uberweis", "versich",
)  # fmt: skip
_PRIVATE_NAMES = frozenset(
    (
        "anlass",
        "beihilfe",
        "besuchsgrund",
        "cave",
        "gkv",
        "grund",
        "icd",
        "icd10",
        "ik",
        "kvnr",
        "pkv",
        "terminanlass",
        "termingrund",
        "vsnr",
    )
)


def column_key(name: str) -> str:
    """Reduce a column name to what counts: "E-Mail-Adresse" and "email adresse" are one, as are "Straße" and "STRASSE"."""
    return _NOT_A_SIGN.sub("", fold(name))


def is_private(name: str, kind: str) -> bool:
    """Say whether a column must not be read at all, going by its name."""
    key = column_key(name)
    if key in _KNOWN[kind]:
        return False
    return key in _PRIVATE_NAMES or any(part in key for part in _PRIVATE_PARTS)


def recognise(head: Sequence[str], kind: str) -> dict[int, str]:
    """Return position of the column -> field for every column whose name is known; of two for one field the first counts."""
    mapping: dict[int, str] = {}
    for position, name in enumerate(head):
        field = _KNOWN[kind].get(column_key(name))
        if field and field not in mapping.values():
            mapping[position] = field
    return mapping


def missing_fields(mapped: Iterable[str], kind: str) -> list[str]:
    """Return the labels of the fields without which no row can be read."""
    present = set(mapped)
    labels = {field.name: field.label for field in FIELDS[kind]}
    lacking = [group[0] for group in MUST[kind] if not any(present.issuperset(choice) for choice in group)]
    return [labels[name] for choice in lacking for name in choice if name not in present]


def likely_kind(head: Sequence[str], chosen: str) -> str | None:
    """Return another kind that the column names fit better than the chosen one; None if the choice may stand."""
    if told := _kind_of_person(head, chosen):
        return told
    if not missing_fields(recognise(head, chosen).values(), chosen):
        return None
    fitting = (kind for kind in KINDS if not missing_fields(recognise(head, kind).values(), kind))
    return next((kind for kind in fitting if (kind == APPOINTMENTS) != (chosen == APPOINTMENTS)), None)


def doubtful_kind(head: Sequence[str], chosen: str) -> str | None:
    """Return another kind that the file may be of, though the choice may stand; None if nothing speaks for one.

    A bare number beside "Quelle" is mostly a prospect's, but practices ask patients too who told them of the practice.
    """
    keys = {column_key(name) for name in head}
    if chosen != PATIENTS or keys & (_PATIENT_KEYS | _PROSPECT_KEYS) or not keys & _SOURCE_KEYS:
        return None
    return None if missing_fields(recognise(head, PROSPECTS).values(), PROSPECTS) else PROSPECTS


def _kind_of_person(head: Sequence[str], chosen: str) -> str | None:
    """Patients or prospects, whose columns differ in the number only.

    Taken for the other they would be written to as what they are not, and their numbers would be found again by nobody.
    """
    keys = {column_key(name) for name in head}
    if chosen == PATIENTS and keys & _PROSPECT_KEYS and not keys & _PATIENT_KEYS:
        return PROSPECTS if "last_name" in recognise(head, PROSPECTS).values() else None
    if chosen == PROSPECTS and keys & _PATIENT_KEYS and not keys & _PROSPECT_KEYS:
        return PATIENTS if "last_name" in recognise(head, PATIENTS).values() else None
    return None


def label_of(field: str, kind: str) -> str:
    return _LABELS[kind][field]


def known_fields(kind: str) -> Mapping[str, str]:
    """Field -> label of everything that a column of this kind may fill, in the order of the screen."""
    return _LABELS[kind]


_PATIENT_KEYS = {column_key(name) for name in ("Patientennummer", *_PATIENT_NUMBER.split(", "))}
_PROSPECT_KEYS = {column_key(name) for name in ("Interessentennummer", *_PROSPECT_NUMBER.split(", "))}
_SOURCE_KEYS = {column_key(name) for field in _PERSON if field.name == "source" for name in field.column_names}
_LABELS = {kind: {field.name: field.label for field in fields} for kind, fields in FIELDS.items()}
# The first field of the table wins where two know a name, so it is entered last.
_KNOWN = {
    kind: {column_key(name): field.name for field in reversed(fields) for name in field.column_names}
    for kind, fields in FIELDS.items()
}
