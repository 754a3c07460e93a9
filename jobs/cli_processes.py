"""The long-running commands: web, worker, scheduler, redis. What each does is in its own module."""

from __future__ import annotations

import logging
from pathlib import Path

import click
import waitress
from flask import Flask, current_app

from jobs import embedded_redis, periodic, queues, worker

WEB_THREADS = 8


def init_app(app: Flask) -> None:
    app.cli.add_command(web)
    app.cli.add_command(run_worker)
    app.cli.add_command(scheduler)
    app.cli.add_command(redis)


@click.command("web")
def web() -> None:
    """Webserver starten (Port: Umgebungsvariable PORT)."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    waitress.serve(app, port=app.config["PORT"], threads=WEB_THREADS, ident="Praxispost")


@click.command("worker")
@click.option("--queue", "names", multiple=True, type=click.Choice(queues.QUEUE_NAMES), help="Nur diese Warteschlangen.")
@click.option("--burst", is_flag=True, help="Enden, sobald nichts mehr wartet.")
def run_worker(names: tuple[str, ...], burst: bool) -> None:
    """Versandprozess starten: führt aus, was in den Warteschlangen steht."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    worker.run(current_app._get_current_object(), names or queues.QUEUE_NAMES, burst)  # type: ignore[attr-defined]


@click.command("scheduler")
def scheduler() -> None:
    """Zeitgeber starten: weckt jede Minute die Versandprozesse."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    periodic.run_scheduler(queues.connect(current_app.config["REDIS_URL"]))


@click.command("redis")
def redis() -> None:
    """Eigenes Redis im Datenordner starten."""
    embedded_redis.run(Path(current_app.config["HOME"]))
