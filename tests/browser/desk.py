"""The steps of the main way as somebody at the desk does them with the mouse. What they end on is expected in the tests."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import Locator, Page, expect

from messaging.services.demo.practice import PASSWORD

ACCOUNT = re.compile(r"Praxis \(Testausgang\)")
TEMPLATE = "Terminerinnerung"


def sign_in(page: Page, user: str = "empfang", password: str = PASSWORD) -> None:
    page.get_by_label("Benutzername").fill(user)
    page.get_by_label("Kennwort", exact=True).fill(password)
    page.get_by_role("button", name="Anmelden").click()
    page.wait_for_url(lambda address: "/login" not in address)


def show_day(page: Page, day: date) -> None:
    """From anywhere to the Terminliste of this day, with nothing ticked from before."""
    page.get_by_role("link", name="Patientensuche").click()
    page.get_by_role("link", name="Terminliste").click()
    if page.locator("#action-bar").is_visible():
        page.get_by_role("button", name="Auswahl aufheben").click()
        expect(page.locator("#action-bar")).to_be_hidden()
    page.get_by_label("von", exact=True).fill(day.isoformat())
    page.get_by_label("bis", exact=True).fill(day.isoformat())
    page.get_by_role("button", name="Anzeigen").click()
    expect(page.locator(".hits")).to_contain_text(f"{day:%d.%m.%Y}")


def tick_all(page: Page) -> None:
    page.get_by_role("button", name=re.compile(r"^alle [\d.]+ Treffer auswählen")).click()


def ask_for_mail(page: Page) -> None:
    """Aktion > E-Mail senden: on to the check window."""
    page.locator("#action-menu summary").click()
    page.get_by_role("button", name="E-Mail senden", exact=True).click()
    page.wait_for_url(re.compile(r"/drafts/\d+/recipients"))


def press_allowed(page: Page) -> None:
    """The one click on the head of the column "erlaubt"."""
    page.get_by_role("columnheader").get_by_role("button", name="erlaubt").click()
    expect(page.locator("#action-bar")).to_contain_text("entfernt")


def take_over(page: Page) -> None:
    page.get_by_role("button", name="Übernahme").click()
    page.wait_for_url(re.compile(r"/drafts/\d+/compose"))


def choose(page: Page, label: str, wanted: str | re.Pattern[str]) -> None:
    """Pick the option of this text from a select."""
    field = page.get_by_label(label, exact=True)
    option = field.locator("option").filter(has_text=wanted).first
    field.select_option(value=option.get_attribute("value"))


def write_from_template(page: Page) -> None:
    choose(page, "Absenderkonto (nötig)", ACCOUNT)
    choose(page, "Signatur", "Praxis")
    choose(page, "Vorlage", TEMPLATE)
    expect(page.get_by_label("Betreff (nötig)")).to_have_value(re.compile("Ihr Termin"))
    expect(preview(page)).to_contain_text("wir erinnern Sie an Ihren Termin")


def preview(page: Page) -> Locator:
    return page.get_by_role("region", name="Vorschau")


def go_on_to_confirm(page: Page) -> None:
    page.get_by_role("button", name="Weiter: prüfen und senden").click()
    page.wait_for_url(re.compile(r"/drafts/\d+/confirm"))


def send_button(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile(r"^\d+ E-Mails? senden$"))


def as_far_as_confirm(page: Page, day: date) -> None:
    """The way from any page to the confirm page, for the appointments of a day."""
    show_day(page, day)
    tick_all(page)
    ask_for_mail(page)
    press_allowed(page)
    take_over(page)
    write_from_template(page)
    go_on_to_confirm(page)


def number_in(locator: Locator) -> int:
    """The first number of a text."""
    found = re.search(r"\d[\d.]*", locator.inner_text())
    assert found, locator.inner_text()
    return int(found.group().replace(".", ""))
