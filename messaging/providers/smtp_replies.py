"""What a refusal means: whose fault it is, and whether waiting helps.

Decided by the step, the enhanced code (RFC 3463) and the words.
Words only where there is no code, or where servers are known to give one code for quite different things. In doubt the address is
not to blame: it belongs to a patient who would no longer be written to.
"""

from __future__ import annotations

import re
from enum import Enum

from messaging.providers.redaction import said
from messaging.providers.results import (
    AccountBusy,
    ConnectionUsedUp,
    MisconfiguredError,
    ProviderError,
    RejectedError,
    TemporaryError,
)

#: Characters of a reply that are looked at: a server that sends a book says nothing more with it.
GIST_LENGTH = 600

Reply = tuple[int, str]
Meaning = tuple[type[ProviderError], str]


class Step(Enum):
    """What was answered."""

    SENDER = "MAIL"
    RECIPIENT = "RCPT"
    CONTENT = "DATA and what follows"


def refusal(step: Step, reply: Reply) -> ProviderError:
    """The error that a reply of 4xx or 5xx means at this step."""
    status, gist = reply[0], _gist(reply)
    error, code = (
        _on_this_connection(status) or _too_much(step, status, gist) or _waiting_helps(step, status) or _for_good(step, gist)
    )
    return error(code, said(*reply))


def _on_this_connection(status: int) -> Meaning | None:
    if status == 421:
        return ConnectionUsedUp, "connection_limit"
    return (AccountBusy, "server_busy") if status == 454 else None


def _too_much(step: Step, status: int, gist: str) -> Meaning | None:
    """Whether the account has sent enough for now, or the mailbox holds enough: servers say so with 4xx and 5xx alike."""
    if _TOO_FAST.search(gist):
        return TemporaryError, "server_busy"
    if _SENDING_LIMIT.search(gist):
        return AccountBusy, "sending_limit"
    if step is not Step.SENDER and _FULL.search(gist):
        return TemporaryError if status < 500 else RejectedError, "mailbox_full"
    return None


def _waiting_helps(step: Step, status: int) -> Meaning | None:
    """Before the recipient is named, a refusal is about the account: waiting helps all messages or none."""
    if status >= 500:
        return None
    return AccountBusy if step is Step.SENDER else TemporaryError, "server_busy"


def _for_good(step: Step, gist: str) -> Meaning:
    return next(meaning for pattern, meaning in _FOR_GOOD[step] if pattern.search(gist))


def _gist(reply: Reply) -> str:
    """A reply in one line: status, enhanced code or "-", and the words without addresses, whose names mean nothing here."""
    status, words = reply
    plain = " ".join(_ADDRESS.sub(" ", words.replace("’", "'")).split())[:GIST_LENGTH]
    found = _ENHANCED.search(plain)
    enhanced = found[1] or found[2] if found else "-"
    return f"{status} {enhanced} {plain.replace(enhanced, '')}"


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_ADDRESS = re.compile(r"<[^<>\s]*@[^<>\s]*>:?|[^\s<>()\"']+@[^\s<>()\"']+")
#: In front (RFC 2034), or as qmail writes it: "no mailbox here by that name (#5.1.1)".
_ENHANCED = re.compile(r"^\W*(\d\.\d{1,3}\.\d{1,3})(?!\.?\d)|#(\d\.\d{1,3}\.\d{1,3})(?!\.?\d)")

#: Said of a mailbox that gets too much at the moment, under the code of a disabled one.
_TOO_FAST = _pattern(r"\breceiving (e-?mail|mail|messages?) (too (quickly|fast|often)|at a rate)")
_SENDING_LIMIT = _pattern(
    r"^\d+ 5\.4\.5 ",
    # x.2.x is about a mailbox, and so is a limit of one
    r"^\d+ (?!\d\.2\.)(?!.*\b(mail ?box|inbox)\b)(?=.*("
    r"\b(sending|sender('s)?|sent|outgoing|outbound|daily|hourly|per (minute|hour|day)"
    r"|(e-?mail|message|recipient|submission) rate)\b.{0,40}\b(limit\w*|quota)\b"
    r"|\b(limit\w*|quota)\b.{0,40}\b(per (minute|hour|day)|sending|outgoing|outbound|for today)\b"
    r"|\btoo many (e-?mails?|mails?|messages?|recipients?)\b.{0,40}\b(sent|account|minute|hour|day|today)\b"
    r"|\bsending (\w+ )?too (fast|quickly|much|many)\b))",
)
_FULL = _pattern(
    r"^\d+ \d\.2\.2 ",
    r"\b(mail ?box|inbox|user|recipient|account)('s)?\b.{0,30}\b(full|over (its |the )?(\w+ )?(quota|limit)|overquota)\b",
    r"\b(mail ?box|inbox|user|recipient|account)('s)?\b.{0,30}\b(quota|storage)\b.{0,30}\b(exceeded|exhausted|full|reached)\b",
    r"\b(mail ?box|inbox)\b.{0,20}\b(size|storage|limit)\b.{0,20}\bexceeded\b",
    r"\bexceeds?\b.{0,20}\b(mail ?box|inbox)('s)? (size|quota|storage|limit)\b",
    r"^\d+ - .*\b(over ?quota|quota exceeded)\b",
)
#: RFC 4954 has 530 for it; many others say it in words only. Proofs of a domain (SPF, DKIM) are no log-in.
_LOG_IN_FIRST = _pattern(
    r"^530 ",
    r"^5(?!.*\b(spf|dkim|dmarc)\b)(?=.*("
    r"\bauth\w* (is )?(required|needed)\b|\brequires? (smtp )?(auth\w*|log-?in)\b"
    r"|\b(must|please|need to|have to) (first )?(authenticate|log ?in)\b|\b(authenticate|log ?in) (yourself )?first\b"
    r"|\b(client|you|session)\b.{0,10} not (authenticated|logged in)\b))",
)
_SEND_AS = _pattern(
    r"\bnot (allowed|permitted|authori[sz]ed) to (send|use)\b.{0,20}\b(as|from|sender)\b",
    r"\bpermissions? to send as\b",
    r"\bnot owned by (user|the)\b",
)
_SENDER_REFUSED = _pattern(
    _SEND_AS.pattern,
    r"^\d+ 5\.1\.[78] ",
    r"\bsender verif\w* (has )?failed\b|\b(cannot|could not|unable to) verify (the )?sender\b",
    r"\bsender( address| domain)?:?( is| was)? (rejected|refused|denied|unknown|invalid)\b",
    r"\bsender( address| domain)?\b.{0,5} (does not exist|not (allowed|permitted|authori[sz]ed|accepted|found|known|valid))\b",
    r"\b(invalid|unknown|unauthori[sz]ed) sender\b",
)
_SIZE = _pattern(r"^\d+ 5\.(3\.4|2\.3) ", r"^\d+ - .*\b(size|too big|too large)\b")
#: The word alone proves nothing: it stands in many host names.
_RELAYING = _pattern(
    r"\brelay(ing)?( access| attempt)?( is| was)? (denied|prohibited|refused|rejected|not (permitted|allowed|authori[sz]ed))\b",
    r"\b(unable|not (allowed|permitted|authori[sz]ed)|refus\w+|cannot|can't|(do|does|will) not|don't|won't) (to )?relay\b",
    r"\bno relay(ing)?\b",
)
_NO_SUCH_MAILBOX = _pattern(r"^\d+ 5\.1\.(1|2|3|6|10) ", r"^\d+ 5\.2\.1 ")
#: Of the recipient, not of "your account": one that is disabled is then the sender's.
_NO_SUCH_MAILBOX_IN_WORDS = _pattern(
    r"^\d+ - (?!.*\byour\b)(?=.*("
    r"\b(no such|unknown|invalid|non-?existent|unroute?able|undeliverable)"
    r" (local )?(user|mail ?box|recipient|address|account|person)\b"
    r"|\b(user|mail ?box|recipient|address|account)( name| address)?:?( is| was)? (unknown|not (found|known|local|here))\b"
    r"|\b(user|mail ?box|recipient)( address)?( is| was| has been)?"
    r" (disabled|deactivated|inactive|closed|deleted|invalid|no longer (valid|active|available|exists))\b"
    r"|\b(user|mail ?box|recipient|address|account)\b.{0,20}(does not|doesn't|no longer) exists?\b"
    r"|\bno (mail ?box|user|account)( here)? (by|with|of) that name\b))",
)
_ANYTHING = _pattern("")

_LOG_IN: tuple[re.Pattern[str], Meaning] = (_LOG_IN_FIRST, (MisconfiguredError, "login_refused"))
_TOO_LARGE: tuple[re.Pattern[str], Meaning] = (_SIZE, (RejectedError, "text_refused"))

#: What a 5xx means: the first row that fits counts, the last one fits all. Only "mailbox_refused" is held against the address.
_FOR_GOOD: dict[Step, tuple[tuple[re.Pattern[str], Meaning], ...]] = {
    Step.SENDER: (
        _LOG_IN,
        _TOO_LARGE,
        (_ANYTHING, (MisconfiguredError, "sender_refused")),
    ),
    Step.RECIPIENT: (
        _LOG_IN,
        (_SENDER_REFUSED, (MisconfiguredError, "sender_refused")),
        _TOO_LARGE,
        (_pattern(r"^552 - "), (RejectedError, "mailbox_full")),
        (_RELAYING, (RejectedError, "policy_refused")),
        (_NO_SUCH_MAILBOX, (RejectedError, "mailbox_refused")),
        (_NO_SUCH_MAILBOX_IN_WORDS, (RejectedError, "mailbox_refused")),
        (_ANYTHING, (RejectedError, "policy_refused")),
    ),
    Step.CONTENT: (
        _LOG_IN,
        (_SEND_AS, (MisconfiguredError, "sender_refused")),
        (_NO_SUCH_MAILBOX, (RejectedError, "mailbox_refused")),
        (_ANYTHING, (RejectedError, "text_refused")),
    ),
}
