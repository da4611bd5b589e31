"""No link leads away from the base, however it is written."""

import pytest

from adapter.errors import ConfigurationFault
from adapter.fhir.origin import Base

BASE = Base.parse("https://base.example/r4")
AT = "https://base.example/r4/Observation"

HOSTILE = [
    "https://base.example.evil.com/r4?p=2",
    "https://base.example@evil.com/r4?p=2",
    "https://user:secret@base.example/r4?p=2",
    "https://base.example:8443/r4?p=2",
    "http://base.example/r4?p=2",
    "ftp://base.example/r4?p=2",
    "https://evil.com/r4?p=2",
    "//evil.com/r4?p=2",
    "https://[::1]/r4?p=2",
    "https://[::ffff:7f00:1]/r4?p=2",
    "https://[broken/r4",
    "https://base.example./r4?p=2",
    "https://base.example:99999/r4",
    "https://base.example:port/r4",
    "https:/\\evil.com/r4",
    "https://evil.com\\@base.example/r4",
    "https://base.example\t.evil.com/r4",
    "https://b\u0430se.example/r4",
    "https://base.example/r4-evil?p=2",
    "https://base.example/r5?p=2",
    "https://base.example/?p=2",
    "https://base.example/r4/../admin",
    "https://base.example/r4/%2e%2e/admin",
    "https://base.example/r4/x%2f..%2f..%2fadmin",
    "../admin",
    "/admin",
    "javascript:alert(1)",
    "file:///etc/passwd",
]


@pytest.mark.parametrize("link", HOSTILE)
def test_a_link_that_leads_away_is_refused(link: str) -> None:
    with pytest.raises(ConfigurationFault):
        BASE.follow(link, at=AT)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://base.example/r4?_getpages=a%20b", "https://base.example/r4?_getpages=a%20b"),
        ("https://base.example:443/r4/Observation?p=2", "https://base.example/r4/Observation?p=2"),
        ("HTTPS://BASE.example/r4/Observation?p=2", "https://base.example/r4/Observation?p=2"),
        ("?p=2", "https://base.example/r4/Observation?p=2"),
        ("Observation?p=2", "https://base.example/r4/Observation?p=2"),
        ("/r4/Observation?p=2", "https://base.example/r4/Observation?p=2"),
        ("//base.example/r4?p=2", "https://base.example/r4?p=2"),
        ("https://base.example/r4/Observation#frag", "https://base.example/r4/Observation"),
    ],
)
def test_a_link_within_the_base_is_followed_as_written(link: str, url: str) -> None:
    assert url == BASE.follow(link, at=AT)


@pytest.mark.parametrize(
    "link", ["http://hapi:8080/r4/Observation?p=2", "https://10.0.0.1/r4/Observation?p=2"]
)
def test_rewriting_reads_a_link_of_the_inner_name_as_ours(link: str) -> None:
    assert BASE.follow(link, at=AT, rewrite=True) == "https://base.example/r4/Observation?p=2"


@pytest.mark.parametrize(
    "link", ["http://hapi:8080/other?p=2", "http://u:p@hapi/r4?p=2", "http://hapi/r4/../x", "ftp://hapi/r4"]
)
def test_rewriting_touches_nothing_but_scheme_host_and_port(link: str) -> None:
    with pytest.raises(ConfigurationFault):
        BASE.follow(link, at=AT, rewrite=True)


@pytest.mark.parametrize(
    "url",
    ["", "base.example/r4", "ftp://base.example", "https://", "https://u:p@base.example", "https://b/r4?x=1",
     "https://b/r4#x", "https://b/../r4", "https://b:0x50/", "https://[1/"],
)  # fmt: skip
def test_a_base_that_is_none_is_for_the_operator_to_correct(url: str) -> None:
    with pytest.raises(ConfigurationFault) as caught:
        Base.parse(url)

    assert "p@" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://[::1]:8080/fhir/", "http://h", "http://h/", " https://h/a/b "])
def test_a_base_makes_urls_without_doubled_slashes(url: str) -> None:
    base = Base.parse(url)

    assert base.url("Patient/1") == url.strip().rstrip("/") + "/Patient/1"
    assert base.url() == url.strip().rstrip("/")
    assert base.holds(base.url("Patient/1"))
