"""Who may be written to: the one rule for the check window, staging and hand-over. Pure; the facts come from outside.

Source: § 7 UWG and Art. 6, 7 DSGVO as the design joins them: permission belongs to (person, channel, purpose) and to the address
it was given for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from messaging.domain.reasons import REASONS, Kind
from messaging.domain.words import AppointmentStatus, Channel, ConsentStatus, Purpose

#: An appointment in one of these will not take place as planned.
CALLED_OFF = {AppointmentStatus.CANCELLED, AppointmentStatus.REBOOK, AppointmentStatus.NO_SHOW}
#: The patient is or was already here.
OVER = {AppointmentStatus.ARRIVED, AppointmentStatus.DONE}
#: Refused for good so many times, an address is not written to until a person clears it.
REFUSALS_TO_REMEMBER = 2


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """What the check needs to know of one recipient, as it is now.

    `address` is the usable address or number of the channel or ""; `address_typed` tells "nothing entered" from "entered, but
    unusable"; `address_refused`: providers refused it for good REFUSALS_TO_REMEMBER times and nobody has cleared it since.
    `consent_*` are of the latest entry for (person, channel, purpose); status "" = no entry. Appointment fields are None
    without one; `appointment_of_other`: it was given to another person meanwhile.
    """

    address: str = ""
    address_typed: bool = False
    address_refused: bool = False
    deceased: bool = False
    blocked: bool = False
    archived: bool = False
    converted: bool = False
    consent_status: str = ""
    consent_target: str = ""
    appointment_status: str | None = None
    appointment_start: datetime | None = None
    appointment_of_other: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """`possible`: it can be sent at all. `allowed`: permission is there. `reason`: what stands against it first, or ""."""

    possible: bool
    allowed: bool
    reason: str
    address: str

    @property
    def sendable(self) -> bool:
        return self.possible and self.allowed


class RecipientCheck:
    """Decides for one channel and purpose at one moment. The same object serves ten thousand recipients."""

    def __init__(self, channel: str, purpose: str, now: datetime) -> None:
        self.channel = Channel(channel)
        self.purpose = Purpose(purpose)
        self.now = now

    def verdict(self, facts: CheckFacts) -> Verdict:
        """What may be done with this recipient. An impossible one keeps its true permission, so the window shows both."""
        impossible = self._impossible(facts)
        forbidden = self._forbidden(facts)
        return Verdict(not impossible, not forbidden, impossible or forbidden, facts.address)

    def _impossible(self, facts: CheckFacts) -> str:
        return self._person_gone(facts) or self._no_address(facts) or self._appointment_gone(facts)

    def _person_gone(self, facts: CheckFacts) -> str:
        if facts.deceased:
            return "deceased"
        if facts.blocked:
            return "blocked"
        if facts.archived:
            return "archived"
        return "converted" if facts.converted else ""

    def _no_address(self, facts: CheckFacts) -> str:
        if facts.address:
            return "known_bad_address" if facts.address_refused else ""
        if self.channel is Channel.LETTER:
            return "no_postal_address"
        name = "email" if self.channel is Channel.EMAIL else "sms_number"
        return f"bad_{name}" if facts.address_typed else f"no_{name}"

    def _appointment_gone(self, facts: CheckFacts) -> str:
        """Only a reminder depends on its appointment; other purposes may well write about a cancelled one.

        But no text of any purpose tells one person of the appointment of another.
        """
        if facts.appointment_of_other:
            return "appointment_of_other"
        if self.purpose is not Purpose.APPOINTMENT or facts.appointment_start is None:
            return ""
        if facts.appointment_status in CALLED_OFF:
            return "appointment_cancelled"
        return "appointment_over" if facts.appointment_status in OVER or facts.appointment_start <= self.now else ""

    def _forbidden(self, facts: CheckFacts) -> str:
        if facts.consent_status == ConsentStatus.REVOKED:
            return "consent_revoked"
        if facts.consent_status == ConsentStatus.NO:
            return "consent_no"
        if facts.consent_status != ConsentStatus.YES:
            return "no_consent"
        wrong_target = self.channel is not Channel.LETTER and facts.consent_target != facts.address
        return "consent_other_target" if wrong_target and facts.address else ""


def may_go(verdict: Verdict, override_reason: str) -> bool:
    """Whether it goes out: with permission, or with a written reason where the rule knows one.

    Never against a block, a death or a withdrawal.
    """
    if verdict.sendable:
        return True
    return verdict.possible and bool(override_reason.strip()) and REASONS[verdict.reason].overridable


def is_impossible(code: str) -> bool:
    return code in REASONS and REASONS[code].kind is Kind.IMPOSSIBLE


@dataclass(frozen=True, slots=True)
class Sameness:
    """What makes two rows of one draft the same: the person, the address, and what the text would say."""

    person_id: int
    appointment_id: int | None
    address: str


def duplicates(purpose: str, rows: Iterable[Sameness]) -> list[str]:
    """One code per row, in order: "" for the first of its kind, else why it is a duplicate.

    Reminders: one person with two appointments gets two, the same appointment only once. A shared address is no fault by itself:
    families share one and each letter names its own person; `same_text_duplicates` points it out once the text is known.
    """
    seen: set[tuple[int, int | None]] = set()
    codes = []
    for row in rows:
        key = (row.person_id, row.appointment_id if purpose == Purpose.APPOINTMENT else None)
        codes.append("duplicate_person" if key in seen else "")
        seen.add(key)
    return codes


def same_text_duplicates(rows: Iterable[tuple[str, str]]) -> list[bool]:
    """For (address, filled text) in order: True where the same address already gets the very same text."""
    seen: set[tuple[str, str]] = set()
    marks = []
    for row in rows:
        marks.append(bool(row[0]) and row in seen)
        seen.add(row)
    return marks
