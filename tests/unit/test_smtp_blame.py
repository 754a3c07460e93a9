"""Whose fault a refusal is: only an address that does not exist is held against the patient."""

from __future__ import annotations

import pytest

from messaging.domain.reasons import REASONS
from messaging.providers.results import (
    AccountBusy,
    ConnectionUsedUp,
    MisconfiguredError,
    ProviderError,
    RejectedError,
    TemporaryError,
)
from messaging.providers.smtp_replies import Step, refusal

UTE = "ute.muster@example.com"

THE_ADDRESS = [
    # a relay with enhanced codes
    f"550 5.1.1 <{UTE}>: Recipient address rejected: User unknown in virtual mailbox table",
    f"550 5.1.1 <{UTE}>: user unknown (relay1.example.org)",
    f"550 5.1.2 <{UTE}>: Recipient address rejected: Domain not found",
    f"550 5.1.1 {UTE}: no such person; asked mx-relay.example.org",
    "501 5.1.3 Bad recipient address syntax",
    # one without enhanced codes
    "550 Unrouteable address",
    "550 No such user here",
    "550 unknown user",
    f"550 <{UTE}>: Recipient unknown",
    "550 no such recipient (answered by relay.example.org)",
    # a groupware server
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by address look-up",
    "550 5.1.6 Recipient moved and left no address",
    # a large provider, in several lines
    "550 5.1.1 We know no account of that name.\n5.1.1 Please look for typing errors or\n5.1.1 blanks in the address.",
    "550 5.2.1 The account that you tried to reach is disabled.",
    # others
    "556 5.1.10 the domain takes no mail (null MX)",
    "550 sorry, no mailbox here by that name (#5.1.1)",
    "553 sorry, that domain is not one of ours (#5.1.2)",
    "550 mailbox is disabled",
    "550 the user doesn’t exist any more",
    "550 Mailbox not found",
    "551 user not local",
]
RELAYING = [
    f"554 5.7.1 <{UTE}>: Relay access denied",
    "550 relay not permitted",
    "550 Relaying denied",
    "550 5.7.1 Unable to relay",
    "550 5.7.54 SMTP; unable to relay recipient in a domain that is not ours",
    "550 5.1.1 Relaying is prohibited for unknown users",
    "553 we do not relay",
    "550 You are not allowed to relay through this server",
]
POLICY = [
    "554 5.7.1 Client host rejected: Access denied",
    "550 5.7.1 Recipient not authorized, your IP has been found on a block list",
    "550 5.7.26 Mail from an unauthenticated domain: authentication required by SPF or DKIM",
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    "550 5.4.1 Recipient address rejected: Access denied",
    "550 5.0.0 refused",
    "550 refused",
    "550 Administrative prohibition",
    "550 your account is disabled, user unknown",
    "554 account suspended",
    "550 5.5.0 Requested action not taken: mailbox unavailable",
]
SENDING_LIMIT = [
    "550 5.4.5 Daily sending limit",
    "550-5.4.5 Daily user sending limit exceeded",
    "550 5.7.1 daily sending quota exceeded",
    "554 5.7.0 Your message could not be sent. The limit on the number of outgoing messages was exceeded: 500 per day",
    "550 Domain example.org has exceeded the max emails per hour (200/200 allowed): sending limit",
    "550 Sender quota exceeded",
    "550 outgoing mail quota of this account exceeded",
    "552 sending limit of the hour reached",
    "550 5.1.90 your daily limit for recipients is reached",
    "550 too many messages sent from this account today",
    "451 4.7.1 hourly limit of this account reached",
    "450 4.7.1 message rate limit exceeded",
    "452 4.3.2 You are sending too fast",
]
LOG_IN = [
    "530 5.7.0 Must issue STARTTLS and log in",
    "550 5.1.0 Authentication required",
    "550 5.7.1 Client was not authenticated",
    "550 5.7.57 Client not authenticated to send mail",
    "550 SMTP AUTH is required for this",
    "550 5.7.1 Relaying denied. Proper authentication required.",
    "554 please log in first",
    "550 5.1.1 you must authenticate before you name recipients",
]
SENDER = [
    "550 Sender verify failed",
    "550 sender verification failed for praxis@example.org",
    "553 5.7.1 <praxis@example.org>: Sender address rejected: not owned by user praxis",
    "550 5.1.0 <praxis@example.org>: Sender address rejected: User unknown in local recipient table",
    "550 5.1.8 <praxis@example.org>: Sender address rejected: Domain not found",
    "550 5.1.7 no valid reverse path",
    "550 unknown sender",
    "550 5.7.1 You are not allowed to send mail as this sender",
]
FULL = [
    "552 5.2.2 mailbox full",
    "550 5.2.2 over quota",
    "552-5.2.2 The inbox of the person you are writing to has no room left.",
    "552 5.2.2 the sender's message would exceed the daily quota of the mailbox",
    "552 mailbox is over its size limit",
    "552 Quota exceeded",
    "552 storage allocation exceeded",
    "550 mailbox full",
    "550 User is over quota",
    "550 5.7.1 recipient's quota exceeded",
    "550 the mailbox quota for this user has been exceeded",
]


def replies(table: list[str]) -> list[tuple[int, str]]:
    return [(int(line[:3]), line[4:]) for line in table]


def meaning(step: Step, reply: tuple[int, str]) -> tuple[type[ProviderError], str]:
    error = refusal(step, reply)
    return type(error), REASONS[error.code].code


@pytest.mark.parametrize("reply", replies(THE_ADDRESS))
def test_an_address_that_does_not_exist_is_held_against_it(reply: tuple[int, str]) -> None:
    assert meaning(Step.RECIPIENT, reply) == (RejectedError, "mailbox_refused")


@pytest.mark.parametrize("reply", replies(RELAYING + POLICY))
def test_what_the_server_does_not_allow_is_not_held_against_the_address(reply: tuple[int, str]) -> None:
    assert meaning(Step.RECIPIENT, reply) == (RejectedError, "policy_refused")


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("reply", replies(SENDING_LIMIT))
def test_an_account_that_has_sent_enough_waits_with_all_its_messages(reply: tuple[int, str], step: Step) -> None:
    assert meaning(step, reply) == (AccountBusy, "sending_limit")


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("reply", replies(LOG_IN))
def test_a_missing_log_in_is_a_matter_of_the_settings(reply: tuple[int, str], step: Step) -> None:
    assert meaning(step, reply) == (MisconfiguredError, "login_refused")


@pytest.mark.parametrize("step", [Step.SENDER, Step.RECIPIENT])
@pytest.mark.parametrize("reply", replies(SENDER))
def test_a_refused_sender_is_a_matter_of_the_settings_also_where_the_recipient_was_named(
    reply: tuple[int, str], step: Step
) -> None:
    assert meaning(step, reply) == (MisconfiguredError, "sender_refused")


@pytest.mark.parametrize("reply", replies(FULL))
def test_a_full_mailbox_is_not_gone_for_good(reply: tuple[int, str]) -> None:
    assert meaning(Step.RECIPIENT, reply) == (RejectedError, "mailbox_full")


@pytest.mark.parametrize(
    ("step", "reply", "error", "code"),
    [
        (Step.RECIPIENT, (452, "4.2.2 mailbox full"), TemporaryError, "mailbox_full"),
        (Step.RECIPIENT, (452, "4.3.1 insufficient system storage"), TemporaryError, "server_busy"),
        (Step.RECIPIENT, (450, "4.1.1 address not verified yet"), TemporaryError, "server_busy"),
        (Step.RECIPIENT, (450, "4.2.1 the user is receiving mail too quickly"), TemporaryError, "server_busy"),
        (Step.RECIPIENT, (550, "5.2.1 the user is receiving mail at a rate that allows no more"), TemporaryError, "server_busy"),
        (Step.RECIPIENT, (450, "4.2.1 hourly limit of this recipient"), TemporaryError, "server_busy"),
        (Step.SENDER, (451, "4.3.0 try again"), AccountBusy, "server_busy"),
        (Step.RECIPIENT, (421, "4.7.0 hourly limit of this account"), ConnectionUsedUp, "connection_limit"),
        (Step.RECIPIENT, (552, "5.3.4 message size exceeds the limit"), RejectedError, "text_refused"),
        (Step.RECIPIENT, (552, "5.2.3 too long for this recipient"), RejectedError, "text_refused"),
        (Step.RECIPIENT, (552, "message too large"), RejectedError, "text_refused"),
        (Step.CONTENT, (552, "5.2.2 mailbox full"), RejectedError, "mailbox_full"),
        (Step.CONTENT, (552, "message exceeds the allowed storage"), RejectedError, "text_refused"),
        (Step.CONTENT, (550, "5.1.1 no such user"), RejectedError, "mailbox_refused"),
        (Step.CONTENT, (550, "5.7.60 client has no permission to send as this sender"), MisconfiguredError, "sender_refused"),
        (Step.CONTENT, (550, "5.7.1 spam, though the user is not known for it"), RejectedError, "text_refused"),
        (Step.SENDER, (552, "5.2.2 mailbox full"), MisconfiguredError, "sender_refused"),
    ],
)
def test_the_same_words_mean_what_they_mean_at_their_step(
    step: Step, reply: tuple[int, str], error: type[ProviderError], code: str
) -> None:
    assert meaning(step, reply) == (error, code)


@pytest.mark.parametrize("name", ["sender.rejected", "mailbox.full", "daily.sending.limit", "relaying-denied", "auth.required"])
def test_an_address_is_not_taken_for_the_words_of_the_server(name: str) -> None:
    assert meaning(Step.RECIPIENT, (550, f"5.1.1 <{name}@example.com>: user unknown"))[1] == "mailbox_refused"
    assert meaning(Step.RECIPIENT, (550, f"{name}@example.com is an unknown user"))[1] == "mailbox_refused"
