"""Processes that find work, hand it out and do it. Only the last entry knows Celery.

bootstrap                 clients and the institution, from settings
runtime                   what a process works with, put together once
full_passes               whether everybody is to be looked at again just now
sweep, sweep_pages        finding work: what changed on the server, page by page, and on
                          from where it broke off
patient_lists             whom to look at, where a list says so and no search
access_rights             what the account on the server must be able to do
feed, chunk, heartbeat    from the ledger to the queue; a chunk worked; leases renewed
                          meanwhile; who is tried again
letter_gate, deliver      released letters into the outbox, and past the gate once more when they go
sweep_run                 one sweep and everything that it found, for a command
broker_calls              what is asked of the broker, for whoever may have none: at
                          once, where there are workers
celery_app, celery_tasks, task_messages    the doorways: ids in, one call, nothing
                          out; what goes to the broker
"""
