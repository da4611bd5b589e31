"""What runs until it is stopped, each with a module of its own for what it loads: the queue (`queue_processes`), HTTP (`serve`)
and the server for trying out (`sandbox`).
"""
