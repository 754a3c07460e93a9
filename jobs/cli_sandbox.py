"""`flask --app app sandbox`: the test mail server of the demo. The only place of the program that knows the sandbox."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app

#: The sandbox listens so far above the web port.
PORT_OFFSET = 25


def init_app(app: Flask) -> None:
    app.cli.add_command(run_sandbox)


def smtp_port(app: Flask) -> int:
    return app.config["PORT"] + PORT_OFFSET


@click.command("sandbox")
def run_sandbox() -> None:
    """Testausgang starten: ein Mailserver, der alles annimmt und nichts weitergibt."""
    from sandbox import mailbox, smtp_server

    smtp_server.run(Path(current_app.config["HOME"]) / mailbox.FOLDER, smtp_port(current_app))
