"""Guessing with many attempts at the same moment: they are counted one after the other, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from messaging.domain import sign_in_rules as rules
from messaging.domain.errors import DomainError
from messaging.services import sign_in
from tests.conftest import NOW

AT_ONCE = 8


def attempt(app: Flask, address: str) -> bool:
    """Whether the password would have been compared."""
    with app.app_context():
        try:
            sign_in.count_attempt("empfang", address, NOW)
        except DomainError:
            return False
        return True


def test_only_as_many_as_are_free_are_compared(app: Flask) -> None:
    for _ in range(rules.FREE_FAILURES_OF_NAME - 1):
        sign_in.count_attempt("empfang", "127.0.0.1", NOW)

    with ThreadPoolExecutor(AT_ONCE) as desks:
        compared = list(desks.map(lambda desk: attempt(app, f"127.0.0.{desk + 2}"), range(AT_ONCE)))

    assert compared.count(True) == 1
