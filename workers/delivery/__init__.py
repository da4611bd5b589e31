"""Letters leave the house: from the outbox through a channel to the recipient, and the recipient's answer back.

    enqueue(ledger, communication, now, channel=...)    a released letter may go
    dispatch(office)                                    send what is due, tell what came of it
    collect(office, task_at_recipient)                  read who accepted, declined, or does not answer

    parcel, packing, warehouse    what is sent: Parcel, Receipt, Channel; made from what the server holds
    fhir, folder, mllp            the channels; endpoints, outgoing and v2 are what they need
    status, questions             what Communication.status may say; what a human is asked
    dispatching, acknowledgements the two loops, over workers.ledger.outbox
    settings, assembly            an office from settings

Not here, and no more than another `Channel` away: Edifact, ZorgMail, eHealthBox, AORTA, Twiin. No fax and no e-mail.
"""

from workers.delivery.acknowledgements import collect
from workers.delivery.assembly import Home, PostOffice, post_office
from workers.delivery.dispatching import Office, Patience, dispatch, enqueue, inform
from workers.delivery.packing import name_of, pack
from workers.delivery.parcel import Channel, Outcome, Parcel, Receipt, Recipient
from workers.delivery.settings import DeliverySettings, delivery_settings
from workers.delivery.status import communication_after, tell

__all__ = [
    "Channel", "DeliverySettings", "Home", "Office", "Outcome", "Parcel", "Patience", "PostOffice", "Receipt", "Recipient",
    "collect", "communication_after", "delivery_settings", "dispatch", "enqueue", "inform", "name_of", "pack",
    "post_office", "tell",
]  # fmt: skip
