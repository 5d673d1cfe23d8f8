"""The desk in a real browser: from preparing in Arabic to a correction; every page by axe and by weight."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page, Response, expect

from config.people import (
    ADMINISTRATOR_EMAIL,
    EDITOR_EMAIL,
    OFFICER_EMAIL,
    PARTNER_EMAIL,
)
from tests.harness.house import House

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
MOST_BYTES = 60 * 1024
SLOWLY = 60_000
PAGES = {
    PARTNER_EMAIL: (
        *("", "broadcasts/new/", "calendar/", "calendar/?view=week", "calendar/?view=list"),
        *("calendar/address/", "segments/", "segments/new/", "campaigns/", "campaigns/new/"),
        *("inbox/", "inbox/answers/", "inbox/answers/new/", "recalls/", "round/", "sessions/"),
        *("sessions/new/", "phone/", "audit/", "imports/", "assist/"),
    ),
    ADMINISTRATOR_EMAIL: ("partners/", "partners/new/", "partners/1/", "partners/staff/"),
    OFFICER_EMAIL: ("safety/", "safety/countries/", "safety/retention/", "safety/keys/"),
}


@pytest.fixture
def house_settings(house_settings: dict[str, str]) -> dict[str, str]:
    """Let 150 people be many, so that the first few go alone, and watch these for a while."""
    return house_settings | {
        "WAYMARK_CANARY_OVER": "100",
        "WAYMARK_CANARY_SECONDS": "10",
        "WAYMARK_TWO_APPROVERS": "none",
    }


def test_broadcast_goes_from_its_preparation_in_arabic_to_its_correction(
    house: House, sign_in: Callable[..., Page]
) -> None:
    house.run_module("tests.browser.seed_desk", "people")
    partner, approver = sign_in(PARTNER_EMAIL), sign_in(EDITOR_EMAIL, wide=True)
    speak(partner, "ar", house)

    later = prepare_and_ask(partner, house, at=datetime.now(UTC) + timedelta(days=1))
    assert_not_by_herself(partner, later)
    approve(approver, later)
    house.run_module("tests.browser.seed_desk", "reword")
    see_it_void(approver, later)
    ask(partner, later)
    approve(approver, later)
    expect(approver.locator("main")).to_contain_text("approved")

    address = prepare_and_ask(partner, house)
    approve(approver, address)
    watch_it_go(approver)
    house.run_module("tests.browser.seed_desk", "budget")
    see_the_budget_stop_it(partner, house)
    house.run_module("tests.browser.seed_desk", "correct")
    prepare_correction(partner, house, address)


def speak(page: Page, language: str, house: House) -> None:
    """Choose a language as the desk's own switch keeps it."""
    name, url = settings.LANGUAGE_COOKIE_NAME, house.running.site
    page.context.add_cookies([{"name": name, "value": language, "url": url}])


def prepare(page: Page, house: House, *, at: datetime | None = None) -> str:
    """Fill in the form in Arabic, on a phone, and return the address of the draft."""
    page.goto(f"{house.running.site}/desk/broadcasts/new/")
    assert page.locator("html").get_attribute("dir") == "rtl"
    page.get_by_label("Your information is ready").check()
    page.locator("input[name=routes][value=cmed]").check()
    page.locator("input[name=in_quiet_hours]").check()
    if at is not None:
        page.locator("input[name=when][value=at]").check()
        page.locator("input[name=send_at]").fill(f"{at:%Y-%m-%dT%H:%M}")
    page.locator("form[data-once] button:not([name])").click()
    page.wait_for_url(lambda url: "/new/" not in url)
    return page.url


def prepare_and_ask(page: Page, house: House, *, at: datetime | None = None) -> str:
    address = prepare(page, house, at=at)
    # The text as it will stand on the phones, in its own direction.
    assert page.locator("[lang=ar][dir=rtl]").count() >= 1
    ask(page, address)
    return address


def ask(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("form[action$='/ask/'] button").click()
    expect(page.locator("form[action$='/ask/']")).to_have_count(0)


def approve(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)


def assert_not_by_herself(page: Page, address: str) -> None:
    """See that the author has no button, and that the address behind it refuses her as well."""
    page.goto(address)
    expect(page.locator("form[action$='/approve/']")).to_have_count(0)
    page.evaluate(
        """address => {
            const form = document.querySelector("form[action$='/cancel/']").cloneNode(true);
            form.action = address + 'approve/';
            document.body.append(form);
            form.submit();
        }""",
        address,
    )
    expect(page.get_by_role("alert")).to_have_count(1)
    assert page.url == address
    expect(page.locator("form[action$='/cancel/']").first).to_be_attached()


def see_it_void(page: Page, address: str) -> None:
    """Wait until the change of a text has made the approval void, and read what has changed."""
    for _again in range(60):
        page.goto(address)
        if "approval void" in page.locator("main").inner_text():
            break
        page.wait_for_timeout(1000)
    expect(page.locator("main")).to_contain_text("approval void")
    expect(page.locator("main")).to_contain_text("text")


def watch_it_go(page: Page) -> None:
    """See the first few go alone, pause, let it go on, and see all of it end; the page moves by itself."""
    states = page.locator("[data-states]")
    expect(page.locator("main")).to_contain_text("The first 50 people", timeout=SLOWLY)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused. What was handed over already still arrives.")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("It goes on. Nobody gets it twice.")).to_be_visible()
    expect(states).to_contain_text("150 in the audience = 150 delivered", timeout=2 * SLOWLY)
    page.reload()
    expect(page.locator("main")).to_contain_text("fared well")


def see_the_budget_stop_it(page: Page, house: House) -> None:
    """See that what the budget does not hold cannot even be asked for."""
    prepare(page, house)
    expect(page.locator("form[action$='/ask/']")).to_have_count(0)
    speak(page, "en", house)
    page.reload()
    expect(page.locator("main")).to_contain_text("budget")
    speak(page, "ar", house)


def prepare_correction(page: Page, house: House, address: str) -> None:
    """Find what was sent among what is not true any more, and prepare its correction, once."""
    page.goto(f"{house.running.site}/desk/recalls/")
    code = address.rstrip("/").rsplit("/", 1)[-1]
    page.locator(f"form[action$='/recalls/{code}/correct/'] button").click()
    page.wait_for_url("**/desk/broadcasts/**")
    assert page.url != address
    made = page.url
    page.goto(f"{house.running.site}/desk/recalls/")
    expect(page.locator(f"form[action$='/recalls/{code}/correct/']")).to_have_count(0)
    assert page.locator(f"a[href='/{made.split('/', 3)[3]}']").count() == 1


def test_every_page_of_the_desk_breaks_no_rule_and_weighs_little(
    house: House, sign_in: Callable[..., Page]
) -> None:
    house.run_module("tests.browser.seed_desk", "people")
    wrong = []
    for email, paths in PAGES.items():
        for wide, language in ((False, "ar"), (True, "en")):
            page = sign_in(email, wide=wide)
            speak(page, language, house)
            draft = [] if email != PARTNER_EMAIL else [prepare_as_it_is(page, house)]
            addresses = [f"{house.running.site}/desk/{path}" for path in paths]
            for address in [*addresses, *draft]:
                wrong += [(address, language, one) for one in look(page, address)]
    assert wrong == []


def prepare_as_it_is(page: Page, house: House) -> str:
    page.goto(f"{house.running.site}/desk/broadcasts/new/")
    page.get_by_label("Your information is ready").check()
    page.locator("input[name=routes][value=cmed]").check()
    page.locator("form[data-once] button:not([name])").click()
    page.wait_for_url(lambda url: "/new/" not in url)
    return page.url


def look(page: Page, address: str) -> Iterator[str]:
    """Yield what is wrong with a page: what axe finds, its width, its weight with nothing kept yet."""
    client = page.context.new_cdp_session(page)
    client.send("Network.setCacheDisabled", {"cacheDisabled": True})
    came: list[Response] = []

    def note(response: Response) -> None:
        came.append(response)

    page.on("response", note)
    answer = page.goto(address)
    page.wait_for_load_state("load")
    page.remove_listener("response", note)
    if answer is None or answer.status != 200:
        yield f"status {answer and answer.status}"
    weight = sum(sum(_read_sizes(one)) for one in came)
    if weight > MOST_BYTES:
        yield f"{weight} bytes"
    found: Any = Axe().run(page, options=RULES).response["violations"]
    yield from (f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"])
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if width[0] > width[1]:
        yield f"{width[0]} wide in {width[1]}"


def _read_sizes(response: Response) -> tuple[int, int]:
    sizes = response.request.sizes()
    return sizes["responseHeadersSize"], max(0, sizes["responseBodySize"])
