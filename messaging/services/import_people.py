"""Imports patients and prospects batch by batch: what is new, what changed, what stays, and which consents follow.

The file wins where its cell says something; an empty cell keeps what was typed in Praxispost. Consents are weighed by the rule
in `domain.imported_consent`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from messaging.domain import imported_consent
from messaging.domain.calendar_de import local
from messaging.domain.consent_rules import CLOSED
from messaging.domain.countries import country_code
from messaging.domain.email_address import EMAIL_PROBLEMS
from messaging.domain.errors import Problem
from messaging.domain.imported_consent import Known, NewEntry, Outcome
from messaging.domain.imported_identity import is_somebody_else
from messaging.domain.phone import PHONE_PROBLEMS
from messaging.domain.words import Channel, ConsentSource, PersonKind
from messaging.importers import problems
from messaging.importers.columns import PROSPECTS
from messaging.importers.people import CONSENT_FIELDS, PersonRow
from messaging.importers.problems import RowProblem, Severity
from messaging.models import Consent, Person
from messaging.services import import_twins
from messaging.services.bulk_insert import insert_rows
from messaging.services.import_batches import Task, lists_of
from messaging.services.import_twins import NOBODY, Twin, latest_consents
from messaging.services.person_fields import add_words, checked_phone, derived_and_words, replace_words

PERSON = Person.__table__
CONSENT = Consent.__table__

#: Columns of Person that a file may fill.
TYPED = (
    "form_of_address", "title", "first_name", "name_prefix", "last_name", "letter_salutation", "guardian", "birth_date", "street",
    "address_extra", "postcode", "city", "country", "phone", "mobile", "sms", "email", "source", "note",
)  # fmt: skip
DERIVED = ("phone_e164", "mobile_e164", "sms_e164", "sms_problem", "email_normalized", "email_problem", "sort_key", "search_text")
_CONSENT = (
    *("person_id", "channel", "purpose", "status", "target", "source"),
    *("proof", "given_on", "recorded_at", "recorded_by_id"),
)
_CHECKED = ("phone_e164", "mobile_e164", "sms_e164", "sms_problem", "email_normalized", "email_problem")
_NOTHING_TYPED = {name: None if name == "birth_date" else "" for name in TYPED}
_ADDRESS_FIELDS = {Channel.EMAIL: "email", Channel.SMS: "sms"}
_CHANNEL_FIELDS = {channel: name for name, channel in CONSENT_FIELDS.items()}


@dataclass(slots=True)
class PeoplePlan:
    """One batch of persons, planned."""

    task: Task
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[RowProblem] = field(default_factory=list)
    inserts: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    new_words: dict[str, frozenset[str]] = field(default_factory=dict)
    changed_words: list[tuple[int, frozenset[str]]] = field(default_factory=list)
    #: (person id or, for a new one, its number; the entry)
    consents: list[tuple[int | str, NewEntry]] = field(default_factory=list)
    #: what the plan rests on: number -> (id, version) of stored persons, and the newest consent entry
    numbers: list[str] = field(default_factory=list)
    versions: dict[str, tuple[int, int]] = field(default_factory=dict)
    newest_consent: int = 0

    def still_holds(self, session: Session) -> bool:
        """Tell whether nobody saved one of these persons, or any consent, since the plan was made."""
        return _versions(session, self.task, self.numbers) == self.versions and _newest_consent(session) == self.newest_consent

    def write(self, session: Session) -> None:
        """Write persons, their search words and consents inside the caller's transaction."""
        if self.updates:
            session.connection().execute(_UPDATE, self.updates)
        replace_words(session, self.changed_words)
        ids: Mapping[int | str, int] = {}
        if self.inserts:
            names = tuple(self.inserts[0])
            insert_rows(session, PERSON, names, map(itemgetter(*names), self.inserts))
            ids = {number: person_id for number, (person_id, _) in _versions(session, self.task, self.new_words).items()}
            add_words(session, ((ids[number], words) for number, words in self.new_words.items()))
        insert_rows(session, CONSENT, _CONSENT, (self._consent(ids.get(who, who), entry) for who, entry in self.consents))

    def _consent(self, person_id: int | str, entry: NewEntry) -> tuple[Any, ...]:
        """The values of `_CONSENT`."""
        by_field = entry.source == ConsentSource.SMS_FIELD
        column = self.task.names["sms" if by_field else _CHANNEL_FIELDS[Channel(entry.channel)]]
        proof = f"Import {self.task.filename}, Spalte {column}"
        given_on = local(self.task.now).date() if by_field else None
        said = (entry.channel, entry.purpose, entry.status, entry.target, entry.source)
        return person_id, *said, proof, given_on, self.task.now, self.task.user_id


def plan(session: Session, rows: Sequence[PersonRow], task: Task) -> PeoplePlan:
    """Compare a batch with what is stored. Reads only."""
    good = [row for row in rows if not row.refused]
    numbers = [row.number for row in good]
    batch = PeoplePlan(task, numbers=numbers, newest_consent=_newest_consent(session))
    stored = _stored(session, task, numbers)
    batch.versions = {number: (old.id, old.version) for number, old in stored.items()}
    latest = latest_consents(session, [old.id for old in stored.values()])
    twins = import_twins.find(session, _person_kind(task), [row for row in good if row.number not in stored])
    for row in rows:
        batch.counts["rows"] += 1
        old, twin = stored.get(row.number), twins.get(row.number, NOBODY)
        problem = _refusal(row, old, twin)
        if row.refused or problem:
            batch.counts["refused"] += 1
            batch.problems += row.problems
            batch.problems += [_refused(task, row, problem)] if problem else []
        else:
            _plan_row(batch, row, old, latest.get(old.id, {}) if old else {}, twin)
    batch.counts["warnings"] = sum(problem.severity is Severity.WARNING for problem in batch.problems)
    return batch


def _refusal(row: PersonRow, old: Row[Any] | None, twin: Twin) -> Problem | None:
    """Why a row that can be read is not taken over."""
    if row.refused:
        return None
    if old is not None and is_somebody_else(row.fields, old._mapping):
        return problems.SOMEBODY_ELSE
    return problems.LOST_ZEROS if twin.same_number else None


def _refused(task: Task, row: PersonRow, problem: Problem) -> RowProblem:
    return RowProblem.of(row.row, task.names.get("number", ""), row.number, Severity.REFUSED, problem)


def _plan_row(
    batch: PeoplePlan, row: PersonRow, old: Row[Any] | None, latest: Mapping[imported_consent.Key, Known], twin: Twin
) -> None:
    changes = _changes(row, old)
    checked = _plan_change(batch, row, old, changes) if changes or old is None else old._mapping
    outcome = _weigh(batch.task, row, checked, latest, twin)
    batch.consents += [(old.id if old else row.number, entry) for entry in outcome.entries]
    batch.counts["consents"] += len(outcome.entries)
    batch.counts["consents_without_target"] += len(outcome.without_target)
    batch.counts["created" if old is None else "updated" if changes or outcome.entries else "unchanged"] += 1
    batch.problems += [*_about_fields(batch.task, row, old, changes), *_about_numbers(batch.task, row, checked)]
    batch.problems += [*_about_consents(batch.task, row, outcome), *_about_twin(batch.task, row, twin)]


def _changes(row: PersonRow, old: Row[Any] | None) -> dict[str, Any]:
    """The columns that the row changes; what letters a bad export lost is no change."""
    if old is None:
        return dict(row.fields)
    read = {**row.fields, "postcode": row.short_postcode} if _lives_abroad(row, old) else row.fields
    changes = {name: value for name, value in read.items() if value != getattr(old, name)}
    for name in [name for name, value in changes.items() if _is_worn_down(value, getattr(old, name))]:
        del changes[name]
    # A death is entered from the file; only a person takes it back.
    return changes | ({"deceased": True} if row.deceased and not old.deceased else {})


def _lives_abroad(row: PersonRow, old: Row[Any]) -> bool:
    """Tell whether a postcode of four digits is whole, because somebody entered a foreign country that the file does not know."""
    return bool(row.short_postcode) and "country" not in row.fields and country_code(old.country) != "DE"


def _is_worn_down(value: Any, stored: Any) -> bool:
    """Tell whether "?ukasz" is what an export made of the stored "Łukasz"."""
    if not isinstance(value, str) or "?" not in value or len(value) != len(stored):
        return False
    return all(new == kept or (new == "?" and not kept.isascii()) for new, kept in zip(value, stored, strict=True))


def _plan_change(batch: PeoplePlan, row: PersonRow, old: Row[Any] | None, changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add the row to what is to be written; returns its checked columns."""
    before = _NOTHING_TYPED if old is None else {name: getattr(old, name) for name in TYPED}
    typed = {**before, **{name: value for name, value in changes.items() if name in before}, "number": row.number}
    columns, words = derived_and_words(typed)
    if old is None:
        batch.new_words[row.number] = words
        batch.inserts.append({**typed, **columns, **_new_person(batch.task, row)})
    else:
        if columns["search_text"] != old.search_text:
            batch.changed_words.append((old.id, words))
        typed.pop("number")
        deceased = changes.get("deceased", old.deceased)
        batch.updates.append({**typed, **columns, "deceased": deceased, "updated_at": batch.task.now, "stored_id": old.id})
    return columns


def _new_person(task: Task, row: PersonRow) -> dict[str, Any]:
    return {
        "kind": _person_kind(task),
        "deceased": bool(row.deceased),
        "created_at": task.now,
        "updated_at": task.now,
        "blocked_reason": "",
        "version": 1,
    }


def _weigh(
    task: Task, row: PersonRow, checked: Mapping[str, Any], latest: Mapping[imported_consent.Key, Known], twin: Twin
) -> Outcome:
    targets = {Channel.EMAIL: checked["email_normalized"], Channel.SMS: "" if checked["sms_problem"] else checked["sms_e164"]}
    sms_field_counts = task.sms_field_counts and "sms" in row.fields and Channel.SMS not in twin.closed
    says = imported_consent.without_yes(row.consents, twin.closed)
    named = {Channel.LETTER} | {channel for channel, name in _ADDRESS_FIELDS.items() if name in row.fields}
    return imported_consent.weigh(says, targets, latest, task.yes_purposes, sms_field_counts, named)


def _about_fields(task: Task, row: PersonRow, old: Row[Any] | None, changes: Mapping[str, Any]) -> Iterable[RowProblem]:
    """What the reading found, short of letters that are whole in the store."""
    if old is None:
        return row.problems
    whole = {value for name, value in row.fields.items() if name not in changes and value != getattr(old, name)}
    found = [problem for problem in row.problems if problem.problem is not problems.LOST_LETTERS or problem.value not in whole]
    if _lives_abroad(row, old):
        found = [problem for problem in found if problem.problem.code != problems.POSTCODE_REPAIRED]
    if row.deceased is False and old.deceased:
        found.append(_warning(task, row, "deceased", "nein", problems.STILL_DECEASED))
    return found


def _about_numbers(task: Task, row: PersonRow, checked: Mapping[str, Any]) -> Iterable[RowProblem]:
    """What is wrong with numbers and addresses; the same table of sentences as in the master data."""
    fields = row.fields
    if checked["sms_problem"] and "sms" in fields:
        yield _warning(task, row, "sms", fields["sms"], PHONE_PROBLEMS[checked["sms_problem"]])
    for name in ("phone", "mobile"):
        if name in fields and not checked[f"{name}_e164"] and fields[name] != fields.get("sms"):
            yield _warning(task, row, name, fields[name], PHONE_PROBLEMS[checked_phone(fields[name]).reason or "invalid"])
    if checked["email_problem"] and "email" in fields:
        yield _warning(task, row, "email", fields["email"], EMAIL_PROBLEMS[checked["email_problem"]])


def _about_consents(task: Task, row: PersonRow, outcome: Outcome) -> Iterable[RowProblem]:
    for channel in outcome.opt_out_stays:
        yield _warning(task, row, _CHANNEL_FIELDS[Channel(channel)], "ja", problems.OPT_OUT_STAYS)
    for channel in outcome.yes_stays:
        yield _warning(task, row, _CHANNEL_FIELDS[Channel(channel)], "nein", problems.YES_STAYS)
    for channel in outcome.not_named:
        yield _warning(task, row, _CHANNEL_FIELDS[Channel(channel)], "ja", problems.YES_NOT_NAMED)


def _about_twin(task: Task, row: PersonRow, twin: Twin) -> Iterable[RowProblem]:
    if twin.number:
        yield _warning(task, row, "number", row.number, problems.PERHAPS_TWICE)
    for channel in row.consents:
        if channel in twin.closed and row.consents[channel] not in CLOSED:
            yield _warning(task, row, _CHANNEL_FIELDS[Channel(channel)], "ja", problems.OPT_OUT_OF_TWIN)


def _warning(task: Task, row: PersonRow, name: str, value: str, problem: Problem) -> RowProblem:
    return RowProblem.of(row.row, task.names.get(name, ""), value, Severity.WARNING, problem)


def _stored(session: Session, task: Task, numbers: Sequence[str]) -> dict[str, Row[Any]]:
    columns = [PERSON.c[name] for name in ("id", "number", "version", "deceased", "search_text", *TYPED, *_CHECKED)]
    found = {}
    for some in lists_of(numbers):
        query = select(*columns).where(PERSON.c.kind == _person_kind(task), PERSON.c.number.in_(some))
        found.update({row.number: row for row in session.execute(query)})
    return found


def _versions(session: Session, task: Task, numbers: Iterable[str]) -> dict[str, tuple[int, int]]:
    found = {}
    for some in lists_of(numbers):
        query = select(PERSON.c.number, PERSON.c.id, PERSON.c.version)
        rows = session.execute(query.where(PERSON.c.kind == _person_kind(task), PERSON.c.number.in_(some)))
        found.update({number: (person_id, version) for number, person_id, version in rows})
    return found


def _newest_consent(session: Session) -> int:
    return session.scalar(select(func.max(CONSENT.c.id))) or 0


def _person_kind(task: Task) -> str:
    return (PersonKind.PROSPECT if task.kind == PROSPECTS else PersonKind.PATIENT).value


_UPDATE = (
    update(PERSON)
    .where(PERSON.c.id == bindparam("stored_id"))
    .values({name: bindparam(name) for name in (*TYPED, *DERIVED, "deceased", "updated_at")} | {"version": PERSON.c.version + 1})
)
