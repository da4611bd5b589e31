"""One round of delivery: send what was released, read who answered, ask after who did not.

With the gate in between.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from workers.delivery import DeliveryService, OwnServer, collect_answers, delivery_service, dispatch_letters
from workers.delivery.letter_store import LetterStore
from workers.queue.letter_gate import GatedLoad
from workers.queue.runtime import Runtime

log = logging.getLogger(__name__)


@contextmanager
def delivery_service_of(runtime: Runtime) -> Iterator[DeliveryService]:
    """The delivery of a running process: nothing leaves through it that the gate does not let pass."""
    home = OwnServer(runtime.client, runtime.settings.fhir_base_url, runtime.institution.update_create)
    load = GatedLoad(LetterStore(runtime.client).load, runtime.client)
    with delivery_service(
        runtime.settings.delivery, home, runtime.ledger, runtime.clock, load=load
    ) as service:
        yield service


def deliver(runtime: Runtime) -> Counter[str]:
    """One round; gives how many letters came to what.

    A second one at the same time never holds the same letter.
    """
    if runtime.settings.delivery.channel == "none" or runtime.settings.dry_run:
        return Counter()
    with delivery_service_of(runtime) as service:
        done = dispatch_letters(service.context)
        done.update(
            {
                f"answer {name}": count
                for name, count in collect_answers(service.context, service.task_at_recipient).items()
            }
        )
    if done:
        log.info("deliveries: %s", ", ".join(f"{name}: {count}" for name, count in sorted(done.items())))
    return done
