"""Keeping content true by hand, in a real browser: from a corrected fact to what each language shows."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from config.people import EDITOR_EMAIL, REVIEWER_EMAIL
from locales.languages import get_language
from tests.browser.seed_content import CONTACT, FACT, KEY
from tests.harness.house import BASE_DIR, House

SECONDS = 1000
expect.set_options(timeout=20 * SECONDS)
NEW_FACT = "From The Gambia to the Canary Islands an open boat usually needs 10 to 14 days."
NEW_SMS = (
    "From The Gambia the boat trip is 10 to 14 days. Other ways exist: ask BAOS."
    " 1 more, 3 help, 0 stop"
)
FRENCH_SMS = (
    "De la Gambie, le trajet dure de 10 à 14 jours. Autre voie: voir BAOS. 1 suite, 3 aide, 0 stop"
)
BETRAYING = "Hello migrant. Your information is ready. Reply 1 to read, 0 to stop."
NEUTRAL = "Hello. Your information is ready. Reply 1 to read, 0 to stop."
FRENCH_NEUTRAL = "Bonjour. Vos informations sont disponibles. Répondez 1 pour lire, 0 pour stopper."


@pytest.fixture
def sign_in(browser: Browser, house: House) -> Callable[[str], Page]:
    def open_as(email: str) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
        context.set_default_timeout(20 * SECONDS)
        page = context.new_page()
        page.goto(f"{house.running.site}/accounts/login/")
        page.fill("input[name=login]", email)
        page.fill("input[name=password]", house.sign_ins[email])
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "login" not in url)
        return page

    return open_as


@pytest.fixture
def content(house: House) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.seed_content"],
        env=house.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_corrected_fact_reaches_each_language_when_it_is_right(
    house: House, content: None, sign_in: Callable[[str], Page]
) -> None:
    site = house.running.site
    editor, reviewer = sign_in(EDITOR_EMAIL), sign_in(REVIEWER_EMAIL)

    test_the_contact_by_one_tap(editor, site)
    correct_the_fact(editor, site)
    approve_what_waits(reviewer, site)
    see_the_uses_flagged(editor, site)

    mend_what_the_linter_refuses(editor, site)
    nobody_approves_her_own(editor, site)
    approve_what_waits(reviewer, site)
    translate_into_french(editor, site)
    approve_what_waits(reviewer, site)

    arabic_is_held_back_and_says_why(reviewer, site, page_number(editor, site))
    check_readers(editor, house)
    negative_example_is_refused(editor, site)


def open_entry(page: Page, site: str, kind: str, key: str) -> None:
    page.goto(f"{site}/cms/snippets/cms/{kind}/?q={key}")
    row = page.locator("tr", has_text=key).filter(has_text="English")
    page.goto(site + str(row.locator("a[href*='/edit/']").first.get_attribute("href")))


def open_message(page: Page, site: str, language: str) -> None:
    """Open the message's form in one language from where the fact is used."""
    open_entry(page, site, "fact", FACT)
    use = page.locator("main").get_by_role("link", name="How long the boat takes").first
    page.goto(site + str(use.get_attribute("href")))
    if language != "en":
        row = page.locator("tr", has_text=get_language(language).endonym)
        address = row.locator("a[href*='/edit/']").first.get_attribute("href")
        assert address, "the form does not lead to its other languages"
        page.goto(site + address)


def submit(page: Page) -> None:
    page.get_by_role("button", name="More actions").click()
    page.locator("button[name=action-submit]").click()
    page.wait_for_load_state()


def test_the_contact_by_one_tap(page: Page, site: str) -> None:
    open_entry(page, site, "contactpoint", CONTACT)
    page.get_by_role("button", name="Reached").first.click()
    expect(page.get_by_text("reached").first).to_be_visible()


test_the_contact_by_one_tap.__test__ = False  # type: ignore[attr-defined]  # a step of the journey


def correct_the_fact(page: Page, site: str) -> None:
    open_entry(page, site, "fact", FACT)
    expect(page.get_by_text("Used in 2 places")).to_be_visible()
    page.locator("textarea[name=statement]").fill(NEW_FACT)
    submit(page)
    expect(page.locator(".messages")).to_contain_text("submitted")


def approve_what_waits(page: Page, site: str) -> None:
    page.goto(f"{site}/cms/")
    page.locator("#readings a[href*='/read/'], a[href*='/cms/read/']").first.click()
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".messages")).to_contain_text("live")


def see_the_uses_flagged(page: Page, site: str) -> None:
    page.goto(f"{site}/cms/")
    use = page.locator("li, article, div", has_text=KEY).filter(has_text="something it uses")
    for endonym in ("English", "Français", "العربية"):
        expect(use.get_by_role("link", name=endonym).first).to_be_visible()


def mend_what_the_linter_refuses(page: Page, site: str) -> None:
    open_message(page, site, "en")
    expect(page.get_by_text("after this text was last checked").first).to_be_visible()
    page.locator("textarea[name=nudge_text]").fill(BETRAYING)
    page.locator("textarea[name=sms_text]").fill(NEW_SMS)
    submit(page)
    expect(page.get_by_text("betrays its reader").first).to_be_visible()
    page.locator("textarea[name=nudge_text]").fill(NEUTRAL)
    submit(page)
    expect(page.locator(".messages")).to_contain_text("submitted")


def nobody_approves_her_own(page: Page, site: str) -> None:
    """Try it at the very address where others approve."""
    page.goto(f"{site}/cms/reports/workflow/")
    page.goto(f"{site}/cms/")
    steps = page.locator("a[href*='/cms/read/']")
    if steps.count():
        steps.first.click()
        expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    answer = page.evaluate(
        """async () => {
            const token = document.cookie.match(/csrftoken=([^;]+)/)?.[1]
                || document.querySelector('[name=csrfmiddlewaretoken]')?.value;
            for (let step = 1; step < 20; step += 1) {
                const body = new URLSearchParams({answer: 'approve', csrfmiddlewaretoken: token});
                await fetch(`/cms/read/${step}/`, {method: 'POST', body, credentials: 'same-origin'});
            }
            return true;
        }"""
    )
    assert answer
    open_message(page, site, "en")
    expect(page.locator("textarea[name=sms_text]")).to_have_value(NEW_SMS)
    expect(page.get_by_text("submitted", exact=False).first).to_be_attached()


def translate_into_french(page: Page, site: str) -> None:
    open_message(page, site, "fr")
    page.locator("textarea[name=nudge_text]").fill(FRENCH_NEUTRAL)
    page.locator("textarea[name=sms_text]").fill(FRENCH_SMS)
    submit(page)
    expect(page.locator(".messages")).to_contain_text("submitted")


def page_number(page: Page, site: str) -> str:
    open_message(page, site, "en")
    return page.url.split("/pages/")[1].split("/")[0]


def arabic_is_held_back_and_says_why(page: Page, site: str, number: str) -> None:
    page.goto(f"{site}/cms/publish/messagepage/{number}/")
    french, arabic = page.locator("#language-fr"), page.locator("#language-ar")
    expect(french).to_contain_text("up to date")
    expect(arabic).to_contain_text("older than the change of its original")


def check_readers(page: Page, house: House) -> None:
    """Follow the short link in each language, as a reader who is signed in nowhere."""
    asked = f"from cms.models import MessagePage as M; print(M.objects.filter(key='{KEY}')[0].code)"
    code, site = house.manage("shell", "-c", asked).split()[-1], house.running.site
    browser = page.context.browser
    assert browser is not None
    reader = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    reader.goto(f"{site}/fr/m/{code}")
    assert reader.locator("html").get_attribute("lang") == "fr"
    reader.goto(f"{site}/ar/m/{code}")
    # The older Arabic is not shown: its original stands in, and says so.
    assert reader.locator("html").get_attribute("lang") == "en"
    expect(reader.get_by_text("This page is not in العربية yet").first).to_be_visible()
    expect(reader.get_by_text("10 to 14 days").first).to_be_visible()


def negative_example_is_refused(page: Page, site: str) -> None:
    """Neither the suspended helplines nor the message about them can be submitted."""
    page.goto(f"{site}/cms/pages/search/?q=Asylum+helplines")
    page.get_by_role("link", name="Asylum helplines in Tunisia").first.click()
    page.wait_for_url("**/edit/**")
    submit(page)
    expect(page.locator(".messages")).to_contain_text("errors")
    expect(page.get_by_text("CM-X1").first).to_be_attached()
