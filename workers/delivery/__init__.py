"""Letters leave the house: from the outbox through a channel to the recipient, whose answer comes back.

    enqueue_communication(ledger, communication, ...)   a released letter may go
    dispatch_letters(context)                           send what is due, tell what came of it
    collect_answers(context, task_at_recipient)         read who accepted, declined, or does not answer

    message, message_content, letter_store      what is sent: made from what the server holds
    channels/                                   the ways to a recipient
    communication_status, questions             what Communication.status may say; what a
                                                human is asked (delivery_codes)
    dispatcher, recipient_answers               the two loops, over workers.ledger.outbox; answer_source:
                                                whose answer
    channel_settings, service                   put together from settings;
                                                record_server: what is needed of ours

Not here, and no more than another `Channel` away: Edifact, ZorgMail, eHealthBox, AORTA,
Twiin. No fax and no e-mail.
"""

from workers.delivery.communication_status import communication_after, write_status
from workers.delivery.dispatcher import (
    DeliveryContext,
    DeliveryPolicy,
    dispatch_letters,
    enqueue_communication,
    inform_server_and_humans,
)
from workers.delivery.message import Channel, LetterMessage, Receipt, Recipient, SendOutcome
from workers.delivery.message_content import message_of, name_of
from workers.delivery.recipient_answers import collect_answers
from workers.delivery.service import DeliveryService, OwnServer, delivery_service
from workers.settings.delivery_settings import DeliverySettings, read_delivery_settings

__all__ = [
    "Channel",
    "DeliveryContext",
    "DeliveryPolicy",
    "DeliveryService",
    "DeliverySettings",
    "LetterMessage",
    "OwnServer",
    "Receipt",
    "Recipient",
    "SendOutcome",
    "collect_answers",
    "communication_after",
    "delivery_service",
    "dispatch_letters",
    "enqueue_communication",
    "inform_server_and_humans",
    "message_of",
    "name_of",
    "read_delivery_settings",
    "write_status",
]  # fmt: skip
