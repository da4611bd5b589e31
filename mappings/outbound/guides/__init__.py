"""What national and international guides ask beyond R4: one YAML file per guide, the shapes it gives, who may move a Task."""
