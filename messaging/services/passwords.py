"""How passwords are stored (argon2id) and compared, and how one-time passwords are made. The rules for them are in the domain."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from messaging.domain.sign_in_rules import normal_password

HASHER = PasswordHasher()
#: Without what looks alike on paper: 0 O, 1 l I.
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
GROUPS, GROUP_LENGTH = 3, 4


def hashed(password: str) -> str:
    return HASHER.hash(normal_password(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether `password` is the stored one. Without a stored one the same work is done, so that the time tells nothing."""
    if stored is None:
        hashed(password)
        return False
    try:
        return HASHER.verify(stored, normal_password(password))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with weaker settings than today's."""
    return HASHER.check_needs_rehash(stored)


def one_time_password() -> str:
    """Like "k7mq-x2vb-9htd": 60 bits, easy to read out and to type once."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
