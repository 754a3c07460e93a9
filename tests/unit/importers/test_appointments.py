"""A row of appointments becomes a moment in UTC with its length and state; what is wrong becomes a line of the report."""

from datetime import UTC, date, datetime

import pytest

from messaging.importers import columns
from messaging.importers.appointments import AppointmentReader


def read(cells: dict[str, str]):
    full = {"Termin-Nr": "T1", "Pat-Nr": "M1", **cells}
    return AppointmentReader(list(full), columns.recognise(list(full), "appointments"), date(2026, 11, 23)).read(
        3, list(full.values())
    )


def told(appointment):
    return [(problem.column, problem.problem.code, problem.severity.value) for problem in appointment.problems]


def test_a_whole_row_is_read():
    found = read(
        {
            "Datum": "16.11.2026",
            "Uhrzeit": "08:45",
            "Dauer": "50",
            "Art": "Vorsorge",
            "Behandler": "Jonas Muster",
            "Ort": "Raum 2",
            "Status": "erledigt",
        }
    )

    assert (found.number, found.person_number, found.minutes) == ("T1", "M1", 50)
    assert (found.starts_at, found.local_date) == (datetime(2026, 11, 16, 7, 45, tzinfo=UTC), date(2026, 11, 16))
    assert found.fields == {"type": "Vorsorge", "practitioner": "Jonas Muster", "location": "Raum 2", "status": "done"}
    assert not found.problems


@pytest.mark.parametrize(
    "cells",
    [
        {"Datum": "16.11.2026", "Beginn": "8:45"},
        {"Datum": "16.11.2026", "Von": "8.45 Uhr"},
        {"Datum": "16.11.26", "Uhrzeit": "0845"},
        {"Termin": "16.11.2026 08:45"},
        {"Datum/Uhrzeit": "16.11.2026, 8:45 Uhr"},
        {"Termin": "2026-11-16T08:45:00"},
        {"Datum": "", "Beginn": "16.11.2026 08:45"},
        {"Datum": "16.11.2026", "Beginn": "16.11.2026 08:45"},
        {"Datum": "16.11.2026", "Uhrzeit": "30.12.1899 08:45:00"},  # Access
        {"Datum": "16.11.2026", "Uhrzeit": "1900-01-01 08:45:00"},  # SQL
        {"Datum": "16.11.2026", "Uhrzeit": "1900-01-01T08:45:00.000"},
        {"Datum": "16.11.2026", "Uhrzeit": "01.01.0001 08:45"},  # .NET
        {"Datum": "16.11.2026", "Termin": "30.12.1899 08:45:00"},
    ],
)
def test_the_ways_to_write_a_beginning(cells):
    found = read(cells)

    assert found.starts_at == datetime(2026, 11, 16, 7, 45, tzinfo=UTC)
    assert not found.problems


@pytest.mark.parametrize(
    ("cells", "minutes", "reported"),
    [
        ({}, None, []),
        ({"Dauer": "30"}, 30, []),
        ({"Ende": "09:15"}, 30, []),
        ({"Bis": "16.11.2026 09:15"}, 30, []),
        ({"Dauer": "20", "Ende": "09:15"}, 20, []),
        ({"Dauer": "lang"}, None, [("Dauer", "bad_duration", "warning")]),
        ({"Dauer": "lang", "Ende": "09:15"}, 30, [("Dauer", "bad_duration", "warning")]),
        ({"Ende": "08:00"}, None, [("Ende", "end_before_start", "warning")]),
        ({"Ende": "später"}, None, [("Ende", "bad_time", "warning")]),
        ({"Ende": "77.11.2026 09:15"}, None, [("Ende", "bad_date", "warning")]),
        ({"Ende": "16.11.9999 09:15"}, None, [("Ende", "bad_date", "warning")]),
        # What databases write where nothing is known, and where only a time is.
        ({"Ende": "01.01.0001 00:00"}, None, []),
        ({"Ende": "01.01.0001"}, None, []),
        ({"Ende": "0001-01-01T00:00:00"}, None, []),
        ({"Ende": "1900-01-01 00:00:00.000"}, None, []),
        ({"Ende": "30.12.1899 00:00:00"}, None, []),
        ({"Ende": "30.12.1899 09:15:00"}, 30, []),
        ({"Ende": "1900-01-01 09:15:00.000"}, 30, []),
    ],
)
def test_how_long_it_takes(cells, minutes, reported):
    found = read({"Datum": "16.11.2026", "Uhrzeit": "08:45", **cells})

    assert found.minutes == minutes
    assert told(found) == reported
    assert not found.refused


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"Termin-Nr": ""}, "Termin-Nr", "no_number"),
        ({"Pat-Nr": ""}, "Pat-Nr", "no_person_number"),
        ({"Datum": ""}, "Datum", "no_start"),
        ({"Uhrzeit": ""}, "Uhrzeit", "no_start"),
        ({"Datum": "31.02.2026"}, "Datum", "bad_date"),
        ({"Datum": "01.01.0001", "Uhrzeit": "00:00"}, "Datum", "bad_date"),
        ({"Datum": "01.01.1900"}, "Datum", "bad_date"),
        ({"Datum": "31.12.9999", "Uhrzeit": "23:59"}, "Datum", "bad_date"),
        ({"Uhrzeit": "25:00"}, "Uhrzeit", "bad_time"),
        ({"Uhrzeit": "17.11.2026 08:00"}, "Uhrzeit", "other_day"),
        ({"Uhrzeit": "77.11.2026 08:00"}, "Uhrzeit", "bad_date"),
        ({"Uhrzeit": "01.01.0001 00:00:00"}, "Uhrzeit", "no_start"),
        ({"Datum": "", "Uhrzeit": "30.12.1899 08:00:00"}, "Datum", "no_start"),
        ({"Status": "verschoben"}, "Status", "unknown_status"),
        ({"Art": "x" * 201}, "Art", "too_long"),
    ],
)
def test_a_row_that_would_be_wrong_is_refused_with_its_column(cells, column, code):
    found = read({"Datum": "16.11.2026", "Uhrzeit": "08:45", "Art": "", "Status": "", **cells})

    assert found.refused
    assert (column, code, "refused") in told(found)


@pytest.mark.parametrize(
    ("day", "clock", "moment", "code"),
    [
        # 28 March 2027: from 2:00 the clock goes to 3:00
        ("28.03.2027", "01:59", datetime(2027, 3, 28, 0, 59, tzinfo=UTC), None),
        ("28.03.2027", "02:30", datetime(2027, 3, 28, 1, 30, tzinfo=UTC), "skipped_hour"),
        ("28.03.2027", "03:00", datetime(2027, 3, 28, 1, 0, tzinfo=UTC), None),
        # 25 October 2026: the hour from 2:00 to 3:00 happens twice
        ("25.10.2026", "02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "double_hour"),
        ("25.10.2026", "03:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC), None),
    ],
)
def test_the_nights_of_the_clock_change_are_entered_and_reported(day, clock, moment, code):
    found = read({"Datum": day, "Uhrzeit": clock, "Dauer": "30"})

    assert found.starts_at == moment
    assert [problem.problem.code for problem in found.problems] == ([code] if code else [])
    assert not found.refused


def test_the_report_says_which_hour_was_entered_instead():
    assert "3:30 Uhr" in read({"Datum": "28.03.2027", "Uhrzeit": "02:30"}).problems[0].problem.sentence


def test_an_appointment_over_the_clock_change_has_its_real_length():
    assert read({"Datum": "25.10.2026", "Uhrzeit": "01:30", "Ende": "03:30"}).minutes == 180


def test_cells_beyond_the_head_refuse_the_row():
    head = ["Termin-Nr", "Pat-Nr", "Datum", "Uhrzeit"]
    reader = AppointmentReader(head, columns.recognise(head, "appointments"), date(2026, 11, 23))

    assert reader.read(2, ["T1", "M1", "16.11.2026", "08:45", "mehr"]).refused
    assert not reader.read(2, ["T1", "M1", "16.11.2026", "08:45", ""]).refused


@pytest.mark.parametrize("day", ["01.01.0001", "31.12.9999"])
def test_a_day_at_the_end_of_the_calendar_is_a_problem_of_its_row(day):
    assert told(read({"Termin": f"{day} 23:59"}))
