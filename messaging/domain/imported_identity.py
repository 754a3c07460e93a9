"""Whether a row of a file is about the person who has its number. Pure rules; nothing is stored here.

Numbers are the key of an import. A file of another practice, or a number given out twice, must not turn one patient into
another: permission that one person gave would then cover somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from messaging.domain.folding import fold

NAMES = ("first_name", "last_name")


def is_somebody_else(read: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    """Tell whether first name and last name both differ and no date of birth says that it is the same person.

    People marry, and first names are mended; both at once, with another date of birth or none, is another person. What one side
    does not say proves nothing.
    """
    born = read.get("birth_date")
    if born and born == stored["birth_date"]:
        return False
    return all(read.get(name) and stored[name] and fold(read[name]) != fold(stored[name]) for name in NAMES)


def spellings(number: str, lengths: Iterable[int]) -> set[str]:
    """The same number with as many zeros in front as stored numbers have (`lengths`), or with none: spreadsheets drop them."""
    bare = number.lstrip("0")
    if not (bare and number.isascii() and number.isdigit()):
        return set()
    return {bare, *(bare.zfill(length) for length in lengths)} - {number}
