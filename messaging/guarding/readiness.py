"""Readiness: whether the keys are at hand before anything is claimed; without them nothing is sent."""

import logging
from datetime import datetime

from messaging.guarding import watching
from messaging.models import Alarm
from messaging.sealing import keyring
from messaging.sealing.keys.ring import KeysAway

log = logging.getLogger("waymark.readiness")


def have_keys(*, now: datetime) -> bool:
    """Say whether numbers can be opened for the next minute; raise the alarm where they cannot.

    What is due then waits: it is neither sent nor failed.
    """
    try:
        keyring.warm()
    except KeysAway as error:
        log.error("nothing is sent: %s", error)
        watching.raise_alarm(Alarm.Kind.SEALS, now=now)
        return False
    return True
