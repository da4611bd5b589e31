from pathlib import Path

import pytest

from adapter.errors import ConfigurationFault
from workers.settings.all_settings import NAMES, SECRETS, Settings
from workers.settings.setting_variables import variable_name
from workers.settings.settings_loader import SettingsFault, load_settings

BASE = {"OSTEO_HANDOVER_FHIR_BASE_URL": "http://127.0.0.1:8080/fhir/"}


def faults_of(environ: dict[str, str], toml: Path | None = None) -> dict[str, str]:
    with pytest.raises(SettingsFault) as caught:
        load_settings(environ, toml)
    return {fault.variable: fault.problem for fault in caught.value.faults}


def test_only_the_base_url_is_needed() -> None:
    settings = load_settings(BASE)

    assert settings.fhir_base_url == "http://127.0.0.1:8080/fhir"
    assert (settings.chunk_size, settings.batch_size, settings.dry_run) == (200, 50, False)


def test_every_fault_is_reported_at_once() -> None:
    environ = {
        "OSTEO_HANDOVER_FHIR_BASE_URL": "ftp://somewhere",
        "OSTEO_HANDOVER_CHUNK_SIZE": "many",
        "OSTEO_HANDOVER_LANGUAGE": "de",
        "OSTEO_HANDOVER_FHIR_AUTH": "bearer",
        "OSTEO_HANDOVER_PATHWAI": "etz",
    }

    assert set(faults_of(environ)) == {
        "OSTEO_HANDOVER_FHIR_BASE_URL",
        "OSTEO_HANDOVER_CHUNK_SIZE",
        "OSTEO_HANDOVER_LANGUAGE",
        "OSTEO_HANDOVER_FHIR_TOKEN",
        "OSTEO_HANDOVER_PATHWAI",
    }


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"client_key": "/k.pem"}, "client_cert"),
        ({"broker_client_key": "/k.pem"}, "broker_client_cert"),
        ({"fhir_auth": "basic", "fhir_user": "adapter"}, "fhir_password"),
        ({"fhir_auth": "smart"}, "smart"),
        ({"task_time_limit": "20"}, "task_soft_time_limit"),
        ({"task_soft_time_limit": "60", "task_time_limit": "60"}, "task_soft_time_limit"),
        ({"full_sweep_hours": "22:00-06:00", "full_sweep_interval": "28799"}, "full_sweep_hours"),
    ],
)
def test_settings_that_do_not_go_together_are_a_fault(
    given: dict[str, str], fault: str, tmp_path: Path
) -> None:
    key = tmp_path / "k.pem"
    key.touch()
    environ = {variable_name(name): value.replace("/k.pem", str(key)) for name, value in given.items()}

    assert faults_of(BASE | environ).keys() == {variable_name(fault)}


@pytest.mark.parametrize(
    "given",
    [
        {"full_sweep_hours": "22:00-06:00"},
        {"full_sweep_hours": "12:00-13:00, 22:00-06:00"},
        {"full_sweep_hours": "22:00-06:00", "full_sweep_interval": "28800"},
        {"full_sweep_hours": " ", "full_sweep_interval": "60"},
        {"full_sweep_interval": "60"},
    ],
)
def test_hours_for_full_passes_that_come_often_enough_are_taken(given: dict[str, str]) -> None:
    environ = {variable_name(name): value for name, value in given.items()}

    assert load_settings(BASE | environ).full_sweep_hours == given.get("full_sweep_hours", "").strip()


def test_hours_without_effect_are_refused_with_what_to_write() -> None:
    environ = {"full_sweep_hours": "22:00-23:00", "full_sweep_interval": "3600"}

    (fault,) = faults_of(BASE | {variable_name(name): value for name, value in environ.items()}).values()

    assert "set full_sweep_interval to 41400 or more, or leave this empty" in fault


# Each with one setting that is refused alone; the others contradict each other, or lack one.
AT_ONCE: dict[str, tuple[dict[str, str], dict[str, list[str]]]] = {
    "a value, a contradiction, a lack": (
        {"chunk_size": "many", "task_soft_time_limit": "60", "task_time_limit": "60", "fhir_auth": "bearer"},
        {"chunk_size": ["valid integer"], "task_soft_time_limit": ["must be below"], "fhir_token": ["is needed"]},
    ),
    "a lack of what is always needed beside a contradiction": (
        {"fhir_base_url": "", "task_soft_time_limit": "60", "task_time_limit": "60", "pathwai": "etz"},
        {"fhir_base_url": ["is needed"], "task_soft_time_limit": ["must be below"], "pathwai": ["is not a setting"]},
    ),
    "what cannot be used contradicts nothing": (
        {"task_soft_time_limit": "60", "task_time_limit": "soon", "language": "de", "fhir_auth": "bearer"},
        {"task_time_limit": ["valid integer"], "language": ["should be"], "fhir_token": ["is needed"]},
    ),
    "four of one section, and one beside it": (
        {
            "delivery": '{"channel": "mllp", "lease": 1, "max_bytes": "many", "fhir_tokens": {"http://a.example": "f"}}',
            "language": "de",
        },
        {
            "delivery": ["max_bytes: ", "needs mllp_port", "over http", "lease must be at least"],
            "language": ["should be"],
        },
    ),
    "every means of no channel": (
        {"delivery": '{"folder": "letters", "mllp_port": 2575, "fhir_hosts": ["gp.example"], "prot": 1}'},
        {"delivery": ["channel to folder", "channel to mllp", "channel to fhir", "prot: is not a key"]},
    ),
    "two that do not go together beside one of a wrong kind": (
        {
            "serve": '{"host": "0.0.0.0", "port": -1, "cds_clients": {}, "tls_key": "/k.pem"}',
            "intake": '{"host": "0.0.0.0", "client_ca": "/k.pem", "connections": 0}',
            "export": '{"group": "1", "wait": -1}',
        },
        {
            "serve": ["port: ", "host is reached", "belong together"],
            "intake": ["connections: ", "host is reached", "client_ca needs"],
            "export": ["wait: ", "for level group"],
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "told"), AT_ONCE.values(), ids=AT_ONCE)
def test_faults_of_different_kinds_are_told_at_once(
    given: dict[str, str], told: dict[str, list[str]], tmp_path: Path
) -> None:
    key = tmp_path / "k.pem"
    key.touch()
    environ = {variable_name(name): text.replace("/k.pem", str(key)) for name, text in given.items()}
    found = faults_of(BASE | environ)

    assert found.keys() == {variable_name(name) for name in told}
    for name, parts in told.items():
        assert [part for part in parts if part not in found[variable_name(name)]] == []


@pytest.mark.parametrize(
    ("section", "key", "untold"),
    [
        ('{"channel": "fax", "folder": "letters"}', "channel", "no letter would leave"),
        ('{"channel": "mllp", "mllp_port": 0}', "mllp_port", "needs mllp_port"),
        ('{"lease": "long", "read_timeout": 240}', "lease", "lease must be at least"),
    ],
)
def test_a_key_that_cannot_be_used_contradicts_no_other(section: str, key: str, untold: str) -> None:
    told = faults_of(BASE | {variable_name("delivery"): section})[variable_name("delivery")]

    assert key in told
    assert untold not in told


def test_a_fault_says_what_is_allowed_and_what_was_probably_meant() -> None:
    with pytest.raises(SettingsFault) as caught:
        load_settings(BASE | {"OSTEO_HANDOVER_PATHWAI": "etz", "OSTEO_HANDOVER_WRITE_MODE": "post"})

    text = str(caught.value)
    assert "did you mean OSTEO_HANDOVER_PATHWAY?" in text
    assert "auto, put or conditional" in text
    assert isinstance(caught.value, ConfigurationFault)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("FHIR_BASE_URL", "http://user:hunter2@host/fhir"),
        ("FHIR_BASE_URL", "http://:hunter2@host/fhir"),
        ("PROXY", "http://:hunter2@host:3128"),
        ("CHUNK_SIZE", "hunter2"),
        ("TIMEZONE", "hunter2"),
        ("FULL_SWEEP_HOURS", "hunter2"),
        ("CA_BUNDLE", "/hunter2"),
        ("PATHWAY_PARAMS", "hunter2"),
        ("PATHWAY_PARAMS", '{"hunter2"'),
        ("ORGANIZATION", "hunter2"),
        ("FHIR_TOKEN_FILE", "/hunter2"),
    ],
)
def test_a_fault_never_shows_the_value(name: str, text: str) -> None:
    with pytest.raises(SettingsFault) as caught:
        load_settings(BASE | {f"OSTEO_HANDOVER_{name}": text})

    assert "hunter2" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("INTAKE", '{"key": "/nowhere/key"}', "key: is not a file that can be read (allowed: the key of the inbox, a file made by `hl7 new-key`)"),
        ("DELIVERY", '{"channel": "fhir", "fhir_addresses": "Organization/1=https://gp.example"}', "fhir_addresses: is not a table (allowed: a table such as"),
        ("SERVE", '{"port": "many"}', "port: Input should be a valid integer"),
    ],
)  # fmt: skip
def test_a_fault_in_a_section_says_what_its_key_takes(name: str, text: str, told: str) -> None:
    assert told in faults_of({**BASE, f"OSTEO_HANDOVER_{name}": text})[f"OSTEO_HANDOVER_{name}"]


def test_secrets_are_never_shown() -> None:
    secret = {variable_name(name): f"sqlite:///hunter2-{name}" for name in SECRETS}

    shown = repr(load_settings(BASE | secret)) + str(load_settings(BASE | secret).model_dump(mode="json"))

    assert "hunter2" not in shown


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")

    settings = load_settings(
        BASE
        | {
            "OSTEO_HANDOVER_FHIR_AUTH": "bearer",
            "OSTEO_HANDOVER_FHIR_TOKEN_FILE": str(tmp_path / "token"),
        }
    )

    assert settings.fhir_token is not None
    assert settings.fhir_token.get_secret_value() == "s3cret"


def test_a_variable_wins_over_the_file(tmp_path: Path) -> None:
    toml = tmp_path / "settings.toml"
    toml.write_text(
        'fhir_base_url = "http://127.0.0.1/a"\nsite = "tilburg"\n[pathway_params]\nmin_age = 51\n',
        encoding="utf-8",
    )

    settings = load_settings(BASE, toml)

    assert settings.fhir_base_url == "http://127.0.0.1:8080/fhir"
    assert settings.site == "tilburg"
    assert settings.pathway_params == {"min_age": 51}


def test_the_file_may_be_named_by_a_variable(tmp_path: Path) -> None:
    toml = tmp_path / "settings.toml"
    toml.write_text('site = "tilburg"', encoding="utf-8")

    assert load_settings(BASE | {"OSTEO_HANDOVER_CONFIG": str(toml)}).site == "tilburg"


@pytest.mark.parametrize("content", ["site = ", 'sitte = "x"', None])
def test_a_file_that_cannot_be_used_is_a_fault(tmp_path: Path, content: str | None) -> None:
    toml = tmp_path / "settings.toml"
    if content is not None:
        toml.write_text(content, encoding="utf-8")

    assert len(faults_of(BASE, toml)) == 1


def test_lists_and_pairs_read_as_people_write_them() -> None:
    settings = load_settings(
        BASE
        | {
            "OSTEO_HANDOVER_SWEEP_TYPES": "Observation, Condition",
            "OSTEO_HANDOVER_PATHWAY_PARAMS": "a=1, b=two",
            "OSTEO_HANDOVER_LOCAL_T_SCORES": '{"http://lab|x": "lumbar_spine"}',
            "OSTEO_HANDOVER_RETRY_DELAYS": "1,2",
        }
    )

    assert settings.sweep_types == ("Observation", "Condition")
    assert settings.pathway_params == {"a": 1, "b": "two"}
    assert settings.local_t_scores == {"http://lab|x": "lumbar_spine"}
    assert settings.retry_delays == (1, 2)


def test_an_empty_variable_is_as_good_as_absent() -> None:
    assert load_settings(BASE | {"OSTEO_HANDOVER_BROKER_URL": ""}).broker_url is None


def test_every_setting_says_what_is_allowed() -> None:
    assert [name for name in NAMES if not Settings.model_fields[name].description] == []
