"""Work that was just noted in the ledger is begun at once, where there are workers."""

from collections.abc import Callable

from workers.settings import Settings


def follow_up_of(settings: Settings) -> Callable[[bool], None]:
    """Have workers begin at once where there is a broker; else the next sweep or `run` finds what was kept."""
    if settings.broker_url is None:
        return lambda _: None
    from workers.queue import celery_app, task_messages  # noqa: PLC0415 - loads Celery, for this way only

    celery_app.use(settings)
    return lambda sweep: task_messages.ask_for(
        celery_app.TaskName.SWEEP if sweep else celery_app.TaskName.FEED
    )
