"""The main way as a new user goes it, on the running house: files in, a day's patients out, mails in the sandbox."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from messaging.domain.calendar_de import local
from messaging.models import Consent, Person, db
from sandbox.mailbox import KeptMail
from tests.browser import desk
from tests.browser.house import ROOT, House
from tests.browser.practice_files import CROWD, IMPOSSIBLE, NOT_ALLOWED, SENDABLE, Export

Open = Callable[..., Page]

#: Exports of the field to try with, where they lie beside this project.
SAMPLES = ROOT.parent / "shared" / "samples"
OWN, SAMPLE = "own files", "sample files"
PROBE = "probe@example.org"


@dataclass(frozen=True)
class Source:
    """What is taken in, and the day whose patients get a mail. `addresses`: exactly these, where that is known."""

    patients: Path
    appointments: Path
    day: date
    addresses: tuple[str, ...] = ()


def sample_day() -> date | None:
    """The second day of appointments that is still to come."""
    file = SAMPLES / "termine.csv"
    if not file.exists():
        return None
    found = {datetime.strptime(day, "%d.%m.%Y").date() for day in re.findall(r"\d\d\.\d\d\.\d{4}", file.read_text("utf-8"))}  # noqa: DTZ007
    return next((day for day in sorted(found)[1:] if day > local(datetime.now(UTC)).date()), None)


@pytest.fixture(params=[OWN, *([SAMPLE] if sample_day() else [])])
def source(request: pytest.FixtureRequest, house: House, tmp_path: Path) -> Source:
    if request.param == SAMPLE:
        return Source(SAMPLES / "patienten.csv", SAMPLES / "termine.csv", sample_day())
    day = local(house.now()).date() + timedelta(days=200)
    files = Export(tmp_path, "N").write([day])
    return Source(files.patients, files.appointments, day, files.sendable_addresses())


def test_from_the_files_to_the_mails(house: House, open_page: Open, source: Source) -> None:
    page = open_page(house.address)
    desk.sign_in(page)
    take_in(page, "Patienten", source.patients)
    take_in(page, "Termine", source.appointments)

    desk.show_day(page, source.day)
    all_of_them = desk.number_in(page.locator(".hits strong"))
    desk.tick_all(page)
    desk.ask_for_mail(page)
    expect(page.locator("#recipients-summary")).to_contain_text(f"{all_of_them} ausgewählt")
    desk.press_allowed(page)
    desk.take_over(page)

    desk.write_from_template(page)
    walk_through_the_preview(page)
    send_a_test_mail(page, PROBE)
    assert [mail.recipients for mail in house.mails_about(source.day)] == [(PROBE,)]

    desk.go_on_to_confirm(page)
    promised = desk.number_in(desk.send_button(page))
    sentences = page.get_by_role("region", name="Was geschehen wird")
    expect(sentences).to_contain_text(f"{promised} E-Mails gehen jetzt hinaus, von praxis@example.org")
    expect(sentences).to_contain_text(f"{all_of_them - promised} Empfänger bekommen keine")
    desk.send_button(page).click()
    expect_finished(page, promised)

    mails = [mail for mail in house.mails_about(source.day) if mail.recipients != (PROBE,)]
    assert len(mails) == promised > 0
    assert_one_for_each(mails)
    assert_all_allowed(house, mails)
    if source.addresses:
        assert sorted(mail.recipients[0] for mail in mails) == sorted(source.addresses)
    expect_entry_in_record(page, house, mails[0].recipients[0], f"Ihr Termin am {source.day:%d.%m.%Y}")


def test_alt_a_ticks_the_day_and_the_check_window_counts(open_house: Open, export: Export, day: date) -> None:
    page = open_house("/")
    desk.show_day(page, day)
    expect(page.locator(".hits")).to_contain_text(f"{len(CROWD)} Termine")

    page.keyboard.press("Alt+a")
    expect(page.locator("#action-bar")).to_contain_text(f"{len(CROWD)} ausgewählt")
    desk.ask_for_mail(page)
    numbers = page.locator("#recipients-summary")
    expect(numbers).to_contain_text(re.compile(rf"{len(CROWD)} ausgewählt\s+{SENDABLE} erlaubt\s+{SENDABLE} versendbar"))
    expect(numbers).to_contain_text(f"{NOT_ALLOWED + IMPOSSIBLE} ausgelassen")
    desk.press_allowed(page)

    expect(page.locator("#action-bar")).to_contain_text(f"{NOT_ALLOWED} entfernt")
    expect(page.get_by_role("button", name="Übernahme")).to_have_text(f"Übernahme: {SENDABLE} →")


def take_in(page: Page, kind: str, file: Path) -> None:
    """Import a file on the screen: upload, columns as recognised, dry run, take over."""
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_role("radio", name=kind).check()
    page.get_by_label("CSV-Datei").set_input_files(file)
    page.get_by_role("button", name="Datei hochladen und prüfen").click()
    page.get_by_role("button", name="Probelauf starten").click()
    expect(page.locator("#import-result")).to_contain_text("Nach dem Probelauf")
    page.get_by_role("button", name="übernehmen").click()
    expect(page.locator("#import-result")).to_contain_text("Übernommen")


def walk_through_the_preview(page: Page) -> None:
    look = desk.preview(page)
    expect(look.get_by_role("status").first).to_have_text(re.compile(r"1 von \d+"))
    first = look.get_by_role("article").get_attribute("aria-label")
    look.get_by_role("button", name="Nächster Empfänger").click()
    expect(look.get_by_role("status").first).to_have_text(re.compile(r"2 von \d+"))
    assert look.get_by_role("article").get_attribute("aria-label") != first
    look.get_by_role("button", name="Voriger Empfänger").click()
    expect(look.get_by_role("article", name=first)).to_be_visible()


def send_a_test_mail(page: Page, address: str) -> None:
    page.locator("summary").filter(has_text="Test-E-Mail").click()
    page.get_by_label("Test-E-Mail an").fill(address)
    page.get_by_role("button", name="Test-E-Mail senden").click()
    expect(page.get_by_text(f"Die Test-E-Mail an {address} ist dem Mailserver übergeben.")).to_be_visible()
    page.keyboard.press("Escape")


def expect_finished(page: Page, promised: int) -> None:
    page.wait_for_url(re.compile(r"/dispatches/\d+"))
    progress = page.locator("#dispatch-progress")
    expect(progress).to_contain_text("fertig")
    expect(progress).to_contain_text(re.compile(rf"{promised}\s+übergeben"))


def assert_one_for_each(mails: list[KeptMail]) -> None:
    """One address in each, none sent twice, everything filled in."""
    assert all(len(mail.recipients) == 1 for mail in mails)
    assert len({str(mail.message["Message-ID"]) for mail in mails}) == len(mails)
    for mail in mails:
        text = mail.message.get_body(("plain",)).get_content()
        assert "wir erinnern Sie an Ihren Termin" in text
        assert "{{" not in text


def assert_all_allowed(house: House, mails: list[KeptMail]) -> None:
    """Asked of the store without the rules of the program: somebody with this address said yes last, to this address."""
    latest = select(func.max(Consent.id)).filter_by(channel="email", purpose="appointment").group_by(Consent.person_id)
    with house.app.app_context():
        granted = select(Person.email_normalized).join(Consent).where(Consent.id.in_(latest), Consent.status == "yes")
        allowed = set(db.session.scalars(granted.where(Person.deceased.is_(False), Consent.target == Person.email_normalized)))
    assert {mail.recipients[0] for mail in mails} <= allowed


def expect_entry_in_record(page: Page, house: House, address: str, subject: str) -> None:
    with house.app.app_context():
        person_id = db.session.scalars(select(Person.id).filter_by(email_normalized=address)).first()
    page.goto(f"{house.address}/people/{person_id}/messages")
    expect(page.get_by_role("row").filter(has_text=subject)).to_contain_text("übergeben")
