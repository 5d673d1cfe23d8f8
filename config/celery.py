"""The Celery app: wake-ups and the clock's ticks. Task arguments are opaque ids, nothing else."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_embedded_init

from config.broker import use_safe_files
from config.processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
use_safe_files()

app = Celery("waymark")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["cms", "messaging", "campaigns", "analytics", "config"])

# Every tick may be lost, doubled or late without harm: each finds its work in the database.
TICKS = {
    "campaigns.tick": 2.0,
    "campaigns.imports": 5.0,
    "campaigns.void": 15.0,
    "messaging.drain": 2.0,
    "messaging.notices": 2.0,
    "messaging.fold_receipts": 2.0,
    "messaging.repair": 15.0,
    "messaging.recount": 2.0,
    "messaging.watch": 30.0,
    "messaging.reconcile": 60.0,
    "messaging.prices": 60.0,
    "messaging.redact": 600.0,
    "messaging.sweep": 1800.0,
    "messaging.templates": 300.0,
    "messaging.mirror": 600.0,
    "messaging.retain": 3600.0,
    "config.forget": 3600.0,
    "analytics.recount": 5.0,
    "cms.sweep": 600.0,
    "cms.render_pages": 30.0,
}
# A tick that is older than the next one has nothing to say.
app.conf.beat_schedule = {
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for task, seconds in TICKS.items()
}


@beat_embedded_init.connect
def follow_the_worker(**_: Any) -> None:
    """End the clock's process with its worker, however that ends."""
    die_with_parent()
