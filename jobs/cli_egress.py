"""`egress`: the host and port of everything the workers must reach; what a firewall has to let through, and nothing else."""

from __future__ import annotations

import json

import click
from flask import Flask

from jobs.cli_database import with_tables
from messaging.services import egress


def init_app(app: Flask) -> None:
    app.cli.add_command(list_targets)


@click.command("egress")
@click.option("--json", "as_json", is_flag=True, help="Antwort als JSON.")
@with_tables
def list_targets(as_json: bool) -> None:
    """Ziele nennen, die die Versandprozesse erreichen müssen (Rechner:Port)."""
    targets = egress.targets()
    if as_json:
        click.echo(json.dumps([{"host": host, "port": port, "why": why} for host, port, why in targets], ensure_ascii=False))
        return
    for host, port, why in targets:
        click.echo(f"{host}:{port}\t{why}")
