"""Web requests on SQLite while a worker sends at full speed, beside the same requests in a quiet house.

Reads (search, patients, a dispatch's progress) and writes (ticking people). The worker and the sink are processes of their own.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

from bench_sending import finished, process, sink, wait_for
from flask import Flask
from flask.testing import FlaskClient
from mail_house import fill, new_dispatch
from sqlalchemy import func, select

from app import create_app
from jobs import embedded_redis, sending
from messaging.models import Message, User, db

COUNT = 5_000
ROUNDS = 200
LIMIT = 0.200


def main() -> None:
    with sink() as port, tempfile.TemporaryDirectory(prefix="pp") as folder, ExitStack() as running:
        home = Path(folder)
        environment = {**os.environ, "PRAXISPOST_HOME": folder, "DATABASE_URL": "", "REDIS_URL": ""}
        settings = {"HOME": home, "SQLALCHEMY_DATABASE_URI": "", "REDIS_URL": embedded_redis.redis_url(home)}
        app = create_app(settings | {"WTF_CSRF_ENABLED": False})
        running.enter_context(process("redis", environment))
        wait_for(lambda: embedded_redis.answers(home))
        with app.app_context():
            fill(app, COUNT, port)
            dispatch_id = new_dispatch()
            key = db.session.get_one(User, 1).get_id()
            db.session.remove()
        quiet = durations(app, key, dispatch_id, ROUNDS)
        running.enter_context(process("worker", environment))
        time.sleep(4)
        with app.app_context():
            sending.wake_dispatch(dispatch_id, COUNT)
            wait_for(lambda: begun(dispatch_id))
        busy = while_sending(app, key, dispatch_id)
    show("quiet house", quiet, LIMIT)
    show("while a worker sends", busy, LIMIT)
    print(f"    the load makes it {percentile(busy) / percentile(quiet):.1f} times as slow")


def begun(dispatch_id: int) -> bool:
    sent = db.session.scalar(select(func.count()).where(Message.dispatch_id == dispatch_id, Message.state == "sent"))
    db.session.commit()
    return bool(sent)


def while_sending(app: Flask, key: str, dispatch_id: int) -> list[float]:
    """Requests for as long as the dispatch runs."""
    found: list[float] = []
    while True:
        found += durations(app, key, dispatch_id, 20)
        with app.app_context():
            if finished(dispatch_id):
                return found


def durations(app: Flask, key: str, dispatch_id: int, rounds: int) -> list[float]:
    client = signed_in(app, key)
    requests = cycle(
        (
            lambda: client.get("/search?q=person12", headers={"HX-Request": "true"}),
            lambda: client.get("/patients"),
            lambda: client.get(f"/dispatches/{dispatch_id}"),
            lambda: client.post(
                "/selection?list=patients", data={"op": "add", "row": ["1", "2"]}, headers={"HX-Request": "true"}
            ),
        )
    )
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        answer = next(requests)()
        seconds.append(time.perf_counter() - start)
        if answer.status_code >= 400:
            sys.exit(f"{answer.request.path} answered {answer.status_code}")
    return seconds


def signed_in(app: Flask, key: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    with client.session_transaction() as session:
        session.update(_user_id=key, _fresh=True, seen=int(app.config["CLOCK"]().timestamp()))
    return client


def percentile(seconds: list[float], share: float = 0.95) -> float:
    return sorted(seconds)[int(len(seconds) * share)]


def show(name: str, seconds: list[float], limit: float) -> None:
    p95 = percentile(seconds)
    verdict = "reached" if p95 <= limit else "MISSED"
    figures = f"p95 {p95 * 1000:6.1f} ms   max {max(seconds) * 1000:6.1f} ms"
    print(f"{name:24} {len(seconds):5} requests   {figures}   (<= {limit * 1000:.0f} ms) {verdict}")


if __name__ == "__main__":
    main()
