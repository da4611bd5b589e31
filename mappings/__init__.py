"""Between FHIR and the facts of the core: codes and value sets, reading, writing, pathways and texts."""
