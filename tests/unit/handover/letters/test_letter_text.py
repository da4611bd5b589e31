"""What letters about one patient say, and what of it has to be released."""

from dataclasses import replace
from datetime import date

from mappings import texts
from mappings.handover.letters.letter_text import LetterText, LetterWriter, people
from mappings.handover.release.choice import ReleaseChoice
from mappings.handover.release.signature import Release
from tests.made_resources import a_hip_fracture, a_t_score
from tests.unit.handover.plan_in_memory import DOCTOR, GP, OTHER_GP, PlanInMemory, institution, released, sent

DAY, LATER = date(2026, 11, 20), date(2026, 12, 24)
RELEASE = Release(DOCTOR, "2026-12-24T12:00:00+01:00", choice=ReleaseChoice((), "Please call me."))


def writer(plan: PlanInMemory) -> LetterWriter:
    return LetterWriter(plan.proposal().composed.situation)


def one(plan: PlanInMemory, day: date = DAY, release: Release | None = None) -> LetterText:
    (said,) = writer(plan).letters(plan.recipients, day, release)
    return said


def test_the_same_letter_on_another_day_has_the_same_essence() -> None:
    plan = PlanInMemory()

    assert one(plan).text != one(plan, LATER).text
    assert one(plan).essence == one(plan, LATER).essence


def test_another_value_is_another_essence() -> None:
    assert one(PlanInMemory()).essence != one(PlanInMemory(resources=[a_t_score("p", -3.3)])).essence


def test_each_recipient_is_addressed() -> None:
    plan = PlanInMemory(recipients=(GP, OTHER_GP))

    first, second = writer(plan).letters(plan.recipients, DAY)

    assert "Dr Example" in first.text
    assert "Dr Other" in second.text
    assert "Dr Other" not in first.text


def test_without_a_recipient_there_is_one_letter_all_the_same() -> None:
    assert len(writer(PlanInMemory()).letters((), DAY)) == 1


def test_a_released_letter_names_who_released_it_and_carries_the_line() -> None:
    said = one(PlanInMemory(), LATER, RELEASE).text

    assert "Dr A. Vermeer" in said
    assert "Please call me." in said


def corrected(*resources: dict[str, object]) -> str:
    plan = sent()
    plan.resources = list(resources)
    return one(plan).text


def test_a_corrected_letter_begins_with_what_changed_in_words() -> None:
    text = corrected(a_t_score("p", -1.2, status="amended"))

    assert "the DXA department corrected its result" in text
    assert text.index("-2.7") < text.index("-1.2")  # the former value stands in this part alone


def test_a_new_fracture_is_told_in_words_and_without_a_code() -> None:
    text = corrected(a_t_score("p"), a_hip_fracture("p", onsetDateTime="2026-11-20"))

    assert "Reason: a new fracture." in text
    assert "hip|" not in text


def test_no_other_letter_is_a_correction() -> None:
    assert writer(released()).correction(released().proposal().decision) is None


def test_the_pages_of_a_withdrawal_have_no_chart() -> None:
    plan = released()
    plan.change(plan.one("Communication"), status="completed")
    plan.resources = []
    plan.review()
    wrote = writer(plan)
    letter = plan.one("Communication", "preparation")

    assert wrote.rendered(wrote.retraction(letter, DAY), DAY).chart is None
    assert wrote.rendered(one(PlanInMemory()), DAY).html


def test_the_names_on_a_letter_are_those_of_patient_institution_and_clinician() -> None:
    ours = replace(institution(), organization_name="Clinic", contacts=(("Clinic", "088"),))
    seen = PlanInMemory(institution=ours).proposal().composed.situation

    before, after = people(seen, DAY), people(seen, DAY, RELEASE)

    assert (before.released_by, before.note) == (None, None)
    assert (after.released_by, after.released_on) == (("internist", "Dr A. Vermeer"), "2026-12-24")
    assert (after.organisation, after.note) == ("Clinic", "Please call me.")


def test_a_fracture_that_is_no_longer_in_the_record_is_still_named_in_words() -> None:
    plan = sent(resources=[a_t_score("p"), a_hip_fracture("p")])
    plan.resources = [a_t_score("p", -3.3, status="amended")]

    text = one(plan).text

    assert "hip" in text.lower()
    assert "hip|" not in text
    assert texts.load("en").name("fracture_site", "hip").lower() in text.lower()


def test_a_pathway_that_was_revised_is_named_by_its_version() -> None:
    plan = sent()
    pathway = plan.institution.pathway
    plan.institution = replace(
        plan.institution, pathway=replace(pathway, ref=replace(pathway.ref, version="9999.1"))
    )
    plan.score(-1.2)

    assert "9999.1" in one(plan).text
