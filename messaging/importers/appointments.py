"""Reads a row of a file of appointments. No database: whether the patient exists is asked in the services.

Times in files are wall times in Germany; here they become moments in UTC, and the two nights of the clock change are reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from messaging.domain.calendar_de import BERLIN, clock_words, utc_from_local
from messaging.domain.errors import Problem
from messaging.importers import cells, problems
from messaging.importers.problems import RowProblem, Severity

_LONGEST = 200


@dataclass(slots=True)
class AppointmentRow:
    """One row as read. `fields` are columns of Appointment that the file fills; `minutes` is None if no length is named."""

    row: int
    number: str = ""
    person_number: str = ""
    starts_at: datetime | None = None
    local_date: date | None = None
    minutes: int | None = None
    fields: dict[str, str] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    refused: bool = False


class AppointmentReader:
    """Knows the columns of one file; `read` turns its rows into AppointmentRow one by one."""

    def __init__(self, head: Sequence[str], mapping: Mapping[int, str], today: date) -> None:
        self.width = len(head)
        self.columns = sorted(mapping.items())
        self.names = {name: head[position] for position, name in mapping.items()}

    def read(self, row: int, raw: list[str]) -> AppointmentRow:
        """Read one row; what is wrong with it is in its `problems`."""
        appointment = AppointmentRow(row)
        if len(raw) > self.width and any(map(str.strip, raw[self.width :])):
            self.refuse(appointment, "", raw[self.width], problems.too_many_cells(len(raw), self.width))
            return appointment
        texts = {name: text for position, name in self.columns if position < len(raw) and (text := cells.clean(raw[position]))}
        appointment.number = texts.pop("number", "")
        appointment.person_number = texts.pop("person_number", "")
        self._require(appointment, texts)
        self._take_status(appointment, texts)
        self._take_times(appointment, texts)
        appointment.fields.update({name: texts[name] for name in ("type", "practitioner", "location") if name in texts})
        return appointment

    def refuse(self, appointment: AppointmentRow, name: str, value: str, problem: Problem) -> None:
        """Add a line to the report that keeps the row out; `name` is the field it is about."""
        appointment.refused = True
        appointment.problems.append(RowProblem.of(appointment.row, self.names.get(name, ""), value, Severity.REFUSED, problem))

    def warn(self, appointment: AppointmentRow, name: str, value: str, problem: Problem) -> None:
        appointment.problems.append(RowProblem.of(appointment.row, self.names.get(name, ""), value, Severity.WARNING, problem))

    def _require(self, appointment: AppointmentRow, texts: Mapping[str, str]) -> None:
        if not appointment.number:
            self.refuse(appointment, "number", "", problems.NO_NUMBER)
        if not appointment.person_number:
            self.refuse(appointment, "person_number", "", problems.NO_PERSON_NUMBER)
        for name, text in (("number", appointment.number), ("person_number", appointment.person_number), *texts.items()):
            if len(text) > _LONGEST:
                self.refuse(appointment, name, text, problems.too_long(_LONGEST))

    def _take_status(self, appointment: AppointmentRow, texts: dict[str, str]) -> None:
        text = texts.pop("status", "")
        status, problem = cells.read_status(text) if text else (None, None)
        if problem:
            self.refuse(appointment, "status", text, problem)
        if status:
            appointment.fields["status"] = status.value

    def _take_times(self, appointment: AppointmentRow, texts: dict[str, str]) -> None:
        day, wall_time = self._start(appointment, texts)
        if day is None or wall_time is None:
            return
        appointment.local_date, appointment.starts_at = day, utc_from_local(day, wall_time)
        if problem := clock_change_problem(day, wall_time):
            self.warn(appointment, "time" if "time" in self.names else "starts", f"{day:%d.%m.%Y} {wall_time:%H:%M}", problem)
        if text := texts.get("minutes", ""):
            appointment.minutes, problem = cells.read_minutes(text)
            if problem:
                self.warn(appointment, "minutes", text, problem)
        if (text := texts.get("ends", "")) and appointment.minutes is None:
            appointment.minutes = self._minutes_until(appointment, text, day)

    def _start(self, appointment: AppointmentRow, texts: Mapping[str, str]) -> tuple[date | None, time | None]:
        """The two parts of the beginning; a fault in either is reported at its own column."""
        both, day_cell = texts.get("starts", ""), texts.get("day", "")
        time_name = "starts" if both and not (day_cell and "time" in texts) else "time"
        beside, time_text = _day_and_time(texts.get(time_name, ""))  # a column "Beginn" may hold the day as well
        day_text = day_cell or beside
        day_name = time_name if not day_cell and (beside or time_name == "starts") else "day"
        if not day_text or not time_text:
            self.refuse(appointment, time_name if day_text else day_name, both, problems.NO_START)
            return None, None
        day, day_problem = cells.read_day(day_text)
        wall_time, time_problem = cells.read_time(time_text)
        found = ((day_name, day_text, day_problem), (time_name, time_text, time_problem))
        for name, text, problem in (*found, (time_name, beside, _contradiction(day, beside) if day_cell else None)):
            if problem:
                self.refuse(appointment, name, text, problem)
        return day, wall_time

    def _minutes_until(self, appointment: AppointmentRow, text: str, day: date) -> int | None:
        """The length up to the cell "Ende", which may name its day as well."""
        day_text, time_text = _day_and_time(text)
        if not time_text:
            return None
        end_day, day_problem = cells.read_day(day_text) if day_text else (day, None)
        end_time, time_problem = cells.read_time(time_text)
        if end_day is None or end_time is None:
            self.warn(appointment, "ends", text, time_problem or day_problem)
            return None
        minutes = (utc_from_local(end_day, end_time) - appointment.starts_at) // timedelta(minutes=1)
        if minutes < 0:
            self.warn(appointment, "ends", text, problems.END_BEFORE_START)
            return None
        return minutes


def clock_change_problem(day: date, wall_time: time) -> Problem | None:
    """Tell whether a wall time does not exist on its day, or exists twice (the last Sundays of March and October)."""
    first = datetime.combine(day, wall_time, tzinfo=BERLIN)
    if first.utcoffset() == first.replace(fold=1).utcoffset():
        return None
    moment = first.astimezone(UTC)
    if moment.astimezone(BERLIN).replace(tzinfo=None) != first.replace(tzinfo=None):
        return problems.skipped_hour(clock_words(moment))
    return problems.DOUBLE_HOUR


def _contradiction(day: date | None, beside: str) -> Problem | None:
    """What is wrong with a day beside the time where a column of its own names the day."""
    other, problem = cells.read_day(beside) if beside else (day, None)
    return problem or (problems.OTHER_DAY if day and other != day else None)


def _day_and_time(text: str) -> tuple[str, str]:
    """The day, if one is named, and the time of a cell; the dates that databases put before a bare time are none."""
    day, time_text = _parted(text)
    if cells.is_no_date(text):
        return "", ""
    return ("" if not time_text or cells.is_no_date(day) else day), time_text or text


def _parted(text: str) -> tuple[str, str]:
    """ "16.11.2026 08:00" and "2026-11-16T08:00" in two; the second part is empty if there is only one."""
    day, _, rest = text.replace("T", " ", 1).replace(",", " ", 1).partition(" ") if "." in text or "-" in text else (text, "", "")
    return (day, rest.strip()) if any(map(str.isdigit, rest)) else (text, "")
