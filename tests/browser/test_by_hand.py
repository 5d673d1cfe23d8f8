"""The main job by hand, in a real browser on a real house: from an edited text to its reach."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from config.people import APPROVER_EMAIL, EDITOR_EMAIL, PARTNER_EMAIL, REVIEWER_EMAIL
from tests.browser.forms import submit_for_review
from tests.browser.seed import ARAB_PHONE, STOPPING_PHONE
from tests.harness.house import House

NEW_TEXT = "Hello. There is news for you: {link} Reply 1 to read, 0 to stop."
SECONDS = 1000
SLOWLY = 60 * SECONDS


def test_message_goes_from_the_editor_to_the_phone_and_its_reach_is_read(
    house: House, sign_in: Callable[..., Page]
) -> None:
    house.run_module("tests.browser.seed")
    editor, partner = sign_in(EDITOR_EMAIL), sign_in(PARTNER_EMAIL)
    submit_new_text(editor, house)
    read_and_approve(sign_in(REVIEWER_EMAIL), house)

    address = prepare_and_ask(partner, house)
    second = sign_in(APPROVER_EMAIL)
    approve(editor, address)
    approve(second, address)

    see_it_end(partner, house, "6 delivered")
    check_phones(editor, house)
    check_reader(editor, house)
    check_reach(editor, address)
    assert_stop_is_final(editor, second, partner, house)


def submit_new_text(page: Page, house: House) -> None:
    page.goto(f"{house.running.site}/cms/pages/")
    page.goto(f"{house.running.site}/cms/pages/search/?q=Your+information+is+ready")
    page.get_by_role("link", name="Your information is ready").first.click()
    # Other wording, the same meaning: the translations stay right. Chosen by its label, before the
    # counters below the texts begin to move the form.
    page.locator("label[for]", has_text="minor:").click()
    expect(page.locator("input[name=change_kind][value=minor]")).to_be_checked()
    page.locator("textarea[name=sms_text]").fill(NEW_TEXT)
    # The starter pack grows stale, as it should; an editor who has checked it says for how long.
    expires = timezone.localdate() + timedelta(days=90)
    page.locator("input[name=expires]").fill(expires.isoformat())
    assert page.locator("button[name=action-publish]").count() == 0
    submit_for_review(page)
    # What the linter warns of stays only with a reason, and that is asked for once.
    expect(page.get_by_text("could not be saved due to validation errors")).to_be_visible()
    for reason in page.locator("[name^='reason-']").all():
        reason.fill("It goes to the sandbox only.")
    submit_for_review(page)
    expect(page.get_by_text("has been submitted for moderation")).to_be_visible()


def read_and_approve(page: Page, house: House) -> None:
    """Read what the editor has written, as another person, and let it go live."""
    page.goto(f"{house.running.site}/cms/")
    page.get_by_role("link", name="Your information is ready").first.click()
    expect(page.get_by_text("There is news for you").first).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved, and live")).to_be_visible()


def prepare_and_ask(page: Page, house: House) -> str:
    page.goto(f"{house.running.site}/desk/")
    page.get_by_role("link", name="Prepare a broadcast").first.click()
    page.get_by_label("Your information is ready").check()
    page.get_by_label("Central Mediterranean", exact=True).check()
    page.get_by_label("Send also in quiet hours").check()
    page.get_by_role("button", name="Show people and price").click()
    expect(page.get_by_text("There is news for you").first).to_be_visible()
    expect(page.get_by_text("unreviewed draft translation").first).to_be_visible()
    page.get_by_role("button", name="Ask for approval").click()
    expect(page.get_by_text("waits for approval").first).to_be_visible()
    # Nobody approves her own.
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    return page.url


def approve(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)


def see_it_end(page: Page, house: House, counts: str) -> None:
    """Wait on the partner's page, which moves by itself, until all of it is over."""
    states = page.locator("[data-states]")
    expect(states).to_contain_text("It is over. Nothing will change any more.", timeout=SLOWLY)
    # How so few people fare would tell of each of them, so it is not shown.
    expect(states).to_contain_text("fewer than 10 people")
    assert house.run_module("tests.browser.count_states").strip() == counts


def check_phones(page: Page, house: House) -> None:
    page.goto(f"{house.running.sandbox}/phones/{ARAB_PHONE}")
    bubble = page.locator("[dir]", has_text="معلوماتك").last
    expect(bubble).to_be_visible()
    assert bubble.evaluate("node => getComputedStyle(node).direction") == "rtl"


def check_reader(page: Page, house: House) -> None:
    """Open the short link on the phone: a light page in her language, which keeps nothing."""
    link = page.locator("a[href*='/r/']").first.get_attribute("href")
    assert link
    browser = page.context.browser
    assert browser is not None
    reader = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    answer = reader.goto(link)
    assert answer is not None
    assert answer.status == 200
    assert reader.locator("html").get_attribute("dir") == "rtl"
    assert reader.locator("html").get_attribute("lang") == "ar"
    assert reader.context.cookies() == []
    assert len(answer.body()) < 14_336


def check_reach(page: Page, address: str) -> None:
    code = address.rstrip("/").rsplit("/", 1)[-1]
    page.goto(address)
    page.get_by_role("link", name="reach").last.click()
    page.wait_for_url(f"**/reach/{code}/")
    # Six people are too few to be shown: a small number can point at a person.
    expect(page.get_by_text("under 10").first).to_be_visible()


def assert_stop_is_final(editor: Page, second: Page, partner: Page, house: House) -> None:
    phone = f"{house.running.sandbox}/phones/{STOPPING_PHONE}"
    editor.goto(phone)
    editor.get_by_role("button", name="STOP").click()
    expect(editor.locator("body")).to_contain_text("لن", timeout=SLOWLY)
    arrived = editor.locator("a[href*='/r/']").count()

    address = prepare_and_ask(partner, house)
    approve(editor, address)
    approve(second, address)

    see_it_end(partner, house, "5 delivered")
    editor.goto(phone)
    assert editor.locator("a[href*='/r/']").count() == arrived
