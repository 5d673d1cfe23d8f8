"""Lost passwords: the letter with an address under which somebody chooses a new one.

Whoever asks sees the same page, as fast, whether there is such an account or not. The second factor is
asked for at the next sign-in as at any other; who has lost that as well needs two administrators
(`config.lost_factors`).
"""

import logging
from smtplib import SMTPException
from threading import Thread

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

THREAD = "letter"

log = logging.getLogger("waymark.accounts")


def write_to(email: str, address: str) -> None:
    """Send the letter aside: how long that takes would tell that there is an account."""
    letter = _make_letter(email, address)
    Thread(target=_send, args=(letter,), name=THREAD, daemon=True).start()


def _make_letter(email: str, address: str) -> EmailMessage:
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    lines = (
        _("Somebody, you we hope, asked for a new password at %(service)s.")
        % {"service": settings.SERVICE_NAME},
        _("Open this address within %(minutes)s minutes. It is good once, and for you alone:")
        % {"minutes": minutes},
        address,
        _("Then sign in with the new password, and with your second factor as always."),
        _("If it was not you, leave it: your password stays as it is."),
    )
    subject = _("A new password for %(service)s") % {"service": settings.SERVICE_NAME}
    return EmailMessage(subject, "\n\n".join(lines) + "\n", None, [email])


def _send(letter: EmailMessage) -> None:
    try:
        letter.send()
    except (SMTPException, OSError) as error:
        # Without the reason: it may hold the address.
        log.warning("a letter with a new password could not be sent: %s", type(error).__name__)
