"""`python -m bench`: the end-to-end figures; the other files in this folder are run by themselves."""

from bench.end_to_end import main

main()
