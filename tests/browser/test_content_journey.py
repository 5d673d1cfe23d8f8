"""Keeping content true by hand, in a real browser: from a corrected fact to what each language shows."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from cms.rights import Role
from config.people import EDITOR_EMAIL, REVIEWER_EMAIL
from locales.languages import get_language
from tests.browser.forms import submit_for_review
from tests.browser.seed_content import CONTACT, FACT, KEY
from tests.harness.house import House

NEW_FACT = "From The Gambia to the Canary Islands an open boat usually needs 10 to 14 days."
NEW_SMS = (
    "From The Gambia the boat trip is 10 to 14 days. Other ways exist: ask BAOS."
    " 1 more, 3 help, 0 stop"
)
FRENCH_SMS = (
    "De la Gambie, le trajet dure de 10 à 14 jours. Autre voie: voir BAOS. 1 suite, 3 aide, 0 stop"
)
EXPIRED = "CM-X1"
STEPS = "a[href*='/cms/read/']"
BETRAYING = "Hello migrant. Your information is ready. Reply 1 to read, 0 to stop."
NEUTRAL = "Hello. Your information is ready. Reply 1 to read, 0 to stop."
FRENCH_NEUTRAL = "Bonjour. Vos informations sont disponibles. Répondez 1 pour lire, 0 pour stopper."


def test_corrected_fact_reaches_each_language_when_it_is_right(
    house: House, sign_in: Callable[..., Page]
) -> None:
    site = house.running.site
    house.run_module("tests.browser.seed_content")
    editor, reviewer = sign_in(EDITOR_EMAIL, wide=True), sign_in(REVIEWER_EMAIL, wide=True)

    reach_the_contact_by_one_tap(editor, site)
    correct_the_fact(editor, site)
    approve_what_waits(reviewer, site)
    see_the_uses_flagged(editor, site)

    mend_what_the_linter_refuses(editor, site)
    nobody_approves_her_own(editor, reviewer, house)
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


def reach_the_contact_by_one_tap(page: Page, site: str) -> None:
    open_entry(page, site, "contactpoint", CONTACT)
    page.get_by_role("button", name="Reached").first.click()
    expect(page.locator(".messages")).to_contain_text(f"{CONTACT} was reached today")


def correct_the_fact(page: Page, site: str) -> None:
    open_entry(page, site, "fact", FACT)
    expect(page.get_by_text("Used in 2 places")).to_be_visible()
    page.locator("textarea[name=statement]").fill(NEW_FACT)
    submit_for_review(page)
    expect(page.locator(".messages")).to_contain_text("submitted")


def approve_what_waits(page: Page, site: str) -> None:
    page.goto(f"{site}/cms/")
    page.locator(STEPS).first.click()
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".messages")).to_contain_text("Approved, and live.")


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
    submit_for_review(page)
    expect(page.get_by_text("betrays its reader").first).to_be_visible()
    page.locator("textarea[name=nudge_text]").fill(NEUTRAL)
    submit_for_review(page)
    expect(page.locator(".messages")).to_contain_text("submitted")


def nobody_approves_her_own(author: Page, reviewer: Page, house: House) -> None:
    """Try it as somebody who may read for others, at the very address where another may approve."""
    site = house.running.site
    find = "from django.contrib.auth.models import Group as G, User as U"
    give = (
        f"U.objects.get(email='{EDITOR_EMAIL}').groups.add(G.objects.get(name='{Role.REVIEWERS}'))"
    )
    house.manage("shell", "-c", f"{find}; {give}")
    reviewer.goto(f"{site}/cms/")
    address = site + str(reviewer.locator(STEPS).first.get_attribute("href"))
    reviewer.goto(address)
    expect(reviewer.get_by_text(NEW_SMS).first).to_be_visible()
    expect(reviewer.get_by_role("button", name="Approve")).to_have_count(1)

    author.goto(address)
    expect(author.get_by_text(NEW_SMS).first).to_be_visible()
    expect(author.get_by_text("You submitted this. Somebody else must read it.")).to_be_visible()
    expect(author.get_by_role("button", name="Approve")).to_have_count(0)
    kept = {cookie.get("name"): cookie.get("value", "") for cookie in author.context.cookies()}
    form: dict[str, str | float | bool] = {
        "answer": "approve",
        "approve-comment": "Mine, and right.",
        "approve-good_until": "",
        "csrfmiddlewaretoken": kept["csrftoken"],
    }
    answer = author.request.post(address, form=form, headers={"Referer": address})
    # Understood as an answer (a bad token would be a 403), and refused for who she is.
    assert answer.status == 422
    assert "You submitted this. Somebody else must read it." in answer.text()
    assert NEW_SMS not in read_live(house, "sms_text")


def translate_into_french(page: Page, site: str) -> None:
    open_message(page, site, "fr")
    page.locator("textarea[name=nudge_text]").fill(FRENCH_NEUTRAL)
    page.locator("textarea[name=sms_text]").fill(FRENCH_SMS)
    submit_for_review(page)
    expect(page.locator(".messages")).to_contain_text("submitted")


def page_number(page: Page, site: str) -> str:
    open_message(page, site, "en")
    return page.url.split("/pages/")[1].split("/")[0]


def arabic_is_held_back_and_says_why(page: Page, site: str, number: str) -> None:
    page.goto(f"{site}/cms/publish/messagepage/{number}/")
    french, arabic = page.locator("#language-fr"), page.locator("#language-ar")
    expect(french).to_contain_text("up to date")
    expect(arabic).to_contain_text("older than the change of its original")


def read_live(house: House, field: str) -> str:
    """Return what the live English message holds, from the house's own database."""
    chosen = f"M.objects.get(key='{KEY}', translation_state='original').{field}"
    asked = f"from cms.models import MessagePage as M; print({chosen})"
    return house.manage("shell", "-c", asked).rstrip().splitlines()[-1]


def check_readers(page: Page, house: House) -> None:
    """Follow the short link in each language, as a reader who is signed in nowhere."""
    code, site = read_live(house, "code"), house.running.site
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
    submit_for_review(page)
    expect(page.locator(".messages")).to_contain_text("errors")
    refusal = re.compile(f"The contact .?{EXPIRED}.? is out of date since")
    expect(page.locator(".error-message", has_text=refusal).first).to_be_attached()

    open_entry(page, site, "contactpoint", EXPIRED)
    submit_for_review(page)
    expect(page.get_by_text("This has expired. Check it at its source").first).to_be_visible()
