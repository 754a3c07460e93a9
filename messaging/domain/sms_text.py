"""How an SMS is counted and cleaned: alphabet, units, parts (3GPP TS 23.038, 23.040), and typography that would double the price.

Letters are never changed: a name stays as it is, even if it makes the message dearer. What a part costs is not known here.
"""

import re
import unicodedata
from dataclasses import dataclass

GSM7, UCS2 = "gsm7", "ucs2"

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"  # an escape and a sign: two units
_FOREIGN = re.compile(f"[^{re.escape(_BASIC + _EXTENSION)}]")
_TWO_UNITS = {GSM7: re.compile(f"[{re.escape(_EXTENSION)}]"), UCS2: re.compile("[\U00010000-\U0010ffff]")}
_SINGLE_UNITS = {GSM7: 160, UCS2: 70}
_PART_UNITS = {GSM7: 153, UCS2: 67}  # 7 octets of each part say which message it belongs to

_REPLACED = {
    '"': "„“”‟«»″",
    "'": "‚‘’‛‹›′´`",
    "-": "–—‒―‐‑−•",
    "...": "…",
    " ": "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "\n": "\u2028\u2029\u0085",
    "": "\u00ad\u200b\u200e\u200f\u2060\ufeff",
}
_TYPOGRAPHY = {sign: plain for plain, signs in _REPLACED.items() for sign in signs}
_TYPOGRAPHIC = re.compile(f"[{re.escape(''.join(_TYPOGRAPHY))}]")


@dataclass(frozen=True, slots=True)
class SmsMeasure:
    """How a text is billed: `encoding` is "gsm7" or "ucs2", `units` are septets or UTF-16 units, `segments` are SMS parts."""

    encoding: str
    units: int
    segments: int


@dataclass(frozen=True, slots=True)
class Replacement:
    """One kind of sign that cleaning replaced, and how often; the preview tells the user."""

    found: str
    written: str
    count: int


@dataclass(frozen=True, slots=True)
class CleanedSms:
    """A text as it goes out, and what was replaced in it."""

    text: str
    replacements: tuple[Replacement, ...]


def measure(text: str) -> SmsMeasure:
    """Count a text as it stands, composed to NFC; typography is not replaced here. An empty text has no parts."""
    parts = split_segments(text)
    composed = "".join(parts)
    encoding = _encoding(composed)
    return SmsMeasure(encoding, _units(composed, encoding), len(parts))


def split_segments(text: str) -> tuple[str, ...]:
    """Cut a text into SMS parts. No escape pair and no surrogate pair is cut, so a part may stay one unit short.

    Providers that divide instead of packing may bill one part less. The parts joined are the text in NFC.
    """
    composed = unicodedata.normalize("NFC", text)
    encoding = _encoding(composed)
    if _units(composed, encoding) <= _SINGLE_UNITS[encoding]:
        return (composed,) if composed else ()
    return _packed(composed, _TWO_UNITS[encoding], _PART_UNITS[encoding])


def costly_signs(text: str) -> tuple[str, ...]:
    """Return the signs that turn the whole message into UCS-2, each once, in the order of the text."""
    return tuple(dict.fromkeys(_FOREIGN.findall(unicodedata.normalize("NFC", text))))


def clean(text: str) -> CleanedSms:
    """Replace typography by plain signs and close the gaps that empty macros leave. To be called on the filled text."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    counts: dict[str, int] = {}
    for sign in _TYPOGRAPHIC.findall(composed):
        counts[sign] = counts.get(sign, 0) + 1
    plain = _TYPOGRAPHIC.sub(lambda sign: _TYPOGRAPHY[sign[0]], composed)
    return CleanedSms(_closed(plain), tuple(Replacement(sign, _TYPOGRAPHY[sign], count) for sign, count in counts.items()))


def check_sms(text: str) -> dict[str, str | int]:
    """Answer what the command `check sms` prints: {"encoding", "units", "segments"}."""
    measured = measure(text)
    return {"encoding": measured.encoding, "units": measured.units, "segments": measured.segments}


def _encoding(composed: str) -> str:
    return UCS2 if _FOREIGN.search(composed) else GSM7


def _units(composed: str, encoding: str) -> int:
    return len(composed) + len(_TWO_UNITS[encoding].findall(composed))


def _packed(text: str, two_units: re.Pattern[str], limit: int) -> tuple[str, ...]:
    parts = []
    start = used = 0
    for place, sign in enumerate(text):
        weight = 2 if two_units.match(sign) else 1
        if used + weight > limit:
            parts.append(text[start:place])
            start, used = place, 0
        used += weight
    return (*parts, text[start:])


def _closed(text: str) -> str:
    text = re.sub(" +(?=[,.](?:\\s|$))", "", re.sub(" {2,}", " ", text))
    text = re.sub(" *\n *", "\n", text)
    return re.sub("\n{3,}", "\n\n", text).strip()
