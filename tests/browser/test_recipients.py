"""The check window in a real browser: mouse, keyboard alone, without JavaScript, and for axe."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Locator, Page, Route, expect

from tests.store import recipient_world as world

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TABS_AT_MOST = 80

Open = Callable[..., Page]


@pytest.fixture
def people(app: Flask) -> dict[str, int]:
    made = {
        "yes": world.allowed("Abel"),
        "unasked": world.person("Brandt"),
        "also": world.allowed("Conrad"),
        "no_mail": world.allowed("Dietz", email=""),
    }
    world.consent(made["unasked"], purpose="recall")
    return made


@pytest.fixture
def draft_id(people: dict[str, int]) -> int:
    return world.draft(list(people.values()), owner=world.user("staff"))


@pytest.fixture
def open_window(
    app: Flask, csrf: None, client: FlaskClient, draft_id: int, serve: Callable[[Flask], str], open_page: Open
) -> Callable[..., Page]:
    """The check window of the draft, for somebody of the staff."""
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    signed_in = {"cookies": [{"name": name, "value": cookie.value, "domain": "127.0.0.1", "path": "/", "expires": -1,
                              "httpOnly": True, "secure": False, "sameSite": "Lax"}], "origins": []}  # fmt: skip
    address = serve(app)

    def open_it(**options: object) -> Page:
        return open_page(f"{address}/drafts/{draft_id}/recipients", storage_state=signed_in, **options)

    return open_it


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=f"{name} auswählen")


def numbers(page: Page) -> Locator:
    return page.locator("#recipients-summary .numbers")


def press_until(page: Page, selector: str) -> None:
    """Walk with the Tab key until the focus is on such an element."""
    for _ in range(TABS_AT_MOST):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"the Tab key never reached {selector}")


def test_one_click_on_the_head_and_one_on_undo(open_window: Callable[..., Page]) -> None:
    page = open_window()
    head = page.get_by_role("button", name="erlaubt – alle ohne Erlaubnis abwählen")

    head.click()

    expect(box(page, "Brandt")).not_to_be_checked()
    expect(page.locator("#action-bar")).to_contain_text("1 entfernt · rückgängig")
    expect(head).to_be_focused()
    page.get_by_role("button", name="rückgängig").click()
    expect(box(page, "Brandt")).to_be_checked()
    expect(page.locator("#action-bar")).not_to_contain_text("entfernt ·")


def test_a_filter_keeps_the_focus_and_can_be_gone_back_from(open_window: Callable[..., Page]) -> None:
    page = open_window()
    chip = page.get_by_role("link", name="Nicht möglich 1")

    chip.focus()
    page.keyboard.press("Enter")

    expect(page.locator("tr[data-row]")).to_have_count(1)
    expect(chip).to_be_focused()
    assert page.url.endswith("/recipients?filter=impossible")
    page.go_back()
    expect(page.locator("tr[data-row]")).to_have_count(4)


def test_a_tick_is_known_to_the_server_at_once_and_survives_a_reload(open_window: Callable[..., Page]) -> None:
    page = open_window()

    box(page, "Abel").click()

    expect(numbers(page)).to_contain_text("1 versendbar")
    expect(page.get_by_role("button", name="Übernahme: 1 →")).to_be_enabled()
    page.reload()
    expect(box(page, "Abel")).not_to_be_checked()
    expect(box(page, "Dietz")).to_be_disabled()


def test_another_purpose_is_checked_without_leaving_the_page(open_window: Callable[..., Page]) -> None:
    page = open_window()

    page.get_by_label("Zweck").select_option("recall")

    expect(page.locator("tr", has_text="Brandt")).to_contain_text("JA")
    expect(numbers(page)).to_contain_text("1 versendbar")
    expect(page.locator("#flash")).to_contain_text("Neu geprüft: 4 Zeilen haben sich geändert.")
    expect(page.get_by_label("Zweck")).to_have_value("recall")


def test_the_name_opens_the_record_beside_and_escape_leads_back(open_window: Callable[..., Page]) -> None:
    page = open_window()
    name = page.get_by_role("link", name="Abel", exact=True)

    name.click()

    expect(page.locator("#side-panel")).to_be_visible()
    expect(page.locator("#side-panel-title")).to_contain_text("Abel")
    page.keyboard.press("Escape")
    expect(page.locator("#side-panel")).to_be_hidden()
    expect(name).to_be_focused()


def test_the_keyboard_alone_ticks_removes_undoes_and_goes_on(open_window: Callable[..., Page], draft_id: int) -> None:
    page = open_window()

    press_until(page, "tr[data-row]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    expect(box(page, "Conrad")).not_to_be_checked()
    expect(numbers(page)).to_contain_text("1 versendbar")
    page.keyboard.press("Alt+a")
    expect(box(page, "Conrad")).to_be_checked()
    expect(numbers(page)).to_contain_text("2 versendbar")
    press_until(page, "#remove-not-allowed")
    page.keyboard.press("Enter")
    expect(box(page, "Brandt")).not_to_be_checked()
    page.keyboard.press("Control+Enter")

    page.wait_for_url(re.compile(rf"/drafts/{draft_id}/compose$"))
    assert world.ticks(draft_id) == [True, False, True, False]


@pytest.mark.parametrize("field", ["#tick-page", "[data-tick]:not(:disabled)"])
def test_enter_on_a_tick_presses_no_button(open_window: Callable[..., Page], draft_id: int, field: str) -> None:
    page = open_window()
    box(page, "Abel").click()
    expect(numbers(page)).to_contain_text("1 versendbar")

    page.locator(field).first.focus()
    page.keyboard.press("Enter")
    box(page, "Conrad").click()

    expect(numbers(page)).to_contain_text("0 versendbar")
    expect(box(page, "Abel")).not_to_be_checked()
    assert world.ticks(draft_id) == [False, True, False, False]


def test_enter_on_a_tick_keeps_the_ticks_without_javascript(open_window: Callable[..., Page], draft_id: int) -> None:
    page = open_window(java_script_enabled=False)
    page.get_by_role("button", name="Nicht erlaubte entfernen (1)").click()
    expect(page.locator("#action-bar")).to_contain_text("1 entfernt")

    box(page, "Abel").uncheck()
    with page.expect_navigation():
        page.keyboard.press("Enter")

    expect(numbers(page)).to_contain_text("1 versendbar")
    assert world.ticks(draft_id) == [False, False, True, False]


def test_a_click_on_the_way_on_right_after_a_tick_is_not_lost(open_window: Callable[..., Page], draft_id: int) -> None:
    page = open_window()
    late: list[Route] = []
    page.route("**/ticks*", lambda route: late.append(route))
    with page.expect_request("**/ticks*"):
        box(page, "Abel").click()

    page.get_by_role("button", name="Übernahme").click()
    late[0].continue_()

    page.wait_for_url(re.compile(rf"/drafts/{draft_id}/compose$"))
    assert world.ticks(draft_id)[0] is False


def test_without_javascript_buttons_and_ticks_do_the_same(open_window: Callable[..., Page], draft_id: int) -> None:
    page = open_window(java_script_enabled=False)

    box(page, "Conrad").uncheck()
    page.get_by_role("button", name="Nicht erlaubte entfernen (1)").click()

    expect(box(page, "Conrad")).not_to_be_checked()
    expect(box(page, "Brandt")).not_to_be_checked()
    expect(numbers(page)).to_contain_text("1 versendbar")
    page.get_by_role("button", name="rückgängig").click()
    expect(box(page, "Brandt")).to_be_checked()
    page.get_by_label("Zweck").select_option("recall")
    page.get_by_role("button", name="Zweck ändern").click()
    expect(page.locator("tr", has_text="Brandt")).to_contain_text("JA")
    box(page, "Brandt").check()
    page.get_by_role("button", name="Übernahme: 1 →").click()
    page.wait_for_url(re.compile(rf"/drafts/{draft_id}/compose$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(open_window: Callable[..., Page], width: int, scheme: str) -> None:
    page = open_window(width=width, color_scheme=scheme, bypass_csp=True)
    page.add_script_tag(path=AXE)

    found = page.evaluate("axe.run().then(result => result.violations.map(found => found.id + ': ' + found.nodes[0].html))")

    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
