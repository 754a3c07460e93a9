"""The main way as a new user goes it, on the running house: files in, a day's patients out, mails in the sandbox."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from playwright.sync_api import Page, expect

from tests.browser import desk
from tests.browser.house import House
from tests.browser.practice_files import IMPOSSIBLE, NOT_ALLOWED, SENDABLE, Export

Open = Callable[..., Page]


def test_mails_to_the_patients_of_a_day(house: House, open_house: Open, export: Export, day: date) -> None:
    page = open_house("/")
    before = set(house.mailbox.names())

    desk.show_day(page, day)
    desk.tick_all(page)
    desk.ask_for_mail(page)
    expect(page.locator("#recipients-summary")).to_contain_text(f"{SENDABLE + NOT_ALLOWED + IMPOSSIBLE} ausgewählt")
    desk.press_allowed(page)
    expect(page.locator("#action-bar")).to_contain_text(f"{NOT_ALLOWED} entfernt")
    desk.take_over(page)
    desk.write_from_template(page)
    desk.go_on_to_confirm(page)
    promised = desk.number_in(desk.send_button(page))
    desk.send_button(page).click()
    page.wait_for_url(re.compile(r"/dispatches/\d+"))
    expect(page.locator("#dispatch-progress")).to_contain_text("fertig")

    got = [house.mailbox.mail(name) for name in set(house.mailbox.names()) - before]
    assert promised == SENDABLE
    assert sorted(address for mail in got for address in mail.recipients) == sorted(export.sendable_addresses())
