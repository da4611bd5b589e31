"""What is still to be done about patients, and by when."""

from mappings.handover.plan.follow_up import OpenStep
from workers.queue.runtime import Runtime


def open_steps_of(runtime: Runtime, patients: list[str]) -> list[tuple[str, OpenStep]]:
    """What is open about these patients, computed now; what is due first stands first."""
    reviewed = runtime.looked_at(patients)
    steps = [(patient, step) for patient, composed in reviewed for step in composed.steps]
    return sorted(steps, key=lambda step: (step[1].due, step[0], step[1].code))
