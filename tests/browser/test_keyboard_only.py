"""The main way with the keyboard alone: no mouse, no script that clicks. Wherever the focus is, it can be seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from messaging.services.demo.practice import LOGIN, PASSWORD
from tests.browser import desk
from tests.browser.house import House
from tests.browser.practice_files import CROWD, NOT_ALLOWED, SENDABLE, Export
from tests.browser.waiting import wait_until

Open = Callable[..., Page]
TABS_AT_MOST = 120

#: The focus can be seen: in the window, not under a bar, with a ring or a shadow round it or round what frames it.
FOCUS_IS_SEEN = """LOST => {
  const here = document.activeElement;
  if (here === document.body) return LOST;
  if (here.type === 'date' && !here.matches(':focus')) return ''; // the button inside it, which the browser rings by itself
  const name = here.outerHTML.slice(0, 120);
  const box = here.getBoundingClientRect();
  const top = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
  if (!top) return 'out of sight: ' + name;
  if (!here.contains(top) && !top.contains(here)) return 'covered by ' + top.outerHTML.slice(0, 80) + ': ' + name;
  const rings = element => {
    const style = getComputedStyle(element);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none';
  };
  const around = [here, here.parentElement, here.closest('tr'), ...here.querySelectorAll('*')].filter(Boolean);
  return around.some(rings) ? '' : 'no ring: ' + name;
}"""


class Keys:
    """A person who has no mouse. Every stop of the Tab key is looked at."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def tab_to(self, name: str | re.Pattern[str], role: str = "", back: bool = False) -> None:
        """Walk with Tab until the focus is on the element of this name (and role)."""
        for _ in range(TABS_AT_MOST):
            if self.is_on(name, role):
                return
            self.press("Shift+Tab" if back else "Tab")
            assert self.page.evaluate(FOCUS_IS_SEEN, "") == ""  # behind the last stop the browser's own bar has the focus
        pytest.fail(f"the Tab key never reached {name!r}; it is at {self.focused_name()!r} now")

    def expect_focus(self) -> None:
        """After a part of the page was swapped: the focus is not lost."""
        wait_until(self.page, f"lost => ({FOCUS_IS_SEEN})(lost) || true", "nothing has the focus")

    def is_on(self, name: str | re.Pattern[str], role: str) -> bool:
        if role == "menu":
            found = self.page.locator("summary").filter(has_text=name)
        else:
            found = self.page.get_by_role(role, name=name, exact=isinstance(name, str)) if role else self.page.get_by_label(name)
        return any(element.evaluate("element => element === document.activeElement") for element in found.all())

    def focused_name(self) -> str:
        return self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")

    def choose(self, label: str, wanted: str) -> None:
        """Open nothing: typing into a select picks the option that begins so."""
        self.tab_to(label, "combobox")
        self.type(wanted)


def test_mails_to_the_patients_of_a_day(house: House, open_page: Open, export: Export, day: date) -> None:
    page = open_page(f"{house.address}/login", reduced_motion="reduce")  # smooth scrolling takes its time
    keys = Keys(page)

    sign_in(keys)
    find_day(keys, day)
    tick_everybody_and_ask_for_mail(keys)
    leave_out_who_is_not_allowed(keys)
    write(keys)
    look_at_the_next_recipient(keys)
    send_a_test_mail(keys)
    keys.press("Control+Enter")
    page.wait_for_url(re.compile(r"/drafts/\d+/confirm"))
    promised = desk.number_in(desk.send_button(page))
    keys.tab_to(re.compile(r"^\d+ E-Mails senden$"), "button")
    keys.press("Enter")

    page.wait_for_url(re.compile(r"/dispatches/\d+"))
    expect(page.locator("#dispatch-progress")).to_contain_text("fertig")
    assert sorted(mail.recipients[0] for mail in house.mails_about(day)) == sorted(
        [*export.sendable_addresses(), "probe@example.org"]
    )
    assert promised == SENDABLE


def sign_in(keys: Keys) -> None:
    keys.tab_to("Benutzername", "textbox")
    keys.type(LOGIN)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    keys.page.wait_for_url(lambda address: "/login" not in address)


def find_day(keys: Keys, day: date) -> None:
    keys.tab_to("Patientensuche", "link")
    keys.press("Enter")
    keys.page.wait_for_url("**/search")
    keys.tab_to("Terminliste", "link", back=True)
    keys.press("Enter")
    keys.page.wait_for_url("**/search/appointments")
    type_day(keys, "von", day)
    type_day(keys, "bis", day)
    keys.press("Enter")
    expect(keys.page.locator(".hits")).to_contain_text(f"{len(CROWD)} Termine")
    keys.expect_focus()


def type_day(keys: Keys, label: str, day: date) -> None:
    """In the order of the parts that this browser shows, the German one first."""
    field = keys.page.get_by_label(label, exact=True)
    for order in ("%d%m%Y", "%m%d%Y"):
        keys.tab_to(label)
        keys.type(day.strftime(order))
        if field.input_value() == day.isoformat():
            return
        keys.press("Shift+Tab", "Shift+Tab", "Shift+Tab")
    pytest.fail(f"{label} did not take the day: {field.input_value()!r}")


def tick_everybody_and_ask_for_mail(keys: Keys) -> None:
    keys.press("Alt+a")
    expect(keys.page.locator("#action-bar")).to_contain_text(f"{len(CROWD)} ausgewählt")
    keys.tab_to("Aktion", "menu")
    keys.press("ArrowDown")
    expect(keys.page.get_by_role("button", name="E-Mail senden", exact=True)).to_be_focused()
    keys.press("Enter")
    keys.page.wait_for_url(re.compile(r"/drafts/\d+/recipients"))


def leave_out_who_is_not_allowed(keys: Keys) -> None:
    keys.tab_to("erlaubt – alle ohne Erlaubnis abwählen", "button")
    keys.press("Enter")
    expect(keys.page.locator("#action-bar")).to_contain_text(f"{NOT_ALLOWED} entfernt")
    keys.expect_focus()
    keys.press("Control+Enter")
    keys.page.wait_for_url(re.compile(r"/drafts/\d+/compose"))


def write(keys: Keys) -> None:
    keys.choose("Absenderkonto (nötig)", "Praxis")
    keys.choose("Signatur", "Praxis")
    keys.choose("Vorlage", "Terminer")
    expect(keys.page.get_by_label("Betreff (nötig)")).to_have_value(re.compile("Ihr Termin"))
    expect(desk.preview(keys.page)).to_contain_text("wir erinnern Sie an Ihren Termin")
    keys.expect_focus()


def look_at_the_next_recipient(keys: Keys) -> None:
    keys.tab_to("Nächster Empfänger", "button")
    keys.press("Enter")
    expect(desk.preview(keys.page)).to_contain_text(f"2 von {SENDABLE}")
    expect(keys.page.get_by_role("button", name="Nächster Empfänger")).to_be_focused()


def send_a_test_mail(keys: Keys) -> None:
    keys.tab_to("Test-E-Mail", "menu")
    keys.press("Enter")
    keys.tab_to("Test-E-Mail an", "textbox")
    keys.type("probe@example.org")
    keys.tab_to("Test-E-Mail senden", "button")
    keys.press("Enter")
    expect(keys.page.get_by_text("Die Test-E-Mail an probe@example.org ist dem Mailserver übergeben.")).to_be_visible()
    keys.expect_focus()
