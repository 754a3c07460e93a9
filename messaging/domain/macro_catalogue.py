"""The macros that exist, which channel may carry them and why not. The language that uses them is in `macros`.

The privacy classes are those of the design: a message carries only what its channel needs, and a serial send never carries
anything of treatment, insurance, occupation or birth. Values are made in `macro_values`.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from messaging.domain.folding import fold
from messaging.domain.words import CHANNEL_LABELS, Channel


class MacroGroup(StrEnum):
    """The heading under which the composer shows a macro."""

    PERSON = "Person"
    APPOINTMENT = "Termin"
    PRACTICE = "Praxis"


class Privacy(StrEnum):
    """Which channels may carry a value."""

    GENERAL = "general"
    APPOINTMENT = "appointment"
    EMAIL_ONLY = "email_only"
    PHONE_ONLY = "phone_only"
    POST_ONLY = "post_only"


_ONLY_IN = {Privacy.EMAIL_ONLY: Channel.EMAIL, Privacy.PHONE_ONLY: Channel.SMS, Privacy.POST_ONLY: Channel.LETTER}
_IN_PLURAL = {Channel.EMAIL: "E-Mails", Channel.SMS: "SMS", Channel.LETTER: "Briefen"}
_ARTICLES = {Channel.EMAIL: "Eine", Channel.SMS: "Eine", Channel.LETTER: "Ein"}


@dataclass(frozen=True, slots=True)
class Macro:
    """One macro of the closed catalogue. `markup`: in HTML texts its value is sanitised HTML and never escaped."""

    name: str
    group: MacroGroup
    privacy: Privacy
    description: str
    example: str
    aliases: tuple[str, ...] = ()
    markup: bool = False

    @property
    def written(self) -> str:
        """The macro as it is put into a text: "{{Name}}", but "{{{Signatur}}}"."""
        return "{{{" + self.name + "}}}" if self.markup else "{{" + self.name + "}}"

    def exported_to(self, channel: str) -> bool:
        """Whether a message of this channel may carry the value."""
        return _ONLY_IN.get(self.privacy, channel) == channel

    def why_not(self, channel: str) -> str:
        """Say in one German sentence why the channel does not carry the value; "" if it does."""
        if self.exported_to(channel):
            return ""
        goal, only = Channel(channel), _ONLY_IN[self.privacy]
        message = f"{_ARTICLES[goal]} {CHANNEL_LABELS[goal]}"
        return f"„{self.name}“ gibt es nur in {_IN_PLURAL[only]}: {message} enthält nur die nötigen Angaben."


_PERSON, _TERMIN, _PRAXIS = MacroGroup
_GENERAL, _APPOINTMENT, _EMAIL, _PHONE, _POST = Privacy

MACROS = (
    Macro("Briefanrede", _PERSON, _GENERAL, "Anrede mit Komma", "Sehr geehrte Frau Dr. Groß,", ("Briefanredezeile",)),
    Macro("Anrede", _PERSON, _GENERAL, "Herr oder Frau", "Frau"),
    Macro("Titel", _PERSON, _GENERAL, "akademischer Grad", "Dr."),
    Macro("Vorname", _PERSON, _GENERAL, "Vorname", "Anna"),
    Macro("Nachname", _PERSON, _GENERAL, "Nachname mit „von“ und „zu“", "Groß", ("Familienname", "Zuname")),
    Macro("Name", _PERSON, _GENERAL, "Titel, Vorname und Nachname", "Dr. Anna Groß", ("Vollname", "Ganzer Name")),
    Macro("Email", _PERSON, _EMAIL, "E-Mail-Adresse", "anna.gross@example.org", ("E-Mail-Adresse", "Mail")),
    Macro("Mobilnummer", _PERSON, _PHONE, "Mobilnummer", "0171 3920001", ("Mobil", "Handynummer", "Handy")),
    Macro("Anschrift", _PERSON, _POST, "Anschrift in Zeilen", "Frau\nDr. Anna Groß\nMusterweg 12\n01067 Dresden", ("Adresse",)),
    Macro("Strasse", _PERSON, _POST, "Straße und Hausnummer", "Musterweg 12"),
    Macro("PLZ", _PERSON, _POST, "Postleitzahl", "01067", ("Postleitzahl",)),
    Macro("Ort", _PERSON, _POST, "Wohnort", "Dresden", ("Stadt", "Wohnort")),
    Macro("Land", _PERSON, _POST, "Land", "Deutschland"),
    Macro("Termindatum", _TERMIN, _APPOINTMENT, "Datum des Termins", "23.11.2026", ("datum",)),
    Macro("Terminuhrzeit", _TERMIN, _APPOINTMENT, "Uhrzeit des Termins", "08:00", ("uhrzeit", "Terminzeit")),
    Macro("Terminwochentag", _TERMIN, _APPOINTMENT, "Wochentag des Termins", "Montag", ("Wochentag",)),
    Macro("Terminart", _TERMIN, _APPOINTMENT, "Art des Termins", "Vorsorge"),
    Macro(
        "Behandler", _TERMIN, _APPOINTMENT, "Behandlerin oder Behandler", "Dr. Anke Beispiel", ("Behandlerin", "Terminbehandler")
    ),
    Macro("Terminort", _TERMIN, _APPOINTMENT, "Raum oder Ort des Termins", "Raum 1"),
    Macro("Praxisname", _PRAXIS, _GENERAL, "Name der Einrichtung", "Praxis am Musterweg", ("Praxis", "Einrichtung")),
    Macro("Praxistelefon", _PRAXIS, _GENERAL, "Telefonnummer der Einrichtung", "030 23125000"),
    Macro("Praxisanschrift", _PRAXIS, _GENERAL, "Anschrift der Einrichtung", "Musterweg 1, 01067 Dresden", ("Praxisadresse",)),
    Macro("Heute", _PRAXIS, _GENERAL, "heutiges Datum", "22.11.2026"),
    Macro("Signatur", _PRAXIS, _GENERAL, "Signatur", "Ihr Team der Praxis am Musterweg", markup=True),
)

_SEPARATORS = re.compile(r"[\W_]+")
_BY_KEY: dict[str, Macro] = {}

# Beginnings and parts of field names that a serial send never carries (design, section 3), folded, and the reason for each group.
_NEVER = (
    (re.compile("geburt|^alter$"), "„{}“ wird in Serien nie versendet: Mit dem Geburtsdatum können sich Fremde ausweisen."),
    (re.compile("beruf|arbeitgeber"), "„{}“ wird in Serien nie versendet: Für eine Nachricht wird der Beruf nicht gebraucht."),
    (
        re.compile("versicher|kass|privatpatient|vsnr|kvnr"),
        "„{}“ wird in Serien nie versendet: Angaben zur Versicherung gehen nur die Einrichtung etwas an.",
    ),
    (
        re.compile(
            "anamnes|therap|diagnos|behandlung|befund|medik|medizin|allerg|impf|labor|^icd|rezept|verordnung|uberweis|operation"
            "|krank|erkrank|symptom|beschwerd|schmerz|schwanger|blut|gewicht|grosse$|pfleg|leistung|^go(?:a|z)|epikris|arztbrief"
            "|bemerkung|notiz|karteieintrag|risik|untersuch|heilmittel|hilfsmittel|suchtmittel"
        ),
        "„{}“ wird in Serien nie versendet: Angaben zur Behandlung unterliegen der Schweigepflicht.",
    ),
)


def macro_named(written: str) -> Macro | None:
    """Find a macro by its name or an alias; case, umlaut spelling, blanks and hyphens do not count."""
    return _BY_KEY.get(_key(written))


def nearest_macro(written: str) -> Macro | None:
    """Find the macro whose name is most like what was written; None if none is near."""
    near = get_close_matches(_key(written)[:60], _BY_KEY, n=1, cutoff=0.6)
    return _BY_KEY[near[0]] if near else None


def why_never(written: str) -> str:
    """Say in one German sentence why a field is never carried by a serial send; "" for names that mean nothing of the kind."""
    key = _key(written)
    return next((sentence.format(written) for pattern, sentence in _NEVER if pattern.search(key)), "")


def _key(written: str) -> str:
    return _SEPARATORS.sub("", fold(written))


_BY_KEY.update({_key(name): macro for macro in MACROS for name in (macro.name, *macro.aliases)})
