"""Joining and stopping as people do it: on a phone, without a script, with a helper and no network."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from config.people import PARTNER_EMAIL
from tests.browser.conftest import NARROW
from tests.browser.seed_joining import ASSISTED_PHONE, STOPPING_PHONE, WEB_PHONE
from tests.harness.house import House, house_on_copy
from tests.harness.waiting import wait_until

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
SLOWLY = 60_000
# Everything that any store of the page's origin holds, shut boxes opened as far as base64 goes.
ALL_STORES = """async () => {
  const whole = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage}), document.cookie];
  for (const { name } of await indexedDB.databases()) {
    const base = await new Promise((done) => {
      const asked = indexedDB.open(name); asked.onsuccess = () => done(asked.result);
    });
    for (const store of base.objectStoreNames) {
      const rows = await new Promise((done) => {
        const asked = base.transaction(store).objectStore(store).getAll();
        asked.onsuccess = () => done(asked.result);
      });
      whole.push(JSON.stringify(rows));
      rows.forEach((row) => Object.values(row.box).filter((part) => typeof part === 'string')
        .forEach((part) => whole.push(atob(part))));
    }
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      whole.push(request.url);
      if (!/voice/.test(request.url)) whole.push(await (await cache.match(request)).text());
    }
  }
  return whole.join('\\n');
}"""


@pytest.fixture(scope="module")
def house(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Run one house for all tests of this file: each has a phone of its own."""
    with house_on_copy(prepared_data, tmp_path_factory.mktemp("joining") / "house") as house:
        house.run_module("tests.browser.seed_joining")
        yield house


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """Open a page without a script, as wide as a phone."""
    context = browser.new_context(viewport=NARROW, java_script_enabled=False)
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def people(house: House, **known: str) -> str:
    """Return the subscribers of a language, as country, state and topics."""
    words = (
        "from messaging.models import Subscriber\n"
        f"for p in Subscriber.objects.filter(**{known!r}):\n"
        " print(p.country, p.state, *p.topics.values_list('name', flat=True))"
    )
    return house.manage("shell", "--verbosity", "0", "-c", words).strip()


def read_code(page: Page, house: House, phone: str) -> str:
    """Return the code that came to a fictional phone."""
    found: list[str] = []

    def look() -> bool:
        page.goto(f"{house.running.sandbox}/phones/{phone}")
        found.extend(
            re.findall(r"(?<!\d)\d{6}(?!\d)", page.locator("main, body").first.inner_text())
        )
        return bool(found)

    wait_until(look, seconds=60, what="a code has come to the phone")
    return found[-1]


def fill_form(page: Page, number: str) -> None:
    page.locator("#country").select_option("SN")
    page.locator("input[name=routes][value=cmed]").check()
    page.locator("input[name=channel][value=sms]").check()
    page.locator("#number").fill(number)
    page.locator("input[name=age][value=adult]").check()


def test_somebody_joins_in_arabic_and_is_live_once_the_code_is_typed(
    page: Page, browser: Browser, house: House
) -> None:
    page.goto(f"{house.running.site}/ar/")
    page.locator("main a[href='/ar/join/']").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.locator("form button").click()
    expect(page.locator("#country-error")).to_be_visible()
    # As she writes it at home, in her own digits.
    fill_form(page, "٧٠٠ ٠٠ ٠١")
    page.locator("form button").click()
    expect(page.locator("#code")).to_be_visible()
    assert people(house, language="ar") == ""

    phone = browser.new_context(viewport=NARROW).new_page()
    code = read_code(phone, house, WEB_PHONE)
    phone.context.close()

    page.locator("#code").fill("000000" if code != "000000" else "111111")
    page.locator("form button").click()
    expect(page.locator("[role=alert]")).to_be_visible()
    page.locator("#code").fill(code)
    page.locator("form button").click()
    expect(page.locator("input[name=sex]")).to_have_count(3)
    assert people(house, language="ar") == "SN subscribed route:cmed"
    assert page.context.cookies() == []
    assert WEB_PHONE[1:] not in page.url


def test_join_and_stop_work_without_script(plain: Page, house: House) -> None:
    plain.goto(f"{house.running.site}/en/join/")
    fill_form(plain, "+999 221 700 00 09")
    plain.locator("#messages_in").select_option("fr")
    plain.locator("form button").click()
    # The words change with the language, and are read before the yes counts.
    expect(plain.get_by_text("service d’information")).to_be_visible()
    expect(plain.locator("#number")).to_have_value("+999 221 700 00 09")
    plain.locator("form button").click()
    expect(plain.get_by_role("heading", name="a message is on its way")).to_be_visible()

    plain.goto(f"{house.running.site}/stop")
    plain.locator("#number").fill("700 00 03")
    plain.locator("form button").click()
    plain.locator("#country").select_option("SN")
    plain.locator("form button").click()
    expect(plain.get_by_role("heading", name="Done")).to_be_visible()
    assert people(house, language="en") == "SN stopped route:cmed"


def test_helper_signs_up_with_no_network_and_the_phone_cannot_read_it_back(
    sign_in: Callable[..., Page], browser: Browser, house: House
) -> None:
    page = sign_in(PARTNER_EMAIL)
    page.goto(f"{house.running.site}/desk/assist/")
    expect(page.locator("#assist-kept")).to_be_visible()
    page.context.set_offline(True)
    page.reload()
    assist(page, "7000002")
    expect(page.locator("#assist-waiting")).to_contain_text("1")
    assert_unreadable(page, page.evaluate(ALL_STORES))

    page.reload()
    expect(page.locator("#assist-waiting")).to_contain_text("1")
    page.context.set_offline(False)
    page.locator("#assist-send").click()
    expect(page.locator("#assist-sending")).to_contain_text("1", timeout=SLOWLY)
    expect(page.locator("#assist-waiting")).to_have_text("Nothing waits to be sent.")
    assert '"sealed"' not in page.evaluate(ALL_STORES).partition("https")[0]

    phone = browser.new_context(viewport=NARROW).new_page()
    code = read_code(phone, house, ASSISTED_PHONE)
    phone.goto(f"{house.running.site}/so/join/code/")
    phone.locator("#number").fill(ASSISTED_PHONE)
    phone.locator("#code").fill(code)
    phone.locator("form button").click()
    expect(phone.locator("input[name=sex]")).to_have_count(3)
    phone.context.close()
    assert people(house, language="so") == "SN subscribed route:cmed"


def assist(page: Page, number: str) -> None:
    """Go through the steps as a helper and a Somali speaker do."""
    page.locator("#assist-languages [lang=so]").click()
    page.locator("input[name=spoken]").check()
    page.locator("#assist-agreed").click()
    expect(page.locator("#assist-wrong-words")).not_to_be_empty()
    page.locator("input[name=adult]").check()
    page.locator("#assist-agreed").click()
    page.locator("#assist-country").select_option("SN")
    page.locator("input[name=routes][value=cmed]").check()
    page.locator("input[name=channel][value=sms]").check()
    page.locator("#assist-number").fill(number)
    page.locator("#assist-check").click()
    expect(page.locator("#assist-shown")).to_contain_text(number)
    page.locator("#assist-save").click()
    expect(page.locator("#assist-next")).to_be_visible()


def assert_unreadable(page: Page, stores: str) -> None:
    assert '"sealed"' in stores
    # The words of the page itself are kept too; what somebody chose among them is not.
    for told in ("7000002", '"spoken":true', '"routes":["cmed"]'):
        assert told not in stores
    assert "7000002" not in page.content()


def test_session_that_ended_loses_nothing(sign_in: Callable[..., Page], house: House) -> None:
    page = sign_in(PARTNER_EMAIL)
    page.goto(f"{house.running.site}/desk/assist/")
    expect(page.locator("#assist-kept")).to_be_visible()
    page.context.clear_cookies()
    assist(page, "7000012")
    expect(page.locator("#assist-sending")).to_contain_text("signed out", timeout=SLOWLY)
    expect(page.locator("#assist-sign-in a")).to_be_visible()
    expect(page.locator("#assist-waiting")).to_contain_text("1")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_break_no_rule_and_fit_a_phone(page: Page, house: House, language: str) -> None:
    site = house.running.site
    page.set_viewport_size({"width": 320, "height": 568})
    page.goto(f"{site}/{language}/join/")
    check(page)
    page.locator("form button").click()
    check(page)
    for path in ("join/code/", "stop/"):
        page.goto(f"{site}/{language}/{path}")
        check(page)
    page.locator("#number").fill("77 12")
    page.locator("form button").click()
    check(page)
    page.locator("#number").fill(STOPPING_PHONE)
    page.locator("form button").click()
    expect(page.locator("#number")).to_have_count(0)
    check(page)


def test_page_for_helpers_breaks_no_rule(sign_in: Callable[..., Page], house: House) -> None:
    page = sign_in(PARTNER_EMAIL)
    page.goto(f"{house.running.site}/desk/assist/")
    expect(page.locator("#assist-kept")).to_be_visible()
    check(page)
    page.locator("#assist-languages [lang=ar]").click()
    check(page)
    page.locator("input[name=spoken]").check()
    page.locator("input[name=adult]").check()
    page.locator("#assist-agreed").click()
    page.locator("#assist-check").click()
    check(page)


def check(page: Page) -> None:
    """Fail on what axe finds, and on a page that is wider than its window."""
    found: Any = Axe().run(page, options=RULES).response["violations"]
    assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == []
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
