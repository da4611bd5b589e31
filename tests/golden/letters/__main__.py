"""``python -m tests.golden.letters``."""

from tests.golden.letters.making import write

write()
