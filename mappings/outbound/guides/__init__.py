"""What national and international guides ask beyond R4: ``profiles``, one YAML file per guide;
the ``shapes`` it gives to a plan or a letter; and ``task_transitions``, who may move a shared Task.
"""
