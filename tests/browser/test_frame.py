"""The frame and the lists in a real browser: mouse, keyboard alone, without JavaScript, narrow, dark, and for axe."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.waiting import wait_until
from tests.web.gallery import ALL, Memory, gallery_app

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

Open = Callable[..., Page]


@pytest.fixture
def app() -> Flask:
    return gallery_app()


@pytest.fixture
def memory(app: Flask) -> Memory:
    return app.extensions["memory"]


@pytest.fixture
def address(app: Flask, serve: Callable[[Flask], str]) -> str:
    return serve(app)


@pytest.fixture
def page(address: str, open_page: Open) -> Page:
    return open_page(address)


def bar(page: Page) -> Locator:
    return page.locator("#action-bar p")


def test_a_tick_is_kept_by_the_server_at_once(page: Page, memory: Memory) -> None:
    page.locator("#tick-3").check()

    expect(bar(page)).to_have_text("1 ausgewählt")
    assert memory.ticked == {"3"}


def test_shift_and_click_ticks_the_range_and_unticks_it(page: Page, memory: Memory) -> None:
    page.locator("#tick-2").click()
    page.locator("#tick-6").click(modifiers=["Shift"])
    expect(bar(page)).to_have_text("5 ausgewählt")

    page.locator("#tick-3").click()
    page.locator("#tick-5").click(modifiers=["Shift"])

    expect(bar(page)).to_have_text("2 ausgewählt")
    assert memory.ticked == {"2", "6"}


def test_the_head_box_ticks_the_page_and_then_all_hits_can_be_had(page: Page, memory: Memory) -> None:
    page.locator("#tick-page").check()
    expect(bar(page)).to_have_text("25 ausgewählt")

    page.get_by_role("button", name="alle 150 Treffer auswählen").click()

    expect(bar(page)).to_have_text("150 ausgewählt")
    expect(page.get_by_role("button", name="alle 150 Treffer auswählen")).to_be_disabled()
    assert len(memory.ticked) == ALL


def test_ticks_survive_paging_and_can_be_cleared(page: Page, memory: Memory) -> None:
    page.locator("#tick-1").check()
    page.locator("#pager-next").click()
    expect(page.locator("#tick-26")).to_be_visible()
    page.locator("#tick-26").check()
    expect(bar(page)).to_have_text("2 ausgewählt")
    page.locator("#pager-previous").click()
    expect(page.locator("#tick-1")).to_be_checked()

    page.get_by_role("button", name="Auswahl aufheben").click()

    expect(page.locator("#action-bar")).to_be_hidden()
    expect(page.locator("#tick-1")).not_to_be_checked()
    assert memory.ticked == set()


def test_the_head_box_shows_some_and_all(page: Page) -> None:
    head = page.locator("#tick-page")
    page.locator("#tick-1").check()
    assert head.evaluate("box => box.indeterminate")

    for number in range(2, 26):
        page.locator(f"#tick-{number}").check()

    expect(head).to_be_checked()
    assert not head.evaluate("box => box.indeterminate")


def test_an_action_sends_the_selection_that_the_server_already_has(page: Page, memory: Memory) -> None:
    page.locator("#tick-1").check()
    page.locator("#tick-2").check()
    expect(bar(page)).to_have_text("2 ausgewählt")
    page.locator("#action-menu summary").click()

    with page.expect_navigation():
        page.get_by_role("button", name="SMS senden").click()

    assert memory.acted == [
        {"csrf_token": memory.acted[0]["csrf_token"], "scope": ["people"], "next": ["/"], "action": ["sms"], "synced": ["1"]}
    ]


def test_an_action_right_after_a_tick_waits_for_the_server_and_is_not_lost(page: Page, memory: Memory) -> None:
    page.locator("#tick-1").check()
    expect(bar(page)).to_have_text("1 ausgewählt")
    late: list[Route] = []
    page.route(re.compile(r"/selection\?"), lambda route: late.append(route))
    with page.expect_request(re.compile(r"/selection\?")):
        page.locator("#tick-2").check()

    page.locator("#action-menu summary").click()
    page.get_by_role("button", name="E-Mail senden", exact=True).click()
    with page.expect_navigation():
        late[0].continue_()

    assert [(acted["action"], acted["synced"]) for acted in memory.acted] == [(["email"], ["1"])]
    assert memory.ticked == {"1", "2"}


def test_an_action_does_not_go_on_with_a_tick_that_the_server_refused(page: Page, memory: Memory) -> None:
    late: list[Route] = []
    page.locator("#tick-1").check()
    expect(bar(page)).to_have_text("1 ausgewählt")
    page.route(re.compile(r"/selection\?"), lambda route: late.append(route))
    with page.expect_request(re.compile(r"/selection\?")):
        page.locator("#tick-2").check()

    page.locator("#action-menu summary").click()
    page.get_by_role("button", name="E-Mail senden", exact=True).click()
    late[0].abort()

    expect(page.locator("#tick-2")).not_to_be_checked()
    expect(page.locator("#flash")).not_to_be_empty()
    assert memory.acted == []


@pytest.mark.parametrize("field", ["#tick-page", "#tick-1"])
def test_enter_on_a_tick_ticks_nobody_else(page: Page, memory: Memory, field: str) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))

    page.locator(field).focus()
    page.keyboard.press("Enter")
    page.locator("#sort-number").click()
    page.wait_for_url("**sort=number**")

    assert "POST" not in sent
    assert memory.ticked == set()


def test_a_tick_that_the_server_refuses_does_not_look_ticked(page: Page, memory: Memory) -> None:
    memory.broken = True

    page.locator("#tick-4").click()

    expect(page.locator("#flash")).to_contain_text("Die Auswahl konnte nicht gespeichert werden.")
    expect(page.locator("#tick-4")).not_to_be_checked()


def test_a_lost_server_is_named_and_the_notice_goes_when_it_is_back(page: Page) -> None:
    page.route("**/selection*", lambda route: route.abort())
    page.locator("#tick-4").click()
    expect(page.locator("#flash")).to_contain_text("Keine Verbindung zum Praxispost-Server.")
    expect(page.locator("#tick-4")).not_to_be_checked()
    page.unroute("**/selection*")

    page.locator("#tick-4").click()

    expect(bar(page)).to_have_text("1 ausgewählt")
    expect(page.locator("#flash")).to_be_empty()


def test_rows_are_ticked_extended_and_opened_by_the_keyboard_alone(page: Page, memory: Memory) -> None:
    page.locator("#sort-number").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#row-1")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(bar(page)).to_have_text("3 ausgewählt")
    page.keyboard.press("Shift+ArrowUp")
    expect(bar(page)).to_have_text("2 ausgewählt")
    assert memory.ticked == {"2", "3"}
    expect(page.locator("#row-3")).to_be_focused()

    page.keyboard.press("Enter")
    expect(page.locator("#side-panel-title")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.locator("#side-panel")).to_be_hidden()
    expect(page.locator("#row-3")).to_be_focused()


@pytest.mark.parametrize("key", ["Alt+a", "Control+a", "Meta+a"])
def test_all_on_the_page_then_all_hits(page: Page, key: str) -> None:
    page.locator("#row-1").focus()
    page.keyboard.press(key)
    expect(bar(page)).to_have_text("25 ausgewählt")

    page.keyboard.press(key)

    expect(bar(page)).to_have_text("150 ausgewählt")


def test_alt_a_reaches_the_list_from_the_search_field_but_ctrl_a_marks_its_text(page: Page, memory: Memory) -> None:
    page.locator("#search-field").fill("Groß")
    page.keyboard.press("Control+a")
    assert memory.operations == []

    page.keyboard.press("Alt+a")

    expect(bar(page)).to_have_text("25 ausgewählt")
    expect(page.locator("#search-field")).to_have_value("Groß")


def test_the_action_menu_is_usable_by_keys(page: Page) -> None:
    page.locator("#tick-1").check()
    summary = page.locator("#action-menu summary")
    summary.focus()

    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="E-Mail senden", exact=True)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="Liste bearbeiten")).to_be_focused()
    page.keyboard.press("Escape")

    expect(summary).to_be_focused()
    assert page.locator("#action-menu").get_attribute("open") is None


def test_a_click_opens_the_record_beside_the_list_and_gives_the_focus_back(page: Page) -> None:
    name = page.locator("#row-6 .person-link")
    name.click()
    expect(page.locator("#side-panel-title")).to_have_text("Groß, Prof. Dr. Ute")

    page.get_by_role("button", name="Schließen").click()

    expect(page.locator("#side-panel")).to_be_hidden()
    expect(name).to_be_focused()


def test_ctrl_and_click_opens_the_record_in_a_new_tab(page: Page) -> None:
    with page.context.expect_page() as opened:
        page.locator("#row-6 .person-link").click(modifiers=["Control"])

    assert opened.value.url.endswith("/people/6")
    expect(page.locator("#side-panel")).to_be_hidden()


def test_keys_of_every_page(page: Page, memory: Memory) -> None:
    page.locator("#row-1").focus()
    page.keyboard.press("/")
    expect(page.locator("#search-field")).to_be_focused()
    page.keyboard.type("?/")
    expect(page.locator("#search-field")).to_have_value("?/")
    page.locator("#row-1").focus()
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys-dialog")).to_be_hidden()

    with page.expect_navigation():
        page.keyboard.press("Control+Enter")

    assert [acted["action"] for acted in memory.acted] == [["email"]]


def test_what_cannot_be_undone_is_asked_first(page: Page, memory: Memory) -> None:
    page.get_by_role("button", name="Entwurf verwerfen").click()
    dialog = page.locator("#confirm-dialog")
    expect(dialog).to_contain_text("Soll der Entwurf mit 120 Empfängern verworfen werden?")
    dialog.get_by_role("button", name="Abbrechen").click()
    expect(dialog).to_be_hidden()
    assert memory.operations == []

    page.get_by_role("button", name="Entwurf verwerfen").click()
    with page.expect_navigation():
        dialog.get_by_role("button", name="Entwurf verwerfen").click()

    assert memory.operations == ["discard"]


def test_a_refused_step_is_explained_in_sight(page: Page) -> None:
    page.get_by_role("button", name="Anhalten").click()

    expect(page.locator("#flash")).to_contain_text("Der Versand ist schon fertig.")
    expect(page.locator("#flash .alert")).to_be_in_viewport()
    page.locator("#flash").get_by_role("button", name="Meldung schließen").click()
    expect(page.locator("#flash")).to_have_text("")


def test_the_first_wrong_field_gets_the_focus_after_a_refused_save(page: Page) -> None:
    page.locator("#field-note").fill("ganz neu")

    page.get_by_role("button", name="Stammdaten speichern").click()

    expect(page.locator("#field-email")).to_be_focused()


def test_the_choice_of_colours_is_kept(page: Page) -> None:
    page.locator("#user-menu summary").click()
    page.get_by_role("button", name="Dunkel").click()
    page.reload()

    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.locator("#user-menu summary").click()
    page.get_by_role("button", name="System").click()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light dark"


def test_the_side_bar_folds_and_stays_folded(page: Page) -> None:
    page.get_by_role("button", name="Einklappen").click()
    page.reload()

    assert page.locator("#sidebar").bounding_box()["width"] < 80
    expect(page.get_by_role("link", name="Patientensuche")).to_be_visible()


def test_the_side_bar_is_a_drawer_on_a_phone(address: str, open_page: Open) -> None:
    page = open_page(address, width=390, height=844)
    expect(page.get_by_role("link", name="Verwaltung")).to_be_hidden()

    page.get_by_role("button", name="Menü öffnen").click()
    expect(page.get_by_role("link", name="Verwaltung")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("link", name="Verwaltung")).to_be_hidden()
    expect(page.get_by_role("button", name="Menü öffnen")).to_be_focused()


@pytest.mark.parametrize("path", ["/", "/login", "/errors/404"])
def test_no_page_scrolls_sideways(address: str, open_page: Open, path: str) -> None:
    page = open_page(address + path)

    for width in (1440, 1100, 992, 720, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        wait_until(page, "width => document.documentElement.scrollWidth <= width", width)


def test_rows_are_36_pixels_high_and_the_head_stays(page: Page) -> None:
    assert page.locator("#row-2").bounding_box()["height"] == 36

    page.locator("#row-20").evaluate("row => row.scrollIntoView({ block: 'center', behavior: 'instant' })")

    assert page.locator("#people-list thead th").first.bounding_box()["y"] == 0


def test_without_javascript_ticks_are_kept_and_acted_upon(address: str, open_page: Open, memory: Memory) -> None:
    page = open_page(address, java_script_enabled=False)
    page.locator("#tick-2").check()
    page.locator("#tick-5").check()
    page.get_by_role("button", name="Auswahl merken").click()
    expect(bar(page)).to_have_text("2 ausgewählt")
    page.locator("#tick-5").uncheck()
    page.locator("#tick-7").check()

    page.locator("#action-menu summary").click()
    page.get_by_role("button", name="Brief erstellen").click()

    assert memory.ticked == {"2", "5"}
    assert memory.acted[0]["action"] == ["letter"]
    assert memory.acted[0]["row"] == ["2", "7"]
    assert len(memory.acted[0]["shown"]) == 25


def test_without_javascript_every_place_can_be_reached_on_a_phone(address: str, open_page: Open) -> None:
    page = open_page(address, width=390, java_script_enabled=False)

    expect(page.get_by_role("link", name="Verwaltung")).to_be_visible()
    expect(page.get_by_text("In diesem Browser ist JavaScript ausgeschaltet.")).to_be_visible()
    page.locator("#user-menu summary").click()
    expect(page.get_by_role("button", name="Abmelden")).to_be_visible()


def complaints_of_axe(page: Page) -> list[tuple[str, str, str]]:
    found = page.evaluate("async () => (await axe.run()).violations")
    return [(rule["id"], node["html"][:150], node["failureSummary"]) for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/login?wrong=1", "/errors/500"])
def test_axe_finds_nothing(address: str, open_page: Open, path: str, scheme: str) -> None:
    page = open_page(address + path, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    page.add_script_tag(path=AXE)
    if path == "/":
        page.locator("#tick-1").check()
        page.locator("#row-3 .person-link").click()
        expect(page.locator("#side-panel-title")).to_be_focused()

    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert complaints_of_axe(page) == [], width


def test_axe_finds_nothing_in_the_drawer_and_the_dialogs(address: str, open_page: Open) -> None:
    page = open_page(address, width=390, bypass_csp=True, reduced_motion="reduce")
    page.add_script_tag(path=AXE)
    for opener in ("document.querySelector('[data-drawer-open]').click()", "document.getElementById('keys-dialog').showModal()"):
        page.evaluate(opener)
        assert complaints_of_axe(page) == []


def quickly_idle(serve: Callable[[Flask], str]) -> tuple[Memory, str]:
    app = gallery_app(
        idle_minutes=0.05, alarms=[SimpleNamespace(level="info", text="Gleich Schluss.", link_url=None, link_text=None)]
    )
    return app.extensions["memory"], serve(app)


def test_an_idle_session_warns_and_goes_on_when_asked(serve: Callable[[Flask], str], open_page: Open) -> None:
    memory, address = quickly_idle(serve)
    page = open_page(address)
    expect(page.locator("#idle-dialog")).to_be_visible()

    with page.expect_response("**/session/keep-alive"):
        page.get_by_role("button", name="Weiterarbeiten").click()

    expect(page.locator("#idle-dialog")).to_be_hidden()
    assert "logout" not in memory.operations


def test_an_idle_session_ends_at_the_log_in_with_the_way_back(serve: Callable[[Flask], str], open_page: Open) -> None:
    memory, address = quickly_idle(serve)
    page = open_page(f"{address}/?page=2")

    page.wait_for_url(re.compile("/login"))

    assert page.url.endswith("/login?next=/?page%3D2")
    assert memory.operations == ["logout"]
