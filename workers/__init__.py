"""Everything that runs as a process: the review, its Celery doorways, the command line, the sandbox server."""
