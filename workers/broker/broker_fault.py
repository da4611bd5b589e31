"""The broker is away: a fault of its own, since a busy ledger passes too and asks for something else."""

from adapter.errors import TryAgainLater


class BrokerAway(TryAgainLater):
    """Redis does not answer. Nothing is lost: what has to be done stands in the ledger."""
