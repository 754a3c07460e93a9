"""Who may open what, from where, and for how long. The table of routes is the decision; a route that is not in it fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter, Rule

from blueprints.access import needed_role, passive
from messaging.domain.words import ROLE_ORDER, Role, role_reaches
from messaging.models import Practice, User, write_transaction
from tests.conftest import MovableClock

OPEN = "open"
READER, STAFF, MANAGER, ADMIN = Role.READER, Role.STAFF, Role.MANAGER, Role.ADMIN

#: beginning of the path -> who may read, who may change; None: no route of that kind may exist. The longest beginning counts.
DECISIONS: dict[str, tuple[str | None, str | None]] = {
    "/static/": (OPEN, None),
    "/healthz": (OPEN, None),
    "/login": (OPEN, OPEN),
    "/logout": (None, OPEN),
    "/session/keep-alive": (None, READER),
    "/account": (READER, READER),
    "/": (READER, None),
    "/start": (READER, None),
    "/search": (READER, None),
    "/appointments": (READER, None),
    "/patients": (READER, None),
    "/prospects": (READER, None),
    "/people": (READER, STAFF),
    "/people/new": (STAFF, STAFF),
    "/people/<int:person_id>/edit": (STAFF, STAFF),
    "/people/<int:person_id>/block": (STAFF, STAFF),
    "/selection": (READER, STAFF),
    "/drafts": (READER, STAFF),
    "/drafts/<int:draft_id>/recipients/<int:recipient_id>/override": (MANAGER, MANAGER),
    "/dispatches": (READER, STAFF),
    "/dispatches/<int:dispatch_id>/cancel": (STAFF, STAFF),
    "/dispatches/<int:dispatch_id>/time": (STAFF, STAFF),
    "/message-templates": (READER, STAFF),
    "/message-templates/new": (STAFF, None),
    "/signatures": (READER, STAFF),
    "/signatures/new": (STAFF, None),
    "/imports": (STAFF, STAFF),
    "/testausgang": (READER, STAFF),
    "/admin": (MANAGER, MANAGER),
    "/admin/users": (ADMIN, ADMIN),
    "/admin/audit": (MANAGER, None),
}

#: template that asks again by itself -> the view that it asks; watching is not working
POLLED = {
    "admin_mail_accounts/_check.html": "admin_mail_accounts.show_check",
    "composer/_test_mail.html": "composer.show_test_mail",
    "dispatches/_progress.html": "dispatches.show_progress",
    "dispatches/_results.html": "dispatches.refresh",
    "imports/_run.html": "imports.progress",
    "start/_now.html": "start.refresh",
}
CLIENT_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
NOBODYS_ID = 999999


@dataclass(frozen=True)
class Route:
    rule: Rule
    method: str

    @property
    def expected(self) -> str | None:
        beginnings = [path for path in DECISIONS if self.rule.rule.startswith(path) and is_beginning(path, self.rule.rule)]
        if not beginnings:
            return None
        return DECISIONS[max(beginnings, key=len)][0 if self.method == "GET" else 1]

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}"


def is_beginning(path: str, whole: str) -> bool:
    """ "/admin" begins "/admin/users", not "/administrator"; "/" is the start page alone."""
    return whole == path or (path != "/" and (path.endswith("/") or whole[len(path)] == "/"))


def routes(app: Flask) -> list[Route]:
    return [
        Route(rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
        if method in CLIENT_METHODS
    ]


def test_every_route_has_a_decision(app: Flask) -> None:
    assert [str(route) for route in routes(app) if route.expected is None] == []


def test_every_view_asks_for_the_role_of_the_decision(app: Flask) -> None:
    wrong = []
    for route in routes(app):
        view = app.view_functions[route.rule.endpoint]
        is_open = getattr(view, "open_to_all", False) or route.rule.endpoint == "static"
        asked = OPEN if is_open else needed_role(view, route.method)
        if asked != route.expected:
            wrong.append(f"{route}: the view asks for {asked}, decided is {route.expected}")

    assert wrong == []


@pytest.mark.parametrize("role", ROLE_ORDER)
def test_a_role_opens_what_it_may_and_nothing_else(app: Flask, client_as: Callable[[str], FlaskClient], role: Role) -> None:
    wrong = []
    for route in routes(app):
        if route.expected in (None, OPEN):
            continue
        status = request_route(app, client_as(role), route)
        if (status == 403) == role_reaches(role, Role(route.expected)) or status in (302, 401):
            wrong.append(f"{route}: {status}")

    assert wrong == []


def test_a_stranger_opens_the_log_in_and_nothing_else(app: Flask) -> None:
    wrong = []
    for route in routes(app):
        if route.expected == OPEN:
            continue
        response = app.test_client().open(address(app, route), method=route.method)
        if response.status_code != 302 or not response.location.startswith("/login"):
            wrong.append(f"{route}: {response.status_code}")

    assert wrong == []


def test_what_a_page_polls_keeps_no_session_alive(app: Flask) -> None:
    templates = Path(app.root_path) / "templates"
    polling = {
        str(file.relative_to(templates)) for file in templates.rglob("*.html") if 'hx-trigger="every' in file.read_text("utf-8")
    }

    assert polling == set(POLLED)
    assert [endpoint for endpoint in POLLED.values() if not getattr(app.view_functions[endpoint], "passive", False)] == []


def request_route(app: Flask, client: FlaskClient, route: Route) -> int:
    return client.open(address(app, route), method=route.method).status_code


def address(app: Flask, route: Route) -> str:
    values = {
        name: NOBODYS_ID if isinstance(converter, IntegerConverter) else "x" for name, converter in route.rule._converters.items()
    }
    return app.url_map.bind("localhost").build(route.rule.endpoint, values, method=route.method)


# where a request may come from


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Sec-Fetch-Site": "none"}, 204),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        # what Chromium sends to http://praxis.intern: no Sec-Fetch-Site
        ({"Origin": "http://localhost"}, 204),
        ({"Origin": "https://localhost"}, 204),  # a proxy in front speaks https
        ({"Origin": "http://localhost:8001"}, 403),  # another program on this machine
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "file://localhost"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({}, 403),
    ],
)
def test_only_our_own_pages_change_something(client: FlaskClient, headers: dict[str, str], status: int) -> None:
    del client.environ_base["HTTP_SEC_FETCH_SITE"]

    assert client.post("/session/keep-alive", headers=headers).status_code == status


def test_a_foreign_page_cannot_even_log_in_or_out(client: FlaskClient) -> None:
    assert client.post("/login", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post("/logout", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.get("/account").status_code == 200


def test_a_link_from_another_page_may_be_followed(client: FlaskClient) -> None:
    assert client.get("/account", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_the_name_of_the_host_comes_back_nowhere(app: Flask, client: FlaskClient) -> None:
    stranger = app.test_client().get("/account", headers={"Host": "evil.example"})
    page = client.get("/account", headers={"Host": "evil.example"})

    assert stranger.location == "/login?next=/account"
    assert "evil" not in page.text


# for how long


@pytest.fixture
def desk(client_as: Callable[[str], FlaskClient]) -> FlaskClient:
    """A signed-in client whose session ages like a real one."""
    client = client_as("staff")
    client.stays_signed_in = False
    return client


def test_an_empty_chair_is_signed_out_after_twenty_minutes(desk: FlaskClient, clock: MovableClock) -> None:
    clock.moment += timedelta(minutes=20)
    assert desk.get("/account").status_code == 200
    clock.moment += timedelta(minutes=20, seconds=1)

    response = desk.get("/account?tab=2")

    assert (response.status_code, response.location) == (302, "/login?next=/account?tab%3D2")
    assert "Sie wurden nach 20 Minuten abgemeldet." in desk.get("/login").text
    assert "abgemeldet" not in desk.get("/login").text


def test_the_practice_says_how_long(desk: FlaskClient, clock: MovableClock) -> None:
    with write_transaction() as session:
        session.add(Practice(id=1, idle_minutes=1))
    clock.moment += timedelta(minutes=1, seconds=1)

    assert desk.get("/account").status_code == 302
    assert "nach 1 Minute abgemeldet" in desk.get("/login").text


def test_work_keeps_a_session_alive(desk: FlaskClient, clock: MovableClock) -> None:
    for _ in range(5):
        clock.moment += timedelta(minutes=15)
        assert desk.post("/session/keep-alive").status_code == 204

    assert desk.get("/account").status_code == 200


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(app: Flask, desk: FlaskClient, clock: MovableClock) -> None:
    app.add_url_rule("/progress-of-a-test", view_func=passive(lambda: ("", 204)))
    for _ in range(4):
        clock.moment += timedelta(minutes=5)
        assert desk.get("/progress-of-a-test").status_code == 204
    clock.moment += timedelta(minutes=5)

    response = desk.get("/progress-of-a-test", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/account"})

    assert (response.status_code, response.headers["HX-Redirect"]) == (401, "/login?next=/account")


def test_a_form_sent_too_late_leads_back_to_its_page(desk: FlaskClient, clock: MovableClock) -> None:
    clock.moment += timedelta(hours=10)

    response = desk.post("/account", headers={"Referer": "http://localhost/account?next=/x"})

    assert response.location == "/login?next=/account?next%3D/x"


def test_a_clock_that_was_wrong_keeps_nobody_signed_in_for_ever(desk: FlaskClient, clock: MovableClock) -> None:
    clock.moment -= timedelta(days=1)

    assert desk.get("/account").status_code == 302


def test_an_ended_session_shows_nothing_on_open_pages_either(desk: FlaskClient, clock: MovableClock) -> None:
    clock.moment += timedelta(hours=1)

    page = desk.get("/gibt-es-nicht")

    assert page.status_code == 404
    assert "Test Person" not in page.text


@pytest.mark.parametrize("change", [{"session_version": 2}, {"active": False}])
def test_a_new_password_or_switching_off_ends_the_session(
    client: FlaskClient, make_user: object, change: dict[str, object]
) -> None:
    with write_transaction() as session:
        user = session.query(User).one()
        for name, value in change.items():
            setattr(user, name, value)

    assert client.get("/account").location == "/login?next=/account"
    assert "Ihr Kennwort oder Ihr Benutzerkonto wurde geändert" in client.get("/login").text


def test_a_new_role_counts_at_once(client_as: Callable[[str], FlaskClient]) -> None:
    client = client_as("admin")
    with write_transaction() as session:
        session.query(User).one().role = "reader"

    assert client.get("/admin/users").status_code == 403
