"""The macro language: user text with {{Name}}, {{{Name}}}, %datum% and %uhrzeit% becomes the text for one recipient.

One pass over a closed catalogue: a value is never read as text with macros again, and nothing here can compute or reach
anything. User text never goes through a template engine.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from messaging.domain.errors import DomainError, Problem
from messaging.domain.macro_catalogue import Macro, macro_named, nearest_macro, why_never

_BLANK = re.compile(r"[\s\u00a0]+")
_TAG = re.compile(r"<[^<>]*>")
_TOKEN = re.compile(r"\{\{\{(?P<triple>[^{}]*)\}\}\}|\{\{(?P<double>[^{}]*)\}\}|%(?P<percent>datum|uhrzeit)%", re.IGNORECASE)
_STRAY_BRACES = re.compile(r"\{\{+|\}\}+")
_SINGLE_BRACES = re.compile(r"\{([^{}<>]{2,40})\}")
_PERCENT_NAME = re.compile(r"%([^\W\d_]{3,30})%")


class UnfilledMacro(DomainError):
    """A text was to leave the house with a macro that has no value. Nothing was made."""

    def __init__(self, name: str) -> None:
        super().__init__(
            Problem("unfilled_macro", f"Das Makro „{name}“ hat keinen Wert.", "Bitte das Makro aus dem Text entfernen.")
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class MacroComplaint:
    """Why a text cannot be sent as it is.

    `written` stands so in the text; replacing it by `replacement` mends the text ("" removes it, None: a person must look).
    Codes: unknown_macro, not_exported, never_exported, unbalanced, single_braces, percent_name, formatted_macro, macro_in_link.
    """

    code: str
    written: str
    sentence: str
    replacement: str | None = None


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place to fill: its index in the pieces, the macro (None if unknown), and how it was written."""

    index: int
    macro: Macro | None
    name: str
    written: str
    raw: bool


@dataclass(frozen=True, slots=True)
class CompiledText:
    """A text cut at its macros once, to be filled ten thousand times. Made by `parse`."""

    pieces: tuple[str, ...]
    slots: tuple[_Slot, ...]

    @property
    def macros(self) -> tuple[str, ...]:
        """Names of the known macros in the order of their first use."""
        return tuple(dict.fromkeys(slot.macro.name for slot in self.slots if slot.macro))

    def fill(self, values: Mapping[str, str], escape: Callable[[str], str] | None = None) -> str:
        """Return the text for one recipient. `values` is keyed by canonical names.

        `escape` (html.escape for HTML bodies) is applied to values in double braces and percent signs, not in triple ones.
        Raises UnfilledMacro if a macro is unknown or has no entry; an empty value is an entry.
        """
        filled = list(self.pieces)
        for slot in self.slots:
            value = values.get(slot.name) if slot.macro else None
            if value is None:
                raise UnfilledMacro(slot.name)
            filled[slot.index] = value if slot.raw or escape is None else escape(value)
        return "".join(filled)

    def empty_macros(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Names of the used macros that would leave a gap: no entry, or nothing but blanks."""
        return tuple(name for name in self.macros if not values.get(name, "").strip())

    def complaints(self, channel: str) -> tuple[MacroComplaint, ...]:
        """Return everything that keeps this text from being sent over the channel, each once."""
        found = [_slot_complaint(slot, channel) for slot in self.slots]
        places = {slot.index for slot in self.slots}
        found += [_unbalanced(self.pieces, place) for place in sorted(places)]
        literals = [piece for index, piece in enumerate(self.pieces) if index not in places]
        found += [complaint for literal in literals for complaint in _literal_complaints(literal)]
        return tuple(dict.fromkeys(complaint for complaint in found if complaint))


def parse(text: str) -> CompiledText:
    """Cut a text at its macros. Any text can be cut; what is wrong with it, `complaints` tells."""
    pieces: list[str] = []
    slots: list[_Slot] = []
    end = 0
    for token in _TOKEN.finditer(text):
        pieces += [text[end : token.start()], ""]
        slots.append(_slot(len(pieces) - 1, token))
        end = token.end()
    return CompiledText((*pieces, text[end:]), tuple(slots))


def complaints(text: str, channel: str) -> tuple[MacroComplaint, ...]:
    """Return what keeps a text from being sent over a channel; see CompiledText.complaints."""
    return parse(text).complaints(channel)


def macros_in(text: str) -> tuple[str, ...]:
    """Return the canonical names of the known macros in a text, in the order of their first use."""
    return parse(text).macros


def _slot(index: int, token: re.Match[str]) -> _Slot:
    inside = next(part for part in token.group("triple", "double", "percent") if part is not None)
    name = _BLANK.sub(" ", html.unescape(inside)).strip()
    macro = macro_named(name)
    raw = token["triple"] is not None or bool(macro and macro.markup)
    return _Slot(index, macro, macro.name if macro else name, token[0], raw)


def _slot_complaint(slot: _Slot, channel: str) -> MacroComplaint | None:
    if slot.macro:
        why = slot.macro.why_not(channel)
        return MacroComplaint("not_exported", slot.written, why, "") if why else None
    shown = slot.name if len(slot.name) <= 40 else slot.name[:39] + "…"
    if why := why_never(shown):
        return MacroComplaint("never_exported", slot.written, why, "")
    if not shown:
        return MacroComplaint("unknown_macro", slot.written, "Zwischen den Klammern steht kein Makro.", "")
    if hidden := macro_named(_TAG.sub("", slot.name)):
        return MacroComplaint(
            "formatted_macro", slot.written, f"Im Makro „{hidden.name}“ steckt eine Formatierung.", hidden.written
        )
    sentence = f"Das Makro „{shown}“ gibt es nicht."
    if near := nearest_macro(shown):
        return MacroComplaint("unknown_macro", slot.written, f"{sentence} Meinten Sie „{near.name}“?", near.written)
    return MacroComplaint("unknown_macro", slot.written, sentence, "")


def _unbalanced(pieces: tuple[str, ...], place: int) -> MacroComplaint | None:
    """A brace that touches a macro from outside: "{{{Name}}" was meant to have as many closing ones."""
    before, after = pieces[place - 1], pieces[place + 1]
    if before.endswith("{") or after.startswith("}"):
        return MacroComplaint(
            "unbalanced", before[-10:] + "…" + after[:10], "Ein Makro hat nicht gleich viele Klammern auf und zu."
        )
    return None


def _literal_complaints(literal: str) -> list[MacroComplaint]:
    found = [
        MacroComplaint("unbalanced", literal[max(stray.start() - 10, 0) : stray.end() + 10], "Zu einem Makro fehlen Klammern.")
        for stray in _STRAY_BRACES.finditer(literal)
    ]
    for single in _SINGLE_BRACES.finditer(literal):
        if macro := macro_named(single[1]):
            sentence = f"Bitte zwei Klammern setzen: {macro.written}."
            found.append(MacroComplaint("single_braces", single[0], sentence, macro.written))
    for percent in _PERCENT_NAME.finditer(literal):
        if macro := macro_named(percent[1]):
            sentence = f"Bitte so schreiben: {macro.written}."
            found.append(MacroComplaint("percent_name", percent[0], sentence, macro.written))
    return found
