"""Kontakt erlaubt in the store: entries are only ever appended, the latest decides, and nothing opens a door that was shut."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Integer, cast, func, null, select

from messaging.domain.consent_rules import NewConsent
from messaging.domain.form_errors import FormRefused
from messaging.domain.recipient_check import RecipientCheck
from messaging.domain.words import Channel, ConsentSource, ConsentStatus, Purpose
from messaging.models import AuditEntry, Consent, Person, db, write_transaction
from messaging.outbox import check_facts
from messaging.services import consents
from tests.store import recipient_world as world
from tests.store.recipient_world import NOW

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 23)
NUMBER, OTHER_NUMBER = "+491713920001", "+491713920002"
EMAIL = (Channel.EMAIL, Purpose.INFORMATION)
REMINDER = (Channel.SMS, Purpose.APPOINTMENT)

#: Somebody says or does something: an answer for a pair, everything withdrawn, the withdrawal taken back, a number entered.
pairs = st.tuples(st.sampled_from(Channel), st.sampled_from(Purpose))
statuses = st.sampled_from([ConsentStatus.YES, ConsentStatus.NO, ConsentStatus.REVOKED])
answers = st.tuples(st.just("answer"), pairs, statuses)
events = st.one_of(answers, st.just(("withdraw",)), st.just(("undo",)), st.just(("number",)))


@pytest.fixture
def anna(app: Flask) -> int:
    return world.user("anna")


@pytest.fixture
def ute(app: Flask) -> int:
    return world.person("Groß", sms="0171 3920001", sms_e164=NUMBER, street="Musterweg 1", postcode="01067", city="Dresden")


def answer(**changes: Any) -> NewConsent:
    values = {"channels": ["email"], "purposes": ["information"], "status": "yes", "source": "form", "given_on": TODAY}
    return NewConsent(**{**values, "shown": {}, **changes})


def say(person_id: int, new: NewConsent, user_id: int) -> int:
    """Record an answer that was typed beside the addresses of now."""
    return consents.record_answer(person_id, replace(new, shown=consents.addresses(person_id)), user_id, NOW)


def count(person_id: int) -> int:
    return db.session.scalar(select(func.count()).select_from(Consent).where(Consent.person_id == person_id)) or 0


def allowed(person_id: int) -> set[tuple[str, str]]:
    return {key for key, permission in consents.permissions(person_id, NOW).items() if permission.allowed}


def refusal(person_id: int, new: NewConsent, user_id: int) -> dict[str, str]:
    with pytest.raises(FormRefused) as refused:
        say(person_id, new, user_id)
    assert count(person_id) == 0
    return {name: problem.code for name, problem in refused.value.problems.items()}


def test_nobody_has_agreed_to_anything_before_being_asked(ute: int) -> None:
    assert allowed(ute) == set()
    assert consents.latest(ute) == {}
    assert len(consents.permissions(ute, NOW)) == 15


def test_one_answer_is_recorded_for_all_its_channels_and_purposes(ute: int, anna: int) -> None:
    new = answer(channels=["email", "sms", "letter"], purposes=["appointment", "recall"], proof="Anmeldebogen")

    assert say(ute, new, anna) == 6

    assert allowed(ute) == {(channel, purpose) for channel in Channel for purpose in (Purpose.APPOINTMENT, Purpose.RECALL)}
    targets = {entry.channel: entry.target for entry in consents.history(ute)}
    assert targets == {"email": "m00001@example.org", "sms": NUMBER, "letter": ""}


def test_an_entry_says_who_recorded_it_when_how_and_since_when(ute: int, anna: int) -> None:
    say(ute, answer(source="verbal", given_on=date(2026, 11, 1), proof="am Telefon"), anna)

    [entry] = consents.history(ute)
    assert (entry.recorded_by, entry.recorded_at, entry.source) == ("Anna Beispiel", NOW, "verbal")
    assert (entry.given_on, entry.proof, entry.status) == (date(2026, 11, 1), "am Telefon", "yes")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"channels": []}, "channels", "consent_no_channel"),
        ({"channels": ["fax"]}, "channels", "consent_no_channel"),
        ({"purposes": []}, "purposes", "consent_no_purpose"),
        ({"purposes": ["advertising"]}, "purposes", "consent_no_purpose"),
        ({"status": "unknown"}, "status", "consent_no_status"),
        ({"status": ""}, "status", "consent_no_status"),
        ({"source": ""}, "source", "consent_no_source"),
        ({"source": "import"}, "source", "consent_no_source"),  # only the program imports
        ({"source": "sms_field"}, "source", "consent_no_source"),
        ({"given_on": None}, "given_on", "consent_no_date"),
        ({"given_on": TODAY + timedelta(days=1)}, "given_on", "consent_future"),
        ({"proof": "x" * 501}, "proof", "consent_proof_long"),
    ],
)
def test_an_answer_that_is_not_complete_records_nothing(ute: int, anna: int, changes: Any, field: str, code: str) -> None:
    assert refusal(ute, answer(**changes), anna) == {field: code}


@pytest.mark.parametrize("channel", list(Channel))
def test_a_yes_needs_the_address_it_is_for(app: Flask, anna: int, channel: str) -> None:
    nobody = world.person("Leer", email="")

    assert refusal(nobody, answer(channels=[channel]), anna) == {"channels": "consent_no_target"}


def test_a_no_needs_no_address(app: Flask, anna: int) -> None:
    nobody = world.person("Leer", email="")

    assert say(nobody, answer(channels=["email", "sms"], status="no"), anna) == 2


def test_a_yes_holds_for_the_address_of_then(ute: int, anna: int) -> None:
    say(ute, answer(), anna)
    world.change(ute, email="neu@example.org", email_normalized="neu@example.org")

    permission = consents.permissions(ute, NOW)[EMAIL]

    assert not permission.allowed
    assert permission.is_for_former_address
    assert permission.reason == "consent_other_target"


@pytest.mark.parametrize(
    ("channels", "shown", "cure"),
    [
        (["email"], {"email": "alt@example.org", "sms": NUMBER}, "auch für m00001@example.org gilt. Die Adresse wurde"),
        (["sms"], {"email": "m00001@example.org", "sms": OTHER_NUMBER}, "auch für 0171 3920001 gilt. Die Nummer wurde"),
        (["sms", "email"], {}, "auch für m00001@example.org und 0171 3920001 gilt. Die Adresse und die Nummer wurden"),
    ],
)
def test_a_yes_is_not_recorded_for_an_address_that_was_not_on_the_screen(
    ute: int, anna: int, channels: list[str], shown: dict[str, str], cure: str
) -> None:
    with pytest.raises(FormRefused) as refused:
        consents.record_answer(ute, answer(channels=channels, shown=shown), anna, NOW)

    assert refused.value.problem.code == "consent_target_changed"
    assert cure in refused.value.problem.text
    assert count(ute) == 0


@pytest.mark.parametrize("status", ["no", "revoked"])
def test_a_no_is_recorded_whatever_was_on_the_screen(ute: int, anna: int, status: str) -> None:
    said = answer(channels=["email", "sms"], status=status, shown={"email": "alt@example.org"})

    assert consents.record_answer(ute, said, anna, NOW) == 2


def test_what_was_on_the_screen_of_another_channel_does_not_matter(ute: int, anna: int) -> None:
    said = answer(channels=["email", "letter"], shown={"email": "m00001@example.org"})

    assert consents.record_answer(ute, said, anna, NOW) == 2


def test_a_letter_goes_wherever_the_person_lives(ute: int, anna: int) -> None:
    say(ute, answer(channels=["letter"]), anna)
    world.change(ute, postcode="01099")

    assert allowed(ute) == {(Channel.LETTER, Purpose.INFORMATION)}


def test_the_record_and_the_check_window_say_the_same(ute: int, anna: int) -> None:
    say(ute, answer(channels=["email", "sms"], purposes=["appointment", "recall"]), anna)
    world.consent(ute, "yes", "birthday", "sms", OTHER_NUMBER)
    world.consent(ute, "no", "recall", "email")
    world.consent(ute, "yes", "birthday", "letter")
    people = select(
        Person.id.label("key"), Person.id.label("person_id"), cast(null(), Integer).label("appointment_id")
    ).subquery()

    for (channel, purpose), permission in consents.permissions(ute, NOW).items():
        [(_, facts)] = check_facts.load(db.session(), people, channel, purpose)
        verdict = RecipientCheck(channel, purpose, NOW).verdict(facts)
        assert (permission.allowed, permission.reason, permission.address) == (verdict.allowed, verdict.reason, verdict.address)


def test_withdrawing_everything_shuts_every_pair_also_those_never_asked(ute: int, anna: int) -> None:
    say(ute, answer(channels=["email", "sms"], purposes=list(Purpose)), anna)

    done = consents.withdraw_all(ute, anna, NOW)

    assert done.entries == 15
    assert {entry.status for entry in consents.latest(ute).values()} == {"revoked"}
    assert allowed(ute) == set()
    assert consents.withdraw_all(ute, anna, NOW).entries == 0


def test_taking_a_withdrawal_back_appends_what_was_said_before(ute: int, anna: int) -> None:
    say(ute, answer(proof="Bogen"), anna)
    say(ute, answer(channels=["sms"], status="no"), anna)
    before = allowed(ute)
    done = consents.withdraw_all(ute, anna, NOW)

    assert consents.undo_withdrawal(ute, done.after, done.until, anna, NOW) == 15

    assert allowed(ute) == before
    entries = consents.latest(ute)
    assert entries[EMAIL].proof == "Widerruf vom 23.11.2026 zurückgenommen. Bogen"
    assert entries[(Channel.SMS, Purpose.INFORMATION)].status == "no"
    assert entries[(Channel.LETTER, Purpose.RECALL)].status == "unknown"
    assert count(ute) == 2 + 15 + 15
    assert consents.undo_withdrawal(ute, done.after, done.until, anna, NOW) == 0


def test_taking_back_leaves_what_was_said_after_the_withdrawal(ute: int, anna: int) -> None:
    say(ute, answer(), anna)
    done = consents.withdraw_all(ute, anna, NOW)
    say(ute, answer(status="revoked", proof="per Brief"), anna)

    consents.undo_withdrawal(ute, done.after, done.until, anna, NOW)

    assert consents.latest(ute)[EMAIL].proof == "per Brief"


def test_taking_back_touches_no_other_withdrawal(ute: int, anna: int) -> None:
    say(ute, answer(), anna)
    say(ute, answer(status="revoked", source="verbal"), anna)

    assert consents.undo_withdrawal(ute, 0, 10_000, anna, NOW) == 0


@pytest.mark.parametrize(
    ("before", "opens"),
    [
        (None, True),
        (("yes", OTHER_NUMBER), True),
        (("unknown", NUMBER), True),
        (("yes", NUMBER), False),  # nothing new
        (("no", NUMBER), False),
        (("revoked", OTHER_NUMBER), False),  # a new number does not lift a withdrawal
    ],
)
def test_a_number_in_the_field_sms_switches_reminders_on(ute: int, before: tuple[str, str] | None, opens: bool) -> None:
    if before:
        world.consent(ute, before[0], "appointment", "sms", before[1])

    with write_transaction() as session:
        assert consents.record_sms_field(session, NOW, ute, NUMBER, None) is opens

    if opens:
        entry = consents.latest(ute)[REMINDER]
        assert (entry.status, entry.source, entry.target, entry.recorded_by) == ("yes", ConsentSource.SMS_FIELD, NUMBER, "")
        assert allowed(ute) == {REMINDER}


def test_the_audit_log_knows_of_every_entry_but_no_address(ute: int, anna: int) -> None:
    say(ute, answer(channels=["email", "sms"], proof="Bogen im Ordner"), anna)

    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "consent_recorded")).all()
    assert [(entry.user_id, entry.object_id) for entry in entries] == [(anna, ute)] * 2
    assert entries[0].detail == {"channel": "email", "purpose": "information", "status": "yes", "source": "form"}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happened=st.lists(events, max_size=6))
def test_the_latest_word_decides_and_the_history_keeps_all(app: Flask, happened: list[Any]) -> None:
    anna, person = world.user("anna"), world.person("Groß", sms="0171 3920001", sms_e164=NUMBER, street="Weg 1", postcode="01067",
                                                    city="Dresden")  # fmt: skip
    said: dict[tuple[str, str], str] = {}
    undo: tuple[consents.Withdrawal, dict[tuple[str, str], str]] | None = None
    rows: list[int] = []
    for event in happened:
        if event[0] == "answer":
            (channel, purpose), status = event[1], event[2]
            say(person, answer(channels=[channel], purposes=[purpose], status=status), anna)
            said[(channel, purpose)], undo = status, None
        elif event[0] == "withdraw":
            before = dict(said)
            done = consents.withdraw_all(person, anna, NOW)
            undo = (done, before) if done.entries else None
            said = dict.fromkeys(consents.EVERYTHING, "revoked")
        elif event[0] == "undo" and undo:
            consents.undo_withdrawal(person, undo[0].after, undo[0].until, anna, NOW)
            said, undo = {key: undo[1].get(key, "unknown") for key in consents.EVERYTHING}, None
        elif event[0] == "number":
            with write_transaction() as session:
                if consents.record_sms_field(session, NOW, person, NUMBER, anna):
                    said[REMINDER], undo = "yes", None
        ids = [entry.id for entry in consents.history(person)]
        assert set(rows) <= set(ids)
        rows = ids

    assert {key: entry.status for key, entry in consents.latest(person).items()} == said
    assert allowed(person) == {key for key, status in said.items() if status == "yes"}


def test_no_line_of_the_program_changes_or_deletes_an_entry() -> None:
    """Append-only by reading the source: no UPDATE, DELETE or attribute of a stored entry anywhere."""
    guilty = []
    for folder in ("blueprints", "jobs", "messaging", "sandbox"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in ("update", "delete", "merge"):
                    touched = {ast.unparse(each).removesuffix(".__table__") for each in call.args}
                    if touched & {"Consent", "consent", "models.Consent"}:
                        guilty.append(f"{file.relative_to(ROOT)}:{call.lineno}")

    assert guilty == []
