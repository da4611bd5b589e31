import pytest

from mappings.hl7v2 import AckMeaning, AckUnreadable, read_ack

HEAD = "MSH|^~\\&|HIS|GP|OH||20260105||ACK^T02^ACK|77|P|2.5.1\r"


def err(code: str = "", severity: str = "E") -> str:
    return f"ERR||PID^1|{code}|{severity}||||Mrs Jansen is unknown\r"


@pytest.mark.parametrize(
    ("answer", "meaning", "reason"),
    [
        ("MSA|AA|id", AckMeaning.RECEIVED, "AA"),
        ("MSA|CA|id", AckMeaning.RECEIVED, "CA"),
        ("MSA|AE|id\r" + err(), AckMeaning.NOT_NOW, "AE"),
        ("MSA|AE|id|Mrs Jansen is unknown", AckMeaning.NOT_NOW, "AE"),
        ("MSA|CE|id\r" + err("207"), AckMeaning.NOT_NOW, "CE-207"),
        ("MSA|AE|id\r" + err("206"), AckMeaning.NOT_NOW, "AE-206"),
        ("MSA|AR|id\r" + err("207"), AckMeaning.NOT_NOW, "AR-207"),
        ("MSA|AE|id\r" + err("101"), AckMeaning.REFUSED, "AE-101"),
        ("MSA|AE|id\r" + err("207") + err("101"), AckMeaning.REFUSED, "AE-207"),
        ("MSA|AE|id\r" + err(severity="F"), AckMeaning.REFUSED, "AE"),
        ("MSA|AR|id", AckMeaning.REFUSED, "AR"),
        ("MSA|CR|id", AckMeaning.REFUSED, "CR"),
        ("MSA|AE|id\r" + err("205"), AckMeaning.DUPLICATE, "AE-205"),
        ("MSA|AR|id\r" + err("205"), AckMeaning.DUPLICATE, "AR-205"),
        ("MSA|AE|id\r" + err("Mrs Jansen"), AckMeaning.NOT_NOW, "AE"),
    ],
)
def test_every_answer_means_one_thing(answer: str, meaning: AckMeaning, reason: str) -> None:
    ack = read_ack((HEAD + answer).encode())

    assert (ack.control_id, ack.meaning, ack.reason) == ("id", meaning, reason)


@pytest.mark.parametrize(
    "raw",
    [b"", b"garbage", HEAD.encode(), (HEAD + "MSA|ZZ|id").encode(), (HEAD + "MSA").encode(), b"\x00" * 99],
)
def test_what_is_no_acknowledgement_says_nothing_about_the_message(raw: bytes) -> None:
    with pytest.raises(AckUnreadable):
        read_ack(raw)


@pytest.mark.parametrize("names", ["||GP|OH|", "||||", "|HIS||OH|", ""])
def test_a_receiver_may_leave_out_who_it_is(names: str) -> None:
    assert read_ack(f"MSH|^~\\&{names}\rMSA|AA|id".encode()).meaning is AckMeaning.RECEIVED
