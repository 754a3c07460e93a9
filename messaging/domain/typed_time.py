"""A time of day as people type it into a field: "8:30", "8.30 Uhr", "8 Uhr". Pure. Days are read next door (`typed_day`)."""

import re
from datetime import time

from messaging.domain.errors import DomainError, Problem

_TIME = re.compile(r"([01]?\d|2[0-3])(?:[:.]([0-5]\d)(?::[0-5]\d)?)?(?: ?Uhr)?", re.ASCII | re.IGNORECASE)
_SHOWN_AT_MOST = 30


def read_time(text: str) -> time:
    """Return the time of day, to the minute. DomainError has the field's sentence."""
    typed = " ".join(text.split())
    if found := _TIME.fullmatch(typed):
        return time(int(found[1]), int(found[2] or 0))
    raise DomainError(
        Problem("not_a_time", f"„{typed[:_SHOWN_AT_MOST]}“ ist keine Uhrzeit.", "Bitte eine Uhrzeit wie 8:30 eingeben.")
    )
