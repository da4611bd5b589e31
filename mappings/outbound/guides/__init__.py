"""What national and international guides ask beyond R4.

``profiles``: one YAML file per guide; ``shapes``: how it changes a plan or a letter; ``task_transitions``:
who may move a shared Task.
"""
