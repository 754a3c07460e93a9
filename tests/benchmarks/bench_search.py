"""Searching while somebody types: every keystroke a whole request of somebody signed in, over 2,000 and over 200,000 patients.

What is typed belongs to people of the practice, drawn at random and typed as receptionists do. The yardstick in the same run is
the plain way: `LIKE '%…%'` over the name columns, for the same keystrokes, on the same file, without the request around it.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
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
    small_ours, small_naive = measured(SMALL)
    ours, naive = measured(LARGE)
    line(f"keystroke over {LARGE:,} patients, p95", p95(ours), p95(naive), LIMIT_P95)
    line(f"keystroke over {LARGE:,} patients, mean", fmean(ours), fmean(naive))
    line(f"keystroke over {SMALL:,} patients, p95", p95(small_ours), p95(small_naive))
    line(f"keystroke over {SMALL:,} patients, mean", fmean(small_ours), fmean(small_naive))
    growth("100 x patients, mean", fmean(ours) / fmean(small_ours), fmean(naive) / fmean(small_naive))
    growth("100 x patients, p95", p95(ours) / p95(small_ours), p95(naive) / p95(small_naive))


def measured(count: int) -> tuple[list[float], list[float]]:
    """Seconds of every keystroke: ours, the naive way."""
    with tempfile.TemporaryDirectory() as home:
        app = create_app({"HOME": Path(home), "WTF_CSRF_ENABLED": False})
        with app.app_context():
            db.create_all()
            crowd.fill(count)
            client = signed_in(app)
            typed = list(keystrokes(count))
            ours = [seconds(lambda text=text: client.get("/search", query_string={"q": text}, headers=HTMX)) for text in typed]
            naive = naive_seconds(typed)
            tick_everybody(client, count)
            db.engine.dispose()
    return ours, naive


def keystrokes(count: int) -> Iterator[str]:
    """Every beginning of every text, as the field holds it while somebody types."""
    random = Random(crowd.START)
    known = list(crowd.people(count))
    for person in random.sample(known, PEOPLE_TYPED):
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


def tick_everybody(client: FlaskClient, count: int) -> None:
    """ "Alle Treffer" of a list as long as the practice, then one keystroke with everybody ticked."""
    took = seconds(lambda: client.post("/selection?list=patients", data={"op": "add_hits"}, headers=HTMX))
    if selection.count(1, selection.PEOPLE) != count:
        raise SystemExit("not everybody was ticked")
    line(f'"alle Treffer" of {count:,} patients', took)
    line(f"keystroke with {count:,} ticked", seconds(lambda: client.get("/search?q=sch", headers=HTMX)))
    line(f"first page of {count:,} patients", seconds(lambda: client.get("/patients")))


def naive_seconds(typed: Sequence[str]) -> list[float]:
    with closing(sqlite3.connect(str(db.engine.url.database))) as connection:
        return [seconds(lambda text=text: naive_search(connection, text)) for text in typed]


def naive_search(connection: sqlite3.Connection, text: str) -> list[Any]:
    words = text.replace(",", " ").split() or [""]
    where = " AND ".join(["(first_name LIKE ? OR last_name LIKE ?)"] * len(words))
    values = [f"%{word}%" for word in words for _ in range(2)]
    query = f"SELECT * FROM person WHERE {where} ORDER BY last_name, first_name LIMIT 25"
    return connection.execute(query, values).fetchall()


def signed_in(app: Flask) -> FlaskClient:
    with write_transaction() as session:
        user = User(id=1, name="bench", display_name="", role="staff", password_hash="!", created_at=crowd.WRITTEN_AT)
        session.add(user)
    client = app.test_client()
    with client.session_transaction() as session:
        session.update({sessions.USER: user.get_id(), "_fresh": True, sessions.SEEN: int(time.time())})
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
