"""What a process gives back to the machine after a large answer, in a process of its own."""

import platform
import subprocess
import sys

import pytest

# Memory mapped before and after one piece of 300 kB, once a larger one came and went.
LOOK = """
import ctypes
from workers.host.process_memory import tune_memory

class Mallinfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in
                "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]

mallinfo = ctypes.CDLL(None).mallinfo2
mallinfo.restype = Mallinfo
{tuned}
bytes(4_000_000)
before = mallinfo().hblkhd
piece = bytes(300_000)
print(mallinfo().hblkhd - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="speaks of glibc")
@pytest.mark.parametrize(("tuned", "in_the_heap"), [("", True), ("tune_memory()", False)])
def test_a_large_piece_lies_outside_the_heap_also_after_a_larger_one(tuned: str, in_the_heap: bool) -> None:
    looked = subprocess.run(
        [sys.executable, "-c", LOOK.format(tuned=tuned)], check=True, capture_output=True, text=True
    )

    assert (int(looked.stdout) == 0) is in_the_heap
