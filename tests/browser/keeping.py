"""What tests of kept routes do in a browser: keep one, open its pages, let time pass."""

from playwright.sync_api import Page, expect

KEEP = "/en/cmed/keep/"


def tap_keep(page: Page, site: str) -> None:
    """Keep a route on the phone."""
    page.goto(site + KEEP)
    page.get_by_role("button", name="Keep on this phone").click()
    expect(page.locator(".state")).to_contain_text("Kept on")


def open_page(page: Page, address: str) -> str:
    """Open a page that the browser itself no longer has: for minutes it needs no network either.

    Return all of its text: of what waits below the window the browser lays nothing out, and shows nothing.
    """
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    page.goto(address)
    return " ".join((page.locator("main").text_content() or "").split())


def age_of_an_hour(page: Page) -> None:
    """Let what is kept have been kept long ago, so that the next visit looks for news."""
    page.evaluate(
        """async () => {
            const [name] = await caches.keys(), old = await caches.open(name);
            const aged = await caches.open(name.replace(/ \\d+$/, " 1"));
            for (const request of await old.keys()) {
                await aged.put(request, await old.match(request));
            }
            await caches.delete(name);
        }"""
    )


def wait_for_news(page: Page) -> None:
    """Wait until all that had aged is kept anew."""
    page.wait_for_function("caches.keys().then(n => n.length == 1 && !/ 1$/.test(n[0]))")


def names_behind(page: Page) -> list[str]:
    """Return which kept files are not yet what the list of their route says."""
    behind: list[str] = page.evaluate(
        """async () => {
            const [name] = await caches.keys(), kept = await caches.open(name);
            const list = await kept.match(name.split(" ")[1] + "kept.json");
            return (await list.json()).files.filter((file) => !file[2]).map((file) => file[0]);
        }"""
    )
    return behind
