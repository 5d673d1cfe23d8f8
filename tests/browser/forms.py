"""The admin's forms, as a person uses them on a slow machine."""

import time

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as NotInTime

PATIENCE = 60.0
GLANCE_MS = 3_000


def submit_for_review(page: Page) -> None:
    """Submit the form that is open, through the menu beside its button, and wait for the answer.

    The menu is opened again until it stays: its script attaches late, and a saved draft closes it.
    """
    menu = page.get_by_role("button", name="More actions")
    button = page.locator("button[name=action-submit]")
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if not button.is_visible():
                menu.click(timeout=GLANCE_MS)
            button.click(trial=True, timeout=GLANCE_MS)
            break
        except NotInTime:
            if time.monotonic() > deadline:
                raise
    with page.expect_navigation():
        button.click()
