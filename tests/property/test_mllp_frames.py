"""However the bytes are cut, and whatever is between them: whole messages come out, nothing else raises."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from workers.intake.mllp_frames import END, START, FrameReader, FrameTooLarge

PLAIN = st.binary(max_size=40).map(lambda it: it.replace(START, b"").replace(END, b""))


def cut(whole: bytes, places: list[int]) -> list[bytes]:
    at = sorted({it % (len(whole) + 1) for it in places})
    return [whole[a:b] for a, b in zip([0, *at], [*at, len(whole)], strict=True)]


@given(
    st.lists(st.tuples(PLAIN, PLAIN), max_size=5), st.lists(st.integers(0, 10_000), max_size=8), st.booleans()
)
@settings(max_examples=examples(300), deadline=None)
def test_messages_come_whole_in_their_order(
    sent: list[tuple[bytes, bytes]], places: list[int], returns: bool
) -> None:
    whole = b"".join(noise + START + it + END + (b"\r" if returns else b"") for noise, it in sent)
    frames = FrameReader(1000)

    assert [it for some in cut(whole, places) for it in frames.feed_bytes(some)] == [it for _, it in sent]
    assert not frames.is_inside_frame


@given(
    st.lists(st.sampled_from([START, END, b"a", b"\r", b"MSH|"]), max_size=60),
    st.lists(st.integers(0, 300), max_size=8),
)
@settings(max_examples=examples(300), deadline=None)
def test_anything_is_bounded(parts: list[bytes], places: list[int]) -> None:
    frames = FrameReader(20)
    try:
        for some in cut(b"".join(parts), places):
            assert all(START not in it and END not in it for it in frames.feed_bytes(some))
            assert frames.held_bytes <= 20
    except FrameTooLarge:
        pass


def test_a_second_start_forgets_the_message_that_never_ended() -> None:
    assert list(FrameReader(99).feed_bytes(START + b"half" + START + b"whole" + END)) == [b"whole"]


def test_a_message_that_is_too_large_ends_it() -> None:
    frames = FrameReader(10)

    with pytest.raises(FrameTooLarge) as fault:
        list(frames.feed_bytes(START + b"x" * 11))
    assert fault.value.beginning == b"x" * 11
