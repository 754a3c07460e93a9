"""The text of a draft or a stored text: how typed text becomes one, what is wrong with its macros, and how that is mended.

Pure. The macro language is in `macros`, what HTML may stay in `html_text`; here they meet for subject, body and signature.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from messaging.domain import macros
from messaging.domain.html_text import TAGS, link_complaints, sanitize, to_plain_text
from messaging.domain.macro_catalogue import MACROS, Macro, MacroGroup
from messaging.domain.words import Channel

SUBJECT, BODY, SIGNATURE = "subject", "body", "signature"

#: Longer subjects are cut by every mail program; the limit only keeps accidents (a whole letter pasted) out.
LONGEST_SUBJECT = 200
#: Characters of HTML. A long letter has ten thousand.
LONGEST_BODY = 100_000

_A_TAG = re.compile(rf"</?(?:{'|'.join(sorted(TAGS))})\b[^<>]*>", re.IGNORECASE)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BLANK_TO_FILL = re.compile(r"\[[^\[\]<>{}]{1,40}\]")
_MARKUP = frozenset(macro.name for macro in MACROS if macro.markup)


@dataclass(frozen=True, slots=True)
class TextComplaint:
    """What is wrong at one place ("subject", "body", "signature"). `written` and `replacement` as in MacroComplaint."""

    place: str
    code: str
    sentence: str
    written: str = ""
    replacement: str | None = None

    @property
    def cures(self) -> tuple[str, ...]:
        """All that a button may put in place of `written`. An unknown macro can be removed, whatever name it is near to."""
        if self.replacement is None:
            return ()
        return (self.replacement, "") if self.replacement and self.code == "unknown_macro" else (self.replacement,)


def clean_subject(typed: str) -> str:
    """One line without blanks at its ends: a line break in a subject would begin another header."""
    return " ".join(_UNPRINTABLE.sub("", typed).split())


def clean_body(typed: str) -> str:
    """The HTML to store: what the editor made, sanitised; or plain text, as a browser without JavaScript sends it, as lines."""
    typed = _UNPRINTABLE.sub("", typed)
    return sanitize(typed if _A_TAG.search(typed) else lines_to_html(typed))


def lines_to_html(text: str) -> str:
    """Plain text as the editor would have written it: one block, its lines parted by breaks; "" stays ""."""
    lines = text.strip().splitlines()
    return f"<div>{'<br>'.join(html.escape(line.rstrip(), quote=False) for line in lines)}</div>" if lines else ""


def is_blank(body: str) -> bool:
    """Whether nothing of the HTML would be read."""
    return not to_plain_text(body).replace("\xa0", " ").strip()


def length_problems(subject: str, body: str) -> dict[str, str]:
    """German sentences by place for what is too long to be meant."""
    found = {}
    if len(subject) > LONGEST_SUBJECT:
        found[SUBJECT] = f"Bitte kürzen: Ein Betreff hat höchstens {LONGEST_SUBJECT} Zeichen, dieser hat {len(subject)}."
    if len(body) > LONGEST_BODY:
        found[BODY] = "Bitte kürzen: Der Text ist länger, als eine Nachricht sein kann."
    return found


def complaints(
    subject: str, body: str, signature: str, channel: str, *, with_appointments: bool = True
) -> tuple[TextComplaint, ...]:
    """Everything about macros that keeps this text from being sent, in the order of the screen.

    `with_appointments`: whether recipients come from appointments; if not, macros of the appointment have no value for anyone.
    """
    return (
        *_located(SUBJECT, subject, channel, with_appointments),
        *_located(BODY, body, channel, with_appointments),
        *(TextComplaint(BODY, found.code, found.sentence, found.written) for found in link_complaints(body)),
        *_located(SIGNATURE, signature, channel, with_appointments),
    )


def why_greyed(macro: Macro, channel: str, *, with_appointments: bool) -> str:
    """Why a macro is not on offer for this channel and list, in one German sentence; "" if it is."""
    if macro.group is MacroGroup.APPOINTMENT and not with_appointments:
        return f"„{macro.name}“ gibt es nur, wenn die Empfänger aus einer Terminliste kommen."
    return macro.why_not(channel)


def mend(text: str, written: str, replacement: str) -> str:
    """Put `replacement` wherever the macro stands as `written`. "{{X}}" inside "{{{X}}}" is another macro and stays."""
    if not written:
        return text
    cut = macros.parse(text)
    pieces = list(cut.pieces)
    for slot in cut.slots:
        pieces[slot.index] = replacement if slot.written == written else slot.written
    mended = "".join(pieces)
    return mended if mended != text else text.replace(written, replacement)


def used_macros(*texts: str) -> frozenset[str]:
    """Canonical names of the known macros of some texts, without the signature, which is text and not a value."""
    return frozenset(name for text in texts for name in macros.macros_in(text)) - _MARKUP


def open_blanks(*texts: str) -> tuple[str, ...]:
    """What stands in square brackets, each once: "[Datum]" in an example text that somebody should have filled in."""
    return tuple(dict.fromkeys(found for text in texts for found in _BLANK_TO_FILL.findall(text)))


def _located(place: str, text: str, channel: str, with_appointments: bool) -> list[TextComplaint]:
    cut = macros.parse(text)
    found = [_signature_complaint(place, slot.written) for slot in cut.slots if slot.name in _MARKUP and place != BODY]
    found += [TextComplaint(place, one.code, one.sentence, one.written, one.replacement) for one in cut.complaints(channel)]
    found += [] if place == SUBJECT else [_hidden_complaint(place, name) for name in _hidden_macros(text, cut)]
    if not with_appointments:
        found += [_appointment_complaint(place, slot.macro, slot.written) for slot in cut.slots if _of_appointment(slot.macro)]
    return list(dict.fromkeys(found))


def _hidden_macros(text: str, cut: macros.CompiledText) -> list[str]:
    """Names that only the plain-text part of the mail would read as macros: "%da<em>tum</em>%"."""
    return sorted({slot.name for slot in macros.parse(to_plain_text(text)).slots} - {slot.name for slot in cut.slots})


def _hidden_complaint(place: str, name: str) -> TextComplaint:
    sentence = f"Im Makro „{name}“ steckt eine Formatierung. Bitte schreiben Sie es neu."
    return TextComplaint(place, "formatted_macro", sentence)


def _of_appointment(macro: Macro | None) -> bool:
    return macro is not None and macro.group is MacroGroup.APPOINTMENT


def _appointment_complaint(place: str, macro: Macro, written: str) -> TextComplaint:
    sentence = why_greyed(macro, Channel.EMAIL, with_appointments=False)
    return TextComplaint(place, "no_appointments", sentence, written, "")


def _signature_complaint(place: str, written: str) -> TextComplaint:
    where = "im Betreff" if place == SUBJECT else "in einer Signatur"
    sentence = f"Das Makro „Signatur“ kann nur im Text stehen, nicht {where}."
    return TextComplaint(place, "signature_elsewhere", sentence, written, "")
