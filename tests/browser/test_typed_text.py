"""What is typed is neither lost nor left lying open: another session, a broken server, the tabs of a record, an empty chair."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, Route, expect

from blueprints.error_pages import BROKEN, STALE_FORM
from messaging.models import Signature, User, db, write_transaction
from messaging.services import passwords
from tests.browser.desk import sign_in
from tests.browser.waiting import wait_until
from tests.web.drafts_of import ANNA, make_draft

PASSWORD = "Lindenblüten im Mai"
ANNA_TYPES, COLLEAGUE = "anna", "kim"

Open = Callable[..., Page]


@pytest.fixture
def address(app: Flask, csrf: None, make_user: Callable[..., User], serve: Callable[[Flask], str]) -> str:
    """The app with two people who can sign in, and with the tokens of the running house."""
    for name in (ANNA_TYPES, COLLEAGUE):
        user_id = make_user(name=name).id
        with write_transaction() as session:
            session.get_one(User, user_id).password_hash = passwords.hashed(PASSWORD)
    return serve(app)


@pytest.fixture
def page(address: str, open_page: Open) -> Page:
    """A new signature with a name typed in and not saved."""
    page = open_page(f"{address}/login")
    page.clock.install()
    sign_in(page, ANNA_TYPES, PASSWORD)
    page.goto(f"{address}/signatures/new")
    # In this order: the editor takes the focus back while it draws, and the name would land in it.
    name(page).fill("Sommer")
    page.locator("trix-editor").press_sequentially("Ihr Team")
    expect(name(page)).to_have_value("Sommer")
    return page


def name(page: Page) -> Locator:
    return page.get_by_label(re.compile("^Name"))


def save(page: Page) -> None:
    page.get_by_role("button", name="Signatur speichern").click()


def sign_in_elsewhere(page: Page, user: str) -> None:
    """In another tab of the same browser, whoever was signed in there."""
    other = page.context.new_page()
    other.goto(page.url)
    if "/login" not in other.url:
        other.locator("#user-menu summary").click()
        other.get_by_role("button", name="Abmelden").click()
        other.wait_for_url("**/login*")
    sign_in(other, user, PASSWORD)
    other.close()


def leave_the_chair(page: Page) -> None:
    """Until the server knows: the page is hidden before it has answered."""
    with page.expect_response("**/logout"):
        page.clock.fast_forward("01:00:00")


def stored_names() -> list[str]:
    return list(db.session.scalars(db.select(Signature.name)))


def test_what_was_typed_before_a_colleague_signed_in_is_shown_again_and_can_be_saved(page: Page) -> None:
    sign_in_elsewhere(page, COLLEAGUE)

    save(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Bitte noch einmal bestätigen")
    page.get_by_role("button", name="Eingaben jetzt übernehmen").click()

    expect(page.locator("#flash")).to_contain_text("„Sommer“ ist gespeichert")
    assert stored_names() == ["Sommer"]


@pytest.mark.parametrize("status", [403, 500])
def test_a_server_that_cannot_save_says_so(page: Page, status: int) -> None:
    page.route("**/session/keep-alive", lambda route: broken(route, status))

    save(page)

    expect(page.get_by_text(BROKEN)).to_be_visible()
    expect(name(page)).to_have_value("Sommer")
    page.unroute("**/session/keep-alive")
    save(page)
    expect(page.locator("#flash")).to_contain_text("„Sommer“ ist gespeichert")


def broken(route: Route, status: int) -> None:
    route.fulfill(status=status, content_type="text/html", body=f'<div class="alert alert-danger" role="alert">{BROKEN}</div>')


def test_an_empty_chair_hides_what_is_typed_until_the_same_person_is_back(page: Page) -> None:
    place = page.url
    leave_the_chair(page)

    expect(page.get_by_text("Sie sind nicht mehr angemeldet.")).to_be_visible()
    expect(name(page)).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_hidden()
    expect(page).to_have_title(re.compile("^Abgemeldet"))
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="in einem neuen Fenster anmelden").click()
    sign_in(opened.value, ANNA_TYPES, PASSWORD)
    opened.value.close()
    page.keyboard.press("Shift")

    expect(name(page)).to_be_visible()
    expect(name(page)).to_have_value("Sommer")
    expect(page.locator("#flash")).to_be_empty()
    expect(page).to_have_title(re.compile("^Neue Signatur"))
    assert page.url == place
    save(page)
    expect(page.locator("#flash")).to_contain_text("„Sommer“ ist gespeichert")


def test_what_an_empty_chair_hides_stays_hidden_from_a_colleague(page: Page) -> None:
    leave_the_chair(page)
    expect(name(page)).to_be_hidden()
    sign_in_elsewhere(page, COLLEAGUE)

    page.keyboard.press("Shift")

    expect(page.get_by_text(STALE_FORM)).to_be_visible()
    expect(name(page)).to_be_hidden()


def test_an_empty_chair_is_signed_out_though_something_is_typed(page: Page) -> None:
    leave_the_chair(page)
    expect(name(page)).to_be_hidden()

    other = page.context.new_page()
    other.goto(page.url)

    expect(other.get_by_role("heading", level=1)).to_have_text("Anmelden")


def test_a_chair_that_is_empty_again_is_noticed_again(page: Page) -> None:
    leave_the_chair(page)
    expect(name(page)).to_be_hidden()
    sign_in_elsewhere(page, ANNA_TYPES)
    page.keyboard.press("Shift")
    expect(name(page)).to_be_visible()

    leave_the_chair(page)

    expect(page.get_by_text("Sie sind nicht mehr angemeldet.")).to_be_visible()
    expect(name(page)).to_be_hidden()


def test_a_late_answer_does_not_take_the_notice_away(page: Page) -> None:
    late: list[Route] = []
    page.route("**/signatures/check", lambda route: late.append(route))
    with page.expect_request("**/signatures/check"):
        name(page).fill("Sommerpause")
    leave_the_chair(page)
    expect(name(page)).to_be_hidden()

    with page.expect_response("**/signatures/check"):
        late[0].fulfill(status=200, content_type="text/html", body='<div id="text-complaints"></div>')

    wait_until(page, "() => !document.querySelector('.htmx-request')")
    expect(page.get_by_text("Sie sind nicht mehr angemeldet.")).to_be_visible()


@pytest.fixture
def record(visit: Open) -> Page:
    """Somebody's permissions, with an entry filled in and not saved."""
    make_draft(ANNA)
    page = visit("/people/1/permissions")
    page.get_by_label(re.compile("^E-Mail")).check()
    page.get_by_label(re.compile("^Beleg")).fill("Anmeldebogen vom 12.03.")
    return page


def test_another_tab_of_the_record_asks_before_it_drops_an_entry(record: Page) -> None:
    tab = record.get_by_role("navigation", name="Karteikarte").get_by_role("link", name="Stammdaten")
    dialog = record.locator("#confirm-dialog")

    tab.click()
    expect(dialog).to_contain_text("noch nicht gespeichert")
    dialog.get_by_role("button", name="Abbrechen").click()
    expect(dialog).to_be_hidden()
    expect(record.get_by_label(re.compile("^Beleg"))).to_have_value("Anmeldebogen vom 12.03.")
    tab.click()
    dialog.get_by_role("button", name="Eingaben verwerfen").click()

    record.wait_for_url("**/people/1")
    expect(record.locator("#permission-form")).to_have_count(0)


def test_saving_an_entry_asks_nothing(record: Page) -> None:
    record.get_by_label("Terminerinnerung").check()
    record.get_by_role("radio").first.check()
    record.get_by_label(re.compile("^Wie")).select_option(index=1)
    record.get_by_role("button", name="Eintrag speichern").click()

    expect(record.get_by_label(re.compile("^Beleg"))).to_have_value("")
    expect(record.locator("#confirm-dialog")).to_be_hidden()


def test_an_entry_outlives_the_session(record: Page) -> None:
    record.context.clear_cookies()

    record.get_by_role("button", name="Eintrag speichern").click()

    expect(record.get_by_text("Sie sind nicht mehr angemeldet.")).to_be_visible()
    expect(record.get_by_label(re.compile("^Beleg"))).to_have_value("Anmeldebogen vom 12.03.")
