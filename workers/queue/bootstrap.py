"""Clients and the institution from settings. A client once per process, after a fork."""

import hashlib
import json
from dataclasses import replace
from typing import TypeVar, assert_never
from zoneinfo import ZoneInfo

from adapter.clinical import Pathway
from adapter.clinical.model import Analyte, Side, Site
from adapter.errors import ConfigurationFault
from adapter.fhir import FhirClient
from adapter.fhir.auth import NO_AUTH, Auth, BasicAuth, BearerAuth
from adapter.fhir.capabilities import Capabilities
from adapter.fhir.exchange.http_options import DEFAULT_HTTP, HttpOptions
from adapter.fhir.export import ExportClient, ExportHosts
from adapter.fhir.paging import SearchOptions
from adapter.fhir.smart import SmartAuth
from adapter.input.wire_json import Json
from adapter.software_version import software_version
from mappings import pathways, texts
from mappings.codes import system_named
from mappings.handover.institution import Institution
from mappings.inbound import ReadingConfig
from mappings.outbound.guides.profiles import Profile, load_profile
from mappings.outbound.resources.handover_task import TaskStyle
from workers.host.clock import system_clock
from workers.queue.access_rights import Verb, rights_of
from workers.settings.all_settings import Settings
from workers.settings.protection import FHIR, require_protection
from workers.settings.smart_login import SmartLogin, smart_auth

Given = TypeVar("Given")
BY_BODY_SITE = "body_site"  # for a generic code: each measurement says itself where
PAGE = 200  # resources; HAPI is quick with a first page and takes half a second to come up with a second one

# The settings that decide or word; others may change without anybody having to be looked at again.
DECIDES = frozenset({
    "site", "pathway", "pathway_params", "complete_lists", "test_labels", "forearm_code_site", "local_t_scores",
    "local_laboratory", "language", "timezone",
    "release_owner", "send_without_release", "organization", "organization_identifier", "organization_name", "organization_phone",
    "fhir_profile", "author_role",
})  # fmt: skip


def takes_our_ids(known: Capabilities, settings: Settings) -> bool:
    """Whether to write under our own ids: as set, else as the server says; neither is refused."""
    if settings.write_mode == "conditional" or not known.update_create("CarePlan").worth_asking:
        if not known.conditional_create("CarePlan").worth_asking:
            raise ConfigurationFault(
                "The server offers neither ids chosen by the client (updateCreate) nor conditional create: writing "
                "twice would make duplicates, so nothing is written."
            )
        return False
    return True


def client_of(settings: Settings, at_once: int = DEFAULT_HTTP.at_once) -> FhirClient:
    """A client for the server of these settings; ConfigurationFault when a secret would go in the clear."""
    require_protection(settings, FHIR)
    http = replace(_http(settings), at_once=at_once)
    searching = SearchOptions(
        page_size=PAGE, post=settings.post_search, rewrite_next_links=settings.rewrite_next_links
    )
    return FhirClient(settings.fhir_base_url, auth=auth_of(settings), http=http, searching=searching)


def export_client_of(settings: Settings) -> ExportClient:
    """A client for the exports of the server of these settings; raises as `client_of` does."""
    require_protection(settings, FHIR)
    hosts = ExportHosts(settings.fhir_base_url, settings.export.hosts, auth_of(settings), _http(settings))
    return ExportClient(hosts)


def _http(settings: Settings) -> HttpOptions:
    certificate = str(settings.client_cert) if settings.client_cert else None
    return HttpOptions(
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        ca_bundle=str(settings.ca_bundle) if settings.ca_bundle else None,
        client_cert=(certificate, str(settings.client_key))
        if certificate and settings.client_key
        else certificate,
        proxies={"http": settings.proxy, "https": settings.proxy} if settings.proxy else {},
    )


def auth_of(settings: Settings) -> Auth:
    """How to prove who we are; settings that say how and not with what are refused when they are read."""
    match settings.fhir_auth:
        case "none":
            return NO_AUTH
        case "basic":
            return BasicAuth(given(settings.fhir_user), given(settings.fhir_password).get_secret_value())
        case "bearer":
            return BearerAuth(given(settings.fhir_token).get_secret_value())
        case "smart":
            return smart_of(settings, given(settings.smart))
        case unreachable:
            assert_never(unreachable)


def given(value: Given | None) -> Given:
    """A setting that `fhir_auth` needs; ConfigurationFault without it: no request goes without a login."""
    if value is None:
        raise ConfigurationFault("fhir_auth asks for a login that the settings do not give.")
    return value


def smart_of(settings: Settings, login: SmartLogin) -> SmartAuth:
    """A token for what reading asks and writing needs."""
    needed = tuple(rights_of(settings, reading_of(settings)))
    return smart_auth(
        login,
        settings.fhir_base_url,
        read=tuple(it.type for it in needed if it.verb is Verb.SEARCH),
        write=tuple(it.type for it in needed if it.verb is Verb.WRITE),  # which includes the right to delete
        http=_http(settings),
        clock=system_clock,
        allow_plain=FHIR in settings.allow_unprotected,
    )


def institution_of(settings: Settings) -> Institution:
    """The institution as the review knows it; ConfigurationFault for an unknown pathway or site."""
    pathway = _pathway(settings)
    phone = settings.organization_phone
    return Institution(
        site=settings.site,
        version=software_version(),
        pathway=pathway,
        reading=reading_of(settings),
        texts=texts.load(settings.language).extend(pathway.texts.get(settings.language, {})),
        update_create=settings.write_mode != "conditional",
        organization=_organization(settings),
        organization_name=settings.organization_name,
        contacts=((settings.organization_name or settings.site, phone),) if phone else (),
        search_size=settings.search_size,
        write_size=settings.write_size,
        dry_run=settings.dry_run,
        release_owner={"reference": settings.release_owner} if settings.release_owner else None,
        send_without_release=frozenset(settings.send_without_release),
        profile=_profile(settings),
        author_role={"reference": settings.author_role} if settings.author_role else None,
        read_unchanged=settings.read_unchanged,
    )


def _profile(settings: Settings) -> Profile:
    """The guide, with all that it asks of the settings: a gap shows at the start, not at each patient."""
    profile = load_profile(settings.fhir_profile)
    if profile.author == "role" and not settings.author_role:
        raise ConfigurationFault(f"fhir_profile {profile.id} needs author_role, a PractitionerRole.")
    if profile.task_style is not TaskStyle.NONE and not settings.organization_identifier:
        raise ConfigurationFault(f"fhir_profile {profile.id} needs organization_identifier.")
    return profile


def _pathway(settings: Settings) -> Pathway:
    """The pathway with the institution's own parameters; an unknown one is refused, not ignored."""
    try:
        known = pathways.load(settings.pathway).parameters
        if strange := sorted(settings.pathway_params.keys() - known.keys()):
            raise ConfigurationFault(f"The pathway has no parameter {', '.join(strange)}.")
        return pathways.load(settings.pathway, settings.pathway_params or None)
    except (ValueError, OSError) as error:
        raise ConfigurationFault(f"The pathway cannot be used: {error}") from error


def reading_of(settings: Settings) -> ReadingConfig:
    """What the institution says about its own record."""
    local: dict[tuple[str, str], tuple[Site | None, Side | None]] = {
        _code(it): (None if name == BY_BODY_SITE else _site(name), None)
        for it, name in settings.local_t_scores.items()
    }
    return ReadingConfig(
        complete_lists=frozenset(settings.complete_lists),
        forearm_code_site=_site(settings.forearm_code_site) if settings.forearm_code_site else None,
        local_t_scores=local,
        local_laboratory={_code(it): _analyte(name) for it, name in settings.local_laboratory.items()},
        base_url=settings.fhir_base_url,
        test_labels=frozenset(_label(label) for label in settings.test_labels),
        zone=ZoneInfo(settings.timezone),
    )


def _code(text: str) -> tuple[str, str]:
    system, _, key = text.rpartition("|")
    return system_named(system), key


def _label(text: str) -> tuple[str, str]:
    system, _, code = text.rpartition("|")
    return system, code


def _site(name: str) -> Site:
    try:
        return Site(name)
    except ValueError as error:
        raise ConfigurationFault(
            f"{name!r} is not a site; there are {', '.join((*Site, BY_BODY_SITE))}"
        ) from error


def _analyte(name: str) -> Analyte:
    try:
        return Analyte(name)
    except ValueError as error:
        raise ConfigurationFault(
            f"{name!r} is not a laboratory value; there are {', '.join(Analyte)}"
        ) from error


def _organization(settings: Settings) -> Json | None:
    reference: Json = {"reference": settings.organization} if settings.organization else {}
    if settings.organization_identifier:
        system, _, value = settings.organization_identifier.partition("|")
        reference |= {"type": "Organization", "identifier": {"system": system, "value": value}}
    if reference and settings.organization_name:
        reference["display"] = settings.organization_name
    return reference or None


def scope_of(settings: Settings, institution: Institution) -> str:
    """Whose part of the ledger this is; the same plans have the same scope."""
    return f"{settings.site}|{settings.fhir_base_url}|{institution.pathway.ref.id}"


def ruleset_of(settings: Settings, institution: Institution) -> str:
    """The fingerprint of all that decides or words: when it changes, every patient is looked at again."""
    values = settings.model_dump(mode="json", include=set(DECIDES))
    content = json.dumps([institution.pathway.ref.fingerprint, institution.version, values], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def rules_of(institution: Institution, ruleset: str) -> str:
    """What a review rests on beside the record: the ruleset, the texts, and how new resources are written."""
    content = [ruleset, sorted(institution.texts.entries.items()), institution.update_create]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
