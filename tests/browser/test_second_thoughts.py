"""What people do beside the straight way: click twice, go back, use two tabs, stay away too long, switch JavaScript off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import func, select

from messaging.models import Dispatch, Draft, Message, db
from tests.browser import desk, prepared
from tests.browser.house import House
from tests.browser.practice_files import CROWD, SENDABLE, Export

Open = Callable[..., Page]

#: In a draft that was made without appointments, the one whose appointment is called off may be written to as well.
WITHOUT_APPOINTMENTS = SENDABLE + 1


def dispatches_of(house: House, draft_id: int) -> list[tuple[int, int]]:
    """Ids of the dispatches of a draft, each with the number of its messages."""
    with house.app.app_context():
        counted = select(Dispatch.id, func.count(Message.id)).join(Message).where(Dispatch.draft_id == draft_id)
        return [(row[0], row[1]) for row in db.session.execute(counted.group_by(Dispatch.id))]


def text_of(house: House, draft_id: int) -> tuple[str, str]:
    with house.app.app_context():
        draft = db.session.get_one(Draft, draft_id)
        return draft.subject, draft.body


def test_a_double_click_makes_one_dispatch(house: House, open_house: Open, export: Export) -> None:
    draft_id = prepared.draft(house, export, written=True)
    page = open_house(f"/drafts/{draft_id}/confirm")

    desk.send_button(page).dblclick()

    page.wait_for_url(re.compile(r"/dispatches/\d+"))
    [(dispatch_id, messages)] = dispatches_of(house, draft_id)
    assert page.url.endswith(f"/dispatches/{dispatch_id}")
    assert messages == WITHOUT_APPOINTMENTS


def test_back_and_send_again_ends_on_the_dispatch_that_there_is(house: House, open_house: Open, export: Export) -> None:
    draft_id = prepared.draft(house, export, written=True)
    page = open_house(f"/drafts/{draft_id}/confirm")
    stale = page.context.new_page()
    stale.goto(page.url)
    desk.send_button(page).click()
    page.wait_for_url(re.compile(r"/dispatches/\d+"))
    dispatch = page.url

    page.go_back()
    expect(page).to_have_url(dispatch)
    desk.send_button(stale).click()

    stale.wait_for_url(dispatch)
    assert len(dispatches_of(house, draft_id)) == 1


def test_two_tabs_of_the_check_window_agree(house: House, open_house: Open, export: Export) -> None:
    draft_id = prepared.draft(house, export)
    first = open_house(f"/drafts/{draft_id}/recipients")
    second = first.context.new_page()
    second.goto(first.url)

    desk.press_allowed(first)
    name = f"{CROWD[0].last_name}, "
    second.get_by_role("checkbox", name=re.compile(name)).uncheck()
    numbers = second.locator("#recipients-summary")

    expect(numbers).to_contain_text(f"{WITHOUT_APPOINTMENTS - 1} versendbar")
    first.reload()
    expect(first.get_by_role("button", name="Übernahme")).to_have_text(f"Übernahme: {WITHOUT_APPOINTMENTS - 1} →")
    desk.take_over(second)
    expect(second.locator(".page-lead")).to_contain_text(f"{WITHOUT_APPOINTMENTS - 1} Empfänger")


def test_a_text_saved_in_another_tab_loses_nothing(house: House, open_house: Open, export: Export) -> None:
    draft_id = prepared.draft(house, export, written=True)
    first = open_house(f"/drafts/{draft_id}/compose")
    second = first.context.new_page()
    second.goto(first.url)

    write_subject(first, "Aus dem ersten Fenster")
    expect(first.locator("[data-save-state]")).to_contain_text("Gespeichert")
    write_subject(second, "Aus dem zweiten Fenster")

    expect(second.locator("[data-save-state]")).to_contain_text("Nicht gespeichert")
    expect(second.get_by_label("Betreff (nötig)")).to_have_value("Aus dem zweiten Fenster")
    assert text_of(house, draft_id)[0] == "Aus dem ersten Fenster"


def write_subject(page: Page, text: str) -> None:
    page.get_by_label("Betreff (nötig)").fill(text)
    page.get_by_label("Betreff (nötig)").blur()


def test_typed_text_survives_the_way_to_the_check_window_and_back(house: House, open_house: Open, export: Export) -> None:
    draft_id = prepared.draft(house, export, written=True)
    page = open_house(f"/drafts/{draft_id}/compose")
    page.locator("trix-editor").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("Bis bald!")

    page.get_by_role("button", name=re.compile(r"^Empfänger \(\d+\)$")).click()
    page.wait_for_url("**/recipients")
    desk.take_over(page)

    expect(page.locator("trix-editor")).to_contain_text("Bis bald!")
    assert "Bis bald!" in text_of(house, draft_id)[1]


def end_session(context: BrowserContext) -> None:
    context.clear_cookies()


def test_an_expired_session_returns_to_the_same_page(house: House, open_house: Open, export: Export) -> None:
    draft_id = prepared.draft(house, export)
    page = open_house(f"/drafts/{draft_id}/recipients?filter=allowed")
    end_session(page.context)

    page.get_by_role("link", name=re.compile("Nicht möglich")).click()
    page.wait_for_url(re.compile("/login"))
    desk.sign_in(page)

    expect(page.locator("tr[data-row]").first).to_be_visible()
    assert f"/drafts/{draft_id}/recipients" in page.url


def test_what_is_typed_outlives_the_session(house: House, open_house: Open, export: Export) -> None:
    draft_id = prepared.draft(house, export, written=True)
    page = open_house(f"/drafts/{draft_id}/compose")
    end_session(page.context)
    write_subject(page, "Nach der Pause")
    expect(page.locator("#flash")).to_contain_text("Sie sind nicht mehr angemeldet.")
    expect(page.get_by_label("Betreff (nötig)")).to_have_value("Nach der Pause")

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="in einem neuen Fenster anmelden").click()
    desk.sign_in(opened.value)
    write_subject(page, "Nach der Pause geht es weiter")

    expect(page.locator("[data-save-state]")).to_contain_text("Gespeichert")
    expect(page.locator("#flash")).to_be_empty()
    assert text_of(house, draft_id)[0] == "Nach der Pause geht es weiter"


def test_a_filled_form_is_not_taken_to_the_log_in_page(open_house: Open, export: Export) -> None:
    page = open_house("/people/new")
    page.get_by_label(re.compile("^Nachname")).fill("Neumann")
    end_session(page.context)

    page.get_by_role("button", name=re.compile("anlegen|speichern")).first.click()

    expect(page.locator("#flash")).to_contain_text("Sie sind nicht mehr angemeldet.")
    expect(page.get_by_label(re.compile("^Nachname"))).to_have_value("Neumann")


def test_a_held_key_stops_at_the_next_step(house: House, open_house: Open, export: Export) -> None:
    draft_id = prepared.draft(house, export, written=True)
    page = open_house(f"/drafts/{draft_id}/recipients")

    page.keyboard.down("Control")
    page.keyboard.down("Enter")
    page.wait_for_url("**/compose")
    page.keyboard.down("Enter")
    expect(page.get_by_label("Betreff (nötig)")).to_have_value(prepared.SUBJECT)
    page.keyboard.up("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/confirm")

    assert dispatches_of(house, draft_id) == []


def test_ticks_from_before_can_be_cleared_where_no_row_is_shown(open_house: Open, export: Export, day: date) -> None:
    page = open_house("/")
    desk.show_day(page, day)
    desk.tick_all(page)
    expect(page.locator("#action-bar")).to_contain_text(f"{len(CROWD)} ausgewählt")
    page.goto(page.url.split("?")[0] + "?from=2001-01-01&to=2001-01-01")
    expect(page.get_by_text("Keine Termine", exact=True)).to_be_visible()

    page.get_by_role("button", name="Auswahl aufheben").click()

    expect(page.locator("#action-bar")).to_be_hidden()


def test_who_was_written_to_is_not_in_the_next_selection(open_house: Open, free_days: Iterator[date], export: Export) -> None:
    page = open_house("/")
    desk.as_far_as_confirm(page, next(free_days))
    desk.send_button(page).click()
    page.wait_for_url(re.compile(r"/dispatches/\d+"))

    page.get_by_role("link", name="Patientensuche").click()
    page.get_by_role("link", name="Terminliste").click()
    expect(page.locator("#action-bar")).to_be_hidden()


def test_without_javascript_the_main_way_is_made_of_forms(house: House, open_house: Open, export: Export, day: date) -> None:
    page = open_house("/", java_script_enabled=False)
    desk.show_day(page, day)
    desk.tick_all(page)
    desk.ask_for_mail(page)
    desk.press_allowed(page)
    desk.take_over(page)
    desk.choose(page, "Absenderkonto (nötig)", desk.ACCOUNT)
    page.get_by_label("Betreff (nötig)").fill("Ihr Termin am {{Termindatum}}")
    page.get_by_label("Text (nötig)").fill("{{Briefanrede}}\nbis {{Terminwochentag}}!")
    desk.go_on_to_confirm(page)
    expect(desk.send_button(page)).to_have_text(f"{SENDABLE} E-Mails senden")
    desk.send_button(page).click()

    page.wait_for_url(re.compile(r"/dispatches/\d+"))
    for _ in range(120):
        if page.get_by_text("fertig").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    assert sorted(mail.recipients[0] for mail in house.mails_about(day)) == sorted(export.sendable_addresses())
