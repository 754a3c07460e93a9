"""Reads a row of a file of patients or prospects into checked fields. No database; what changes is decided in the services.

An empty cell is not in the result: what was typed in Praxispost stays then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from messaging.domain.countries import country_code
from messaging.domain.errors import Problem
from messaging.domain.words import Channel, ConsentStatus
from messaging.importers import cells, problems
from messaging.importers.problems import RowProblem, Severity

CONSENT_FIELDS = {"consent_email": Channel.EMAIL, "consent_sms": Channel.SMS, "consent_letter": Channel.LETTER}

_NAME_FIELDS = ("first_name", "name_prefix", "last_name", "street", "city", "guardian")
_SEVERAL_LINES = frozenset(("note", "address_extra"))
_LONGEST, _LONGEST_NOTE = 200, 4000

_POSTCODE_AND_CITY = re.compile(r"((?:[A-Z]{1,3}-)?[0-9][0-9 -]{2,8}[0-9])\s+(\D.*)")


@dataclass(slots=True)
class PersonRow:
    """One row as read. `fields` are columns of Person that the file fills; `consents` are channel -> ConsentStatus it names.

    `texts` are the cells as they stand in the file (cleaned), for the report. `refused`: nothing of the row may be stored.
    """

    row: int
    number: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    consents: dict[str, str] = field(default_factory=dict)
    deceased: bool | None = None
    #: a four-digit postcode as it stands in the file, where a zero was put before it
    short_postcode: str = ""
    problems: list[RowProblem] = field(default_factory=list)
    refused: bool = False


class PersonReader:
    """Knows the columns of one file; `read` turns its rows into PersonRow one by one."""

    def __init__(self, head: Sequence[str], mapping: Mapping[int, str], today: date) -> None:
        self.width = len(head)
        self.today = today
        self.columns = [(position, name, name in _SEVERAL_LINES) for position, name in sorted(mapping.items())]
        self.names = {name: head[position] for position, name in mapping.items()}

    def read(self, row: int, raw: list[str]) -> PersonRow:
        """Read one row; what is wrong with it is in its `problems`."""
        person = PersonRow(row)
        if not self._fits(person, raw):
            return person
        texts = self._texts(raw)
        person.number = texts.pop("number", "")
        self._require(person, texts)
        if not person.refused:
            self._take_answers(person, texts)
            self._take_dates_and_forms(person, texts)
            self._take_address(person, texts)
            self._warn_of_letters(person, texts)
            person.fields.update(texts)
        return person

    def complain(self, person: PersonRow, name: str, value: str, problem: Problem, severity: Severity = Severity.WARNING) -> None:
        """Add a line to the report; `name` is the field it is about."""
        person.refused = person.refused or severity is Severity.REFUSED
        person.problems.append(RowProblem.of(person.row, self.names.get(name, ""), value, severity, problem))

    def _fits(self, person: PersonRow, raw: list[str]) -> bool:
        if len(raw) > self.width and any(map(str.strip, raw[self.width :])):
            self.complain(person, "", raw[self.width], problems.too_many_cells(len(raw), self.width), Severity.REFUSED)
            return False
        if len(raw) < self.width:
            self.complain(person, "", "", problems.too_few_cells(len(raw), self.width))
        return True

    def _texts(self, raw: list[str]) -> dict[str, str]:
        """Field -> cleaned text of every cell that is not empty."""
        width = len(raw)
        texts = {}
        for position, name, several_lines in self.columns:
            if (
                position < width
                and (text := raw[position])
                and (text := (cells.clean_lines if several_lines else cells.clean)(text))
            ):
                texts[name] = text
        return texts

    def _require(self, person: PersonRow, texts: Mapping[str, str]) -> None:
        if not person.number:
            self.complain(person, "number", "", problems.NO_NUMBER, Severity.REFUSED)
        if "last_name" not in texts and "first_name" not in texts:
            self.complain(person, "last_name", "", problems.NO_NAME, Severity.REFUSED)
        for name, text in (("number", person.number), *texts.items()):
            limit = _LONGEST_NOTE if name == "note" else _LONGEST
            if len(text) > limit:
                self.complain(person, name, text, problems.too_long(limit), Severity.REFUSED)

    def _take_answers(self, person: PersonRow, texts: dict[str, str]) -> None:
        for name, channel in CONSENT_FIELDS.items():
            if text := texts.pop(name, ""):
                answer, problem = cells.read_answer(text)
                if answer:
                    person.consents[channel.value] = answer.value
                if problem:
                    self.complain(person, name, text, problem)
        if (text := texts.pop("deceased", "")) and not cells.is_no_date(text):
            answer, problem = cells.read_answer(text)
            if problem and cells.read_day(text)[0]:  # a column "verstorben am"
                answer, problem = ConsentStatus.YES, None
            person.deceased = {ConsentStatus.YES: True, ConsentStatus.NO: False}.get(answer)
            if problem:
                self.complain(person, "deceased", text, problem)

    def _take_dates_and_forms(self, person: PersonRow, texts: dict[str, str]) -> None:
        if (text := texts.pop("birth_date", "")) and not cells.is_no_date(text):
            born, problem = cells.read_birth_date(text, self.today)
            if born:
                person.fields["birth_date"] = born
            if problem:
                self.complain(person, "birth_date", text, problem)
        gender = texts.pop("gender", "")
        name, text = ("form_of_address", texts.pop("form_of_address")) if "form_of_address" in texts else ("gender", gender)
        form, problem = cells.read_form_of_address(text)
        if form:
            person.fields["form_of_address"] = form
        if problem:
            self.complain(person, name, text, problem)

    def _take_address(self, person: PersonRow, texts: dict[str, str]) -> None:
        if number := texts.pop("house_number", ""):
            street = texts.get("street", "")
            if street and not street.endswith(f" {number}"):
                texts["street"] = f"{street} {number}"
        if both := texts.pop("postcode_city", ""):
            found = _POSTCODE_AND_CITY.fullmatch(both)
            texts.setdefault("city", found[2] if found else both)
            if found:
                texts.setdefault("postcode", found[1])
        if "postcode" in texts and country_code(texts.get("country", "")) == "DE":
            texts["postcode"] = self._german_postcode(person, texts["postcode"])

    def _german_postcode(self, person: PersonRow, typed: str) -> str:
        name = "postcode" if "postcode" in self.names else "postcode_city"
        postcode = typed.removeprefix("D-").removeprefix("DE-")
        if len(postcode) == 4 and postcode.isdecimal():
            repaired, person.short_postcode = f"0{postcode}", postcode
            self.complain(person, name, typed, problems.postcode_repaired(repaired))
            return repaired
        if len(postcode) != 5 or not postcode.isdecimal():
            self.complain(person, name, typed, problems.POSTCODE_NOT_FIVE)
        return postcode

    def _warn_of_letters(self, person: PersonRow, texts: Mapping[str, str]) -> None:
        for name in _NAME_FIELDS:
            text = texts.get(name)
            if text and (problem := cells.letters_problem(text)):
                self.complain(person, name, text, problem)
