"""What befalls a T-score does not hide it: a review's searches still bring it, to be read with care."""

from contextlib import ExitStack
from datetime import date

import pytest

from mappings.handover.institution import Institution
from mappings.inbound import ReadingConfig
from mappings.pathways import load
from mappings.texts import load as load_texts
from tests.property.impairments import HOWS, Impairment, impaired, impairments
from tests.property.mishaps import kind_of
from tests.property.people import Person, people
from workers.authoring.cases.case_server import case_client
from workers.review.batches import batches
from workers.review.read import read
from workers.sandbox import Sandbox

ON = date(2026, 11, 20)
TOGETHER = 40


@pytest.fixture(scope="module")
def foreign() -> list[Person]:
    """Those whose resources have ids of their own, so that they fit on one server."""
    return [it for it in people() if it.id.startswith("FR-")]


def mishap_to(person: Person, how: str) -> Impairment | None:
    """One of those that can befall a T-score of this person, another one for each."""
    found = [one for it in person.resources if kind_of(it) == "T-score" for one in impairments(how, it)]
    return found[sum(map(ord, person.id)) % len(found)] if found else None


@pytest.mark.parametrize("how", HOWS)
def test_an_impaired_t_score_is_still_found(how: str, foreign: list[Person]) -> None:
    mishaps = {
        person.patient["id"]: (person, mishap) for person in foreign if (mishap := mishap_to(person, how))
    }
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox())
        for person, mishap in mishaps.values():
            sandbox.load([person.patient, *impaired(list(person.resources), mishap)])
        client = stack.enter_context(case_client(sandbox.base_url))
        config = ReadingConfig(base_url=sandbox.base_url)
        institution = Institution("found", "found", load("antonius"), config, load_texts("nl"))
        records = [it for some in batches(mishaps, TOGETHER) for it in read(some, client, institution, ON)]

    lost = [
        f"{mishaps[record.patient][0].id} {mishaps[record.patient][1]}"
        for record in records
        if mishaps[record.patient][1].place
        not in {f"{it['resourceType']}/{it['id']}" for it in record.resources}
    ]
    assert (len(records), lost) == (len(mishaps), [])
