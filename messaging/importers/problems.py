"""What can be wrong with a file to import and with its rows: every German sentence with its cure stands here, and nowhere else.

A file-level problem refuses the whole file before anything is written; a row-level one is a line of the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from messaging.domain.calendar_de import number_words, plural
from messaging.domain.errors import DomainError, Problem

VALUE_SHOWN = 80


class Severity(StrEnum):
    REFUSED = "refused"  # the row is not imported
    WARNING = "warning"  # the row is imported, but somebody should look


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One line of the report. `row` counts as a spreadsheet does: the head is row 1, a cell with line breaks is one row."""

    row: int
    column: str
    value: str
    severity: Severity
    problem: Problem

    @classmethod
    def of(cls, row: int, column: str, value: str, severity: Severity, problem: Problem) -> RowProblem:
        """A line whose value is cut to what a report can show."""
        shown = " ".join(value.split())
        return cls(row, column, shown if len(shown) <= VALUE_SHOWN else f"{shown[: VALUE_SHOWN - 1]}…", severity, problem)


class FileRefused(DomainError):
    """The whole file cannot be imported; nothing was written."""


_EXPORT_AS_CSV = "Bitte im Praxisprogramm oder in der Tabellenkalkulation als CSV-Datei speichern und diese hochladen."
_EXPORT_AGAIN = "Bitte die Datei neu exportieren."

EMPTY = Problem("empty_file", "Die Datei ist leer.", _EXPORT_AGAIN)
NO_ROWS = Problem("no_rows", "Die Datei enthält nur Spaltenköpfe und keine Zeile mit Daten.", _EXPORT_AGAIN)
SPREADSHEET = Problem("spreadsheet", "Das ist eine Excel-Arbeitsmappe, keine CSV-Datei.", _EXPORT_AS_CSV)
OLD_OFFICE = Problem("old_office", "Das ist eine Datei von Excel oder Word, keine CSV-Datei.", _EXPORT_AS_CSV)
PDF = Problem("pdf", "Das ist eine PDF-Datei, keine CSV-Datei.", _EXPORT_AS_CSV)
ARCHIVE = Problem("archive", "Das ist ein gepacktes Archiv, keine CSV-Datei.", "Bitte die Datei zuerst entpacken.")
IMAGE = Problem("image", "Das ist ein Bild, keine CSV-Datei.", _EXPORT_AS_CSV)
MARKUP = Problem("markup", "Das ist eine Webseite oder XML-Datei, keine CSV-Datei.", _EXPORT_AS_CSV)
BDT = Problem("bdt", "Das ist eine BDT- oder GDT-Datei, keine CSV-Datei.", "Bitte im Praxisprogramm den Export als CSV wählen.")
CALENDAR = Problem("calendar", "Das ist eine Kalenderdatei (iCalendar), keine CSV-Datei.", "Bitte den Export als CSV wählen.")
BINARY = Problem("binary", "Das ist keine Textdatei.", _EXPORT_AS_CSV)
NO_HEAD = Problem(
    "no_head",
    "In der ersten Zeile stehen schon Daten und keine Spaltenköpfe wie „Pat-Nr“ oder „Nachname“.",
    "Bitte den Export mit Spaltenköpfen wählen.",
)
NO_SEPARATOR = Problem(
    "no_separator",
    "In der ersten Zeile gibt es kein Trennzeichen (Semikolon, Komma oder Tabulator).",
    "Bitte als CSV-Datei mit Semikolon speichern.",
)
FILE_GONE = Problem("file_gone", "Die hochgeladene Datei ist nicht mehr da.", "Bitte die Datei noch einmal hochladen.")
FILE_CHANGED = Problem(
    "file_changed", "Die Datei passt nicht mehr zu den Spalten dieses Imports.", "Bitte die Datei noch einmal hochladen."
)


def undecodable(line: int) -> Problem:
    return Problem(
        "undecodable",
        f"In Zeile {number_words(line)} stehen Zeichen, die weder UTF-8 noch Windows-1252 sind.",
        "Bitte als „CSV UTF-8“ speichern und neu hochladen.",
    )


def mixed_encoding(line: int) -> Problem:
    return Problem(
        "mixed_encoding",
        f"Die Datei mischt zwei Zeichensätze: In Zeile {number_words(line)} stehen andere Zeichen als im übrigen Text.",
        "Bitte die Datei in einem Stück neu exportieren.",
    )


def open_quote(row: int) -> Problem:
    return Problem(
        "open_quote",
        f"In Zeile {number_words(row)} beginnt ein Anführungszeichen, das nirgends endet.",
        "Bitte das Anführungszeichen in dieser Zeile entfernen und die Datei neu hochladen.",
    )


def text_after_quote(row: int) -> Problem:
    return Problem(
        "text_after_quote",
        f"In Zeile {number_words(row)} steht hinter einem schließenden Anführungszeichen noch Text.",
        "Bitte die Anführungszeichen in dieser Zeile entfernen oder verdoppeln und die Datei neu hochladen.",
    )


def missing_columns(labels: Sequence[str]) -> Problem:
    names = " und ".join(f"„{label}“" for label in labels)
    verb = "fehlt die Spalte" if len(labels) == 1 else "fehlen die Spalten"
    return Problem("missing_columns", f"Es {verb} {names}.", "Bitte die Spalten zuordnen oder den Export ergänzen.")


def other_kind(found: str, chosen: str) -> Problem:
    return Problem("other_kind", f"Die Spalten passen zu {found}, gewählt ist „{chosen}“.", f"Bitte oben „{found}“ wählen.")


def doubtful_kind(found: str) -> Problem:
    """No reason to refuse: the file is imported as what was chosen unless somebody knows better."""
    cure = f"Sind es {found}? Dann verwerfen Sie diesen Import und wählen „{found}“."
    return Problem("doubtful_kind", f"Diese Datei sieht nach {found} aus.", cure)


def doubtful_kind_for_scripts(found: str, word: str) -> Problem:
    """The same where nothing can be given up any more; `word` is what the command calls that kind."""
    return Problem("doubtful_kind", doubtful_kind(found).sentence, f"Sind es {found}? Dann nehmen Sie „import {word}“.")


def too_large(megabytes: int) -> Problem:
    return Problem("too_large", f"Die Datei ist größer als {megabytes} MB.", "Bitte den Export in mehrere Dateien teilen.")


# Rows

_ROW_CURE = "Bitte in der Datei ergänzen."
NO_NUMBER = Problem(
    "no_number", "Ohne Nummer lässt sich die Zeile beim nächsten Import nicht wiederfinden.", "Bitte die Nummer nachtragen."
)
NO_NAME = Problem("no_name", "Vorname und Nachname fehlen.", _ROW_CURE)
NO_PERSON_NUMBER = Problem(
    "no_person_number", "Ohne Patientennummer gehört der Termin zu niemandem.", "Bitte die Patientennummer nachtragen."
)
NO_START = Problem("no_start", "Datum oder Uhrzeit fehlt.", _ROW_CURE)
BAD_DATE = Problem("bad_date", "Dieses Datum gibt es nicht.", "Bitte als TT.MM.JJJJ angeben.")
BAD_YEAR = Problem("bad_date", "Dieses Jahr liegt nicht zwischen 1901 und 2200.", "Bitte das Datum prüfen.")
SHORT_YEAR = Problem("short_year", "Das Jahr ist nicht eindeutig.", "Bitte das Geburtsjahr mit vier Ziffern angeben.")
BIRTH_IN_FUTURE = Problem("birth_in_future", "Das Geburtsdatum liegt in der Zukunft.", "Bitte das Jahr prüfen.")
BIRTH_LONG_AGO = Problem("birth_long_ago", "Das Geburtsdatum liegt über 120 Jahre zurück.", "Bitte das Jahr prüfen.")
BAD_TIME = Problem("bad_time", "Diese Uhrzeit gibt es nicht.", "Bitte als 14:30 angeben.")
OTHER_DAY = Problem(
    "other_day",
    "Hier steht ein anderer Tag als in der Spalte mit dem Datum.",
    "Bitte den Tag in einer der beiden Spalten berichtigen.",
)
BAD_DURATION = Problem(
    "bad_duration", "Die Dauer ist keine Zahl von Minuten bis 24 Stunden.", "Bitte die Minuten angeben, zum Beispiel 30."
)
END_BEFORE_START = Problem("end_before_start", "Das Ende liegt vor dem Beginn.", "Bitte Beginn und Ende prüfen.")
UNKNOWN_STATUS = Problem(
    "unknown_status",
    "Diesen Status kennt Praxispost nicht. Der Termin wird nicht übernommen, damit keine falsche Erinnerung hinausgeht.",
    "Bitte geplant, bestätigt, eingetroffen, erledigt, abgesagt, nicht erschienen oder umbuchen angeben.",
)
PERSON_UNKNOWN = Problem(
    "person_unknown",
    "Diese Patientennummer gibt es in Praxispost nicht.",
    "Bitte zuerst die Patienten importieren oder die Nummer berichtigen.",
)
SOMEBODY_ELSE = Problem(
    "somebody_else",
    "Unter dieser Nummer steht in Praxispost jemand mit anderem Namen und ohne dasselbe Geburtsdatum. Der Eintrag bleibt.",
    "Bitte prüfen, ob die Datei zu dieser Praxis gehört, und die Nummer berichtigen.",
)
NOT_YES_OR_NO = Problem("not_yes_or_no", "Das ist weder ja noch nein; es wird nichts eingetragen.", "Bitte ja oder nein angeben.")
UNKNOWN_FORM = Problem(
    "unknown_form", "Diese Anrede kennt Praxispost nicht; das Feld bleibt leer.", "Bitte Herr, Frau oder divers angeben."
)
LOST_LETTERS = Problem(
    "lost_letters",
    "Beim Export sind Buchstaben verloren gegangen und durch ein Fragezeichen ersetzt.",
    "Bitte als „CSV UTF-8“ exportieren oder den Eintrag in der Karteikarte berichtigen.",
)
GARBLED = Problem("garbled", "Umlaute sind beim Export falsch umgewandelt worden.", "Bitte als „CSV UTF-8“ neu exportieren.")
POSTCODE_NOT_FIVE = Problem("postcode_not_five", "Eine deutsche PLZ hat fünf Ziffern.", "Bitte die PLZ prüfen.")
STILL_DECEASED = Problem(
    "still_deceased",
    "In Praxispost ist die Person als verstorben eingetragen, in der Datei nicht. Der Eintrag bleibt.",
    "Bitte klären und bei Bedarf in der Karteikarte ändern.",
)
LOST_ZEROS = Problem(
    "lost_zeros",
    "Diese Person steht hier schon, mit anderen Nullen vor der Nummer: Eine Tabellenkalkulation hat sie wohl entfernt.",
    "Bitte die Spalte der Nummern als Text formatieren und neu exportieren.",
)
PERHAPS_TWICE = Problem(
    "perhaps_twice",
    "Unter anderer Nummer steht hier schon jemand mit diesem Namen und Geburtsdatum.",
    "Bitte prüfen, ob es dieselbe Person ist.",
)
OPT_OUT_OF_TWIN = Problem(
    "opt_out_of_twin",
    "Die Datei sagt ja; jemand mit diesem Namen und Geburtsdatum hat unter anderer Nummer nein gesagt oder widerrufen. "
    "Es wird nichts eingetragen.",
    "Bitte mit der Person klären und in der Karteikarte eintragen.",
)
YES_NOT_NAMED = Problem(
    "yes_not_named",
    "Das Ja galt einer früheren Adresse oder Nummer; die Datei nennt die jetzige nicht. Es gilt nicht für sie.",
    "Bitte für die jetzige Adresse oder Nummer einholen und in der Karteikarte eintragen.",
)
OPT_OUT_STAYS = Problem(
    "opt_out_stays",
    "Die Datei sagt ja, in Praxispost steht ein Nein oder Widerruf. Der Eintrag in Praxispost bleibt.",
    "Bitte mit der Person klären und bei Bedarf in der Karteikarte ändern.",
)
YES_STAYS = Problem(
    "yes_stays",
    "Die Datei sagt nein, in Praxispost steht eine von Hand eingetragene Einwilligung. Der Eintrag in Praxispost bleibt.",
    "Bitte mit der Person klären und bei Bedarf in der Karteikarte widerrufen.",
)


def too_many_cells(found: int, expected: int) -> Problem:
    return Problem(
        "too_many_cells",
        f"Die Zeile hat {found} statt {expected} Felder.",
        "Bitte prüfen, ob in einem Text ein Trennzeichen ohne Anführungszeichen steht.",
    )


def too_few_cells(found: int, expected: int) -> Problem:
    return Problem(
        "too_few_cells",
        f"Die Zeile hat nur {plural(found, 'Feld', 'Felder')} statt {expected}; die fehlenden gelten als leer.",
        "Bitte prüfen, ob ein Zeilenumbruch ohne Anführungszeichen die Zeile geteilt hat.",
    )


def repeated_number(first_row: int) -> Problem:
    return Problem(
        "repeated_number",
        f"Diese Nummer steht schon in Zeile {number_words(first_row)}; übernommen wird die erste.",
        "Bitte eine der beiden Zeilen löschen oder berichtigen.",
    )


def too_long(limit: int) -> Problem:
    return Problem("too_long", f"Der Eintrag ist länger als {number_words(limit)} Zeichen.", "Bitte den Eintrag kürzen.")


def rows_failed(first: int, last: int) -> Problem:
    """What nobody thought of; `first` and `last` are the same where it is known which row it is."""
    where = f"In Zeile {number_words(first)}"
    if last != first:
        where = f"Zwischen Zeile {number_words(first)} und Zeile {number_words(last)}"
    return Problem(
        "rows_failed",
        f"{where} steht etwas, womit Praxispost nicht umgehen kann; der Import ist dort abgebrochen.",
        "Bitte diese Stelle in der Datei berichtigen oder löschen und die Datei noch einmal hochladen.",
    )


POSTCODE_REPAIRED = "postcode_repaired"


def postcode_repaired(postcode: str) -> Problem:
    return Problem(
        POSTCODE_REPAIRED,
        f"Die führende Null fehlte; eingetragen wird {postcode}.",
        "Bitte in der Datei die Spalte als Text formatieren.",
    )


def skipped_hour(entered: str) -> Problem:
    return Problem(
        "skipped_hour",
        f"Diese Uhrzeit gibt es an dem Tag nicht (Beginn der Sommerzeit); eingetragen wird {entered} Uhr.",
        "Bitte die Uhrzeit prüfen.",
    )


DOUBLE_HOUR = Problem(
    "double_hour",
    "Diese Uhrzeit gibt es an dem Tag zweimal (Ende der Sommerzeit); eingetragen wird die erste.",
    "Bitte die Uhrzeit prüfen.",
)
