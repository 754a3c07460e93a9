"""The check window with 10,000 recipients: whole requests of somebody signed in, from "alle Treffer" to the click on "erlaubt".

Yardsticks of the same run, on the same file and people: bare executemany of as many rows (the floor: nothing is checked), and the
naive way with ORM objects row by row (1,000 rows, scaled).
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select

from app import create_app
from blueprints import sessions
from messaging.domain.recipient_check import CheckFacts, RecipientCheck
from messaging.models import Consent, Draft, Person, Recipient, User, db, write_transaction
from tests.benchmarks import crowd

COUNT = 10_000
SAMPLE = 1_000
ROUNDS = 9
HTMX = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}
LIMITS = {"draft": 1.0, "page": 0.150, "click": 0.150}


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        app = create_app({"HOME": Path(home), "WTF_CSRF_ENABLED": False})
        with app.app_context():
            db.create_all()
            fill()
            client = signed_in(app)
            print(f"{COUNT:,} recipients, SQLite, whole requests, median of {ROUNDS} (longest in brackets)")
            print("figure | ours | yardstick | ratio/limit | met?")
            draft_id = drafts_from_all_hits(client)
            window(client, draft_id)
            db.engine.dispose()


def drafts_from_all_hits(client: FlaskClient) -> int:
    """Everybody ticked by "alle Treffer", then the menu Aktion; returns the last draft."""
    ticked = timed(lambda: client.post("/selection?list=patients", data={"op": "add_hits"}, headers=HTMX))
    made = timed(lambda: client.post("/selection/act?list=patients", data={"action": "email", "synced": 1}, headers=HTMX))
    draft_id = db.session.scalar(select(func.max(Draft.id))) or 0
    expect(draft_id, COUNT)
    bare, naive = timed(bare_executemany), timed(naive_check, rounds=1, scale=COUNT / SAMPLE)
    print_line("tick all hits", ticked, None)
    print_line("draft from all hits", made, LIMITS["draft"], bare, "bare executemany")
    print_line("draft from all hits", made, LIMITS["draft"], naive, "ORM row by row")
    return draft_id


def window(client: FlaskClient, draft_id: int) -> None:
    url = f"/drafts/{draft_id}/recipients"
    naive_page, naive_click = timed(lambda: naive_numbers(draft_id), rounds=3), timed(lambda: naive_untick(draft_id), rounds=1)
    client.post(f"{url}/ticks", data={"op": "add_hits"})
    print_line("first page", timed(lambda: client.get(url)), LIMITS["page"], naive_page, "ORM rows counted in Python")
    print_line("page of a filter", timed(lambda: client.get(f"{url}?filter=not_allowed&page=9")), LIMITS["page"])
    print_line(
        "one tick", timed(lambda: client.post(f"{url}/ticks", data={"op": "remove", "row": 1}, headers=HTMX)), LIMITS["click"]
    )
    clicks, undone = [], []
    for _ in range(ROUNDS):
        clicks += timed(lambda: client.post(f"{url}/remove-not-allowed", headers=HTMX), rounds=1)
        undone += timed(lambda: client.post(f"{url}/undo", headers=HTMX), rounds=1)
    print_line('click on "erlaubt"', clicks, LIMITS["click"], naive_click, "ORM row by row")
    print_line("undo", undone, LIMITS["click"])
    print_line("check all again", timed(lambda: client.post(f"{url}/recheck", headers=HTMX), rounds=3), LIMITS["draft"])
    print_line('"alle" (1,000 rows drawn)', timed(lambda: client.get(f"{url}?per_page=all"), rounds=3), None)


def fill() -> None:
    """As many people as recipients; of those with an address seven in ten said yes, the others no, nothing, or withdrew."""
    crowd.fill(COUNT)
    with write_transaction() as session:
        session.add(User(name="bench", display_name="", role="staff", password_hash="!", created_at=crowd.WRITTEN_AT))
        people = session.execute(select(Person.id, Person.email_normalized)).all()
        entries = [
            entry(who, address, purpose) for who, address in people if who % 10 for purpose in ("information", "appointment")
        ]
        session.connection().execute(insert(Consent.__table__), entries)


def entry(who: int, address: str, purpose: str) -> dict[str, Any]:
    status = {1: "no", 2: "revoked"}.get(who % 10, "yes")
    return {"person_id": who, "channel": "email", "purpose": purpose, "status": status, "target": address, "source": "form",
            "recorded_at": crowd.WRITTEN_AT}  # fmt: skip


def signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    user = db.session.scalars(select(User)).one()
    with client.session_transaction() as session:
        session.update({sessions.USER: user.get_id(), "_fresh": True, sessions.SEEN: int(time.time())})
    return client


def bare_executemany() -> None:
    """The floor: as many ready-made rows in one durable transaction, through the driver alone, into a table without any keys."""
    rows = [(1, number, number, None, "somebody@example.org", 1, 1, 1, "", 0) for number in range(COUNT)]
    with closing(sqlite3.connect(str(db.engine.url.database), isolation_level=None)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bare (a, b, c, d, e, f, g, h, i, j)")
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")


def naive_check() -> None:
    """The plain way: for every person its row, its latest entry, the check, an object to store."""
    check = RecipientCheck("email", "information", crowd.WRITTEN_AT)
    with write_transaction() as session:
        draft = Draft(
            channel="email", purpose="information", origin="people", created_at=crowd.WRITTEN_AT, updated_at=crowd.WRITTEN_AT
        )
        session.add(draft)
        session.flush()
        for position, who in enumerate(session.scalars(select(Person.id).limit(SAMPLE)).all(), start=1):
            person = session.get_one(Person, who)
            mine = select(Consent).filter_by(person_id=who, channel="email", purpose="information")
            latest = session.scalars(mine.order_by(Consent.id.desc()).limit(1)).first()
            status, target = (latest.status, latest.target) if latest else ("", "")
            verdict = check.verdict(
                CheckFacts(person.email_normalized, bool(person.email), consent_status=status, consent_target=target)
            )
            session.add(Recipient(draft_id=draft.id, position=position, person_id=who, ticked=verdict.possible,
                                  allowed=verdict.allowed, possible=verdict.possible, reason=verdict.reason,
                                  address=verdict.address))  # fmt: skip
    db.session.expunge_all()


def naive_numbers(draft_id: int) -> None:
    rows = db.session.scalars(select(Recipient).filter_by(draft_id=draft_id)).all()
    sum(row.ticked and row.possible and (row.allowed or bool(row.override_reason)) for row in rows)
    db.session.expunge_all()


def naive_untick(draft_id: int) -> None:
    with write_transaction() as session:
        for row in session.scalars(select(Recipient).filter_by(draft_id=draft_id)):
            if row.possible and not row.allowed:
                row.ticked = False
    db.session.expunge_all()


def expect(draft_id: int, rows: int) -> None:
    found = db.session.scalar(select(func.count()).where(Recipient.draft_id == draft_id))
    if found != rows:
        raise SystemExit(f"the draft has {found} rows instead of {rows}")


def timed(work: Callable[[], Any], rounds: int = ROUNDS, scale: float = 1.0) -> list[float]:
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        answer = work()
        seconds.append((time.perf_counter() - begin) * scale)
        if getattr(answer, "status_code", 200) >= 400:
            raise SystemExit(f"{answer.request.path} answered {answer.status_code}")
    return seconds


def print_line(figure: str, ours: list[float], limit: float | None, yardstick: list[float] | None = None, name: str = "") -> None:
    mine = f"{1000 * median(ours):.0f} ms ({1000 * max(ours):.0f})"
    beside = f"{1000 * median(yardstick):.0f} ms {name}" if yardstick else "-"
    ratio = f"{median(ours) / median(yardstick):.2f} x" if yardstick else "-"
    verdict = "-" if limit is None else f"<= {1000 * limit:.0f} ms {'met' if median(ours) <= limit else 'MISSED'}"
    print(f"{figure:28} | {mine:>18} | {beside:>38} | {ratio:>7} | {verdict}", flush=True)
