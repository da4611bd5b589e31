"""What an institution words in its own pathway is what its letters say."""

from pathlib import Path

from workers.queue.bootstrap import institution_of
from workers.settings.settings_loader import load_settings


def test_the_letters_of_an_institution_know_its_own_codes(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "id: mine\nversion: 1.0.0\ntitle: Mine\nextends: etz\ntexts: {nl: {activity.fall_clinic: Naar de valpoli}}\n"
    )
    settings = {"FHIR_BASE_URL": "http://127.0.0.1/fhir", "PATHWAY": str(file), "LANGUAGE": "nl"}

    institution = institution_of(
        load_settings({f"OSTEO_HANDOVER_{name}": value for name, value in settings.items()})
    )

    assert institution.texts.name("activity", "fall_clinic") == "Naar de valpoli"
