"""What the Celery app does to the process that it runs in."""

import gc

from celery.signals import worker_init

from workers.queue import celery_app


def test_a_worker_leaves_what_it_loaded_to_stay() -> None:
    assert celery_app.app.main == "osteo_handover"
    before = gc.get_freeze_count()
    try:
        worker_init.send(sender=None)
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
