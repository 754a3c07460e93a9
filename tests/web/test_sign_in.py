"""Signing in, being slowed down, going back to where one was, and one's own password."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.models import AuditEntry, EndedSession, LoginFailure, User, db, write_transaction
from messaging.services import passwords, users
from tests.conftest import NOW, MovableClock

PASSWORD = "ein langer satz"


@pytest.fixture
def anna(app: Flask) -> User:
    access = users.create(users.NewUser("Anna", "staff", "Anna Muster", PASSWORD), NOW)
    return db.session.get_one(User, access.user_id)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client()


def sign_in(client: FlaskClient, name: str = "anna", password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post("/login", data={"username": name, "password": password, **more})


def error_of(page: TestResponse) -> str:
    notice = BeautifulSoup(page.data, "html.parser").find(id="login-error")
    return notice.get_text(" ", strip=True) if notice else ""


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("name", ["anna", "Anna", " ANNA "])
def test_the_right_password_opens_the_house(stranger: FlaskClient, name: str) -> None:
    assert sign_in(stranger, name).location == "/"
    assert stranger.get("/account").status_code == 200
    assert db.session.scalar(db.select(User.last_login_at)) == NOW
    assert actions() == ["user_created", "signed_in"]


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(("name", "password"), [("anna", "ein kurzer satz"), ("berta", PASSWORD), ("anna", PASSWORD + " ")])
def test_a_wrong_one_says_the_same_for_name_and_password(stranger: FlaskClient, name: str, password: str) -> None:
    page = sign_in(stranger, name, password)

    assert page.status_code == 422
    assert error_of(page) == "Bitte prüfen Sie Benutzername und Kennwort, auch die Feststelltaste. So passen sie nicht zusammen."
    assert BeautifulSoup(page.data, "html.parser").find(id="field-username")["value"] == name
    assert stranger.get("/account").status_code == 302
    assert actions()[-1] == "sign_in_failed"


def test_an_empty_form_costs_nothing(stranger: FlaskClient) -> None:
    assert sign_in(stranger, "", "").status_code == 422
    assert db.session.scalar(db.select(db.func.count()).select_from(LoginFailure)) == 0


def test_somebody_switched_off_is_told_so_only_with_the_right_password(anna: User, stranger: FlaskClient) -> None:
    with write_transaction():
        db.session.get_one(User, anna.id).active = False

    assert "ausgeschaltet" in error_of(sign_in(stranger))
    assert "ausgeschaltet" not in error_of(sign_in(stranger, password="falsch geraten"))
    assert stranger.get("/account").status_code == 302


@pytest.mark.usefixtures("anna")
def test_after_five_failures_the_wait_grows_and_ends(stranger: FlaskClient, clock: MovableClock) -> None:
    for _ in range(4):
        assert "Der nächste Versuch" not in error_of(sign_in(stranger, password="falsch geraten"))
    assert "Der nächste Versuch geht in 30 Sekunden." in error_of(sign_in(stranger, password="falsch geraten"))

    clock.moment += timedelta(seconds=20)
    early = sign_in(stranger)
    assert (early.status_code, error_of(early)) == (
        429, "Bitte warten Sie noch 10 Sekunden und versuchen Sie es dann wieder. Das Kennwort war zu oft falsch.")  # fmt: skip

    clock.moment += timedelta(seconds=10)
    assert "in 60 Sekunden" in error_of(sign_in(stranger, password="falsch geraten"))
    clock.moment += timedelta(seconds=60)
    assert sign_in(stranger).status_code == 303


@pytest.mark.usefixtures("anna")
def test_the_right_password_forgives_the_wrong_ones(stranger: FlaskClient) -> None:
    for _ in range(4):
        sign_in(stranger, password="falsch geraten")
    sign_in(stranger)
    again = stranger.application.test_client()

    for _ in range(4):
        assert sign_in(again, password="falsch geraten").status_code == 422
    assert sign_in(again).status_code == 303


@pytest.mark.usefixtures("anna")
def test_unknown_names_are_slowed_down_like_known_ones(stranger: FlaskClient) -> None:
    for _ in range(5):
        sign_in(stranger, "gibtesnicht", "falsch geraten")

    assert sign_in(stranger, "gibtesnicht").status_code == 429
    assert sign_in(stranger, "anna").status_code == 303


@pytest.mark.usefixtures("anna")
def test_one_machine_cannot_try_many_names(app: Flask) -> None:
    here, elsewhere = app.test_client(), app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    for number in range(20):
        sign_in(here, f"name{number}", "falsch geraten")

    assert sign_in(here).status_code == 429
    assert sign_in(elsewhere).status_code == 303


@pytest.mark.usefixtures("anna")
def test_what_was_typed_as_a_name_is_not_kept(stranger: FlaskClient) -> None:
    sign_in(stranger, "mein geheimes kennwort", "anna")

    kept = db.session.scalars(db.select(LoginFailure.name)).one()
    assert "geheim" not in kept
    assert all("geheim" not in str(entry.detail) for entry in db.session.scalars(db.select(AuditEntry)))


def test_a_hash_with_weaker_settings_is_renewed(anna: User, stranger: FlaskClient) -> None:
    weak = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    with write_transaction():
        db.session.get_one(User, anna.id).password_hash = weak

    sign_in(stranger)

    renewed = db.session.scalar(db.select(User.password_hash))
    assert renewed != weak
    assert passwords.matches(renewed, PASSWORD)


# the way back


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    ("asked", "opened"),
    [
        ("/account", "/account"),
        ("/people/7?tab=termine", "/people/7?tab=termine"),
        ("", "/"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\\b", "/"),
        ("https://evil.example", "/"),
        ("https:evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("\t//evil.example", "/"),
        (" //evil.example", "/"),
        ("/login?next=/login", "/"),
        ("/logout", "/"),
    ],
)
def test_after_signing_in_only_pages_of_this_house_open(stranger: FlaskClient, asked: str, opened: str) -> None:
    assert sign_in(stranger, next=asked).location == opened
    assert stranger.get("/login", query_string={"next": asked}).location == opened


def test_the_page_that_was_asked_for_opens_after_signing_in(anna: User, stranger: FlaskClient) -> None:
    login = stranger.get("/account?tab=2").location
    form = BeautifulSoup(stranger.get(login).data, "html.parser").find(id="login-form")

    assert sign_in(stranger, next=form.find("input", attrs={"name": "next"})["value"]).location == "/account?tab=2"


def test_an_htmx_request_leads_back_to_its_page(stranger: FlaskClient) -> None:
    here = {"HX-Request": "true", "HX-Current-URL": "http://localhost/account?tab=2"}
    elsewhere = {"HX-Request": "true", "HX-Current-URL": "http://evil.example/account"}

    assert stranger.get("/account", headers=here).headers["HX-Redirect"] == "/login?next=/account?tab%3D2"
    assert stranger.get("/account", headers=elsewhere).headers["HX-Redirect"] == "/login?next=/"


def test_signing_out_ends_the_session(client: FlaskClient) -> None:
    assert client.post("/logout").location == "/login"
    assert client.get("/account").status_code == 302
    assert "abgemeldet" not in client.get("/login").text
    assert actions() == ["signed_out"]


@pytest.mark.usefixtures("anna")
def test_a_copied_cookie_ends_with_the_session_and_no_other_does(stranger: FlaskClient, app: Flask) -> None:
    elsewhere, thief = app.test_client(), app.test_client()
    for desk in (stranger, elsewhere):
        sign_in(desk)
    cookie = stranger.get_cookie(app.config["SESSION_COOKIE_NAME"])
    thief.set_cookie(cookie.key, cookie.value)
    before = thief.get("/account").status_code

    stranger.post("/logout")

    assert before == 200
    assert thief.get("/account").location == "/login?next=/account"
    assert elsewhere.get("/account").status_code == 200


@pytest.mark.usefixtures("anna")
def test_ended_sessions_are_forgotten_when_they_have_run_idle_anyway(stranger: FlaskClient, clock: MovableClock) -> None:
    sign_in(stranger)
    stranger.post("/logout")
    clock.moment += timedelta(days=2)
    sign_in(stranger)
    stranger.post("/logout")

    assert db.session.scalar(db.select(db.func.count()).select_from(EndedSession)) == 1


def test_the_script_that_finds_an_empty_chair_leads_to_the_same_page(client: FlaskClient) -> None:
    answer = client.post("/logout", data={"idle": "1", "next": "/account"}, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/login?next=/account")
    assert "Sie wurden nach 20 Minuten abgemeldet." in client.get("/login").text


# tokens


@pytest.mark.usefixtures("anna", "csrf")
def test_a_login_page_that_stood_open_too_long_is_shown_again(stranger: FlaskClient) -> None:
    stale = sign_in(stranger, csrf_token="von gestern", next="/account")

    page = BeautifulSoup(stale.data, "html.parser")
    assert stale.status_code == 422
    assert "Bitte melden Sie sich noch einmal an." in error_of(stale)
    fields = {field["name"]: field["value"] for field in page.find(id="login-form").find_all("input")}
    assert fields["username"] == "anna"
    assert sign_in(stranger, csrf_token=fields["csrf_token"], next=fields["next"]).location == "/account"


@pytest.mark.usefixtures("anna", "csrf")
def test_a_form_that_stood_open_over_night_is_good_after_signing_in_again(stranger: FlaskClient, clock: MovableClock) -> None:
    stranger.stays_signed_in = False
    sign_in(stranger, csrf_token=stranger.token("/login"))
    evening = stranger.token()
    clock.moment += timedelta(hours=14)
    stranger.get("/account")
    sign_in(stranger, csrf_token=stranger.token("/login"))

    assert stranger.post("/session/keep-alive", data={"csrf_token": evening}).status_code == 204


@pytest.mark.usefixtures("csrf")
def test_a_form_of_another_person_is_not(anna: User, client: FlaskClient, stranger: FlaskClient) -> None:
    sign_in(stranger, csrf_token=stranger.token("/login"))

    assert client.post("/session/keep-alive", data={"csrf_token": stranger.token()}).status_code == 400


@pytest.mark.usefixtures("csrf")
def test_signing_out_works_from_a_page_of_an_earlier_session(client: FlaskClient) -> None:
    assert client.post("/logout").status_code == 303


# one's own password


def own(current: str = PASSWORD, new: str = "ein neuer satz", repeat: str | None = None) -> dict[str, str]:
    return {"current": current, "new": new, "repeat": new if repeat is None else repeat}


def test_a_new_password_ends_the_other_sessions_only(anna: User, app: Flask) -> None:
    here, elsewhere = app.test_client(), app.test_client()
    sign_in(here)
    sign_in(elsewhere)

    assert here.post("/account", data=own()).location == "/"
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    assert sign_in(elsewhere).status_code == 422
    assert sign_in(elsewhere, password="ein neuer satz").status_code == 303


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (own(current="falsch geraten"), "current"),
        (own(new="kurz"), "new"),
        (own(new="AnnaAnnaAnna"), "new"),
        (own(new=PASSWORD), "new"),
        (own(repeat="ein anderer satz"), "repeat"),
    ],
)
def test_what_is_wrong_with_a_password_stands_at_its_field(
    anna: User, stranger: FlaskClient, typed: dict[str, str], field: str
) -> None:
    sign_in(stranger)

    page = stranger.post("/account", data=typed)

    assert page.status_code == 422
    wrong = BeautifulSoup(page.data, "html.parser").select(".is-invalid")
    assert [element["name"] for element in wrong] == [field]
    assert sign_in(stranger.application.test_client()).status_code == 303


def test_an_open_screen_is_no_place_to_try_passwords(anna: User, stranger: FlaskClient) -> None:
    sign_in(stranger)
    for _ in range(5):
        stranger.post("/account", data=own(current="falsch geraten"))

    page = stranger.post("/account", data=own())

    assert page.status_code == 422
    assert "Bitte warten Sie noch 30 Sekunden" in page.text


@pytest.fixture
def newcomer(app: Flask) -> FlaskClient:
    """Somebody who signed in with a one-time password."""
    access = users.create(users.NewUser("bert", "admin"), NOW)
    client = app.test_client()
    assert sign_in(client, "bert", access.one_time_password or "").status_code == 303
    return client


def test_nothing_opens_before_the_one_time_password_is_replaced(newcomer: FlaskClient) -> None:
    plain = newcomer.get("/admin/users?page=2")
    by_htmx = newcomer.get("/admin/users", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/admin/users"})

    assert (plain.status_code, plain.location) == (303, "/account?next=/admin/users?page%3D2")
    assert (by_htmx.status_code, by_htmx.headers["HX-Redirect"]) == (204, "/account?next=/admin/users")
    assert newcomer.post("/session/keep-alive").status_code == 204


def test_the_first_own_password_leads_on_to_the_page_that_was_asked_for(newcomer: FlaskClient) -> None:
    page = BeautifulSoup(newcomer.get("/account?next=/account").data, "html.parser")
    form = page.find(id="password-form")
    assert page.select("nav a") == []
    assert [field["name"] for field in form.find_all("input")] == ["csrf_token", "next", "new", "repeat"]

    answer = newcomer.post("/account", data={"new": "ein neuer satz", "repeat": "ein neuer satz", "next": "/account"})

    assert answer.location == "/account"
    assert not db.session.scalar(db.select(User.must_change_password))
    assert newcomer.get("/account").status_code == 200


def actions() -> list[str]:
    return list(db.session.scalars(db.select(AuditEntry.action).order_by(AuditEntry.id)))
