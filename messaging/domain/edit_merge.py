"""Two people edited the same form: who changed what, and what the second one should see. Pure; nothing is decided for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from messaging.domain.errors import Problem
from messaging.domain.form_errors import FormRefused

#: Characters of a stored text that a sentence about it repeats.
LONGEST_SHOWN = 120

#: How a stored value reads on the screen, by field; the others read as they are.
Words = Mapping[str, Callable[[str], str]]


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
    stored: Mapping[str, str]


class EditRefused(FormRefused):
    """An edit cannot be stored as it is. The form goes on with `merge.texts`, and begins at `merge.stored` from now on."""

    def __init__(self, problems: Mapping[str, Problem], merge: Merge) -> None:
        super().__init__(problems)
        self.merge = merge


def switch_text(on: bool) -> str:
    """A switch among texts: "1", or "" when it is off, as a form sends it."""
    return "1" if on else ""


def switch_word(text: str) -> str:
    return "eingeschaltet" if text else "ausgeschaltet"


def merge(fields: Iterable[str], base: Mapping[str, str], stored: Mapping[str, str], typed: Mapping[str, str]) -> Merge:
    """Join two edits that began at `base`. Where `base` is unknown (a missing field) the typed value stays in the form."""
    texts: dict[str, str] = {}
    differences = []
    for name in fields:
        theirs, mine, before = stored.get(name, ""), typed.get(name, ""), base.get(name)
        texts[name] = theirs if mine == before else mine
        if theirs != mine:
            differences.append(Difference(name, theirs, mine, both=before not in (theirs, mine)))
    return Merge(texts, tuple(differences), stored)


def refuse_edit(merged: Merge, problems: Mapping[str, Problem], words: Words | None = None) -> None:
    """Raise EditRefused for every field that both sides changed, and for what else is wrong with the joined texts."""
    words = words or {}
    clashes = {one.field: _clash(words.get(one.field, str)(one.stored)) for one in merged.differences if one.both}
    if found := {**problems, **clashes}:
        raise EditRefused(found, merged)


def _clash(stored: str) -> Problem:
    shown = stored if len(stored) <= LONGEST_SHOWN else f"{stored[:LONGEST_SHOWN]} …"
    sentence = f"Inzwischen hat jemand „{shown}“ gespeichert." if stored else "Inzwischen hat jemand dieses Feld geleert."
    return Problem("changed_meanwhile", sentence, "Bitte vergleichen Sie beides und speichern Sie dann noch einmal.")
