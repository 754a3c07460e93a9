"""Ticks are kept per user and list, exist only for rows that exist, and survive everything but being taken back."""

from __future__ import annotations

import threading

from flask import Flask
from sqlalchemy import select

from messaging.domain.words import Channel
from messaging.models import Person, db, write_transaction
from messaging.services import drafts, selection
from messaging.services.selection import APPOINTMENTS, PEOPLE
from tests.conftest import NOW
from tests.store.crowd_of_few import add_appointment, add_person


def three_people() -> list[int]:
    return [add_person(name) for name in ("Aal", "Bär", "Czech")]


def ticked(user_id: int, scope: str = PEOPLE) -> set[int]:
    return set(db.session.scalars(selection.ticked_items(user_id, scope)))


def test_ticking_twice_is_once_and_unticking_nobody_is_nothing(app: Flask, make_user) -> None:
    staff, (aal, baer, _) = make_user().id, three_people()

    selection.add(staff, PEOPLE, [aal, baer])
    selection.add(staff, PEOPLE, [aal])
    selection.remove(staff, PEOPLE, [baer])
    selection.remove(staff, PEOPLE, [baer, 4711])

    assert ticked(staff) == {aal}
    assert selection.count(staff, PEOPLE) == 1


def test_a_row_that_does_not_exist_is_never_ticked(app: Flask, make_user) -> None:
    staff, (aal, *_) = make_user().id, three_people()

    selection.add(staff, PEOPLE, [aal, 4711])
    selection.add(staff, APPOINTMENTS, [aal])

    assert ticked(staff) == {aal}
    assert ticked(staff, APPOINTMENTS) == set()


def test_users_and_lists_are_separate(app: Flask, make_user) -> None:
    staff, boss, (aal, baer, _) = make_user("staff").id, make_user("admin").id, three_people()
    appointment = add_appointment(aal)

    selection.add(staff, PEOPLE, [aal])
    selection.add(boss, PEOPLE, [baer])
    selection.add(staff, APPOINTMENTS, [appointment])
    selection.clear(staff, PEOPLE)

    assert (ticked(staff), ticked(boss), ticked(staff, APPOINTMENTS)) == (set(), {baer}, {appointment})


def test_a_whole_page_is_taken_over_without_touching_the_other_pages(app: Flask, make_user) -> None:
    staff, (aal, baer, czech) = make_user().id, three_people()
    selection.add(staff, PEOPLE, [aal, czech])

    selection.keep_page(staff, PEOPLE, shown=[aal, baer], ticked=[baer])

    assert ticked(staff) == {baer, czech}


def test_all_hits_are_one_statement_and_can_be_taken_back(app: Flask, make_user) -> None:
    staff, (aal, baer, czech) = make_user().id, three_people()
    selection.add(staff, PEOPLE, [czech])

    selection.add_query(staff, PEOPLE, select(Person.id).where(Person.last_name != "Bär"))
    assert ticked(staff) == {aal, czech}

    selection.remove_query(staff, PEOPLE, select(Person.id).where(Person.last_name == "Aal"))
    assert ticked(staff) == {czech}
    assert selection.ticked_among(staff, PEOPLE, [aal, baer, czech]) == {czech}


def test_more_rows_than_a_statement_takes_parameters(app: Flask, make_user) -> None:
    staff = make_user().id
    with write_transaction():
        ids = [add_person(f"P{number}") for number in range(3)]
    many = [*ids, *range(100_000, 101_200)]

    selection.add(staff, PEOPLE, many)
    assert selection.ticked_among(staff, PEOPLE, many) == set(ids)

    selection.keep_page(staff, PEOPLE, many, [])
    assert ticked(staff) == set()


def test_two_clicks_at_once_are_no_conflict(app: Flask, make_user) -> None:
    staff, people = make_user().id, three_people()
    start, failures = threading.Barrier(2), []

    def click() -> None:
        with app.app_context():
            start.wait()
            try:
                for _ in range(20):
                    selection.add_query(staff, PEOPLE, select(Person.id))
            except Exception as error:  # noqa: BLE001 (handed to the test)
                failures.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert ticked(staff) == set(people)


def test_what_was_written_to_is_not_ticked_any_more_and_what_was_ticked_since_is(app: Flask, make_user) -> None:
    staff, boss, (aal, baer, czech) = make_user("staff").id, make_user("admin").id, three_people()
    selection.add(staff, PEOPLE, [aal, baer])
    selection.add(boss, PEOPLE, [aal])
    draft_id = drafts.create_from_selection(staff, PEOPLE, Channel.EMAIL, NOW)
    selection.add(staff, PEOPLE, [czech])

    with write_transaction() as session:
        selection.untick_written_to(session, draft_id)

    assert (ticked(staff), ticked(boss)) == ({czech}, {aal})


def test_a_letter_to_one_person_from_the_record_takes_nobody_out_of_the_selection(app: Flask, make_user) -> None:
    staff, (aal, *_) = make_user().id, three_people()
    selection.add(staff, PEOPLE, [aal])
    draft_id = drafts.create_from_people(staff, [aal], Channel.EMAIL, NOW)

    with write_transaction() as session:
        selection.untick_written_to(session, draft_id)

    assert ticked(staff) == {aal}


def test_appointments_that_were_written_to_are_not_ticked_any_more(app: Flask, make_user) -> None:
    staff, (aal, *_) = make_user().id, three_people()
    first, second = add_appointment(aal), add_appointment(aal)
    selection.add(staff, PEOPLE, [aal])
    selection.add(staff, APPOINTMENTS, [first])
    draft_id = drafts.create_from_selection(staff, APPOINTMENTS, Channel.EMAIL, NOW)
    selection.add(staff, APPOINTMENTS, [second])

    with write_transaction() as session:
        selection.untick_written_to(session, draft_id)

    assert (ticked(staff), ticked(staff, APPOINTMENTS)) == ({aal}, {second})
