"""Errands: each is done once and gets an answer whatever goes wrong; a test mail that may have been sent takes a place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from jobs import errands as errand_jobs
from jobs import periodic
from messaging.domain.words import Channel
from messaging.models import Attempt, Draft, Errand, MailAccount, Recipient, db, write_transaction
from messaging.outbox import errand_runner
from messaging.outbox.delivery import Left, drain
from messaging.providers.results import Envelope, MisconfiguredError, Receipt, UnknownOutcome
from messaging.providers.smtp import SmtpSettings
from messaging.services import drafts, errands
from tests.conftest import MovableClock
from tests.engine.toy_queue import ToyQueue

MINUTE = timedelta(minutes=1)
TO = "kollegin@example.org"


@dataclass
class OddServer:
    """Raises what a test decided, after it took the mail."""

    trouble: BaseException | None = None
    taken: list[Envelope] = field(default_factory=list)
    closed: int = 0

    def connect(self, _settings: SmtpSettings) -> OddServer:
        return self

    def open(self) -> None:
        if self.trouble:
            raise self.trouble

    def send(self, envelope: Envelope) -> Receipt:
        self.taken.append(envelope)
        self.open()
        return Receipt("250 kept")

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def waker() -> ToyQueue:
    return ToyQueue()


@pytest.fixture
def make_draft(app: Flask, sender, make_people) -> Callable[..., int]:
    def make(account_id: int | None, body: str = "<div>{{Briefanrede}}</div>") -> int:
        draft_id = drafts.create_from_people(sender.id, make_people(["ute@example.org"]), Channel.EMAIL, app.config["CLOCK"]())
        with write_transaction() as session:
            draft = session.get_one(Draft, draft_id)
            draft.account_id, draft.subject, draft.body = account_id, "Neues", body
        return draft_id

    return make


@pytest.fixture
def ask_for_test(app: Flask, sender) -> Callable[[int], int]:
    """What the composer does with a text that is in order; returns the errand's id."""

    def ask(draft_id: int) -> int:
        recipient_id = db.session.scalar(select(Recipient.id).where(Recipient.draft_id == draft_id))
        payload = {"draft_id": draft_id, "recipient_id": recipient_id, "to": TO}
        return errands.start(errands.TEST_MAIL, payload, sender.id, app.config["CLOCK"]())

    return ask


@pytest.fixture
def run(app: Flask) -> Callable[..., Errand]:
    """A worker's job for this errand, against this server; returns the row as it is then."""

    def run_errand(errand_id: int, server: OddServer | None = None) -> Errand:
        connect = (server or OddServer()).connect
        errand_runner.run(errand_id, app.config["CLOCK"], connect)
        return row_of(errand_id)

    return run_errand


def row_of(errand_id: int) -> Errand:
    db.session.rollback()
    return db.session.get_one(Errand, errand_id, populate_existing=True)


def test_a_test_mail_goes_to_the_typed_address_alone(make_account, make_draft, ask_for_test, run) -> None:
    server = OddServer()

    errand = run(ask_for_test(make_draft(make_account())), server)

    assert (errand.state, errand.detail) == ("done", "250 kept")
    assert [envelope.recipient for envelope in server.taken] == [TO]
    assert b"Sehr geehrte Frau Nummer" in server.taken[0].content
    assert server.closed == 1


def test_a_test_mail_that_was_done_is_not_done_again(make_account, make_draft, ask_for_test, run) -> None:
    server = OddServer()
    errand_id = ask_for_test(make_draft(make_account()))

    run(errand_id, server)
    run(errand_id, server)

    assert len(server.taken) == 1


@pytest.mark.parametrize("trouble", [TimeoutError("job"), RuntimeError("a mistake of ours"), SystemExit(1)])
def test_a_hand_over_that_broke_off_is_answered_honestly_and_the_error_is_passed_on(
    make_account, make_draft, ask_for_test, run, trouble: BaseException
) -> None:
    errand_id = ask_for_test(make_draft(make_account()))

    with pytest.raises(type(trouble)):
        run(errand_id, OddServer(trouble))

    errand = row_of(errand_id)
    assert (errand.state, errand.payload["outcome"]) == ("failed", "unknown")
    assert errand.answer.startswith("Bitte im Postfach nachsehen")
    assert "unklar" in errand.answer


def test_a_check_that_broke_off_is_answered(app: Flask, sender, make_account, run) -> None:
    errand_id = errands.start(errands.CHECK_ACCOUNT, {"account_id": make_account()}, sender.id, app.config["CLOCK"]())

    with pytest.raises(TimeoutError):
        run(errand_id, OddServer(TimeoutError()))

    assert row_of(errand_id).answer == "Bitte noch einmal prüfen. Die Prüfung wurde durch einen Fehler abgebrochen."


def test_a_mistake_before_the_hand_over_says_that_nothing_was_sent(
    make_account, make_draft, ask_for_test, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_draft_id: int) -> list[object]:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(errand_runner.accounts, "files_of", broken)
    errand_id = ask_for_test(make_draft(make_account()))

    with pytest.raises(RuntimeError):
        run(errand_id)

    errand = row_of(errand_id)
    assert (errand.state, errand.payload["outcome"]) == ("failed", "")
    assert "wurde nicht gesendet" in errand.answer


def test_a_macro_that_cannot_be_filled_is_named(make_account, make_draft, ask_for_test, run) -> None:
    server = OddServer()

    errand = run(ask_for_test(make_draft(make_account(), "<div>{{Vornahme}}</div>")), server)

    assert (errand.state, server.taken) == ("failed", [])
    assert errand.answer == "Bitte das Makro aus dem Text entfernen. Das Makro „Vornahme“ hat keinen Wert."


def test_a_draft_that_is_gone_ends_the_errand_instead_of_waking_workers_for_ever(
    app: Flask, waker: ToyQueue, make_account, make_draft, ask_for_test, clock: MovableClock
) -> None:
    draft_id = make_draft(make_account())
    errand_id = ask_for_test(draft_id)
    with write_transaction() as session:
        session.execute(delete(Recipient).where(Recipient.draft_id == draft_id))
        session.execute(delete(Draft).where(Draft.id == draft_id))

    clock.moment += 2 * MINUTE
    periodic.tick()
    waker.work()

    assert row_of(errand_id).answer == "Bitte einen Entwurf öffnen. Den Entwurf dieser Test-E-Mail gibt es nicht mehr."
    clock.moment += 2 * MINUTE
    periodic.tick()
    assert waker.jobs == []


def test_a_recipient_that_is_gone_is_named(make_account, make_draft, ask_for_test, run) -> None:
    draft_id = make_draft(make_account())
    errand_id = ask_for_test(draft_id)
    with write_transaction() as session:
        session.execute(delete(Recipient).where(Recipient.draft_id == draft_id))

    errand = run(errand_id)

    assert (errand.state, errand.answer.split(".")[0]) == ("failed", "Bitte einen anderen wählen")


def test_a_draft_without_an_account_asks_for_one(make_draft, ask_for_test, run) -> None:
    assert run(ask_for_test(make_draft(None))).answer == "Bitte ein anderes wählen. Das E-Mail-Konto gibt es nicht mehr."


@pytest.mark.parametrize(
    ("kind", "words"), [("test_mail", "ob sie gesendet wurde, ist unklar"), ("check_account", "Bitte noch einmal prüfen")]
)
def test_an_errand_whose_worker_was_killed_is_closed_by_the_tick(
    app: Flask, sender, make_account, make_draft, ask_for_test, run, clock: MovableClock, kind: str, words: str
) -> None:
    account_id = make_account()
    errand_id = (
        ask_for_test(make_draft(account_id))
        if kind == "test_mail"
        else errands.start(kind, {"account_id": account_id}, sender.id, clock())
    )
    clock.moment += timedelta(hours=1)  # it waited so long for a worker; that is no reason to take it away from one
    take(errand_id, clock)

    clock.moment += errand_jobs.DONE_WITHIN
    periodic.tick()
    assert row_of(errand_id).state == "running"

    clock.moment += MINUTE
    periodic.tick()
    assert row_of(errand_id).state == "failed"
    assert words in row_of(errand_id).answer
    assert errands.errand(errand_id).is_over


def take(errand_id: int, clock: MovableClock) -> None:
    """A worker takes it and is never seen again."""
    assert errand_runner.take(errand_id, clock()) is not None


def test_the_page_goes_on_asking_until_the_tick_had_its_chance(
    make_account, make_draft, ask_for_test, clock: MovableClock
) -> None:
    errand_id = ask_for_test(make_draft(make_account()))
    clock.moment += timedelta(hours=1)
    take(errand_id, clock)

    clock.moment += errand_jobs.DONE_WITHIN + MINUTE

    assert not errands.errand(errand_id).nobody_works(clock())
    assert errands.errand(errand_id).nobody_works(clock() + MINUTE)


def test_a_worker_that_comes_back_after_the_tick_does_not_change_the_answer(
    make_account, make_draft, ask_for_test, clock: MovableClock
) -> None:
    errand_id = ask_for_test(make_draft(make_account()))
    take(errand_id, clock)
    errand_runner.close_lost(clock() + MINUTE, clock())

    errand_runner.close(errand_id, errand_runner.Ending("done", "gesendet"), clock())

    assert row_of(errand_id).state == "failed"


@pytest.mark.parametrize("trouble", [None, TimeoutError(), UnknownOutcome("answer_lost", "timed out")])
def test_a_test_mail_that_may_have_been_sent_takes_the_place_in_the_limit(
    app: Flask, make_account, make_draft, make_dispatch, ask_for_test, mail_sink, clock, trouble: Exception | None
) -> None:
    account_id = make_account(per_hour=1)
    dispatch_id = make_dispatch(["eva@example.org"], account_id)
    errand_id = ask_for_test(make_draft(account_id))
    carry_out(errand_id, OddServer(trouble), clock)

    assert drain(dispatch_id, app.config["CLOCK"]) is Left.WAITING

    clock.moment += timedelta(hours=1)
    drain(dispatch_id, app.config["CLOCK"])
    assert mail_sink.received() == ["eva@example.org"]


def carry_out(errand_id: int, server: OddServer, clock: MovableClock) -> None:
    try:
        errand_runner.run(errand_id, clock, server.connect)
    except TimeoutError:
        return


def test_a_test_mail_that_was_surely_not_sent_takes_no_place(
    app: Flask, make_account, make_draft, make_dispatch, ask_for_test, mail_sink, run
) -> None:
    account_id = make_account(per_hour=1)
    dispatch_id = make_dispatch(["eva@example.org"], account_id)
    run(ask_for_test(make_draft(account_id)), OddServer(MisconfiguredError("login_refused")))

    drain(dispatch_id, app.config["CLOCK"])

    assert mail_sink.received() == ["eva@example.org"]


def test_a_test_mail_under_way_takes_its_place_however_long_it_takes(
    app: Flask, make_account, make_draft, make_dispatch, ask_for_test, clock: MovableClock
) -> None:
    account_id = make_account(per_hour=1)
    dispatch_id = make_dispatch(["eva@example.org"], account_id)
    take(ask_for_test(make_draft(account_id)), clock)

    clock.moment += timedelta(hours=2)

    assert drain(dispatch_id, app.config["CLOCK"]) is Left.WAITING


def test_a_draft_that_changes_its_account_takes_its_test_mail_not_along(
    app: Flask, make_account, make_draft, make_dispatch, ask_for_test, run
) -> None:
    account_id, other = make_account(per_hour=1), make_account(name="Zweites", per_hour=1)
    dispatch_id = make_dispatch(["eva@example.org"], account_id)
    draft_id = make_draft(account_id)
    run(ask_for_test(draft_id))
    with write_transaction() as session:
        session.execute(update(Draft).where(Draft.id == draft_id).values(account_id=other))

    assert drain(dispatch_id, app.config["CLOCK"]) is Left.WAITING
    assert db.session.scalar(select(Attempt.id)) is None


def test_an_account_that_is_switched_over_while_the_mail_is_prepared_is_not_used(
    make_account, make_draft, ask_for_test, clock: MovableClock
) -> None:
    """The mail goes over the account that had the free place."""
    account_id, other = make_account(), make_account(name="Zweites", sender_address="andere@example.org")
    draft_id = make_draft(account_id)
    errand = errand_runner.take(ask_for_test(draft_id), clock())
    assert errand is not None
    with write_transaction() as session:
        session.execute(update(Draft).where(Draft.id == draft_id).values(account_id=other))
    server = OddServer()

    errand_runner.prepare_test_mail(errand.payload, clock(), server.connect)()

    assert server.taken[0].sender == db.session.get_one(MailAccount, account_id).sender_address
