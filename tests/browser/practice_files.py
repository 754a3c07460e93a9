"""Two small files as a practice program exports them: twelve people with every kind of permission, and their appointments.

Windows-1252, semicolons, German dates, a postcode that lost its zero, a line break inside quotes. Who of them may be written to
is known, so that a test can count.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

PEOPLE_HEAD = (
    "Pat-Nr;Anrede;Titel;Vorname;Nachname;Geburtsdatum;Straße;PLZ;Ort;Land;Telefon;Mobil;SMS;E-Mail;Kasse;Beruf;"
    "Kontakt SMS;Kontakt Mail;Kontakt Post;verstorben;Bemerkung"
)
APPOINTMENTS_HEAD = "Termin-Nr;Pat-Nr;Datum;Uhrzeit;Dauer;Art;Behandler;Ort;Status"


@dataclass(frozen=True)
class Someone:
    """A row of the file of patients; `called_off`: the appointment is."""

    first_name: str
    last_name: str
    form_of_address: str = "Frau"
    title: str = ""
    may_mail: str = "ja"
    email: str | None = None
    deceased: str = ""
    called_off: bool = False
    note: str = ""


CROWD = (
    Someone("Ute", "Groß", title="Prof. Dr."),
    Someone("Jörg", "Müßig", "Herr", title="Dr.", note='ruft "gern" an;\nlieber vormittags'),
    Someone("Zoë", "von und zu Berg-Lüttichau"),
    Someone("Agnieszka", "Lukasik"),
    Someone("Käthe", "Süß", note="Rollstuhl"),
    Someone("Alex", "Winter", ""),
    Someone("Bruno", "Abler", "Herr", may_mail="nein"),
    Someone("Clara", "Böhme", may_mail="nein"),
    Someone("Dora", "Czaja", may_mail=""),
    Someone("Emil", "Dörr", "Herr", email=""),
    Someone("Frieda", "Eßer", deceased="ja"),
    Someone("Gustav", "Förster", "Herr", called_off=True),
)
#: Of these twelve: six may and can be written to, three may not, three cannot (no address, deceased, appointment called off).
SENDABLE, NOT_ALLOWED, IMPOSSIBLE = 6, 3, 3


@dataclass(frozen=True)
class Export:
    """The files of one practice program. `series` keeps its numbers and addresses apart from those of another export."""

    folder: Path
    series: str

    @property
    def patients(self) -> Path:
        return self.folder / "patienten.csv"

    @property
    def appointments(self) -> Path:
        return self.folder / "termine.csv"

    def number(self, place: int) -> str:
        return f"{self.series}{place:04}"

    def address(self, place: int) -> str:
        someone = CROWD[place]
        return f"{self.series}{place}@example.org".lower() if someone.email is None else someone.email

    def sendable_addresses(self) -> tuple[str, ...]:
        return tuple(self.address(place) for place in range(SENDABLE))

    def write(self, days: Sequence[date]) -> Export:
        """Write both files; everybody has one appointment on each day."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write(self.patients, PEOPLE_HEAD, map(self._person, range(len(CROWD))))
        write(self.appointments, APPOINTMENTS_HEAD, self._appointments(days))
        return self

    def _person(self, place: int) -> Sequence[str]:
        someone = CROWD[place]
        name = (someone.form_of_address, someone.title, someone.first_name, someone.last_name)
        home = (f"Am Probierstein {place + 1}", "1067", "Dresden", "")
        ways = (f"030 231250{place:02}", f"0171 39200{place:02}", "", self.address(place))
        return (self.number(place), *name, f"0{place % 9 + 1}.03.1975", *home, *ways, "TK", "Tischlerin",
                "ja", someone.may_mail, "ja", someone.deceased, someone.note)  # fmt: skip

    def _appointments(self, days: Sequence[date]) -> Iterable[Sequence[str]]:
        for number, day in enumerate(days):
            for place, someone in enumerate(CROWD):
                when = (f"{day:%d.%m.%Y}", f"{8 + place // 3:02}:{place % 3 * 20:02}", "20")
                status = "abgesagt" if someone.called_off else "geplant"
                yield (
                    f"{self.series}T{number}-{place}",
                    self.number(place),
                    *when,
                    "Kontrolle",
                    "Katrin Probe",
                    "Raum 1",
                    status,
                )


def write(path: Path, head: str, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\r\n").writerows([head.split(";"), *rows])
