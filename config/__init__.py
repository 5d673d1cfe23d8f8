"""The composition root: settings, addresses, Celery and the commands that run the whole house."""

# Tasks are sent by whatever process imports the settings, so the app they belong to must exist there.
from config.celery import app as celery_app

__all__ = ["celery_app"]
