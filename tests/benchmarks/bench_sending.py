"""Sending 5,000 personalised multipart mails, everything durable, beside nodemailer's pool, django-post_office and a bare
smtplib loop.

The figures are asked of the house as `make run` starts it, with WORKERS processes; the other counts show how it scales.
All send to the same kind of local sink (Debian's smtp-sink; aiosmtpd is too slow to be one). Ours: real worker processes, real
Redis; the
clock runs from the wake-up to the last committed result.
"""

from __future__ import annotations

import os
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage
from pathlib import Path

from mail_house import fill, new_dispatch
from rq import Worker
from sqlalchemy import select

from app import create_app
from jobs import embedded_redis, queues, sending
from jobs.processes import WORKERS
from messaging.models import Dispatch, Message, db
from tests import postgres_server
from tests.postgres_server import PostgresServer
from tools.node import node

COUNT = 5_000
SLOW_COUNT = 24
HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BENCH_PYTHON = ROOT / ".venv-bench/bin/python"


def main() -> None:
    with sink() as port:
        bare = bare_loop(port, COUNT)
        nodemailer = float(run([str(node()), str(HERE / "yardsticks/nodemailer_pool.mjs"), str(port), str(COUNT)]))
        post_office = float(run([str(BENCH_PYTHON), str(HERE / "yardsticks/post_office_threads.py"), str(port), str(COUNT)]))
        report("ceiling: smtplib, ready-made bytes, 1 connection", bare, nodemailer)
        report("yardstick: nodemailer, pool of 5", nodemailer, nodemailer)
        report("yardstick: django-post_office, 5 threads", post_office, nodemailer)
        for database, server in databases():
            for workers in (1, 2, 4):
                seconds = ours(port, workers, server)
                shipped = workers == WORKERS
                name = f"Praxispost, {database}, {workers} worker(s){', as it ships' if shipped else ''}"
                report(name, seconds, nodemailer)
                if shipped:
                    verdict("at least as fast as nodemailer", nodemailer / seconds, 1.0)
                    verdict("twice django-post_office", post_office / seconds, 2.0)
    slow_server()


def databases() -> Iterator[tuple[str, str | PostgresServer]]:
    """Each database with its server; PostgreSQL where it is installed, with fsync."""
    yield "SQLite", ""
    programs = postgres_server.server_programs()
    if programs is None:
        print("    PostgreSQL is not installed: left out")
        return
    with postgres_server.running(programs, durable=True) as server:
        yield "PostgreSQL", server


def slow_server() -> None:
    """Where the server is the bottleneck, workers must add up: a second per mail, four connections against one."""
    with sink("-w", "1") as port:
        one, four = ours(port, 1, "", count=SLOW_COUNT, parallel=1), ours(port, 4, "", count=SLOW_COUNT, parallel=4)
    print(f"slow server (1 s a mail), {SLOW_COUNT} mails: 1 worker {one:.1f} s, 4 workers {four:.1f} s")
    verdict("four workers beat one", one / four, 1.5)


def report(name: str, seconds: float, nodemailer: float) -> None:
    print(f"{name:55} {seconds:7.2f} s {COUNT / seconds:8.0f} mails/s   {nodemailer / seconds:5.2f} x nodemailer", flush=True)


def verdict(name: str, ratio: float, needed: float) -> None:
    print(f"    {name}: {ratio:.2f} (needed {needed:.1f}) {'reached' if ratio >= needed else 'MISSED'}", flush=True)


def run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=HERE).stdout


@contextmanager
def sink(*options: str) -> Iterator[int]:
    """Postfix's smtp-sink on a free port."""
    program = shutil.which("smtp-sink", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        sys.exit("smtp-sink is missing: apt-get install postfix")
    port = free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([program, *user, *options, f"127.0.0.1:{port}", "100"])
    try:
        wait_for(lambda: answers(port))
        yield port
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition, seconds: float = 300.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit("gave up waiting")
        time.sleep(0.02)


def bare_loop(port: int, count: int) -> float:
    """What one connection can carry when the bytes are there already."""
    mails = [(f"person{n}@example.org", ready_made(n)) for n in range(count)]
    start = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as session:
        for address, content in mails:
            session.sendmail("praxis@example.org", [address], content)
    return time.perf_counter() - start


def ready_made(n: int) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "praxis@example.org", f"person{n}@example.org", f"Ihr Termin, Person {n}"
    message.set_content(f"Guten Tag Person {n},\n\n" + "wir möchten Sie an Ihren Termin erinnern.\n" * 12)
    message.add_alternative(
        f"<div>Guten Tag Person {n}</div>" + "wir möchten Sie an Ihren Termin erinnern.<br>" * 12, subtype="html"
    )
    return message.as_bytes()


def ours(port: int, workers: int, server: str | PostgresServer, count: int = COUNT, parallel: int = sending.PARALLEL) -> float:
    """A fresh house; workers are up and idle before the clock starts. Returns the seconds from the wake-up to the last result."""
    with tempfile.TemporaryDirectory(prefix="pp") as folder, ExitStack() as running:
        url = running.enter_context(server.database()) if server else ""
        home = Path(folder)
        environment = {**os.environ, "PRAXISPOST_HOME": folder, "DATABASE_URL": url, "REDIS_URL": ""}
        app = create_app({"HOME": home, "SQLALCHEMY_DATABASE_URI": url, "REDIS_URL": embedded_redis.redis_url(home)})
        running.enter_context(process("redis", environment))
        wait_for(lambda: embedded_redis.answers(home))
        with app.app_context():
            fill(app, count, port)
            dispatch_id = new_dispatch()
            for _ in range(workers):
                running.enter_context(process("worker", environment))
            wait_for(lambda: Worker.count(connection=queues.connect(app.config["REDIS_URL"])) == workers)
            seconds = timed_sending(dispatch_id, count, parallel)
            db.session.remove()
            db.engine.dispose()
        return seconds


def timed_sending(dispatch_id: int, count: int, parallel: int) -> float:
    start = time.perf_counter()
    for _ in range(parallel):
        queues.wake_named(queues.SEND, sending.drain_name(dispatch_id), sending.drain_dispatch, dispatch_id)
    wait_for(lambda: finished(dispatch_id))
    seconds = time.perf_counter() - start
    sent = db.session.scalars(select(Message.state).where(Message.dispatch_id == dispatch_id)).all()
    if sent != ["sent"] * count:
        sys.exit(f"not all sent: {set(sent)}")
    return seconds


def finished(dispatch_id: int) -> bool:
    state = db.session.scalar(select(Dispatch.state).where(Dispatch.id == dispatch_id))
    db.session.commit()
    return state == "finished"


@contextmanager
def process(command: str, environment: dict[str, str]) -> Iterator[None]:
    child = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", command], env=environment, cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(timeout=30)


if __name__ == "__main__":
    main()
