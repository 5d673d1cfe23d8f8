"""What is a tap on a link, and what is a program that follows it."""

import pytest

from analytics.machines import is_machine

ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/124.0.0.0 Mobile Safari/537.36"
)
PEOPLE = [
    ANDROID,
    (
        "Mozilla/5.0 (Linux; Android 9; CUBOT_NOVA) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/96.0.4664.104 Mobile Safari/537.36"
    ),
    (
        "Mozilla/5.0 (Linux; Android 8.1.0; TECNO F1) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/70.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/400.0]"
    ),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
    "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/191.283; U; en) Presto/2.12.423 Version/12.16",
    "UCWEB/2.0 (Java; U; MIDP-2.0; en-US; nokia5130c-2) U2/1.0.0 UCBrowser/9.4.1.482 U2/1.0.0",
    "Mozilla/5.0 (Mobile; Nokia 8110 4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5",
    (
        "Mozilla/5.0 (Linux; Android 4.2.1) AppleWebKit/535.19 (KHTML, like Gecko) "
        "Chrome/38.0.1025.166 Mobile Safari/535.19 googleweblight"
    ),
    "NokiaC2-01/5.0 (11.40) Profile/MIDP-2.1 Configuration/CLDC-1.1",
]
MACHINES = [
    "",
    "   ",
    "WhatsApp/2.23.20.0",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) "
        "Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"
    ),
    "meta-externalagent/1.1",
    "Twitterbot/1.0",
    "TelegramBot (like TwitterBot)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Snapchat/10.12.0.2 (iPhone8,1; iOS 10.3.2; gzip)",
    (
        "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/120.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    ),
    "Mozilla/5.0 AppleWebKit/537.36 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "curl/8.5.0",
    "Wget/1.21",
    "python-requests/2.31.0",
    "Go-http-client/2.0",
    "okhttp/4.9.0",
    "Java/17.0.2",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0 Safari/537.36",
    "Mozilla/5.0 (compatible; Proofpoint URL Defense)",
    "SomeCompany SMS LinkScanner/2",
    "a" * 5000,
]


@pytest.mark.parametrize("name", PEOPLE)
def test_browsers_are_people_also_old_ones_and_makers_of_odd_names(name: str) -> None:
    assert not is_machine({"user-agent": name})


@pytest.mark.parametrize("name", MACHINES)
def test_previews_scanners_and_programs_are_machines(name: str) -> None:
    assert is_machine({"user-agent": name})


@pytest.mark.parametrize(
    "headers",
    [
        {"purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
        {"sec-purpose": "prefetch"},
        {"x-purpose": "preview"},
        {"x-moz": "prefetch"},
        {"range": "bytes=0-100"},
        {"sec-fetch-dest": "image"},
        {"sec-fetch-dest": "empty"},
    ],
)
def test_what_a_browser_asks_for_without_a_tap_is_a_machine_s(headers: dict[str, str]) -> None:
    assert is_machine({"user-agent": ANDROID, **headers})


def test_a_tap_says_that_it_wants_a_document() -> None:
    assert not is_machine({"user-agent": ANDROID, "sec-fetch-dest": "document"})
