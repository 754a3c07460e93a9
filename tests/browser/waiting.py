"""Waiting for what a locator cannot say. Playwright's own wait_for_function polls with eval, which the pages' CSP forbids."""

from __future__ import annotations

import time

from playwright.sync_api import Page

PATIENCE_SECONDS = 30
PAUSE_MS = 50


def wait_until(page: Page, function: str, argument: object = None) -> None:
    """Ask the JavaScript function again and again until its answer is true; fails with the last answer."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (answer := page.evaluate(function, argument)) is not True:
        assert time.monotonic() < end, f"{function[:80]}… still answers {answer!r}"
        page.wait_for_timeout(PAUSE_MS)
