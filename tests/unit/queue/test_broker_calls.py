"""What is asked of the broker, and nothing of it where there is none."""

import pytest

from adapter.errors import ConfigurationFault
from tests.server_patients import settings_for
from workers.broker.broker_fault import BrokerAway
from workers.queue.broker_calls import broker_calls, follow_up_of

HERE = "http://127.0.0.1:1/fhir"
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.mark.parametrize("sweep", [True, False])
def test_without_a_broker_nobody_is_woken_and_nothing_fails(sweep: bool) -> None:
    follow_up_of(settings_for(HERE))(sweep)


@pytest.mark.parametrize("sweep", [True, False])
def test_a_broker_that_is_away_is_told_when_it_is_asked_and_not_before(sweep: bool) -> None:
    follow_up = follow_up_of(settings_for(HERE, broker_url=NOWHERE))

    with pytest.raises(BrokerAway):
        follow_up(sweep)


def test_a_broker_that_must_answer_is_asked_at_once() -> None:
    with pytest.raises(BrokerAway):
        broker_calls(settings_for(HERE, broker_url=NOWHERE))


def test_settings_without_a_broker_lead_to_none() -> None:
    with pytest.raises(ConfigurationFault):
        broker_calls(settings_for(HERE))
