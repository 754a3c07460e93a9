"""Real programs of the house for tests: started, watched and ended, or killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


@contextmanager
def program(command: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A command of the house in a process group of its own, gone at the end whatever happens."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "flask", "--app", "app", command],
        env=environment,
        cwd=ROOT,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        kill_all_of(process)
        process.wait(timeout=10)


def kill_all_of(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL for the worker and for the child that RQ forked: a power button, not a request."""
    for pid in [process.pid, *children_of(process.pid)]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def children_of(pid: int) -> list[int]:
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listing.read_text().split()] if listing.exists() else []


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)
