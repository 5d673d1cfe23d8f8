"""Machines: requests that no person's tap has made. Pure; what it looks at is kept nowhere.

Sources: the lists of github.com/monperrus/crawler-user-agents and github.com/omrilotan/isbot; Meta's
developers.facebook.com/docs/sharing/webmasters/web-crawlers; core.telegram.org/bots/webhooks; Slack's
api.slack.com/robots; developers.google.com/search/docs/crawling-indexing/overview-google-crawlers;
Apple's support.apple.com/119829 (Messages names itself "facebookexternalhit Facebot Twitterbot").
"Sec-Purpose" is of the Fetch standard (fetch.spec.whatwg.org), "Purpose" and "X-Moz" came before it.

It errs to both sides: a machine that calls itself a browser counts as a person, and so it must be
said beside every number. Browsers that read for a phone (Opera Mini, UC, Google's Web Light) are people.
"""

import re
from collections.abc import Mapping

# Who fetches a link to show it beside a message; these are the most for us, so they come first.
PREVIEWS = (
    *("whatsapp", "facebookexternalhit", "facebookcatalog", "meta-external", "telegrambot"),
    *("twitterbot", "slack-imgproxy", "skypeuripreview", "viber/", "tumblr", "mastodon", "embedly"),
    *("google web preview", "google-pagerenderer", "bingpreview", "yahoo link preview", "iframely"),
)
# Who looks whether a link is dangerous, or whether it still works.
SCANNERS = (
    *("safebrowsing", "google-safety", "proofpoint", "mimecast", "barracuda", "urlscan"),
    *("virustotal", "trendmicro", "symantec", "fortinet", "forcepoint", "zscaler", "netcraft"),
    *("phishtank", "cloudmark", "kaspersky", "bitdefender", "censys", "expanse", "zgrab"),
    *("nmap", "masscan", "nuclei", "nikto", "sqlmap", "pingdom", "uptime", "statuscake", "monitor"),
)
# Programs and what they are made of.
PROGRAMS = (
    *("curl", "wget", "python", "aiohttp", "httpx", "go-http-client", "okhttp", "axios"),
    *("node-fetch", "undici", "got (", "libwww", "lwp::", "httpclient", "http_request", "guzzle"),
    *("php/", "ruby", "perl", "postman", "insomnia", "winhttp", "cfnetwork", "dalvik", "headless"),
    *("phantomjs", "puppeteer", "playwright", "selenium", "lighthouse", "ptst/", "dataprovider"),
)
# Most of the rest say what they are. Cubot is a maker of cheap phones, and no robot; browsers on
# small phones have Java in their names, and Snapchat's own shows pages to people.
GENERAL = r"^java/|^snapchat|(?<!cu)bot|crawl|spider|slurp|scan|scrap|fetch|archiv|preview|validat|checker|https?://|@"
_NAMES = (*PREVIEWS, *SCANNERS, *PROGRAMS)
_GENERAL = re.compile(GENERAL)
# A browser that reads ahead of a tap, or shows a page as a small picture.
AHEAD = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_AHEAD = re.compile("prefetch|prerender|preview", re.IGNORECASE)
# What a tap asks for; older browsers say nothing.
TAPPED = frozenset({"", "document"})
LONGEST_NAME = 1000


def is_machine(headers: Mapping[str, str]) -> bool:
    """Tell whether a request looks like a program's and not like somebody's tap on a link."""
    name = headers.get("user-agent", "").strip().lower()
    if not name or len(name) > LONGEST_NAME:
        return True
    # One long pattern takes twenty times as long as all of these, one after the other.
    if any(part in name for part in _NAMES) or _GENERAL.search(name):
        return True
    if any(_AHEAD.search(headers.get(header, "")) for header in AHEAD):
        return True
    return "range" in headers or headers.get("sec-fetch-dest", "") not in TAPPED
