"""Whatever is uploaded: it is read or refused in words; nothing crashes, and no memory is taken for repeated numbers."""

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.domain.errors import Problem
from messaging.importers import columns, inspection
from messaging.importers.appointments import AppointmentReader
from messaging.importers.delimited import rows
from messaging.importers.people import PersonReader
from messaging.importers.problems import FileRefused, Severity
from messaging.importers.repeats import Repeats

READERS = {"patients": PersonReader, "prospects": PersonReader, "appointments": AppointmentReader}
HEADS = {
    "patients": "Pat-Nr;Anrede;Geschlecht;Vorname;Nachname;Geburtsdatum;Straße;Hausnummer;PLZ;Ort;PLZ Ort;SMS;Kontakt Mail;Tot",
    "prospects": "Nr;Nachname;Quelle;Bemerkung;Kontakt SMS",
    "appointments": "Termin-Nr;Pat-Nr;Datum;Uhrzeit;Termin;Dauer;Ende;Art;Status",
}
CELL = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            "M1",
            "31.02.2026",
            "28.03.2027",
            "02:30",
            "1067",
            "ja",
            "nein",
            "?ur?a",
            "24:00",
            "-1",
            "9" * 30,
            "²",
            "٣.٣.٢٠٢٠",
            "x" * 300,
        ]
    ),
)
KIND = st.sampled_from(columns.KINDS)

quietly = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)


def read_through(path, kind):
    """Everything that the job does with a file, short of storing: the rows as read and the inspection, or why it was refused."""
    try:
        found = inspection.inspect(path, kind, columns.recognise(inspection.inspect(path, kind).layout.head, kind))
    except FileRefused as refused:
        return refused.problem
    reader = READERS[kind](found.layout.head, columns.recognise(found.layout.head, kind), date(2026, 11, 23))
    return [reader.read(row, cells) for row, cells in rows(found.layout)], found


@quietly
@given(content=st.binary(max_size=400), kind=KIND)
def test_arbitrary_bytes_are_read_or_refused_in_words(tmp_path, content, kind):
    path = tmp_path / "any"
    path.write_bytes(content)

    read = read_through(path, kind)

    assert read.sentence if isinstance(read, Problem) else len(read[0]) == read[1].row_count > 0


@quietly
@given(tail=st.binary(max_size=200), kind=KIND)
def test_a_good_head_followed_by_arbitrary_bytes_is_read_or_refused_in_words(tmp_path, tail, kind):
    path = tmp_path / "any"
    path.write_bytes(f"{HEADS[kind]}\r\n".encode() + tail)

    read = read_through(path, kind)

    assert read.sentence if isinstance(read, Problem) else len(read[0]) == read[1].row_count > 0


@quietly
@given(cells=st.lists(CELL, max_size=20), kind=KIND)
def test_every_row_is_taken_or_refused_with_a_reason(cells, kind):
    head = HEADS[kind].split(";")
    read = READERS[kind](head, columns.recognise(head, kind), date(2026, 11, 23)).read(2, cells)

    assert read.refused == any(problem.severity is Severity.REFUSED for problem in read.problems)
    assert read.refused or read.number
    assert all(problem.problem.sentence and problem.problem.cure for problem in read.problems)


@given(st.lists(st.sampled_from("ABCDEFGHIJ"), max_size=30))
def test_repeated_numbers_are_found_with_the_row_of_the_first(keys):
    repeats = Repeats()
    for key in keys:
        repeats.note(key)

    found = []
    for row, key in enumerate(keys, 2):
        found.append(repeats.earlier_row(key))
        repeats.keep(key, row)

    assert found == [keys.index(key) + 2 if keys.index(key) < place else None for place, key in enumerate(keys)]
