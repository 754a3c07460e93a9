"""Importing 100,000 patients: dry run, first import, and the same file again; and how much memory ten times the rows take.

Beside it the least that an import can do, in the same run: csv.reader and executemany of the same columns into one table without
a check, an index, a search word or a consent. Every measurement is a process of its own, so that memory is told truly. Memory is
the process's own (anonymous) pages; pages of the database file that the system keeps at hand belong to nobody.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

from app import create_app
from jobs import importing
from messaging.domain.calendar_de import date_words
from messaging.models import db
from messaging.services import import_runs, import_work
from messaging.services.import_states import RunState
from tests.benchmarks import crowd

SMALL, LARGE = 10_000, 100_000
LIMIT_SECONDS = 60.0
LIMIT_GROWTH_MB = 16.0
#: A sender that waits longer would give up its connection to the mail server.
LIMIT_WAIT = 5.0
#: Rows of one transaction, ours and the yardstick's.
ROWS_AT_ONCE = 1_000

HEAD = (
    *("Pat-Nr", "Anrede", "Titel", "Vorname", "Nachname", "Geburtsdatum", "Straße", "PLZ", "Ort", "Telefon", "Mobil", "SMS"),
    *("E-Mail", "Kasse", "Kontakt SMS", "Kontakt Mail", "Kontakt Post", "verstorben", "Bemerkung"),
)


def main() -> None:
    print("figure | ours | yardstick | ratio or limit | met?", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small.csv", Path(folder) / "large.csv"
        write_file(small, SMALL)
        write_file(large, LARGE)
        plain = in_own_process("plain", large)["seconds"]
        ours_small, ours = in_own_process("import", small), in_own_process("import", large)
    seconds_line(f"first import of {LARGE:,} patients", ours["import"], plain, LIMIT_SECONDS)
    seconds_line(f"dry run before it, {LARGE:,} rows", ours["dry run"], plain, LIMIT_SECONDS)
    seconds_line(f"the same file again, {LARGE:,} rows", ours["again"], plain, LIMIT_SECONDS)
    growth = ours["megabytes"] - ours_small["megabytes"]
    met = "met" if growth <= LIMIT_GROWTH_MB else "MISSED"
    print(f"memory, {LARGE:,} rows | {ours['megabytes']:.0f} MB | {SMALL:,} rows: {ours_small['megabytes']:.0f} MB | "
          f"grows by {growth:.0f} MB, flat is up to {LIMIT_GROWTH_MB:.0f} MB | {met}", flush=True)  # fmt: skip
    print(f"another writer waits for the lock | p95 {ours['p95 wait']:.2f} s, longest {ours['longest wait']:.2f} s | – | "
          f"limit {LIMIT_WAIT:.0f} s | {'met' if ours['longest wait'] <= LIMIT_WAIT else 'MISSED'}", flush=True)  # fmt: skip


def seconds_line(name: str, ours: float, plain: float, limit: float) -> None:
    met = "met" if ours <= limit else "MISSED"
    print(f"{name} | {ours:.1f} s | {plain:.2f} s, no checks | {ours / plain:.0f} x, limit {limit:.0f} s | {met}", flush=True)


def in_own_process(what: str, file: Path) -> dict[str, float]:
    answer = subprocess.run([sys.executable, __file__, what, str(file)], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(answer.stdout)


def write_file(path: Path, count: int) -> None:
    """An export as practice programs write it: semicolons, Windows-1252."""
    random = Random(crowd.START)
    with path.open("w", encoding="cp1252", errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEAD)
        writer.writerows(row_of(person, random) for person in crowd.people(count))


def row_of(person: dict[str, Any], random: Random) -> tuple[str, ...]:
    mobile = spelled(person["mobile"], random)
    answers = (random.choice(("ja", "ja", "nein", "")) for _ in range(3))
    street = f"Musterweg {random.randrange(1, 200)}"
    return (
        *(person["number"], person["form_of_address"], person["title"], person["first_name"], person["last_name"]),
        *(date_words(person["birth_date"]), street, person["postcode"], person["city"]),
        *(spelled(person["phone"], random), mobile, mobile, person["email"], "AOK", *answers, "", ""),
    )


def spelled(number: str, random: Random) -> str:
    """The number in one of many spellings: only a few numbers are reserved, and equal texts would be checked only once."""
    return "".join(sign + random.choice(("", "", " ", "-", "/")) for sign in number.replace(" ", "")).rstrip(" -/")


def plain_import(file: Path) -> dict[str, float]:
    """The least that an import can do."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as home, closing(sqlite3.connect(Path(home) / "plain.sqlite3")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"CREATE TABLE person (id INTEGER PRIMARY KEY, {', '.join(f'c{n} TEXT' for n in range(len(HEAD)))})")
        insert = f"INSERT INTO person ({', '.join(f'c{n}' for n in range(len(HEAD)))}) VALUES ({', '.join('?' * len(HEAD))})"
        for rows in parts(file):
            with connection:
                connection.executemany(insert, rows)
    return {"seconds": time.perf_counter() - start}


def parts(path: Path) -> Iterator[list[list[str]]]:
    with path.open(encoding="cp1252", newline="") as file:
        rows = islice(csv.reader(file, delimiter=";"), 1, None)
        while part := list(islice(rows, ROWS_AT_ONCE)):
            yield part


def whole_import(file: Path) -> dict[str, float]:
    """Ours, with the whole way of a run: upload, structural pass, dry run, import, and once more."""
    memory = Watch(own_megabytes)
    with tempfile.TemporaryDirectory() as home:
        app = create_app({"HOME": Path(home), "REDIS_URL": "", "SQLALCHEMY_DATABASE_URI": ""})
        with app.app_context():
            db.create_all()
            with rival(Path(home) / "praxispost.sqlite3") as waits:
                dry = seconds(lambda: carried(app, file, memory, writing=False))
                first = seconds(lambda: carried(app, file, memory, writing=True))
                again = seconds(lambda: carried(app, file, memory, writing=True))
            db.session.remove()
            db.engine.dispose()
    return {"dry run": dry, "import": first, "again": again, "megabytes": memory.highest, **waits}


@contextmanager
def rival(database: Path) -> Iterator[dict[str, float]]:
    """Another process that writes now and then, as the sender does; afterwards the dictionary says how long it had to wait."""
    waits: dict[str, float] = {}
    command = [sys.executable, __file__, "rival", str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield waits
        waits.update(json.loads(process.communicate()[0]))


def rival_waits(database: Path) -> dict[str, float]:
    """The rival itself: takes the lock and lets it go, until its standard input ends."""
    waits = []
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    with closing(sqlite3.connect(database, timeout=60, isolation_level=None)) as connection:
        while not ended.wait(0.05):
            waits.append(seconds(lambda: connection.execute("BEGIN IMMEDIATE")))
            connection.execute("ROLLBACK")
    return {"p95 wait": quantiles(waits, n=20)[-1], "longest wait": max(waits)}


class Watch:
    """Remembers the highest value of a reading."""

    def __init__(self, read: Callable[[], float]) -> None:
        self.read = read
        self.highest = read()

    def look(self, _rows: int) -> None:
        self.highest = max(self.highest, self.read())


def own_megabytes() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) / 1024


def carried(app: Any, file: Path, memory: Watch, *, writing: bool) -> None:
    clock = app.config["CLOCK"]
    with file.open("rb") as source:
        run_id = import_runs.upload(importing.folder(), source, file.name, "patients", None, clock())
    mapping = {int(place): field for place, field in import_runs.fetch(run_id).mapping.items()}
    import_runs.start(run_id, mapping, import_runs.USUAL_PURPOSES, clock(), writing=writing)
    import_work.work(run_id, importing.folder(), clock, tell=memory.look)
    run = import_runs.fetch(run_id)
    if run.state not in (RunState.DONE, RunState.CHECKED) or run.counts.get("refused"):
        sys.exit(f"the import ended as {run.state}: {run.problem} {run.counts}")


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps({"plain": plain_import, "import": whole_import, "rival": rival_waits}[sys.argv[1]](Path(sys.argv[2]))))
    else:
        main()
