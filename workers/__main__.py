"""`python -m workers` is the command `osteo-handover`, for where the command is not on the PATH."""

from workers.cli import main

main()
