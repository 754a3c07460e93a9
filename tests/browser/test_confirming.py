"""The confirm page in a real browser: what is meant for later never goes at once, whichever key or button is pressed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Locator, Page, expect

from messaging.models import Dispatch, db
from tests.web.drafts_of import ANNA, NOW, make_account, make_draft

Open = Callable[..., Page]

TOMORROW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


@pytest.fixture
def draft_id(app: Flask) -> int:
    return make_draft(ANNA, appointments=False, subject="Neue Zeiten", body="<div>Guten Tag</div>", account_id=make_account())


@pytest.fixture
def visit(app: Flask, client: FlaskClient, draft_id: int, serve: Callable[[Flask], str], open_page: Open) -> Open:
    """Open the confirm page of the draft as somebody of the staff."""
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    state = {"cookies": [{"name": cookie.key, "value": cookie.value, "domain": "127.0.0.1", "path": "/", "expires": -1,
                          "httpOnly": True, "secure": False, "sameSite": "Lax"}], "origins": []}  # fmt: skip
    address = serve(app)

    def open_it(**options: Any) -> Page:
        return open_page(f"{address}/drafts/{draft_id}/confirm", storage_state=state, **options)

    return open_it


def type_moment(page: Page, day: str, at: str) -> None:
    page.locator("summary").filter(has_text="Später senden").click()
    page.get_by_label("Tag").fill(day)
    page.get_by_label("Uhrzeit").fill(at)


def now_button(page: Page) -> Locator:
    return page.get_by_role("button", name="1 E-Mail senden")


def dispatches() -> list[tuple[str, datetime]]:
    db.session.rollback()  # what another thread committed is read too
    return [(dispatch.state, dispatch.scheduled_at) for dispatch in db.session.scalars(db.select(Dispatch))]


def expect_dispatch(page: Page) -> None:
    page.wait_for_url(re.compile(r"/dispatches/\d+$"))


def test_ctrl_enter_beside_the_typed_time_means_that_time(visit: Open) -> None:
    page = visit()
    type_moment(page, "2026-11-24", "09:30")

    page.keyboard.press("Control+Enter")

    expect_dispatch(page)
    assert dispatches() == [("scheduled", TOMORROW)]


def test_ctrl_enter_on_the_closed_box_opens_it_and_sends_nothing(visit: Open) -> None:
    page = visit()

    page.locator("summary").filter(has_text="Später senden").focus()
    page.keyboard.press("Control+Enter")

    expect(page.get_by_label("Uhrzeit")).to_be_visible()
    assert dispatches() == []


def test_ctrl_enter_on_a_button_presses_that_button(visit: Open) -> None:
    page = visit()
    type_moment(page, "2026-11-23", "22:00")
    page.get_by_role("button", name="Zu diesem Zeitpunkt senden").click()

    page.get_by_role("button", name="Erst morgen 8:00 senden").focus()
    page.keyboard.press("Control+Enter")

    expect_dispatch(page)
    assert dispatches() == [("scheduled", datetime(2026, 11, 24, 7, 0, tzinfo=UTC))]


def test_ctrl_enter_anywhere_else_is_the_button_below(visit: Open) -> None:
    page = visit()

    page.keyboard.press("Control+Enter")

    expect_dispatch(page)
    assert dispatches() == [("running", NOW)]


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(
    ("button", "made"),
    [("Jetzt senden", ("running", NOW)), ("Zum eingetragenen Zeitpunkt senden", ("scheduled", TOMORROW))],
)
def test_the_button_below_asks_when_a_time_is_typed(visit: Open, scripts: bool, button: str, made: tuple[str, datetime]) -> None:
    page = visit(java_script_enabled=scripts)
    type_moment(page, "2026-11-24", "09:30")

    now_button(page).click()

    expect(page.get_by_role("alert")).to_contain_text("Jetzt senden oder zum eingetragenen Zeitpunkt?")
    assert dispatches() == []
    page.get_by_role("button", name=button).click()
    expect_dispatch(page)
    assert dispatches() == [made]
