"""Two people edited the same form: who changed what, and what the second one should see. Pure; nothing is decided for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which what is stored now and what was typed differ. `both`: both sides changed it; a person has to choose."""

    field: str
    stored: str
    typed: str
    both: bool


@dataclass(frozen=True, slots=True)
class Merge:
    """`texts` for the form: each side's own changes, and what was typed where both changed the same field."""

    texts: Mapping[str, str]
    differences: tuple[Difference, ...]


def merge(fields: Iterable[str], base: Mapping[str, str], stored: Mapping[str, str], typed: Mapping[str, str]) -> Merge:
    """Join two edits that began at `base`. Where `base` is unknown (a missing field) the typed value stays in the form."""
    texts: dict[str, str] = {}
    differences = []
    for name in fields:
        theirs, mine, before = stored.get(name, ""), typed.get(name, ""), base.get(name)
        texts[name] = theirs if mine == before else mine
        if theirs != mine:
            differences.append(Difference(name, theirs, mine, both=before not in (theirs, mine)))
    return Merge(texts, tuple(differences))
