"""Users in the store: who can be made, changed and switched off, and that somebody can always manage the others."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from flask import Flask

from messaging.domain.errors import DomainError
from messaging.models import AuditEntry, User, db, write_transaction
from messaging.services import audit, passwords, users
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("app")


def made(name: str, role: str = "staff", password: str | None = "ein langer satz") -> int:
    return users.create(users.NewUser(name, role, password=password), NOW).user_id


def change(user_id: int, role: str, display_name: str, by: int | None) -> None:
    """As a form does that is sent at once."""
    base = users.texts_of(db.session.get_one(User, user_id))
    users.change(user_id, {"role": role, "display_name": display_name}, base, NOW, by)


def refused(code: str) -> pytest.RaisesExc[DomainError]:
    return pytest.RaisesExc(DomainError, check=lambda error: error.problem.code == code)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (users.NewUser("", "staff"), "user_name_missing"),
        (users.NewUser("a b", "staff"), "user_name_form"),
        (users.NewUser("anna", "chef"), "role_unknown"),
        (users.NewUser("anna", "staff", password="kurz"), "password_short"),
        (users.NewUser("BERT", "staff"), "user_name_taken"),
    ],
)
def test_a_user_against_the_rules_is_not_made(wanted: users.NewUser, code: str) -> None:
    made("bert")

    with refused(code):
        users.create(wanted, NOW)

    assert [user.name for user in users.everybody()] == ["bert"]


def test_without_a_password_there_is_one_for_the_first_time() -> None:
    access = users.create(users.NewUser("Anna", "admin", "  Anna   Muster "), NOW)

    user = db.session.get_one(User, access.user_id)
    assert (user.name, user.display_name, user.must_change_password) == ("anna", "Anna Muster", True)
    assert passwords.matches(user.password_hash, access.one_time_password or "")


def test_the_last_administrator_stays() -> None:
    first, second = made("anna", "admin"), made("bert", "admin")
    change(first, "staff", "Anna", second)

    for step in (lambda: change(second, "staff", "", first), lambda: users.switch(second, False, NOW, first)):
        with refused("last_admin"):
            step()

    users.switch(first, False, NOW, second)
    with refused("last_admin"):
        change(second, "manager", "", None)
    assert db.session.get_one(User, second).role == "admin"


def test_two_administrators_who_remove_each_other_at_once_cannot_both_succeed(app: Flask) -> None:
    ids = [made("anna", "admin"), made("bert", "admin")]
    codes: list[str] = []

    def remove(other: int, by: int) -> None:
        with app.app_context():
            try:
                change(other, "staff", "", by)
            except DomainError as error:
                codes.append(error.problem.code)

    threads = [threading.Thread(target=remove, args=pair) for pair in (ids, reversed(ids))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert codes == ["last_admin"]
    assert sorted(user.role for user in users.everybody()) == ["admin", "staff"]


def test_nobody_takes_rights_from_themselves() -> None:
    anna = made("anna", "admin")
    made("bert", "admin")

    with refused("own_account"):
        change(anna, "staff", "Anna", anna)
    with refused("own_account"):
        users.switch(anna, False, NOW, anna)

    change(anna, "admin", "Anna Neu", anna)
    assert db.session.get_one(User, anna).display_name == "Anna Neu"


def test_switching_off_and_a_new_password_end_open_sessions() -> None:
    anna, bert = made("anna", "admin"), made("bert")
    before = db.session.get_one(User, bert).get_id()

    users.switch(bert, False, NOW, anna)
    off = db.session.get_one(User, bert).get_id()
    users.switch(bert, False, NOW, anna)  # twice is once
    same = db.session.get_one(User, bert).get_id()
    access = users.reset_password(bert, NOW, anna)

    assert before != off
    assert off == same
    assert db.session.get_one(User, bert).get_id() not in (before, off)
    assert db.session.get_one(User, bert).must_change_password
    assert passwords.matches(db.session.get_one(User, bert).password_hash, access.one_time_password or "")


def test_every_change_is_in_the_log() -> None:
    anna, bert = made("anna", "admin"), made("bert")

    change(bert, "manager", "Bert", anna)
    users.switch(bert, False, NOW, anna)
    users.switch(bert, True, NOW, anna)
    users.reset_password(bert, NOW, anna)

    entries = db.session.scalars(db.select(AuditEntry).where(AuditEntry.object_id == bert).order_by(AuditEntry.id)).all()
    assert [(entry.user_id, entry.action) for entry in entries] == [
        (None, "user_created"), (anna, "user_changed"), (anna, "user_switched_off"), (anna, "user_switched_on"),
        (anna, "user_password_reset")]  # fmt: skip


# the log itself


@pytest.mark.parametrize("value", ["Muster, Anna", "anna@example.org", "Sehr geehrte", "ü", ["7"], 1.5])
def test_the_log_takes_no_texts(value: object) -> None:
    with pytest.raises(ValueError, match="ids and codes only"), write_transaction() as session:
        audit.record(session, NOW, None, "user_changed", what=value)


def test_the_log_takes_ids_counts_codes_and_moments() -> None:
    with write_transaction() as session:
        audit.record(session, NOW, None, "user_changed", "user", 7, count=12, role="staff", at=NOW.isoformat(), none=None)

    assert db.session.scalars(db.select(AuditEntry.detail)).one()["count"] == 12


def logged() -> tuple[int, int]:
    """Two users and four entries: Anna's two, one by nobody, and one of Bert on the next day."""
    anna, bert = made("anna", "admin"), made("bert")
    with write_transaction() as session:
        session.execute(db.delete(AuditEntry))
        audit.record(session, NOW, anna, "signed_in", "user", anna)
        audit.record(session, NOW, None, "sign_in_failed", "user", bert)
        audit.record(session, NOW, anna, "user_changed", "user", bert)
        audit.record(session, NOW + timedelta(hours=16), bert, "signed_in", "user", bert)  # half past midnight in Berlin
    return anna, bert


def test_the_log_is_filtered_by_what_who_and_the_day_in_berlin() -> None:
    anna, bert = logged()

    def found(**wanted: object) -> list[str]:
        return [line.action for line in audit.page(audit.AuditFilter(**wanted), 1, 50)[1]]  # type: ignore[arg-type]

    assert found() == ["signed_in", "user_changed", "sign_in_failed", "signed_in"]
    assert found(group="sign_in") == ["signed_in", "sign_in_failed", "signed_in"]
    assert found(user_id=anna) == ["user_changed", "signed_in"]
    assert found(day=date(2026, 11, 24)) == ["signed_in"]
    assert found(day=date(2026, 11, 23), group="users") == ["user_changed"]
    assert found(user_id=bert, group="users") == []


def test_the_log_comes_in_pages_the_newest_first() -> None:
    logged()

    total, lines = audit.page(audit.AuditFilter(), 2, 3)

    assert total == 4
    assert [(line.user_name, line.sentence, line.subject) for line in lines] == [("anna", "hat sich angemeldet", "anna")]
