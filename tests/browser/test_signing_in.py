"""Coming in: from a letter to the desk with a passkey, and back in with it, in a real browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from config.people import OFFICER_EMAIL, PARTNER
from tests.browser.conftest import NARROW, PATIENCE_MS, give_password_and_code
from tests.harness.house import House

NEWCOMER = "salma@waymark.example"
PASSWORD = "nine brown owls read"
AT_DESK = re.compile(r"^[^?]*/desk/$")
LISTEN = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
"""


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """Open a window on a phone that has a lock of its own, and so passkeys."""
    context = browser.new_context(viewport=NARROW, locale="en")
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(LISTEN)
    yield context
    context.close()


def open_with_passkeys(context: BrowserContext) -> Page:
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "isUserVerified": True}
    options |= {"hasResidentKey": True, "hasUserVerification": True}
    options |= {"automaticPresenceSimulation": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def invite(house: House) -> str:
    """Invite somebody as the command line can, and return the path of the address in her letter."""
    house.manage(
        "shell",
        "-c",
        "from campaigns.partners.inviting import Place, invite\n"
        "from campaigns.models import Partner\n"
        "from django.contrib.auth.models import User\n"
        "from django.utils import timezone\n"
        f"by = User.objects.get(email='{OFFICER_EMAIL}')\n"
        f"place = Place(partner=Partner.objects.get(name='{PARTNER}'), role='scheduler')\n"
        f"invite('{NEWCOMER}', place=place, by=by, now=timezone.now())",
    )
    letters = "".join(path.read_text() for path in (house.data_dir / "mail").iterdir())
    found = re.search(r"/accounts/invited/[\w=\n-]+/", letters)
    assert found is not None
    return found[0].replace("=\n", "")


def test_newcomer_comes_in_by_her_letter_and_later_by_her_passkey_alone(
    phone: BrowserContext, house: House
) -> None:
    # A passkey belongs to a name, and an address in figures is none.
    site = house.running.site.replace("127.0.0.1", "localhost")
    page = open_with_passkeys(phone)
    page.goto(f"{site}{invite(house)}")
    page.fill("[name=name]", "Salma")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.goto(f"{site}/desk/")
    page.get_by_role("link", name="Add a passkey").click()
    page.check("[name=passwordless]")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator(".codes li")).to_have_count(10)
    assert page.evaluate("violations") == []
    page.get_by_role("link", name="go on").click()
    page.wait_for_url(AT_DESK)

    page.get_by_text("Menu").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(AT_DESK)
    expect(page.get_by_text("Prepare a broadcast").first).to_be_visible()


def test_session_that_was_ended_opens_nothing_to_who_copied_it(
    browser: Browser, house: House
) -> None:
    site = house.running.site
    with browser.new_context(viewport=NARROW, locale="en") as context:
        page = context.new_page()
        give_password_and_code(page, house, OFFICER_EMAIL)
        page.goto(f"{site}/desk/")
        copied = context.storage_state()
        page.get_by_text("Menu").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/accounts/login/")
    with browser.new_context(viewport=NARROW, storage_state=copied) as context:
        page = context.new_page()
        page.goto(f"{site}/desk/")
        assert "/accounts/login/" in page.url
