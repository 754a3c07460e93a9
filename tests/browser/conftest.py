"""A Chromium for the tests that need one, and a whole house to open in it. On a machine without it they are skipped and say
what to install.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, ConsoleMessage, Page, StorageState, expect, sync_playwright
from werkzeug.serving import make_server

from messaging.domain.calendar_de import local
from tests.browser import house as houses
from tests.browser.desk import sign_in
from tests.browser.house import House
from tests.browser.practice_files import Export

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
#: The browser and htmx note every answer that is not a page, and every question that a newer one replaced. What the page makes
#: of it is what counts.
NOTED_ANSWER = re.compile("^(Failed to load resource|Response Status Error Code|htmx:afterRequest,|htmx:sendAbort,)")
#: Nothing is measured here: on a loaded machine a page may take its time.
PATIENCE_MS = 30_000
#: The days that tests write to lie behind the eight weeks of the demo practice, so that nobody else has an appointment.
FIRST_DAY, DAYS = 70, 60

expect.set_options(timeout=PATIENCE_MS)


def chromium_path() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.skip("Kein Chromium gefunden: bitte das Paket chromium installieren, dann laufen die Browser-Tests.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Flask], str]]:
    """Serve an app on a free port of this machine and return its address."""
    servers = []

    def start(app: Flask) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open an address in a context of its own; whatever the browser complains of fails the test at its end."""
    contexts, complaints = [], []

    def open_address(address: str, width: int = 1440, height: int = 900, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="de-DE", **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if is_complaint(message) else None)
        page.goto(address)
        return page

    yield open_address
    for context in contexts:
        context.close()
    assert complaints == []


def is_complaint(message: ConsoleMessage) -> bool:
    return message.type in ("error", "warning") and not NOTED_ANSWER.search(message.text)


@pytest.fixture
def visit(app: Flask, client: FlaskClient, serve: Callable[[Flask], str], open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Open a path of the app of this test as somebody of the staff."""
    address = serve(app)
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    state = {"cookies": [{"name": cookie.key, "value": cookie.value, "domain": "127.0.0.1", "path": "/", "expires": -1,
                          "httpOnly": True, "secure": False, "sameSite": "Lax"}], "origins": []}  # fmt: skip

    def open_path(path: str, **options: object) -> Page:
        return open_page(f"{address}{path}", storage_state=state, **options)

    return open_path


@pytest.fixture(scope="session")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo practice with all its processes. Asked for after the browser: without one there is nothing to start."""
    with houses.running(tmp_path_factory.mktemp("house") / "home") as running:
        yield running


@pytest.fixture(scope="session")
def export(house: House, tmp_path_factory: pytest.TempPathFactory) -> Export:
    """Twelve people with an appointment each on many days, taken into the house."""
    first = local(house.now()).date() + timedelta(days=FIRST_DAY)
    files = Export(tmp_path_factory.mktemp("export"), "P").write([first + timedelta(days=number) for number in range(DAYS)])
    house.command("import", "patients", str(files.patients))
    house.command("import", "appointments", str(files.appointments))
    return files


@pytest.fixture(scope="session")
def free_days(house: House, export: Export) -> Iterator[date]:
    first = local(house.now()).date() + timedelta(days=FIRST_DAY)
    return (first + timedelta(days=number) for number in range(DAYS))


@pytest.fixture
def day(free_days: Iterator[date]) -> date:
    """A day of appointments that no other test touches."""
    return next(free_days)


@pytest.fixture(scope="session")
def signed_in(browser: Browser, house: House) -> Callable[[str], StorageState]:
    """The cookies of a user of the demo practice; signed in once."""
    known: dict[str, StorageState] = {}

    def cookies(user: str) -> StorageState:
        if user not in known:
            context = browser.new_context(locale="de-DE")
            page = context.new_page()
            page.goto(f"{house.address}/login")
            sign_in(page, user)
            known[user] = context.storage_state()
            context.close()
        return known[user]

    return cookies


@pytest.fixture
def open_house(house: House, signed_in: Callable[[str], StorageState], open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Open a path of the house, signed in at the reception unless another user is named."""

    def open_path(path: str, user: str = "empfang", **options: object) -> Page:
        return open_page(f"{house.address}{path}", storage_state=signed_in(user), **options)

    return open_path
