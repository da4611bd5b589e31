"""What chapters may say is what a record has, and the answer to a question fits its field."""

from typing import get_type_hints

from adapter.clinical.model import BoneRecord
from mappings.inbound.chapters import RecordFacts
from mappings.inbound.questionnaire.patient_questions import QUESTIONS, AnswerKind

RECORD = get_type_hints(BoneRecord)
OF_A_KIND = {AnswerKind.YES_NO: "bool", AnswerKind.NUMBER: "Decimal", AnswerKind.DATE: "date"}


def test_the_facts_of_chapters_are_fields_of_the_record_with_their_types() -> None:
    facts = get_type_hints(RecordFacts)

    assert facts == {name: RECORD[name] for name in facts}


def test_an_answer_has_the_type_of_its_field() -> None:
    direct = [it for it in QUESTIONS if "." not in it.fact and it.fact != "menopause"]
    wanted = {it.fact: OF_A_KIND.get(it.answer, "bool") for it in direct}

    assert {name: str(RECORD[name]).split(".")[-1].removesuffix(" | None") for name in wanted} == wanted
