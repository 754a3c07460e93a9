"""Verwaltung: the start page, users and the log, as an administrator uses them with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.models import AuditEntry, User, db, write_transaction
from messaging.services import audit, passwords
from tests.conftest import NOW
from tests.web.record_pages import form_of, inputs_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def admin(client_as: Callable[[str], FlaskClient]) -> FlaskClient:
    return client_as("admin")


def soup(page: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(page.data, "html.parser")


def named(name: str) -> User:
    return db.session.scalars(db.select(User).filter_by(name=name)).one()


def tab(client: FlaskClient, user: User) -> dict[str, str]:
    """The form of this user as it is open in a tab from now on."""
    return form_of(client, f"/admin/users/{user.id}", "user-form")


def cells(page: TestResponse) -> list[list[str]]:
    return [[cell.get_text(" ", strip=True) for cell in row.find_all("td")] for row in soup(page).select("tbody tr")]


@pytest.mark.parametrize(("role", "there"), [("admin", True), ("manager", False)])
def test_the_start_page_leads_only_where_the_role_may_go(client_as: Callable[[str], FlaskClient], role: str, there: bool) -> None:
    places = {link["href"] for link in soup(client_as(role).get("/admin")).select("#main a")}

    assert "/admin/audit" in places
    assert ("/admin/users" in places) is there


def test_every_place_of_the_start_page_opens(admin: FlaskClient) -> None:
    for link in soup(admin.get("/admin")).select("#main a"):
        assert admin.get(link["href"]).status_code == 200


# users


def test_a_new_user_gets_a_one_time_password_that_is_shown_once(admin: FlaskClient) -> None:
    answer = admin.post("/admin/users", data={"name": "Bert", "display_name": "Bert Beispiel", "role": "staff"})

    shown = soup(answer).find("code").get_text()
    assert answer.status_code == 200
    assert passwords.matches(named("bert").password_hash, shown)
    assert (named("bert").role, named("bert").must_change_password) == ("staff", True)
    assert shown not in str(answer.headers)
    assert shown not in admin.get("/admin/users").text


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": "", "display_name": "Neu", "role": "staff"}, "name", "Bitte einen Benutzernamen eingeben."),
        ({"name": "a b", "display_name": "Neu", "role": "staff"}, "name", "Bitte den Benutzernamen ändern."),
        ({"name": "Admin", "display_name": "Neu", "role": "staff"}, "name", "Bitte einen anderen Namen wählen."),
        ({"name": "bert", "display_name": "Neu", "role": "chef"}, "role", "Bitte eine dieser Rollen angeben."),
        ({"name": "bert", "display_name": "Neu"}, "role", "Bitte eine dieser Rollen angeben."),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    admin: FlaskClient, typed: dict[str, str], field: str, sentence: str
) -> None:
    page = admin.post("/admin/users", data=typed)

    assert page.status_code == 422
    assert sentence in soup(page).find(id=f"field-{field}-error").get_text(" ", strip=True)
    assert soup(page).find(id="field-display_name")["value"] == "Neu"
    assert soup(page).find(id="field-name")["value"] == typed["name"]
    assert db.session.scalar(db.select(db.func.count()).select_from(User)) == 1


def test_role_and_name_are_changed(admin: FlaskClient, make_user: Callable[..., User]) -> None:
    bert = make_user("staff", "bert")

    answer = admin.post(f"/admin/users/{bert.id}", data=tab(admin, bert) | {"display_name": "Bert Neu", "role": "manager"})

    assert (answer.status_code, answer.location) == (303, "/admin/users")
    assert (named("bert").display_name, named("bert").role) == ("Bert Neu", "manager")
    page = admin.get("/admin/users")
    assert "Bert Neu ist gespeichert." in page.text
    assert ["Bert Neu", "bert", "Leitung", "noch nie", "aktiv"] in cells(page)


def test_the_own_name_can_be_changed_though_not_the_role(admin: FlaskClient) -> None:
    form = {name: text for name, text in tab(admin, named("admin")).items() if name != "role"}  # a disabled field is not sent

    assert admin.post(f"/admin/users/{named('admin').id}", data=form | {"display_name": "Ich"}).status_code == 303
    assert (named("admin").display_name, named("admin").role) == ("Ich", "admin")


def test_an_older_page_gives_no_role_back(admin: FlaskClient, make_user: Callable[..., User]) -> None:
    bert = make_user("manager", "bert")
    mine, theirs = tab(admin, bert), tab(admin, bert)

    admin.post(f"/admin/users/{bert.id}", data=theirs | {"role": "reader"})
    answer = admin.post(f"/admin/users/{bert.id}", data=mine | {"display_name": "Bert Neu"})

    assert answer.status_code == 303
    assert (named("bert").display_name, named("bert").role) == ("Bert Neu", "reader")


def test_two_roles_chosen_at_once_are_a_question(admin: FlaskClient, make_user: Callable[..., User]) -> None:
    bert = make_user("manager", "bert")
    mine = tab(admin, bert) | {"role": "staff", "display_name": "Bert Neu"}
    admin.post(f"/admin/users/{bert.id}", data=tab(admin, bert) | {"role": "reader"})

    answer = admin.post(f"/admin/users/{bert.id}", data=mine)

    assert (answer.status_code, named("bert").role) == (422, "reader")
    assert "Inzwischen hat jemand „nur lesen“ gespeichert." in soup(answer).find(id="field-role-error").get_text(" ")
    shown = inputs_of(answer, "user-form")
    assert (shown["role"], shown["display_name"]) == ("staff", "Bert Neu")
    assert admin.post(f"/admin/users/{bert.id}", data=shown).status_code == 303
    assert (named("bert").display_name, named("bert").role) == ("Bert Neu", "staff")


def test_two_names_typed_at_once_are_a_question(admin: FlaskClient, make_user: Callable[..., User]) -> None:
    bert = make_user("staff", "bert")
    mine = tab(admin, bert) | {"display_name": "Bert Neu"}
    admin.post(f"/admin/users/{bert.id}", data=tab(admin, bert) | {"display_name": "Bertram"})

    answer = admin.post(f"/admin/users/{bert.id}", data=mine)

    assert answer.status_code == 422
    assert "„Bertram“ gespeichert" in soup(answer).find(id="field-display_name-error").get_text(" ")
    assert soup(answer).find(id="field-display_name")["value"] == "Bert Neu"


def test_somebody_is_switched_off_and_on_again(
    admin: FlaskClient, client_as: Callable[[str], FlaskClient], make_user: Callable[..., User]
) -> None:
    staff = client_as("staff")
    url = f"/admin/users/{named('staff').id}"

    assert admin.post(f"{url}/switch").status_code == 303
    assert staff.get("/account").status_code == 302
    assert "Benutzer einschalten" in admin.get(url).text

    admin.post(f"{url}/switch", data={"on": "1"})
    assert named("staff").active


def test_a_forgotten_password_is_replaced_by_a_one_time_password(admin: FlaskClient, make_user: Callable[..., User]) -> None:
    bert = make_user("staff", "bert")

    shown = soup(admin.post(f"/admin/users/{bert.id}/password")).find("code").get_text()

    assert passwords.matches(named("bert").password_hash, shown)


def test_the_own_account_cannot_lose_its_rights(admin: FlaskClient) -> None:
    url = f"/admin/users/{named('admin').id}"

    assert "ausschalten" not in soup(admin.get(url)).find(id="main").get_text()
    refused = admin.post(url, data=tab(admin, named("admin")) | {"display_name": "Ich", "role": "staff"})
    assert refused.status_code == 422
    assert "Bitte fragen Sie eine andere Person" in soup(refused).find(id="field-role-error").get_text(" ")
    assert admin.post(f"{url}/switch").status_code == 409
    assert admin.post(f"{url}/switch", headers=HTMX).headers["HX-Retarget"] == "#flash"
    assert (named("admin").role, named("admin").active) == ("admin", True)


@pytest.mark.parametrize("path", ["/admin/users/99", "/admin/users/99/switch", "/admin/users/99/password"])
def test_an_unknown_user_is_not_found(admin: FlaskClient, path: str) -> None:
    assert admin.open(path, method="GET" if path.endswith("99") else "POST").status_code == 404


# the log


@pytest.fixture
def log(admin: FlaskClient, make_user: Callable[..., User]) -> None:
    bert = make_user("staff", "bert")
    with write_transaction() as session:
        audit.record(session, NOW, named("admin").id, "user_changed", "user", bert.id, role="staff")
        audit.record(session, NOW, bert.id, "signed_in", "user", bert.id)
        audit.record(session, NOW, None, "sign_in_failed")
        session.add(
            AuditEntry(at=NOW, user_id=bert.id, action="from_an_older_version", object_type="thing", object_id=7, detail={})
        )


@pytest.mark.usefixtures("log")
def test_the_log_says_who_did_what(admin: FlaskClient) -> None:
    assert cells(admin.get("/admin/audit")) == [
        ["Mo 23.11.2026, 8:30 Uhr", "Test Person", "from_an_older_version", "–", ""],
        ["Mo 23.11.2026, 8:30 Uhr", "–", "Anmeldung abgewiesen", "–", ""],
        ["Mo 23.11.2026, 8:30 Uhr", "Test Person", "hat sich angemeldet", "Benutzer Test Person", ""],
        [
            "Mo 23.11.2026, 8:30 Uhr",
            "Test Person",
            "hat ein Benutzerkonto geändert",
            "Benutzer Test Person",
            "Details role: staff",
        ],
    ]


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("group=users", 1),
        ("group=sign_in", 2),
        ("group=gibtesnicht", 4),
        ("user=1", 1),
        ("user=x", 4),
        ("day=2026-11-23", 4),
        ("day=2026-11-22", 0),
        ("day=kein-tag", 4),
        ("day=9999-12-31", 4),
        ("day=0001-01-01", 4),
        ("page=999999999999999999999", 0),
        ("per_page=25&page=2", 0),
        ("page=-3", 4),
        ("per_page=all", 4),
        ("per_page=99999999", 4),
    ],
)
def test_the_log_is_filtered_by_its_address(admin: FlaskClient, query: str, rows: int) -> None:
    page, part = admin.get(f"/admin/audit?{query}"), admin.get(f"/admin/audit?{query}", headers=HTMX)

    assert len(cells(page)) == rows
    assert cells(part) == cells(page)
    assert soup(part).find(id="audit-results").parent.name == "[document]"


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("query", "marked"),
    [("", "50"), ("?per_page=25", "25"), ("?per_page=100", "100"), ("?per_page=all", "alle"), ("?per_page=1000", "25")],
)
def test_the_log_marks_how_many_entries_a_page_has(admin: FlaskClient, query: str, marked: str) -> None:
    pager = soup(admin.get(f"/admin/audit{query}")).select_one("#pager")

    assert [link.get_text(strip=True) for link in pager.select(".per-page-link[aria-current]")] == [marked]
    assert pager.select_one(".pager-range").get_text() == "1–4 von 4 Einträgen"


def test_what_has_no_number_for_people_is_named_without_one(admin: FlaskClient) -> None:
    with write_transaction() as session:
        for object_type in ("practice", "message", "draft"):
            audit.record(session, NOW, None, "practice_changed", object_type, 17)

    assert [row[3] for row in cells(admin.get("/admin/audit"))] == ["Entwurf 17", "Nachricht", "Einrichtung"]


@pytest.mark.usefixtures("log")
def test_a_manager_reads_the_log_without_links_to_users(client_as: Callable[[str], FlaskClient]) -> None:
    assert soup(client_as("manager").get("/admin/audit")).select("tbody a") == []
