"""The commands that run until they are stopped.

One module each, so that none loads more than it needs: the queue (`queue_processes`), HTTP (`serve`) and the
server for trying out (`sandbox`).
"""
