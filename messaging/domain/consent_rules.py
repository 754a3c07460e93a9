"""What a typed entry under "Kontakt erlaubt" must be like. Pure; whether it permits a message is for `recipient_check` to say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from messaging.domain.errors import Problem
from messaging.domain.phone import display_phone
from messaging.domain.words import CHANNEL_LABELS, Channel, ConsentSource, ConsentStatus, Purpose

#: How a permission can reach a practice; the others are written by the program itself.
SOURCES_BY_HAND = (ConsentSource.FORM, ConsentSource.VERBAL, ConsentSource.ONLINE)
STATUSES_BY_HAND = (ConsentStatus.YES, ConsentStatus.NO, ConsentStatus.REVOKED)
#: Words that shut a door: neither an import nor a number in the field SMS opens it again.
CLOSED = (ConsentStatus.NO, ConsentStatus.REVOKED)

PROOF_AT_MOST = 500

NO_CHANNEL = Problem("consent_no_channel", "Ohne Versandart gilt der Eintrag für nichts.", "Bitte eine Versandart ankreuzen.")
NO_PURPOSE = Problem("consent_no_purpose", "Ohne Zweck gilt der Eintrag für nichts.", "Bitte einen Zweck ankreuzen.")
NO_STATUS = Problem("consent_no_status", "Es fehlt, was die Person gesagt hat.", "Bitte ja, nein oder widerrufen wählen.")
NO_SOURCE = Problem(
    "consent_no_source", "Es fehlt, wie die Person es gesagt hat.", "Bitte Formular, mündlich oder Online wählen."
)
NO_DATE = Problem("consent_no_date", "Es fehlt, wann die Person es gesagt hat.", "Bitte das Datum als TT.MM.JJJJ angeben.")
FUTURE = Problem("consent_future", "Das Datum liegt in der Zukunft.", "Bitte den Tag angeben, an dem die Person es gesagt hat.")
PROOF_TOO_LONG = Problem("consent_proof_long", f"Es passen {PROOF_AT_MOST} Zeichen.", "Bitte kürzer fassen.")

#: Code of a refusal that is nobody's slip: somebody else changed the address meanwhile.
TARGET_CHANGED = "consent_target_changed"
#: What an entry is tied to; a letter goes wherever the person lives.
_TARGETS = {Channel.EMAIL: "Adresse", Channel.SMS: "Nummer"}
_MISSING_TARGET = {
    Channel.EMAIL: "Bitte zuerst die E-Mail-Adresse in den Stammdaten nachtragen.",
    Channel.SMS: "Bitte zuerst die Mobilnummer im Feld SMS der Stammdaten nachtragen.",
    Channel.LETTER: "Bitte zuerst die Anschrift in den Stammdaten vervollständigen.",
}


@dataclass(frozen=True, slots=True)
class NewConsent:
    """What somebody typed: one answer for several channels and purposes at once. `given_on` None = unreadable or missing.

    `shown`: the address or number of each channel that stood on the screen beside it.
    """

    channels: Collection[str]
    purposes: Collection[str]
    status: str
    source: str
    given_on: date | None
    shown: Mapping[str, str]
    proof: str = ""


def problems_of(new: NewConsent, addresses: Mapping[Channel, str], today: date) -> dict[str, Problem]:
    """Field -> what is wrong with it. `addresses`: the usable address of each channel, "" for none."""
    found = {
        "channels": _channel_problem(new, addresses),
        "purposes": None if new.purposes and set(new.purposes) <= set(Purpose) else NO_PURPOSE,
        "status": None if new.status in STATUSES_BY_HAND else NO_STATUS,
        "source": None if new.source in SOURCES_BY_HAND else NO_SOURCE,
        "given_on": _date_problem(new.given_on, today),
        "proof": PROOF_TOO_LONG if len(new.proof) > PROOF_AT_MOST else None,
    }
    return {name: problem for name, problem in found.items() if problem}


def _channel_problem(new: NewConsent, addresses: Mapping[Channel, str]) -> Problem | None:
    if not new.channels or not set(new.channels) <= set(Channel):
        return NO_CHANNEL
    if new.status != ConsentStatus.YES:
        return None
    chosen = [channel for channel in Channel if channel in new.channels]
    missing = [channel for channel in chosen if not addresses.get(channel)]
    if missing:
        return _without_target(missing[0])
    changed = [channel for channel in chosen if channel in _TARGETS and addresses[channel] != new.shown.get(channel)]
    return _changed(changed, addresses) if changed else None


def _without_target(channel: Channel) -> Problem:
    """A yes holds for one address; without any it would hold for whatever is typed later."""
    sentence = f"Eine Einwilligung für {CHANNEL_LABELS[channel]} gilt immer für eine bestimmte Adresse oder Nummer."
    return Problem("consent_no_target", sentence, _MISSING_TARGET[channel])


def _changed(channels: list[Channel], addresses: Mapping[Channel, str]) -> Problem:
    """The person was asked about another address than the entry would be for."""
    now = " und ".join(display_phone(addresses[each]) if each == Channel.SMS else addresses[each] for each in channels)
    sentence = f"Die {' und die '.join(_TARGETS[each] for each in channels)} {'wurde' if len(channels) == 1 else 'wurden'}"
    cure = f"Bitte prüfen Sie, ob die Einwilligung auch für {now} gilt."
    return Problem(TARGET_CHANGED, f"{sentence} inzwischen geändert.", cure)


def _date_problem(given_on: date | None, today: date) -> Problem | None:
    if given_on is None:
        return NO_DATE
    return FUTURE if given_on > today else None


def sms_field_opens(latest_status: str, latest_target: str, number: str) -> bool:
    """Whether a mobile number in the field SMS switches reminders on (DESIGN, permission): not again for the same number, and
    never against a no or a withdrawal, which only a new answer of the person can lift."""
    if not number or latest_status in CLOSED:
        return False
    return not (latest_status == ConsentStatus.YES and latest_target == number)
