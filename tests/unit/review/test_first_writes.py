"""A first write that came late gives way to what stood there."""

from dataclasses import dataclass, field, replace

import pytest

from adapter.errors import Deleted, RecordFault, VersionConflict
from adapter.fhir.bundles import Entry
from adapter.input.wire_json import Json
from workers.review.first_writes import overwrote, own_content, put_back

OURS: Json = {"resourceType": "CarePlan", "id": "plan", "status": "draft"}
ACTIVE: Json = {**OURS, "status": "active", "meta": {"versionId": "1", "lastUpdated": "2026-11-20T12:00:00Z"}}
FIRST = Entry("PUT", "CarePlan/plan", OURS, if_none_match=True)


@dataclass
class Past:
    """What stood there before; whoever writes next may be late too."""

    before: Json | RecordFault
    overtaken: bool = False
    updates: list[tuple[Json, str | None]] = field(default_factory=list)

    def vread(self, resource_type: str, resource_id: str, version_id: str) -> Json:
        assert (resource_type, resource_id, version_id) == ("CarePlan", "plan", "1")
        if isinstance(self.before, RecordFault):
            raise self.before
        return self.before

    def update(self, resource: Json, *, if_match: str | None = None) -> None:
        if self.overtaken:
            raise VersionConflict("somebody wrote since", status=412)
        self.updates.append((resource, if_match))


@pytest.mark.parametrize(
    ("entry", "created", "version", "expected"),
    [
        (FIRST, True, "1", False),
        (FIRST, False, "1", False),
        (FIRST, False, None, False),  # the server does not say
        (FIRST, True, "2", False),  # it was deleted, and is made anew
        (FIRST, False, "2", True),
        (replace(FIRST, if_none_match=False, if_match="1"), False, "2", False),
    ],
)
def test_a_first_write_that_made_a_second_version_was_none(
    entry: Entry, created: bool, version: str | None, expected: bool
) -> None:
    assert overwrote(entry, created=created, version=version) is expected


def test_what_stood_there_is_written_back_over_our_own_version() -> None:
    server = Past(ACTIVE)

    assert put_back(FIRST, "2", server)
    assert server.updates == [({**OURS, "status": "active"}, "2")]


@pytest.mark.parametrize(
    ("before", "version"),
    [
        (OURS, "2"),  # another worker wrote the same
        (RecordFault("no such version", status=404), "2"),
        (Deleted("nobody is to have it", status=410), "2"),
        (ACTIVE, "a1b2"),  # versions of this server do not count
        (ACTIVE, None),
    ],
)
def test_nothing_is_put_back_where_nothing_else_is_known_to_have_stood(
    before: Json | RecordFault, version: str | None
) -> None:
    server = Past(before)

    assert not put_back(FIRST, version, server)
    assert server.updates == []


def test_whoever_wrote_since_stays(caplog: pytest.LogCaptureFixture) -> None:
    server = Past(ACTIVE, overtaken=True)

    assert put_back(FIRST, "2", server)
    assert server.updates == []
    assert [it.levelname for it in caplog.records] == ["ERROR", "WARNING"]


@pytest.mark.parametrize(
    ("meta", "kept"),
    [
        (None, {}),
        ({"versionId": "1", "lastUpdated": "2026-11-20T12:00:00Z"}, {}),
        ({"versionId": "1", "tag": [{"code": "x"}]}, {"meta": {"tag": [{"code": "x"}]}}),
    ],
)
def test_what_only_the_server_may_say_is_not_written(meta: Json | None, kept: Json) -> None:
    assert own_content({**OURS, **({"meta": meta} if meta else {})}) == {**OURS, **kept}
