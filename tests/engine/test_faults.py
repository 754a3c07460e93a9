"""Two hundred and forty seeded crashes: SIGKILL at every step, on SQLite and on PostgreSQL, with one worker and with four.

After each: no address got a message twice, none is lost, and every doubtful one is named `unknown`.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select

from messaging.models import Attempt, Dispatch, db
from messaging.outbox import recovery
from sandbox.mailbox import Mailbox
from tests.engine.faults import LABELS, Fault, fork_worker, random_fault, wait_for_all

ROOT = Path(__file__).resolve().parents[2]
RUNS = 60
MESSAGES = 10
SERVE = (
    "import asyncio, sys; from pathlib import Path; from sandbox.mailbox import Mailbox; from sandbox.smtp_server import serve; \
asyncio.run(serve(Mailbox(Path(sys.argv[1])), 0, lambda port: print(port, flush=True)))"
)


@pytest.fixture
def distant_sink(tmp_path: Path) -> Iterator[tuple[int, Mailbox]]:
    """The sandbox in a process of its own: this one is going to be forked."""
    folder = tmp_path / "distant"
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SERVE, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline()), Mailbox(folder)
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


@pytest.fixture
def real_clock(app: Flask) -> None:
    app.config["CLOCK"] = lambda: datetime.now(UTC)


def crash_and_recover(app: Flask, dispatch_id: int, faults: list[Fault | None]) -> int:
    """Workers with these faults, then the tick an hour later, then one worker without; returns how many were killed."""
    killed = wait_for_all([fork_worker(app, dispatch_id, fault) for fault in faults])
    recovery.sweep(datetime.now(UTC) + timedelta(hours=1))
    wait_for_all([fork_worker(app, dispatch_id, None)])
    recovery.sweep(datetime.now(UTC) + timedelta(hours=1))
    return killed


def assert_nothing_doubled_or_lost(
    addresses: list[str], arrived: Counter[str], after: dict[str, str], killed: int, what: str
) -> None:
    assert [address for address in addresses if arrived[address] > 1] == [], what
    assert set(after.values()) <= {"sent", "unknown"}, what
    sent = {address for address, state in after.items() if state == "sent"}
    assert [address for address in sent if arrived[address] != 1] == [], what
    assert len(addresses) - len(sent) <= killed, f"more doubtful messages than killed workers: {what}"


@pytest.mark.parametrize("workers", [1, 4])
def test_a_crash_at_any_step_doubles_nothing_and_loses_nothing(
    app: Flask, real_clock: None, make_dispatch, make_account, distant_sink, states, workers: int
) -> None:
    port, mailbox = distant_sink
    account_id = make_account(port=port)
    killed_altogether = 0
    for seed in range(RUNS):
        random = Random(seed * 1_000 + workers)
        addresses = [f"p{seed}-{n}@example.org" for n in range(MESSAGES)]
        dispatch_id = make_dispatch(addresses, account_id)
        faults: list[Fault | None] = [random_fault(random, MESSAGES) for _ in range(workers)]
        what = f"seed {seed}: {faults}"

        killed = crash_and_recover(app, dispatch_id, faults)

        killed_altogether += killed
        arrived = Counter(mail.recipients[0] for mail in mailbox.mails())
        assert_nothing_doubled_or_lost(addresses, arrived, states(dispatch_id), killed, what)
        assert db.session.get_one(Dispatch, dispatch_id).state == "finished", what
        mailbox.empty()
    assert killed_altogether > RUNS // 3
    assert db.session.scalar(select(func.count()).select_from(Attempt).where(Attempt.ended_at.is_(None))) == 0


@pytest.mark.parametrize("label", LABELS)
def test_every_label_is_a_step_that_a_worker_passes(
    app: Flask, real_clock: None, make_dispatch, make_account, distant_sink, states, label: str
) -> None:
    """A label that no worker passes would make the test above prove less than it says."""
    port, mailbox = distant_sink
    dispatch_id = make_dispatch([f"p{n}@example.org" for n in range(5)], make_account(port=port))
    stop_after = 3 if label == "giving back" else 1_000

    killed = wait_for_all([fork_worker(app, dispatch_id, Fault(label, 1, stop_after))])

    assert killed == 1
    assert max(Counter(mail.recipients[0] for mail in mailbox.mails()).values(), default=1) == 1
