"""Files become persons, consents and appointments: once, again, interrupted, and never against what a person entered by hand."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from jobs import importing, periodic
from messaging.domain.errors import DomainError
from messaging.importers.problems import FileRefused
from messaging.models import Appointment, AuditEntry, Consent, ImportRun, Person, PersonWord, Practice, db, write_transaction
from messaging.services import consents, import_batches, import_report, import_runs, import_work, person_editing
from messaging.services.import_states import CLAIMS_AT_MOST, FORGOTTEN_AFTER, REPORT_KEPT, SILENT_AFTER, RunState
from tests.conftest import NOW
from tests.store import recipient_world as world
from tests.store.imported_files import HEAD, UTE, counts, entries, mapping_of, person, told, uploaded

FOLDER = Path("imports")


def test_a_first_import_stores_persons_with_words_and_consents_but_no_insurance(bring_in):
    run = bring_in(UTE, "M2;Jörg;Müßig;13.03.1937;Dresden;;;TK;nein;;;ja;")

    ute = person()
    assert counts(run) == {"rows": 2, "created": 2}
    assert (ute.kind, ute.first_name, ute.last_name, ute.birth_date, ute.city) == (
        "patient",
        "Ute",
        "Groß",
        date(1975, 12, 4),
        "Chemnitz",
    )
    assert (ute.sms, ute.sms_e164, ute.email_normalized, ute.version) == ("0171 3920001", "+491713920001", "ute@example.org", 1)
    assert (ute.created_at, ute.updated_at) == (NOW, NOW)
    words = set(db.session.scalars(select(PersonWord.word).where(PersonWord.person_id == ute.id)))
    assert {"gross", "ute", "chemnitz", "m1", "04.12.1975"} <= words
    assert person("M2").deceased
    stored = [value for row in db.session.execute(select(Person.__table__)) for value in row]
    assert "Chemnitz" in stored
    assert not {"AOK", "TK"} & set(map(str, stored))


def test_consents_follow_the_file_with_their_proof(bring_in):
    bring_in(UTE)

    assert entries()[0] == ("email", "appointment", "yes", "import", "ute@example.org")
    assert [entry[:4] for entry in entries() if entry[0] == "letter"] == [
        ("letter", purpose, "no", "import") for purpose in ("appointment", "recall", "birthday", "invitation", "information")
    ]
    assert entries()[-1] == ("sms", "appointment", "yes", "sms_field", "+491713920001")
    proofs = set(db.session.scalars(select(Consent.proof)))
    assert proofs == {f"Import praxis.csv, Spalte {column}" for column in ("Kontakt Mail", "Kontakt Post", "SMS")}
    assert {entry.recorded_at for entry in db.session.scalars(select(Consent))} == {NOW}


def test_a_yes_counts_for_the_purposes_chosen(bring_in):
    bring_in(UTE, yes_for=("recall", "information"))

    assert [entry[1] for entry in entries() if entry[0] == "email"] == ["recall", "information"]


def test_the_practice_can_switch_the_sms_field_off(bring_in):
    with write_transaction() as session:
        session.add(Practice(id=1, sms_field_grants_consent=False))

    bring_in(UTE)

    assert not [entry for entry in entries() if entry[0] == "sms"]


def test_an_explicit_no_wins_over_the_number_in_the_sms_field(bring_in):
    bring_in("M1;Ute;Groß;;;0171 3920001;;;nein;;;;")

    assert {entry[2] for entry in entries()} == {"no"}


def test_importing_again_changes_only_what_changed(bring_in, clock):
    bring_in(UTE, "M2;Jörg;Müßig;;Dresden;;;;;;;;")
    before = entries()
    clock.moment += timedelta(days=1)

    run = bring_in(UTE, "M2;Jörg;Müßig;;Leipzig;;;;;;;;", "M3;Kim;Neu;;;;;;;;;;")

    assert counts(run) == {"rows": 3, "created": 1, "updated": 1, "unchanged": 1}
    assert db.session.scalar(select(func.count()).select_from(Person)) == 3
    assert entries() == before
    joerg = person("M2")
    assert (joerg.city, joerg.version, joerg.updated_at) == ("Leipzig", 2, clock.moment)
    assert person().version == 1
    words = set(db.session.scalars(select(PersonWord.word).where(PersonWord.person_id == joerg.id)))
    assert "leipzig" in words
    assert "dresden" not in words


def test_an_empty_cell_keeps_what_was_typed_by_hand(bring_in):
    bring_in("M1;Ute;Groß;;;;;;;;;;")
    with write_transaction() as session:
        session.get(Person, person().id).email = "hand@example.org"

    run = bring_in("M1;Ute;Groß;;;;;;;;;;")

    assert counts(run) == {"rows": 1, "unchanged": 1}
    assert person().email == "hand@example.org"


def test_a_new_address_with_a_yes_gets_its_own_entry(bring_in):
    bring_in(UTE)

    bring_in(UTE.replace("ute@example.org", "gross@example.org").replace("3920001", "3920002"))

    assert entries()[-2:] == [
        ("email", "appointment", "yes", "import", "gross@example.org"),
        ("sms", "appointment", "yes", "sms_field", "+491713920002"),
    ]


def by_hand(status: str, source: str = "verbal", target: str = "") -> None:
    with write_transaction() as session:
        consents.record(session, NOW, person().id, "email", "appointment", status, source, target)


@pytest.mark.parametrize("status", ["no", "revoked"])
def test_an_opt_out_by_hand_is_never_lifted_and_the_contradiction_is_told(bring_in, status):
    bring_in(UTE)
    by_hand(status)

    run = bring_in(UTE)

    assert [entry[2:4] for entry in entries() if entry[0] == "email"] == [("yes", "import"), (status, "verbal")]
    assert told(run) == [(2, "Kontakt Mail", "warning")]


def test_a_yes_by_hand_is_not_overwritten_by_a_no_of_the_file(bring_in):
    bring_in("M1;Ute;Groß;;;;ute@example.org;;;;;;")
    by_hand("yes", "form", "ute@example.org")

    run = bring_in("M1;Ute;Groß;;;;ute@example.org;;;nein;;;")

    assert consents.latest(person().id)["email", "appointment"].status == "yes"
    assert consents.latest(person().id)["email", "recall"].status == "no"
    assert told(run) == [(2, "Kontakt Mail", "warning")]


def test_a_death_is_taken_over_but_never_taken_back(bring_in):
    bring_in("M1;Ute;Groß;;;;;;;;;ja;")

    run = bring_in("M1;Ute;Groß;;;;;;;;;nein;")

    assert person().deceased
    assert told(run) == [(2, "verstorben", "warning")]


def test_letters_that_the_export_lost_do_not_wear_down_a_good_name(bring_in):
    run_id = uploaded(f"{HEAD}\nM1;Łukasz;Wójcik;;;;;;;;;;", encoding="utf-8")
    import_runs.start(run_id, mapping_of(import_runs.fetch(run_id)), (), NOW, writing=True)
    importing.run_import(run_id)

    again = bring_in("M1;?ukasz;Wójcik;;;;;;;;;;", "M2;?ukasz;Wójcik;;;;;;;;;;")

    assert person().first_name == "Łukasz"
    assert counts(again) == {"rows": 2, "created": 1, "unchanged": 1, "warnings": 1}
    assert told(again) == [(3, "Vorname", "warning")]


def test_a_foreign_country_entered_by_hand_keeps_its_short_postcode(bring_in):
    head = "Pat-Nr;Nachname;PLZ;Ort"
    first = bring_in("M1;Girard;1010;Wien", head=head)
    assert (person().postcode, told(first)) == ("01010", [(2, "PLZ", "warning")])
    with write_transaction() as session:
        session.get(Person, person().id).country = "Österreich"

    bring_in("M1;Girard;1010;Wien", head=head)
    again = bring_in("M1;Girard;1010;Wien", head=head)

    assert person().postcode == "1010"
    assert (counts(again), told(again)) == ({"rows": 1, "unchanged": 1}, [])


def test_problems_are_reported_with_row_column_value_and_cure(bring_in):
    run = bring_in(
        "M1;Ute;Groß;31.02.1990;;0180 5 12345;a@@b;;;vielleicht;;;", ";Kein;Name;;;;;;;;;;", "M1;Noch;Einmal;;;;;;;;;;"
    )

    assert told(run) == [
        (2, "Kontakt Mail", "warning"),
        (2, "Geburtsdatum", "warning"),
        (2, "SMS", "warning"),
        (2, "E-Mail", "warning"),
        (3, "Pat-Nr", "refused"),
        (4, "Pat-Nr", "refused"),
    ]
    assert counts(run) == {"rows": 3, "created": 1, "refused": 2, "warnings": 4}
    lines = list(import_report.every_line(run.id))
    assert lines[2].value == "0180 5 12345"
    assert lines[2].sentence == "Bitte Handynummer nachtragen. Das ist eine Servicenummer."
    assert "Zeile 2" in lines[5].sentence
    assert person().first_name == "Ute"


def test_a_number_does_not_turn_one_patient_into_another(bring_in):
    """What Ute allowed must not count for Jens, whose number in another practice is the same."""
    bring_in(UTE)
    before = entries()

    run = bring_in("M1;Jens;Öhme;05.05.1981;Dresden;0171 3920002;jens@example.org;AOK;ja;ja;ja;;", "M2;Kai;Weiß;;;;;;;;;;")

    assert (person().first_name, person().email) == ("Ute", "ute@example.org")
    assert entries() == before
    assert counts(run) == {"rows": 2, "created": 1, "refused": 1}
    assert told(run) == [(2, "Pat-Nr", "refused")]


def test_prospects_have_numbers_of_their_own(bring_in):
    bring_in("M1;Ute;Groß;;;;;;;;;;")

    bring_in("M1;Heike;Schäfer;Messe", head="Nr;Vorname;Nachname;Quelle", kind="prospects")

    assert sorted(map(tuple, db.session.execute(select(Person.kind, Person.first_name)))) == [
        ("patient", "Ute"),
        ("prospect", "Heike"),
    ]


def test_a_dry_run_reports_the_same_and_writes_nothing(bring_in):
    rows = (UTE, "M2;?ukasz;Wójcik;;;;;;;;;;", ";;Niemand;;;;;;;;;;")

    dry = bring_in(*rows, dry=True)

    assert db.session.scalar(select(func.count()).select_from(Person)) == 0
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 0
    assert dry.state == RunState.CHECKED
    real = bring_in(*rows)
    assert (real.counts, told(real)) == (dry.counts, told(dry))


TERMIN_HEAD = "Termin-Nr;Pat-Nr;Datum;Uhrzeit;Dauer;Art;Behandler;Ort;Status"


def test_appointments_are_stored_updated_and_refused(bring_in):
    bring_in("M1;Ute;Groß;;;;;;;;;;")

    first = bring_in(
        "T1;M1;23.11.2026;08:00;20;Vorsorge;Jonas Muster;Raum 2;geplant",
        "T2;M1;28.03.2027;02:30;20;;;;",
        "T3;M99;23.11.2026;08:00;20;;;;",
        "T4;M1;23.11.2026;08:00;20;;;;verschoben",
        head=TERMIN_HEAD,
        kind="appointments",
    )
    again = bring_in(
        "T1;M1;24.11.2026;09:00;;;;;abgesagt", "T2;M1;28.03.2027;02:30;20;;;;", head=TERMIN_HEAD, kind="appointments"
    )

    assert counts(first) == {"rows": 4, "created": 2, "refused": 2, "warnings": 1}
    assert told(first) == [(3, "Uhrzeit", "warning"), (4, "Pat-Nr", "refused"), (5, "Status", "refused")]
    assert counts(again) == {"rows": 2, "updated": 1, "unchanged": 1, "warnings": 1}
    moved = db.session.scalars(select(Appointment).where(Appointment.number == "T1")).one()
    assert (moved.starts_at, moved.ends_at) == (
        datetime(2026, 11, 24, 8, 0, tzinfo=UTC),
        datetime(2026, 11, 24, 8, 20, tzinfo=UTC),
    )
    assert (moved.local_date, moved.status, moved.type, moved.location) == (date(2026, 11, 24), "cancelled", "Vorsorge", "Raum 2")


def test_a_file_that_is_refused_leaves_nothing_behind(app):
    with pytest.raises(FileRefused):
        uploaded(f'{HEAD}\nM1;Ute;"Groß;;;;;;;;;;\n')

    assert db.session.scalar(select(func.count()).select_from(ImportRun)) == 0
    assert list(importing.folder().iterdir()) == []


def test_the_file_is_private_while_it_waits_and_gone_when_the_run_has_ended(app, clock):
    run_id = uploaded(f"{HEAD}\n{UTE}")
    stored = importing.folder() / import_runs.fetch(run_id).stored_as
    assert stored.stat().st_mode & 0o777 == 0o600
    assert importing.folder().stat().st_mode & 0o777 == 0o700

    import_runs.start(run_id, mapping_of(import_runs.fetch(run_id)), (), NOW)
    importing.run_import(run_id)
    assert stored.exists()
    import_runs.start_apply(run_id, NOW)
    importing.run_import(run_id)

    assert not stored.exists()
    assert import_runs.fetch(run_id).state == RunState.DONE


def killed_after(batches: int) -> Callable[[int], None]:
    """A worker that dies behind so many batches, in no orderly way."""
    seen: list[int] = []

    def tell(rows: int) -> None:
        seen.append(rows)
        if len(seen) == batches:
            raise KeyboardInterrupt

    return tell


def many_rows(count: int) -> str:
    return "\n".join(
        [HEAD, *(f"M{number};Ute;Groß{number};;;;;;;nein;;;" for number in range(count)), "M0;Doppelt;Groß;;;;;;;;;;"]
    )


def test_a_killed_worker_loses_and_doubles_nothing(app, clock, monkeypatch):
    monkeypatch.setattr(import_work, "batched", lambda rows: import_batches.batched(rows, 10))
    run_id = uploaded(many_rows(45))
    import_runs.start(run_id, mapping_of(import_runs.fetch(run_id)), (), NOW, writing=True)
    with pytest.raises(KeyboardInterrupt):
        import_work.work(run_id, importing.folder(), clock, tell=killed_after(2))
    assert import_runs.fetch(run_id).rows_done == 20

    importing.run_import(run_id)
    assert import_runs.fetch(run_id).rows_done == 20, "a run that may still have a living process is left alone"
    clock.moment += SILENT_AFTER + timedelta(seconds=1)
    assert import_runs.waiting_runs(clock()) == [run_id]
    importing.run_import(run_id)

    run = import_runs.fetch(run_id)
    assert (run.state, counts(run)) == (RunState.DONE, {"rows": 46, "created": 45, "refused": 1})
    assert db.session.scalar(select(func.count()).select_from(Person)) == 45
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 45 * 5
    assert told(run) == [(47, "Pat-Nr", "refused")]


def test_a_person_can_let_a_silent_run_go_on_at_once(app, clock):
    run_id = uploaded(many_rows(3))
    import_runs.start(run_id, mapping_of(import_runs.fetch(run_id)), (), NOW)
    assert import_work.claim(run_id, clock())

    import_runs.resume(run_id, clock())
    assert import_work.claim(run_id, clock()) is None
    clock.moment += SILENT_AFTER + timedelta(seconds=1)
    import_runs.resume(run_id, clock())

    assert import_work.claim(run_id, clock())


def test_a_file_that_ends_every_process_is_not_tried_for_ever(app, clock):
    run_id = uploaded(many_rows(3))
    import_runs.start(run_id, mapping_of(import_runs.fetch(run_id)), (), NOW)
    for _ in range(CLAIMS_AT_MOST):
        assert import_runs.waiting_runs(clock()) == [run_id]
        assert import_work.claim(run_id, clock())
        clock.moment += SILENT_AFTER + timedelta(seconds=1)

    assert import_runs.waiting_runs(clock()) == []
    import_runs.resume(run_id, clock())
    assert import_runs.waiting_runs(clock()) == [run_id]


def test_a_worker_that_is_asked_to_stop_leaves_the_rest_to_the_next(app, clock):
    run_id = uploaded(many_rows(3))
    import_runs.start(run_id, mapping_of(import_runs.fetch(run_id)), (), NOW, writing=True)

    import_work.work(run_id, importing.folder(), clock, stopping=lambda: True)

    assert import_runs.waiting_runs(clock()) == [run_id]
    importing.run_import(run_id)
    assert import_runs.fetch(run_id).counts["created"] == 3


def test_a_run_that_was_given_up_is_not_written_any_further(app, clock, monkeypatch):
    monkeypatch.setattr(import_work, "batched", lambda rows: import_batches.batched(rows, 10))
    run_id = uploaded(many_rows(45))
    import_runs.start(run_id, mapping_of(import_runs.fetch(run_id)), (), NOW)

    import_work.work(
        run_id, importing.folder(), clock, tell=lambda rows: import_runs.discard(run_id, importing.folder(), clock())
    )

    run = import_runs.fetch(run_id)
    assert (run.state, run.rows_done) == (RunState.DISCARDED, 10)


def test_what_somebody_saves_while_a_batch_is_planned_is_seen(app, clock, monkeypatch):
    """Between planning and writing a person withdraws everything: the batch is planned once more."""
    real = import_work.import_people.plan
    run_id = uploaded(f"{HEAD}\n{UTE}")
    import_runs.start(run_id, mapping_of(import_runs.fetch(run_id)), ("appointment",), NOW, writing=True)
    importing.run_import(run_id)
    run_id = uploaded(f"{HEAD}\n{UTE}".replace("ute@", "neu@"))
    import_runs.start(run_id, mapping_of(import_runs.fetch(run_id)), ("appointment",), NOW, writing=True)
    plans = []

    def plan_and_be_overtaken(*args):
        plans.append(real(*args))
        if len(plans) == 1:
            by_hand("revoked")
        return plans[-1]

    monkeypatch.setattr(import_work.import_people, "plan", plan_and_be_overtaken)
    importing.run_import(run_id)

    assert len(plans) == 2
    assert consents.latest(person().id)["email", "appointment"].status == "revoked"
    assert person().email == "neu@example.org"


def test_who_saves_a_person_waits_for_a_batch_that_writes_them_too(app, bring_in):
    """Both at once end well: on PostgreSQL the one must not hold the row while the other holds the table."""
    bring_in(UTE)
    person_id, user_id = person().id, world.user("anna")

    with ThreadPoolExecutor(1) as desk:
        with write_transaction() as session:
            import_batches.hold_tables(session)
            saving = desk.submit(block_at_another_desk, app, person_id, user_id)
            wait([saving], timeout=0.5)  # by then it has come as far as it can
            session.execute(update(Person).where(Person.id == person_id).values(city="Dresden"))
        saving.result()

    assert (person().city, person().blocked_reason) == ("Dresden", "will nichts mehr hören")


def block_at_another_desk(app: Flask, person_id: int, user_id: int) -> None:
    with app.app_context():
        person_editing.block(person_id, "will nichts mehr hören", user_id, NOW)


def test_a_file_that_is_gone_ends_the_run_in_words(app, clock):
    run_id = uploaded(many_rows(3))
    import_runs.start(run_id, mapping_of(import_runs.fetch(run_id)), (), NOW)
    (importing.folder() / import_runs.fetch(run_id).stored_as).unlink()

    importing.run_import(run_id)

    run = import_runs.fetch(run_id)
    assert run.state == RunState.FAILED
    assert run.problem == "Bitte die Datei noch einmal hochladen. Die hochgeladene Datei ist nicht mehr da."


def test_every_step_of_a_run_is_taken_once(app):
    run_id = uploaded(many_rows(3))
    with pytest.raises(DomainError):
        import_runs.start_apply(run_id, NOW)
    import_runs.start(run_id, mapping_of(import_runs.fetch(run_id)), (), NOW)
    importing.run_import(run_id)
    import_runs.start_apply(run_id, NOW)

    for step in (lambda: import_runs.start_apply(run_id, NOW), lambda: import_runs.discard(run_id, importing.folder(), NOW)):
        with pytest.raises(DomainError):
            step()


def test_columns_once_matched_by_hand_are_remembered_for_the_same_head(bring_in):
    head = "Chip;Wer;Pat-Nr"
    run_id = uploaded(f"{head}\nx;Groß;M1")
    assert mapping_of(import_runs.fetch(run_id)) == {2: "number"}
    import_runs.start(run_id, {2: "number", 1: "last_name"}, (), NOW)
    importing.run_import(run_id)

    again = uploaded(f"{head}\nx;Meyer;M2")

    assert mapping_of(import_runs.fetch(again)) == {1: "last_name", 2: "number"}
    assert mapping_of(import_runs.fetch(uploaded("Chip;Werwer;Pat-Nr\nx;Meyer;M2"))) == {2: "number"}


def test_forgotten_uploads_and_files_without_a_run_are_deleted(app):
    run_id = uploaded(many_rows(3))
    stray = importing.folder() / f"{'0' * 32}.csv"
    stray.write_text("x", encoding="ascii")
    for file in importing.folder().iterdir():
        os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    importing.wake_waiting(NOW + FORGOTTEN_AFTER)
    assert len(list(importing.folder().iterdir())) == 2

    importing.wake_waiting(NOW + FORGOTTEN_AFTER + timedelta(seconds=1))

    assert list(importing.folder().iterdir()) == []
    assert import_runs.fetch(run_id).state == RunState.DISCARDED


def test_the_tick_wakes_runs_that_wait_and_only_them(app, waker):
    run_id = uploaded(many_rows(3))
    periodic.tick()
    assert waker.put_jobs == []

    import_runs.start(run_id, mapping_of(import_runs.fetch(run_id)), (), NOW)
    periodic.tick()

    assert waker.put_jobs == [("long", importing.run_import, (run_id,))]


def test_an_import_stands_in_the_audit_log_without_names(bring_in):
    run = bring_in(UTE)

    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "import_applied")).one()
    assert (entry.object_id, entry.detail) == (run.id, {"kind": "patients", "created": 1, "updated": 0, "refused": 0})


def test_reports_with_values_of_patients_are_not_kept_for_ever(bring_in, clock):
    run = bring_in(";Kein;Name;;;;;;;;;;")
    import_runs.forget_old(importing.folder(), clock() + REPORT_KEPT)
    assert told(run)

    import_runs.forget_old(importing.folder(), clock() + REPORT_KEPT + timedelta(seconds=1))

    assert not told(run)
    assert import_runs.fetch(run.id).counts["refused"] == 1


def test_the_report_as_csv_runs_no_formula(bring_in):
    run = bring_in("M1;=SUM(A1)?x;Groß;;;;;;;;;;", "M2;Ute;Groß;;;;;;@SUM;;;;")

    text = import_report.as_csv(run.id).decode("utf-8-sig")

    assert text.splitlines()[0] == "Zeile;Spalte;Wert;Art;Grund und Abhilfe"
    assert ";'=SUM(A1)?x;Hinweis;" in text
    assert ";'@SUM;Hinweis;" in text


def test_every_thousand_rows_are_a_transaction_of_their_own(app, clock):
    run_id = uploaded(many_rows(2500))
    import_runs.start(run_id, mapping_of(import_runs.fetch(run_id)), (), NOW, writing=True)
    stored: list[int] = []

    def look(rows: int) -> None:
        stored.append(import_runs.fetch(run_id).rows_done)

    import_work.work(run_id, importing.folder(), clock, tell=look)

    assert stored == [1000, 2000, 2501]
