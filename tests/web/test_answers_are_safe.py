"""Headers, cookies and tokens of every answer, and what somebody sees when a request cannot be answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from blueprints import page_frame
from messaging.models import Practice, write_transaction
from tests.conftest import NOW

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("path", ["/account", "/gibt-es-nicht", "/admin/users", "/static/css/theme.css", "/static/gibt-es-nicht"])
def test_every_answer_has_the_safety_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_only_a_page_with_a_nonce_allows_one(app: Flask, client: FlaskClient) -> None:
    app.add_url_rule("/with-nonce", view_func=lambda: Response(page_frame.csp_nonce(), mimetype="text/plain"))

    page = client.get("/with-nonce")

    assert f"'nonce-{page.text}'" in page.headers["Content-Security-Policy"]
    assert "nonce" not in client.get("/account").headers["Content-Security-Policy"]


def test_pages_are_not_kept_anywhere(client: FlaskClient) -> None:
    assert client.get("/account").headers["Cache-Control"] == "no-store"
    assert client.get("/gibt-es-nicht").headers["Cache-Control"] == "no-store"
    assert client.post("/session/keep-alive").headers["Cache-Control"] == "no-store"


def test_a_file_asked_for_by_its_hash_is_kept_for_ever(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = page_frame.asset("css/theme.css")

    assert client.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/css/theme.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/css/theme.css?v=0123456789abcdef").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/css/gibt-es-nicht.css?v=1").headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in client.get(address).headers


def test_pictures_named_in_a_style_sheet_carry_the_hash_of_what_they_hold(app: Flask) -> None:
    """When this fails, put the hash it names into the style sheet."""
    folder = Path(app.static_folder or "")
    named = [
        (sheet.name, *found)
        for sheet in (folder / "css").glob("*.css")
        for found in re.findall(r'url\("\.\./([^"?]+)(?:\?v=(\w+))?"\)', sheet.read_text())
    ]

    with app.test_request_context():
        assert named
        assert [found for found in named if found[2] != page_frame.static_hash(found[1])] == []


def test_an_unchanged_file_is_not_sent_again(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = page_frame.asset("css/theme.css")
    tag = client.get(address).headers["ETag"]

    again = client.get(address, headers={"If-None-Match": tag})

    assert again.status_code == 304
    assert "immutable" in again.headers["Cache-Control"]


def test_the_hash_follows_the_file(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "a.css"
    app.static_folder = str(tmp_path)
    file.write_text("a")
    first = page_frame.static_hash("a.css")
    file.write_text("b" * 20)
    page_frame.content_hash.cache_clear()

    assert page_frame.static_hash("a.css") != first


def test_the_cookie_is_for_this_house_alone(app: Flask) -> None:
    cookie = app.test_client().get("/login").headers["Set-Cookie"]
    behind_https = app.test_client().get("/login", base_url="https://localhost").headers["Set-Cookie"]

    assert re.match(r"praxispost_[0-9a-f]{8}=", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert "Secure" in behind_https


# forms


@pytest.mark.usefixtures("csrf")
def test_a_form_needs_the_token_of_its_session(client: FlaskClient) -> None:
    token = client.token()

    assert client.post("/session/keep-alive").status_code == 400
    assert client.post("/session/keep-alive", data={"csrf_token": "erfunden"}).status_code == 400
    assert client.post("/session/keep-alive", data={"csrf_token": token}).status_code == 204
    assert client.post("/session/keep-alive", headers={"X-CSRFToken": token}).status_code == 204


@pytest.mark.usefixtures("csrf")
def test_a_form_of_an_earlier_session_keeps_what_was_typed(client: FlaskClient) -> None:
    typed = {"text": "Sehr geehrte <Frau> Muster", "row": ["7", "8"], "csrf_token": "von gestern"}

    page = client.post("/account?tab=2", data=typed, headers={"Referer": "http://localhost/account"})

    assert page.status_code == 400
    form = BeautifulSoup(page.data, "html.parser").find("form", action="/account?tab=2")
    assert [(field["name"], field["value"]) for field in form.find_all("input")][1:] == [
        ("text", "Sehr geehrte <Frau> Muster"), ("row", "7"), ("row", "8")]  # fmt: skip
    assert client.post("/session/keep-alive", data={"csrf_token": form.find("input")["value"]}).status_code == 204


@pytest.mark.usefixtures("csrf")
def test_a_file_in_an_old_form_must_be_chosen_again(client: FlaskClient) -> None:
    page = client.post("/account", data={"file": (BytesIO(b"x"), "a.csv")}, headers={"Referer": "http://localhost/account"})

    assert page.status_code == 400
    assert "wählen die Datei noch einmal" in page.text
    assert [link["href"] for link in BeautifulSoup(page.data, "html.parser").select("main a")] == ["/account"]


@pytest.mark.usefixtures("csrf")
def test_htmx_keeps_the_form_on_the_screen_and_says_why(client: FlaskClient) -> None:
    answer = client.post("/account", headers=HTMX)

    assert (answer.status_code, answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == (400, "#flash", "innerHTML")
    assert "Bitte laden Sie die Seite neu." in answer.text


# refusals


@pytest.mark.parametrize(
    ("path", "status", "words"), [("/gibt-es-nicht", 404, "Diese Seite gibt es nicht"), ("/admin", 403, "kein Recht")]
)
def test_a_refusal_is_a_page_or_a_notice(client: FlaskClient, path: str, status: int, words: str) -> None:
    page = client.get(path)
    notice = client.get(path, headers=HTMX)

    assert (page.status_code, notice.status_code) == (status, status)
    assert words in page.text
    assert notice.headers["HX-Retarget"] == "#flash"
    assert BeautifulSoup(notice.data, "html.parser").find(role="alert") is not None


def test_a_wrong_method_is_explained(client: FlaskClient) -> None:
    page = client.post("/admin/audit")

    assert page.status_code == 405
    assert "Bitte laden Sie die Seite neu" in page.text


def test_a_file_that_is_too_large_is_named(app: Flask, client: FlaskClient) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 2 * 1024 * 1024

    page = client.post("/account", data={"new": "x" * (3 * 1024 * 1024)})

    assert page.status_code == 413
    assert "höchstens 2 MB" in page.text


def test_a_list_of_ten_thousand_ticks_is_not_too_large(client: FlaskClient) -> None:
    ticks = {name: [f"{number:09}" for number in range(30_000)] for name in ("shown", "row")}

    assert client.post("/account", data=ticks).status_code == 422


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_breakdown_is_shown_without_the_database(
    app: Flask, client: FlaskClient, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise OperationalError("SELECT", {}, Exception("disk"))

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/broken", view_func=broken)
    monkeypatch.setattr("blueprints.page_frame.house", broken)

    answer = client.get("/broken", headers=headers)

    assert answer.status_code == 500
    assert "Bitte versuchen Sie es noch einmal." in answer.text


# the frame


def test_the_frame_knows_the_practice(client: FlaskClient) -> None:
    before = client.get("/account").text
    with write_transaction() as session:
        session.add(Practice(id=1, idle_minutes=7, is_demo=True))

    after = client.get("/account").text

    assert ('data-idle-minutes="20"' in before, 'data-idle-minutes="7"' in after) == (True, True)
    assert ("sidebar-demo" in before, "sidebar-demo" in after) == (False, True)


def test_an_alarm_is_on_every_page_and_in_no_fragment(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def source() -> list[page_frame.Alarm]:
        asked.append(1)
        return [page_frame.Alarm("danger", "Kein Versandprozess läuft.", "/healthz", "nachsehen")]

    monkeypatch.setattr(page_frame, "ALARM_SOURCES", [source])

    assert "Kein Versandprozess läuft." in client.get("/account").text
    client.get("/gibt-es-nicht", headers=HTMX)
    assert asked == [1]


@pytest.mark.parametrize(("role", "there"), [("reader", False), ("staff", False), ("manager", True), ("admin", True)])
def test_the_side_bar_leads_nowhere_that_is_closed(client_as: Callable[[str], FlaskClient], role: str, there: bool) -> None:
    links = {link["href"] for link in BeautifulSoup(client_as(role).get("/account").data, "html.parser").select("nav a")}

    assert ("/admin" in links) is there


def test_numbers_and_dates_are_german(app: Flask) -> None:
    line = "{{ 1234|de_number }} {{ none|de_number }} {{ now|de_date }} {{ now|de_time }} {{ now|de_datetime }} {{ now|de_near }}"

    assert app.jinja_env.from_string(line).render(now=NOW) == ("1.234 – 23.11.2026 8:30 Mo 23.11.2026, 8:30 Uhr heute 8:30")


ENDLESS = "9" * 20


@pytest.mark.parametrize(
    "path", ["/people/{}", "/people/{}/panel", "/drafts/{}/recipients", "/dispatches/{}", "/imports/{}", "/message-templates/{}"]
)
def test_an_id_larger_than_any_is_a_page_that_does_not_exist(client_as: Callable[[str], FlaskClient], path: str) -> None:
    answer = client_as("admin").get(path.format(ENDLESS))

    assert answer.status_code == 404


def test_a_ticked_row_that_no_table_can_hold_breaks_nothing(client: FlaskClient) -> None:
    answer = client.post("/selection?list=patients", data={"op": "add", "row": ENDLESS})

    assert answer.status_code == 404
