"""Searching while somebody types: every keystroke a whole request of somebody signed in, over 2,000 and over 200,000 patients.

What is typed belongs to people of the practice, drawn at random and typed as receptionists do. The yardstick in the same run is
the plain way: `LIKE '%…%'` over the name columns, for the same keystrokes, on the same file, without the request around it.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import fmean, quantiles
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from blueprints import sessions
from messaging.domain.calendar_de import date_words
from messaging.models import User, db, write_transaction
from messaging.services import selection
from tests.benchmarks import crowd

SMALL, LARGE = 2_000, 200_000
PEOPLE_TYPED = 40
LIMIT_P95 = 0.050
LIMIT_GROWTH = 3.0
HTMX = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}


def main() -> None:
    print("figure | ours | yardstick | limit | met?")
    with house(SMALL) as small, house(LARGE) as large:
        typed = list(keystrokes())
        # The same keystroke in both, one after the other: what else the machine does meanwhile hits both alike.
        both = [(small.seconds(text), large.seconds(text)) for text in typed]
        naive = [(small.naive_seconds(text), large.naive_seconds(text)) for text in typed]
        report(list(zip(*both, strict=True)), list(zip(*naive, strict=True)))
        tick_everybody(large)


def report(ours: Sequence[Sequence[float]], naive: Sequence[Sequence[float]]) -> None:
    line(f"keystroke over {LARGE:,} patients, p95", p95(ours[1]), p95(naive[1]), LIMIT_P95)
    line(f"keystroke over {LARGE:,} patients, mean", fmean(ours[1]), fmean(naive[1]))
    line(f"keystroke over {SMALL:,} patients, p95", p95(ours[0]), p95(naive[0]))
    line(f"keystroke over {SMALL:,} patients, mean", fmean(ours[0]), fmean(naive[0]))
    growth("100 x patients, mean", fmean(ours[1]) / fmean(ours[0]), fmean(naive[1]) / fmean(naive[0]))
    growth("100 x patients, p95", p95(ours[1]) / p95(ours[0]), p95(naive[1]) / p95(naive[0]))


@dataclass
class House:
    """A practice with somebody signed in. No app context is open while it is asked, so that every request has its own."""

    app: Flask
    client: FlaskClient
    bare: sqlite3.Connection

    def seconds(self, text: str) -> float:
        return seconds(lambda: self.client.get("/search", query_string={"q": text}, headers=HTMX))

    def naive_seconds(self, text: str) -> float:
        return seconds(lambda: naive_search(self.bare, text))


@contextmanager
def house(count: int) -> Iterator[House]:
    with tempfile.TemporaryDirectory() as home:
        app = create_app({"HOME": Path(home), "WTF_CSRF_ENABLED": False})
        with app.app_context():
            db.create_all()
            crowd.fill(count)
        with closing(sqlite3.connect(Path(home) / "praxispost.sqlite3")) as bare:
            yield House(app, signed_in(app), bare)
        with app.app_context():
            db.engine.dispose()


def keystrokes() -> Iterator[str]:
    """Every beginning of every text, as the field holds it while somebody types. The people typed live in both practices."""
    random = Random(crowd.START)
    for person in random.sample(list(crowd.people(SMALL)), PEOPLE_TYPED):
        text = random.choice(ways_of_typing(person))
        yield from (text[:length] for length in range(1, len(text) + 1))


def ways_of_typing(person: dict[str, Any]) -> list[str]:
    """Names far more often than anything else."""
    first, last, born = person["first_name"], person["last_name"], date_words(person["birth_date"])
    names = [last, f"{last} {first}", f"{last}, {first[:2]}", f"{first} {last}", f"{last[:3]} {first[:3]}", last.lower()]
    others = [
        born,
        f"{last} {born[:6]}",
        f"{last} {person['city']}",
        person["number"],
        person["email"] or born,
        person["mobile"] or last,
    ]
    return names * 2 + others


def tick_everybody(large: House) -> None:
    """ "Alle Treffer" of a list as long as the practice, then one keystroke with everybody ticked."""
    post, get = large.client.post, large.client.get
    line(
        f'"alle Treffer" of {LARGE:,} patients',
        seconds(lambda: post("/selection?list=patients", data={"op": "add_hits"}, headers=HTMX)),
    )
    with large.app.app_context():
        if selection.count(1, selection.PEOPLE) != LARGE:
            raise SystemExit("not everybody was ticked")
    line(f"keystroke with {LARGE:,} ticked", seconds(lambda: get("/search?q=sch", headers=HTMX)))
    line(f"first page of {LARGE:,} patients", seconds(lambda: get("/patients", headers=HTMX)))


def naive_search(connection: sqlite3.Connection, text: str) -> list[Any]:
    words = text.replace(",", " ").split() or [""]
    where = " AND ".join(["(first_name LIKE ? OR last_name LIKE ?)"] * len(words))
    values = [f"%{word}%" for word in words for _ in range(2)]
    query = f"SELECT * FROM person WHERE {where} ORDER BY last_name, first_name LIMIT 25"
    return connection.execute(query, values).fetchall()


def signed_in(app: Flask) -> FlaskClient:
    with app.app_context(), write_transaction() as session:
        user = User(id=1, name="bench", display_name="", role="staff", password_hash="!", created_at=crowd.WRITTEN_AT)
        session.add(user)
        session.flush()
        key = user.get_id()
    client = app.test_client()
    with client.session_transaction() as session:
        session.update({sessions.USER: key, "_fresh": True, sessions.SEEN: int(time.time())})
    client.get("/search?q=a", headers=HTMX)  # templates are compiled once, at start
    return client


def seconds(action: Any) -> float:
    begin = time.perf_counter()
    answer = action()
    took = time.perf_counter() - begin
    if getattr(answer, "status_code", 200) != 200:
        raise SystemExit(f"answered {answer.status_code}")
    return took


def p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1]


def line(figure: str, ours: float, naive: float | None = None, limit: float | None = None) -> None:
    yardstick = "-" if naive is None else f"{naive * 1000:.1f} ms naive LIKE"
    met = "-" if limit is None else f"<= {limit * 1000:.0f} ms | {'yes' if ours <= limit else 'NO'}"
    print(f"{figure} | {ours * 1000:.1f} ms | {yardstick} | {met}", flush=True)


def growth(figure: str, ours: float, naive: float) -> None:
    met = "yes" if ours <= LIMIT_GROWTH else "NO"
    print(f"{figure} | {ours:.2f} x | {naive:.1f} x naive LIKE | <= {LIMIT_GROWTH:.0f} x | {met}", flush=True)


if __name__ == "__main__":
    main()
