"""How every command says no: one way for people and one for scripts.

A German sentence on standard error, or with `--json` an object on standard output; exit status 1 both times.
A wrong call (an unknown option, a file that is not there) stays click's own, with status 2.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from messaging.domain.errors import DomainError
from messaging.domain.form_errors import FormRefused


class Refused(click.ClickException):
    """Ends the command; whether it was asked for JSON is known by its option `as_json`."""

    exit_code = 1

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        context = click.get_current_context(silent=True)
        self.as_json = bool(context and context.params.get("as_json"))

    def show(self, file: Any = None) -> None:
        if self.as_json:
            click.echo(json.dumps({"error": self.message, "code": self.code}, ensure_ascii=False))
        else:
            click.echo(self.message, file=file, err=file is None)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the services refuse into a refusal of the command."""
    try:
        yield
    except FormRefused as refused:
        problems = list(refused.problems.values())
        raise Refused(problems[0].code, " ".join(problem.text for problem in problems)) from refused
    except DomainError as refused:
        raise Refused(refused.problem.code, refused.problem.text) from refused
