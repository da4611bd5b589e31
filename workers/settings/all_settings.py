"""All settings of an institution: one frozen `Settings`. Reads no environment and opens no file."""

from typing import Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from workers.host.state_folder import state_folder
from workers.review.batches import PATIENTS
from workers.settings.delivery_settings import DeliverySettings
from workers.settings.export_settings import ExportSettings
from workers.settings.intake_settings import IntakeSettings
from workers.settings.serve_settings import ServeSettings
from workers.settings.setting_kinds import (
    Delays,
    File,
    Hours,
    Names,
    Pairs,
    PatientSourceName,
    Role,
    Team,
    Url,
    Values,
    Zone,
)
from workers.settings.smart_login import SmartLogin

SWEPT = (
    "Patient", "Observation", "DiagnosticReport", "Condition", "Procedure", "MedicationRequest",
    "MedicationStatement", "AllergyIntolerance", "FamilyMemberHistory", "RiskAssessment", "List", "Task",
    "CarePlan",
)  # fmt: skip


class Settings(BaseModel):
    """What an institution can set. A field says what is allowed, setting_meanings.toml what for."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    # the FHIR server
    fhir_base_url: Url = Field(description="an address such as https://fhir.example.org/r4")
    fhir_auth: Literal["none", "basic", "bearer", "smart"] = Field(
        "none", description="none, basic, bearer or smart"
    )
    fhir_user: str | None = Field(None, description="the user name for basic")
    fhir_password: SecretStr | None = Field(None, description="the password for basic")
    fhir_token: SecretStr | None = Field(None, description="the token for bearer")
    smart: SmartLogin | None = Field(
        None, description="for smart: a table or a JSON object with client_id and key"
    )
    ca_bundle: File | None = Field(None, description="a PEM file with the certificate authorities to trust")
    client_cert: File | None = Field(None, description="a PEM file with our certificate")
    client_key: File | None = Field(None, description="a PEM file with its key")
    proxy: Url | None = Field(None, description="an address such as http://proxy.example.org:3128")
    rewrite_next_links: bool = Field(False, description="true or false")
    post_search: bool = Field(False, description="true or false")
    connect_timeout: float = Field(3.0, gt=0, le=60, description="seconds, above 0 and up to 60")
    read_timeout: float = Field(30.0, gt=0, le=300, description="seconds, above 0 and up to 300")
    write_mode: Literal["auto", "put", "conditional"] = Field("auto", description="auto, put or conditional")

    # the institution and its pathway
    site: str = Field(
        "default", pattern=r"^[A-Za-z0-9.-]{1,40}$", description="letters, digits, '.' and '-', at most 40"
    )
    pathway: str = Field("core", min_length=1, description="the name of a pathway, or a path to a YAML file")
    pathway_params: Values = Field({}, description="name=value,name=value or a JSON object")
    complete_lists: Names = Field((), description="kinds of list that are complete here, with commas")
    forearm_code_site: str | None = Field(
        None, description="the site that the T-score code of the forearm means here"
    )
    local_t_scores: Pairs = Field({}, description="system|code=site,system|code=body_site or a JSON object")
    local_laboratory: Pairs = Field({}, description="system|code=egfr,system|code=calcium or a JSON object")
    test_labels: Names = Field(
        (),
        description="system|code of Patient.meta that marks test data here, with commas; HTEST always does",
    )
    language: Literal["nl", "en", "fr"] = Field("nl", description="nl, en or fr")
    organization: str | None = Field(
        None, pattern=r"^Organization/[A-Za-z0-9.-]{1,64}$", description="Organization/id"
    )
    organization_identifier: str | None = Field(None, pattern=r"^[^|]+\|[^|]+$", description="system|value")
    organization_name: str | None = Field(None, description="the name under the letter")
    organization_phone: str | None = Field(None, description="the number a GP can call")
    timezone: Zone = Field("Europe/Amsterdam", description="a name such as Europe/Brussels")
    fhir_profile: Literal["base", "ihe-dcp", "scp", "be"] = Field(
        "base", description="base, ihe-dcp, scp or be: the guide that what is written follows"
    )
    author_role: Role | None = Field(
        None, description="PractitionerRole/id: who signs a plan where the guide asks for a role"
    )

    # release
    release_owner: Team | None = Field(None, description="CareTeam/id: who is asked to release")
    send_without_release: Names = Field((), description="ids of pathways that say immediate, with commas")
    delivery: DeliverySettings = Field(DeliverySettings(), description="a table, or a JSON object")
    serve: ServeSettings = Field(
        ServeSettings(), description="how `serve` listens: a table, or a JSON object"
    )
    intake: IntakeSettings = Field(
        IntakeSettings(), description="HL7 v2 and files that come in: a table, or a JSON object"
    )
    export: ExportSettings = Field(ExportSettings(), description="Bulk Data: a table, or a JSON object")

    # ledger, broker and pace
    ledger_url: SecretStr = Field(
        default_factory=lambda: SecretStr(f"sqlite:///{state_folder() / 'ledger.sqlite'}"),
        description="a SQLAlchemy address of SQLite or PostgreSQL; by default a file in the user's state folder",
    )
    broker_url: SecretStr | None = Field(
        None, description="a Redis address such as rediss://user:password@redis.example.org:6379/0"
    )
    broker_ca_bundle: File | None = Field(None, description="a PEM file with the authorities to trust")
    broker_client_cert: File | None = Field(None, description="a PEM file with our certificate for Redis")
    broker_client_key: File | None = Field(None, description="a PEM file with its key")
    allow_unprotected: Names = Field(
        (), description="redis, fhir: what may go to another machine without TLS, with commas"
    )
    patient_source: PatientSourceName = Field(
        "search", description="search, export, Group/id, or a file with the id of a patient on each line"
    )
    sweep_types: Names = Field(SWEPT, description="FHIR resource types, with commas")
    sweep_interval: int = Field(300, ge=1, description="seconds, at least 1")
    sweep_overlap: int = Field(600, ge=0, description="seconds, 0 or more")
    clock_margin: int = Field(122, ge=0, description="seconds, 0 or more")
    decide_unchanged: bool = Field(False, description="true: decide again also where nothing changed")
    read_unchanged: bool = Field(False, description="true: read whole also where no version changed")
    full_sweep_interval: int = Field(86_400, ge=60, description="seconds, at least 60")
    full_sweep_hours: Hours = Field(
        "",
        description="windows of the day in the time of `timezone`, such as 22:00-06:00, with commas; empty: any time",
    )
    delivery_interval: int = Field(15, ge=1, description="seconds between two rounds of delivery, at least 1")
    overdue_interval: int = Field(
        3600, ge=1, description="seconds between two looks at what is overdue, at least 1"
    )
    chunk_size: int = Field(200, ge=1, le=1000, description="1 to 1000 patients per task")
    batch_size: int = Field(PATIENTS, ge=1, le=200, description="1 to 200 patients per request")
    search_size: int = Field(12, ge=1, le=200, description="1 to 200 patients per search within a request")
    write_size: int = Field(25, ge=1, le=100, description="1 to 100 patients per transaction")
    max_attempts: int = Field(5, ge=1, le=50, description="1 to 50")
    retry_delays: Delays = Field((60, 300, 900, 3600, 14_400), description="seconds, with commas")
    lease: int = Field(10, ge=1, description="seconds, at least 1; renewed by whoever is at work")
    task_soft_time_limit: int = Field(90, ge=5, le=270, description="seconds, 5 to 270")
    task_time_limit: int = Field(
        120, ge=10, le=299, description="seconds, 10 to 299 (half of the visibility time-out)"
    )
    concurrency: int = Field(2, ge=1, le=64, description="1 to 64 processes")
    threads: int = Field(2, ge=1, le=16, description="1 to 16 requests at once per process")
    log_format: Literal["plain", "json"] = Field("plain", description="plain or json")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="debug, info, warning or error"
    )
    dry_run: bool = Field(False, description="true or false")


# What must be set where another one is.
NEEDED_WITH = (("client_cert", "client_key"), ("broker_client_cert", "broker_client_key"))
# What must be less than another one: a task is told to stop before it is killed.
BELOW = (("task_soft_time_limit", "task_time_limit"),)
NAMES = tuple(Settings.model_fields)
SECRETS = tuple(
    name for name, kind in get_type_hints(Settings).items() if kind in (SecretStr, SecretStr | None)
)
