"""The command line: `flask --app app …`. Each group is one module `jobs/cli_*.py`; this one registers them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask import Flask

GROUPS = ("cli_users", "cli_imports", "cli_checks", "cli_dispatches", "cli_processes", "cli_sandbox", "cli_demo", "cli_egress", "cli_backup")


def init_app(app: Flask) -> None:
    for name in GROUPS:
        if find_spec(f"jobs.{name}") is not None:
            import_module(f"jobs.{name}").init_app(app)
