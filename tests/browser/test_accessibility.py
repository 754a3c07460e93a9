"""Every main screen of the running house: nothing for axe to find, wide and narrow, light and dark; nothing to complain of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, StorageState, expect
from sqlalchemy import select

from messaging.models import ImportRun, Message, MessageTemplate, Recipient, Signature, User, db
from messaging.services import dispatching, import_runs
from tests.browser import prepared
from tests.browser.house import House
from tests.browser.practice_files import Export

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = 1440, 390
MAIL_SECONDS = 120
CONTRAST = ("color-contrast", "link-in-text-block")

Open = Callable[..., Page]

#: name -> path; {words} are ids of what is prepared below
SCREENS = {
    "start": "/",
    "search, empty": "/search",
    "search, found": "/search?q=dr",
    "search, nobody": "/search?q=gibtesnicht",
    "list of a day": "/search/appointments?from={day}&to={day}",
    "appointments": "/appointments?from={day}&to={day}",
    "patients": "/patients",
    "prospects": "/prospects",
    "ticked people": "/selection/people",
    "ticked appointments": "/selection/appointments",
    "check window": "/drafts/{draft}/recipients",
    "override": "/drafts/{draft}/recipients/{recipient}/override",
    "drafts": "/drafts",
    "composer": "/drafts/{written}/compose",
    "composer, empty": "/drafts/{draft}/compose",
    "nothing for a macro": "/drafts/{written}/compose/empty/Titel",
    "confirm": "/drafts/{written}/confirm",
    "confirm, not ready": "/drafts/{draft}/confirm",
    "dispatches": "/dispatches",
    "dispatch, finished": "/dispatches/{finished}",
    "dispatch, scheduled": "/dispatches/{scheduled}",
    "dispatch, paused": "/dispatches/{paused}",
    "dispatch, one message": "/dispatches/messages/{message}",
    "another time": "/dispatches/{scheduled}/time",
    "cancel": "/dispatches/{scheduled}/cancel",
    "unclear": "/dispatches/unclear",
    "record": "/people/{person}",
    "record, edit": "/people/{person}/edit",
    "record, appointments": "/people/{person}/appointments",
    "record, permissions": "/people/{person}/permissions",
    "record, messages": "/people/{person}/messages",
    "record, one message": "/people/{person}/messages/{message}",
    "block": "/people/{person}/block",
    "new person": "/people/new",
    "templates": "/message-templates",
    "template": "/message-templates/{template}",
    "new template": "/message-templates/new",
    "signatures": "/signatures",
    "signature": "/signatures/{signature}",
    "new signature": "/signatures/new",
    "import": "/imports",
    "import, columns": "/imports/{uploaded}/columns",
    "import, done": "/imports/{imported}",
    "administration": "/admin",
    "practice": "/admin/practice",
    "mail accounts": "/admin/mail-accounts",
    "mail account": "/admin/mail-accounts/1",
    "new mail account": "/admin/mail-accounts/new",
    "users": "/admin/users",
    "user": "/admin/users/{user}",
    "new user": "/admin/users/new",
    "audit": "/admin/audit",
    "own account": "/account",
    "test outbox": "/testausgang/",
    "mail in the test outbox": "/testausgang/{mail}",
    "no such page": "/gibt-es-nicht",
}
#: What answers a GET with something else than a page of its own: parts of pages, files, data.
NO_SCREENS = {
    "static", "health.show", "start.last", "start.refresh", "person_record.panel", "admin_mail_accounts.show_check",
    "composer.show_test_mail", "dispatches.export", "dispatches.export_one", "dispatches.refresh", "dispatches.show_progress",
    "imports.progress", "imports.report",
}  # fmt: skip


@pytest.fixture(scope="session")
def ids(house: House, export: Export, free_days: Iterator[date]) -> dict[str, object]:
    """What the paths need: one of everything."""
    finished = prepared.dispatch(house, export)
    scheduled, paused = prepared.scheduled_dispatch(house, export), prepared.scheduled_dispatch(house, export)
    draft, written = prepared.draft(house, export), prepared.draft(house, export, written=True)
    with house.app.app_context():
        dispatching.pause(paused, prepared.user_id(), house.now())
        wait_for_mail(house)
        head = "Pat-Nr;Nachname;Geburtsdatum;E-Mail;Kasse;Kontakt Mail\r\nQ1;Groß;01.02.1970;q1@example.org;TK;ja\r\n"
        uploaded = import_runs.upload(
            house.home / "imports", BytesIO(head.encode("cp1252")), "neu.csv", "patients", None, house.now()
        )
        first = {
            name: db.session.scalars(select(model.id).order_by(model.id)).first()
            for name, model in (("template", MessageTemplate), ("signature", Signature), ("user", User), ("imported", ImportRun))
        }
        message = db.session.scalars(select(Message).filter_by(dispatch_id=finished).order_by(Message.id)).first()
        overridable = select(Recipient.id).filter_by(draft_id=draft, person_id=prepared.person_id(export, 8))
        return first | {
            "day": next(free_days), "finished": finished, "scheduled": scheduled, "paused": paused,
            "draft": draft, "written": written,
            "recipient": db.session.scalars(overridable).one(), "person": message.person_id, "message": message.id,
            "uploaded": uploaded, "mail": house.mailbox.names()[0],
        }  # fmt: skip


def wait_for_mail(house: House) -> None:
    deadline = time.monotonic() + MAIL_SECONDS
    while not house.mailbox.names():
        assert time.monotonic() < deadline, "no mail arrived in the sandbox"
        time.sleep(0.1)


@pytest.fixture
def looked_at(open_page: Open, house: House) -> Iterator[Callable[..., Page]]:
    """Open a path with axe loaded beside the page's own scripts, which its policy stays in force for; nothing may be missing."""
    missing: list[str] = []

    def look(path: str, expected: int = 200, **options: object) -> Page:
        page = open_page("about:blank", reduced_motion="reduce", **options)
        page.add_init_script(path=AXE)
        page.on("response", lambda answer: missing.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
        page.goto(f"{house.address}{path}")
        assert missing == ([f"{expected} {house.address}{path}"] if expected >= 400 else [])
        return page

    yield look
    assert missing[1:] == []


def findings(page: Page, *rules: str) -> list[str]:
    """What axe finds, the rules of WCAG 2.2 included; with `rules`, only what these do."""
    wanted = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {"rules": {"target-size": {"enabled": True}}}
    options = wanted | {"resultTypes": ["violations"], "selectors": False}
    found = page.evaluate("async options => (await axe.run(document, options)).violations", options)
    return [f"{rule['id']}: {node['html'][:200]} | {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def assert_nothing_found(page: Page) -> None:
    """Wide in light colours, narrow in dark ones; wide in dark ones only the contrast can differ."""
    show(page, WIDE, "light")
    assert findings(page) == [], f"{WIDE} px, light"
    show(page, WIDE, "dark")
    assert findings(page, *CONTRAST) == [], f"{WIDE} px, dark"
    show(page, NARROW, "dark")
    assert findings(page) == [], f"{NARROW} px, dark"


def show(page: Page, width: int, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{width} px: scrolls sideways"
    # as high as the page: what lies half under the bottom bar would count as too small to hit
    page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight")})


def test_no_screen_is_left_out(house: House, ids: dict[str, object]) -> None:
    """A new screen belongs into the list above."""
    routes = house.app.url_map.bind("localhost")
    looked_at = {routes.match(urlsplit(path.format(**ids)).path)[0] for name, path in SCREENS.items() if name != "no such page"}
    there = {rule.endpoint for rule in house.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert there - looked_at - NO_SCREENS == {"auth.login"}


@pytest.mark.parametrize("name", SCREENS)
def test_axe_finds_nothing(
    looked_at: Callable[..., Page], signed_in: Callable[[str], StorageState], ids: dict[str, object], name: str
) -> None:
    page = looked_at(SCREENS[name].format(**ids), 404 if name == "no such page" else 200, storage_state=signed_in("admin"))

    assert_nothing_found(page)


def test_axe_finds_nothing_in_what_opens(
    looked_at: Callable[..., Page], signed_in: Callable[[str], StorageState], ids: dict[str, object]
) -> None:
    """The record beside the list and the menu of actions; the small form for a test mail and the other side of the composer."""
    page = looked_at("/patients", storage_state=signed_in("admin"))
    page.locator("[data-tick]").first.check()
    page.locator("#action-menu summary").click()
    assert_nothing_found(page)
    page.keyboard.press("Escape")
    page.locator(".person-link").first.click()
    expect(page.locator("#side-panel-title")).to_be_visible()
    assert_nothing_found(page)

    page.goto(f"{page.url.rpartition('/patients')[0]}/drafts/{ids['written']}/compose")
    page.locator("summary").filter(has_text="Test-E-Mail").click()
    assert_nothing_found(page)
    page.get_by_role("button", name="Vorschau", exact=True).click()
    assert findings(page) == []


def test_axe_finds_nothing_at_the_log_in(looked_at: Callable[..., Page]) -> None:
    page = looked_at("/login")
    assert_nothing_found(page)
