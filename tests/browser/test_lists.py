"""A partner's list in a real browser: dry run, a second person's yes, a message, and her own answer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from config.people import EDITOR_EMAIL, PARTNER_EMAIL
from messaging.numbers import make_fiction
from tests.harness.house import House
from tests.harness.waiting import wait_until

SLOWLY = 60_000


def test_person_on_a_list_joins_only_by_her_own_answer(
    house: House, sign_in: Callable[..., Page]
) -> None:
    country, calling_code, language = find_place_by_day()
    phones = [make_fiction(calling_code, serial) for serial in (4_000_001, 4_000_002)]
    partner, editor = sign_in(PARTNER_EMAIL), sign_in(EDITOR_EMAIL)

    bring_list(partner, house, [f"{phone},,{language},{country}" for phone in (*phones, "4711")])
    lines = partner.locator("table.tally")
    expect(lines).to_contain_text("new: she will be asked to confirm")
    expect(lines).to_contain_text("no country code")
    # A number is on none of these pages.
    assert not [phone for phone in phones if phone[-7:] in partner.content()]
    partner.get_by_role("button", name="Ask for approval").click()
    expect(partner.get_by_role("button", name="Approve")).to_have_count(0)

    editor.goto(f"{house.running.site}/desk/imports/")
    editor.locator(".card").first.click()
    editor.get_by_role("button", name="Approve").click()
    expect(editor.get_by_text("What became of it")).to_be_visible()

    answer_from(partner, house, phones[0])
    wait_until(
        lambda: house.run_module("tests.browser.count_people").strip() == "1",
        seconds=60,
        what="the one who answered has joined, and nobody else",
    )


def find_place_by_day() -> tuple[str, str, str]:
    """Return a country in which it is day now: nobody on a list is woken."""
    is_day_in_mexico = datetime.now(UTC).hour in {*range(14, 24), 0, 1}
    return ("MX", "52", "es") if is_day_in_mexico else ("BD", "880", "en")


def bring_list(page: Page, house: House, people: list[str]) -> None:
    """Download the partner's own sheet, fill it in, and bring it."""
    page.goto(f"{house.running.site}/desk/imports/")
    page.get_by_role("link", name="Bring the first list").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Empty sheet (CSV)").click()
    sheet = Path(download.value.path()).read_text("utf-8-sig")
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    rows = "".join(f"{line},cmed,{yesterday},spoken,F-17\r\n" for line in people)
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": (sheet + rows).encode()}
    page.get_by_label("The sheet, as XLSX or CSV").set_input_files(files=[file])  # type: ignore[arg-type]
    page.get_by_role("button", name="See what is on it").click()


def answer_from(page: Page, house: House, phone: str) -> None:
    """Wait for the message on a phone of the sandbox, and reply 1."""
    address = f"{house.running.sandbox}/phones/{phone}"
    wait_until(lambda: "Waymark" in _open(page, address), seconds=60, what="she was asked")
    page.locator("[name=body]").fill("1")
    page.get_by_role("button", name="Send").click()


def _open(page: Page, address: str) -> str:
    page.goto(address)
    return page.locator("main, body").last.inner_text()
