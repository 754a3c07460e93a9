"""A drain against a real mail server: what leaves, what comes of each answer, and what the rows say afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from messaging.models import Appointment, Attempt, Consent, Dispatch, MailAccount, Message, Person, db, write_transaction
from messaging.models.vault import vault
from messaging.outbox import bad_addresses
from messaging.outbox.delivery import Left, drain

ADDRESSES = [f"ute{number}@example.org" for number in range(7)]


def test_every_recipient_gets_one_mail_and_the_dispatch_is_finished(app: Flask, make_dispatch, mail_sink, states) -> None:
    dispatch_id = make_dispatch(ADDRESSES)

    left = drain(dispatch_id, app.config["CLOCK"])

    assert left is Left.NOTHING
    assert sorted(mail_sink.received()) == ADDRESSES
    assert set(states(dispatch_id).values()) == {"sent"}
    assert db.session.get_one(Dispatch, dispatch_id).state == "finished"


def test_a_mail_names_its_recipient_alone_and_speaks_to_her(app: Flask, make_dispatch, mail_sink) -> None:
    drain(make_dispatch(["ute@example.org", "eva@example.org"]), app.config["CLOCK"])

    for kept in mail_sink.mailbox.mails():
        assert len(kept.recipients) == 1
        message = kept.message
        assert message["To"].addresses[0].addr_spec == kept.recipients[0]
        assert len(message["To"].addresses) == 1
        assert message["Bcc"] is None
        assert message["Message-ID"].endswith("@example.org>")
        assert "Sehr geehrte Frau Nummer" in message.get_body(("plain",)).get_content()
        assert "Sehr geehrte Frau Nummer" in message.get_body(("html",)).get_content()


def test_each_answer_of_the_server_becomes_its_state(app: Flask, make_dispatch, mail_sink, states) -> None:
    dispatch_id = make_dispatch(
        ["gut@example.org", "weg@abgelehnt.invalid", "da@example.org", "warte@spaeter.invalid", "wer@abbruch.invalid"]
    )

    drain(dispatch_id, app.config["CLOCK"])

    assert states(dispatch_id) == {
        "gut@example.org": "sent",
        "weg@abgelehnt.invalid": "failed",
        "da@example.org": "sent",
        "warte@spaeter.invalid": "retrying",
        "wer@abbruch.invalid": "unknown",
    }


def test_a_temporary_refusal_is_tried_again_after_five_minutes(app: Flask, make_dispatch, clock) -> None:
    dispatch_id = make_dispatch(["warte@spaeter.invalid"])
    drain(dispatch_id, app.config["CLOCK"])

    assert drain(dispatch_id, app.config["CLOCK"]) is Left.NOTHING
    clock.moment += timedelta(minutes=5)
    drain(dispatch_id, app.config["CLOCK"])

    assert db.session.scalar(select(Message.attempts).where(Message.dispatch_id == dispatch_id)) == 2


def test_a_wrong_password_pauses_the_dispatch_and_keeps_every_message(
    app: Flask, make_dispatch, make_account, mail_sink, states
) -> None:
    account_id = make_account(password_encrypted=vault().encrypt("falsch"))
    dispatch_id = make_dispatch(ADDRESSES, account_id)

    drain(dispatch_id, app.config["CLOCK"])

    dispatch = db.session.get_one(Dispatch, dispatch_id)
    assert (dispatch.state, dispatch.pause_code) == ("paused", "login_refused")
    assert set(states(dispatch_id).values()) == {"queued"}
    assert mail_sink.received() == []


def test_a_server_that_is_gone_is_tried_again_without_blaming_anybody(
    app: Flask, make_dispatch, make_account, states, clock
) -> None:
    account_id = make_account(port=1)
    dispatch_id = make_dispatch(ADDRESSES, account_id)

    assert drain(dispatch_id, app.config["CLOCK"]) is Left.WAITING

    dispatch = db.session.get_one(Dispatch, dispatch_id)
    assert (dispatch.state, dispatch.wait_code) == ("running", "not_reachable")
    assert dispatch.wait_until == clock.moment + timedelta(minutes=5)
    assert set(states(dispatch_id).values()) == {"queued"}


def test_a_server_that_ends_the_connection_after_five_gets_a_new_one(app: Flask, make_dispatch, make_account, mail_sink) -> None:
    dispatch_id = make_dispatch([f"p{n}@example.org" for n in range(12)], make_account(username="limit5"))

    drain(dispatch_id, app.config["CLOCK"])

    assert len(mail_sink.received()) == len(set(mail_sink.received())) == 12


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_the_hourly_limit_is_never_passed_by_one(app: Flask, make_dispatch, make_account, mail_sink, clock, limit: int) -> None:
    dispatch_id = make_dispatch(ADDRESSES, make_account(per_hour=limit))

    assert drain(dispatch_id, app.config["CLOCK"]) is Left.WAITING
    assert len(mail_sink.received()) == limit
    assert db.session.get_one(Dispatch, dispatch_id).wait_until == clock.moment + timedelta(hours=1)

    clock.moment += timedelta(minutes=59, seconds=59)
    drain(dispatch_id, app.config["CLOCK"])
    assert len(mail_sink.received()) == limit

    clock.moment += timedelta(seconds=1)
    drain(dispatch_id, app.config["CLOCK"])
    assert len(mail_sink.received()) == min(2 * limit, len(ADDRESSES))


def test_five_failures_in_a_row_pause_and_ask(app: Flask, make_dispatch, states) -> None:
    dispatch_id = make_dispatch([f"p{n}@abgelehnt.invalid" for n in range(9)])

    drain(dispatch_id, app.config["CLOCK"])

    dispatch = db.session.get_one(Dispatch, dispatch_id)
    assert (dispatch.state, dispatch.pause_code) == ("paused", "failures_in_a_row")
    assert sorted(states(dispatch_id).values()) == ["failed"] * 5 + ["queued"] * 4


def revoke(person: Person) -> None:
    with write_transaction() as session:
        session.add(Consent(person_id=person.id, channel="email", purpose="information", status="revoked", source="verbal",
                            target="", recorded_at=person.created_at))  # fmt: skip


def die(person: Person) -> None:
    change(person, deceased=True)


def block(person: Person) -> None:
    change(person, blocked_at=person.created_at)


def move_away(person: Person) -> None:
    change(person, email="neu@example.org", email_normalized="neu@example.org")


def change(person: Person, **values: object) -> None:
    with write_transaction() as session:
        row = session.get_one(Person, person.id)
        for name, value in values.items():
            setattr(row, name, value)


@pytest.mark.parametrize(
    ("what_happens", "reason"),
    [(revoke, "consent_revoked"), (die, "deceased"), (block, "blocked"), (move_away, "consent_other_target")],
)
def test_what_changed_since_confirming_is_seen_at_hand_over(
    app: Flask, make_dispatch, mail_sink, what_happens: Callable[[Person], None], reason: str
) -> None:
    dispatch_id = make_dispatch(["bleibt@example.org", "anders@example.org"])
    what_happens(db.session.scalars(select(Person).where(Person.email == "anders@example.org")).one())

    drain(dispatch_id, app.config["CLOCK"])

    assert mail_sink.received() == ["bleibt@example.org"]
    skipped = db.session.scalars(select(Message).where(Message.dispatch_id == dispatch_id, Message.state == "skipped")).one()
    assert skipped.reason == reason
    assert db.session.get_one(Dispatch, dispatch_id).state == "finished"


def test_an_account_that_was_switched_off_pauses(app: Flask, make_dispatch, make_account) -> None:
    account_id = make_account()
    dispatch_id = make_dispatch(ADDRESSES, account_id)
    with write_transaction() as session:
        session.get_one(MailAccount, account_id).active = False

    drain(dispatch_id, app.config["CLOCK"])

    assert db.session.get_one(Dispatch, dispatch_id).pause_code == "account_missing"


def test_every_hand_over_leaves_an_attempt_without_addresses(app: Flask, make_dispatch) -> None:
    dispatch_id = make_dispatch(["weg@abgelehnt.invalid", "gut@example.org"])

    drain(dispatch_id, app.config["CLOCK"])

    attempts = db.session.scalars(select(Attempt).where(Attempt.dispatch_id == dispatch_id)).all()
    assert {attempt.outcome for attempt in attempts} == {"accepted", "rejected"}
    assert all(attempt.ended_at and "weg@" not in attempt.detail for attempt in attempts)


def test_an_address_refused_for_good_twice_is_red_until_somebody_clears_it(app: Flask, make_dispatch, mail_sink, states) -> None:
    gone = "weg@abgelehnt.invalid"
    first, second = make_dispatch([gone]), make_dispatch([gone])
    third = make_dispatch([gone])
    for dispatch_id in (first, second, third):
        drain(dispatch_id, app.config["CLOCK"])

    assert [*states(first).values(), *states(second).values(), *states(third).values()] == ["failed", "failed", "skipped"]
    assert bad_addresses.is_known_bad(gone)
    assert bad_addresses.clear(gone)
    assert not bad_addresses.is_known_bad(gone)


def move(appointment: Appointment) -> None:
    appointment.starts_at += timedelta(hours=1)


def cancel(appointment: Appointment) -> None:
    appointment.status = "cancelled"


def arrive(appointment: Appointment) -> None:
    appointment.status = "arrived"


def give_away(appointment: Appointment) -> None:
    """It was booked for the wrong Müller."""
    appointment.person_id = db.session.scalar(select(func.min(Person.id)))


@pytest.mark.parametrize(
    ("what_happens", "reason"),
    [
        (move, "appointment_moved"),
        (cancel, "appointment_cancelled"),
        (arrive, "appointment_over"),
        (give_away, "appointment_of_other"),
    ],
)
def test_a_reminder_looks_at_its_appointment_once_more(
    app: Flask, make_reminders, mail_sink, what_happens: Callable[[Appointment], None], reason: str
) -> None:
    dispatch_id = make_reminders(["bleibt@example.org", "anders@example.org"])
    with write_transaction() as session:
        what_happens(session.scalars(select(Appointment).order_by(Appointment.id.desc())).first())

    drain(dispatch_id, app.config["CLOCK"])

    assert mail_sink.received() == ["bleibt@example.org"]
    skipped = db.session.scalars(select(Message).where(Message.dispatch_id == dispatch_id, Message.state == "skipped")).one()
    assert skipped.reason == reason


@pytest.mark.parametrize(("then", "state"), [(None, "sent"), ("no", "skipped"), ("revoked", "skipped")])
def test_a_written_reason_helps_only_against_what_it_was_written_for(
    app: Flask, make_dispatch, mail_sink, then: str | None, state: str
) -> None:
    """Somebody who had said nothing is written to with a reason; a NEIN that comes later is a NEIN."""
    dispatch_id = make_dispatch(["ohne@example.org"])
    person = db.session.scalars(select(Person).where(Person.email == "ohne@example.org")).one()
    with write_transaction() as session:
        session.execute(delete(Consent))
        session.execute(update(Message).values(override_reason="Rückruf eines Medikaments", overridden_code="no_consent"))
        if then:
            session.add(Consent(person_id=person.id, channel="email", purpose="information", status=then, source="verbal",
                                target="ohne@example.org", recorded_at=person.created_at))  # fmt: skip

    drain(dispatch_id, app.config["CLOCK"])

    assert db.session.scalar(select(Message.state).where(Message.dispatch_id == dispatch_id)) == state
