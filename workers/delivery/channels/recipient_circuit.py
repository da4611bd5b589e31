"""Whether a recipient's server is asked now: its circuit stands in the ledger, beside that of our own."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from adapter.errors import TryAgainLater
from workers.host.clock import Clock
from workers.ledger import Ledger, circuits


class AddressCircuit(Protocol):
    """Keeps letters away from a server in trouble, by its base address."""

    def may_ask(self, address: str) -> bool:
        """Leave to ask; after a while of silence for one caller at a time."""

    def record_failure(self, address: str, fault: TryAgainLater) -> None:
        """It did not take a letter, for a reason of its own."""

    def record_success(self, address: str) -> None:
        """It took a letter, or refused one for a reason of the letter's."""


class NoCircuit:
    """For whoever sends a single letter."""

    def may_ask(self, address: str) -> bool:  # noqa: ARG002 - the shape of a circuit
        """Always."""
        return True

    def record_failure(self, address: str, fault: TryAgainLater) -> None:
        """Nothing is remembered."""

    def record_success(self, address: str) -> None:
        """Nothing is remembered."""


@dataclass(frozen=True, slots=True)
class RecipientCircuit:
    """In the ledger, for all processes alike."""

    ledger: Ledger = field(repr=False)
    clock: Clock = field(repr=False)

    def may_ask(self, address: str) -> bool:
        """Leave to ask; after a while of silence for one caller at a time."""
        return circuits.claim_passage(self.ledger, address, self.clock()).may_ask

    def record_failure(self, address: str, fault: TryAgainLater) -> None:
        """It did not take a letter, for a reason of its own."""
        told = timedelta(seconds=fault.retry_after) if fault.retry_after else None
        circuits.record_failure(self.ledger, address, self.clock(), str(fault), told=told)

    def record_success(self, address: str) -> None:
        """It took a letter."""
        circuits.record_success(self.ledger, address)
