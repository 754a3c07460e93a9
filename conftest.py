"""Where everything must be tested, a skipped test is a failed one. Fixtures live in tests/."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

#: Tests that need somebody's account at a provider; nobody can install that.
NEEDS_CREDENTIALS = "tests/live/"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where PRAXISPOST_REQUIRE_ALL is set: CI installs whatever a test may want."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and must_run(item.nodeid):
        report.outcome = "failed"
        report.longrepr = f"PRAXISPOST_REQUIRE_ALL is set, but this test was skipped: {call.excinfo and call.excinfo.value}"
    return report


def must_run(nodeid: str) -> bool:
    return bool(os.environ.get("PRAXISPOST_REQUIRE_ALL")) and not nodeid.startswith(NEEDS_CREDENTIALS)
