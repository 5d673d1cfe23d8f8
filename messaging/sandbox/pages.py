"""The pages as HTML: the phones, and one phone. Every text that came from outside is escaped."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote, urlencode

from locales.countries import COUNTRIES, country_name
from messaging.sandbox.behaviours import BEHAVIOURS, ORDINARY
from messaging.sandbox.store import IN, RANKS, REPLY, WHATSAPP, Message

PAGE_SIZE = 25
QUICK_REPLIES = ("STOP", "0", "HELP", "1")
# No network has this country code, so a number that begins with it is nobody's.
FICTION = "+999"

_LINK = re.compile(r"https?://[^\s<>\"']+")
_CHANNELS = {"sms": "SMS", WHATSAPP: "WhatsApp"}
_FAILED = frozenset({"undelivered", "failed", "unanswered"})


@dataclass(frozen=True, slots=True)
class PhoneList:
    """Hold one page of the list of phones."""

    rows: list[Message]
    search: str
    page: int
    total: int
    statuses: Mapping[str, int]


def phone_path(number: str) -> str:
    """Return the path of a phone's page."""
    return f"/phones/{quote(number, safe='')}"


def country_of(number: str) -> str:
    """Return the English name of the country a fictional number stands for, or nothing."""
    digits = number.removeprefix(FICTION) if number.startswith(FICTION) else ""
    for length in (4, 3, 2, 1):
        code = digits[:length]
        names = [
            country_name(country.code, "en")
            for country in COUNTRIES.values()
            if code and country.calling_code == code
        ]
        if names:
            return " or ".join(sorted(names))
    return ""


def show_phones(listed: PhoneList, senders: list[tuple[str, str]]) -> str:
    """Return the page of all phones."""
    search = (
        '<form class="row" role="search" method="get" action="/"><div>'
        '<label for="q">Search a number or a last message</label>'
        f'<input id="q" name="q" type="search" dir="auto" value="{escape(listed.search)}"></div>'
        "<button>Search</button></form>"
    )
    live = f'<div data-live aria-live="polite">{show_phone_rows(listed)}</div>'
    aside = f"<aside>{_show_legend()}{_show_first_message(senders)}</aside>"
    return f'<div class="columns"><div>{search}{live}</div>{aside}</div>'


def show_phone_rows(listed: PhoneList) -> str:
    """Return the part of the list that changes."""
    if not listed.rows:
        return f'<p class="empty">{_explain_emptiness(listed.search)}</p>'
    rows = "".join(f"<li>{_show_phone_row(row)}</li>" for row in listed.rows)
    sums = sorted(listed.statuses.items(), key=lambda pair: RANKS.get(pair[0], 0))
    said = ", ".join(f"{count} {status}" for status, count in sums)
    return (
        f'<p class="small">Taken by the sandbox: {said or "nothing"}.</p>'
        f'<ol class="phones">{rows}</ol>{_show_paging(listed)}'
    )


def _explain_emptiness(search: str) -> str:
    if search:
        return 'No phone has this in its number or last message. <a href="/">Show all phones</a>'
    return (
        "No phone has received anything yet. Send a broadcast from the desk, or let a new phone"
        " write first: each phone appears here with its first message."
    )


def _show_phone_row(message: Message) -> str:
    country = escape(country_of(message.number))
    told = "↩ " if message.direction == IN else ""
    return (
        f'<a href="{phone_path(message.number)}">'
        f'<span><b dir="ltr">{escape(message.number)}</b> <span class="who">{country}</span></span>'
        f"{_show_badge(message.channel)}"
        f'<span class="last" dir="auto">{told}{escape(message.body[:140])}</span>'
        f'<span class="who">{escape(_describe(message))}</span></a>'
    )


def _show_badge(channel: str) -> str:
    return f'<span class="badge {escape(channel)}">{_CHANNELS.get(channel, "?")}</span>'


def _show_paging(listed: PhoneList) -> str:
    def link(page: int, text: str) -> str:
        query = urlencode({"q": listed.search, "page": page})
        return f'<a href="/?{escape(query)}">{text}</a>'

    first = listed.page * PAGE_SIZE + 1
    last = first + len(listed.rows) - 1
    newer = link(listed.page - 1, "← Newer") if listed.page else "<span></span>"
    older = link(listed.page + 1, "Older →") if last < listed.total else "<span></span>"
    said = f'<span class="small">{first}–{last} of {listed.total} phones</span>'
    return f'<nav class="pages" aria-label="Pages">{newer}{said}{older}</nav>'


def _show_legend() -> str:
    rows = "".join(
        f"<dt>…{digits}</dt><dd>{escape(behaviour.what)}</dd>"
        for digits, behaviour in BEHAVIOURS.items()
    )
    return (
        '<section class="card"><h2>What a phone does</h2><p class="small">The last two digits of'
        f" its number decide.</p><dl>{rows}<dt>others</dt><dd>{escape(ORDINARY.what)}</dd></dl>"
        '<p class="small">On WhatsApp, free text later than 24 hours after the phone last wrote'
        " fails with 63016. Twilio’s magic test numbers answer as Twilio’s. Twilio’s own handling of STOP"
        " is not imitated: what STOP does here is Waymark’s doing.</p></section>"
    )


def _show_first_message(senders: list[tuple[str, str]]) -> str:
    options = "".join(f'<option value="{escape(sender)}">' for _, sender in senders)
    return (
        '<section class="card"><h2>A new phone writes first</h2>'
        '<form method="post" action="/phones">'
        '<label for="number">Its number</label>'
        f'<input id="number" name="number" inputmode="tel" dir="ltr" required value="{FICTION}"'
        r' pattern="\+[1-9][0-9]{6,14}|[A-Z]{2}\.[A-Za-z0-9]{1,128}"'
        ' title="A plus sign and 7 to 15 digits; on WhatsApp a user id such as ZZ.abc, too">'
        '<label for="channel">Channel</label><select id="channel" name="channel">'
        '<option value="sms">SMS</option><option value="whatsapp">WhatsApp</option></select>'
        '<label for="to">To Waymark’s number</label>'
        f'<input id="to" name="to" dir="ltr" required list="senders">'
        f'<datalist id="senders">{options}</datalist>'
        '<p class="small">In a rehearsal +9990000001 by SMS, +9990000002 on WhatsApp. A stranger'
        " joins with a word that the desk lists, or with START.</p>"
        '<label for="body">Message</label><input id="body" name="body" dir="auto" required>'
        "<p><button>Send</button></p></form></section>"
    )


def show_phone_header(number: str) -> str:
    """Return the head of a phone's page."""
    country = country_of(number)
    said = f" · stands for {escape(country)}" if country else ""
    return f'<p><a href="/">← All phones</a>{said}</p><h1 dir="ltr">{escape(number)}</h1>'


def show_phone(number: str, messages: list[Message], lines: list[tuple[str, str]]) -> str:
    """Return the page of one phone."""
    return (
        '<div class="phone"><div class="bubbles" data-scroll tabindex="0" role="log"'
        f' aria-label="Messages"><div data-live>{show_bubbles(messages)}'
        f"</div></div>{_show_reply(number, lines)}</div>"
    )


def show_bubbles(messages: list[Message]) -> str:
    """Return the part of a phone that changes."""
    if not messages:
        return (
            '<p class="empty">This phone has received nothing yet. What is sent to it shows'
            " here, and what you write goes to the site as if it came from this phone.</p>"
        )
    return "".join(_show_bubble(message) for message in messages)


def _show_bubble(message: Message) -> str:
    side = "in" if message.direction == IN else "out"
    failed = " failed" if message.status in _FAILED else ""
    who = "This phone" if side == "in" else message.sender
    return (
        f'<article class="bubble {side}{failed}">'
        f'<p class="text" dir="auto">{link_addresses(message.body)}</p>'
        f'<p class="meta"><bdi>{escape(who)}</bdi> · {_CHANNELS.get(message.channel, "?")} ·'
        f" {escape(_describe(message))}</p></article>"
    )


def link_addresses(text: str) -> str:
    """Return a text as HTML with its web addresses made links."""
    parts: list[str] = []
    at = 0
    for found in _LINK.finditer(text):
        address = found[0].rstrip(".,;:!?)]}»،؛؟።")
        parts.append(escape(text[at : found.start()]))
        parts.append(
            f'<a href="{escape(address)}" dir="ltr" target="_blank" rel="noopener noreferrer">'
            f"{escape(address)}</a>"
        )
        at = found.start() + len(address)
    return "".join([*parts, escape(text[at:])])


def _describe(message: Message) -> str:
    moment = datetime.fromtimestamp(message.created_at, UTC).strftime("%H:%M UTC")
    if message.direction == IN and message.status == "unanswered":
        said = f"the site answered {message.code}" if message.code else "the site did not answer"
        return f"{moment} · {said}"
    if message.direction in (IN, REPLY):
        return moment
    return f"{moment} · {message.status} {message.code}".rstrip()


def _show_reply(number: str, lines: list[tuple[str, str]]) -> str:
    if not lines:
        return '<p class="reply small">A phone can answer once it has been written to.</p>'
    options = "".join(
        f'<option value="{escape(channel)} {escape(sender)}">'
        f"{_CHANNELS.get(channel, '?')} to {escape(sender)}</option>"
        for channel, sender in lines
    )
    buttons = "".join(
        f'<button class="quiet" name="quick" value="{text}">{text}</button>'
        for text in QUICK_REPLIES
    )
    return (
        f'<form class="reply" method="post" action="{phone_path(number)}/reply">'
        '<label class="hidden" for="line">Answer by</label>'
        f'<select id="line" name="line">{options}</select>'
        '<div class="row"><div><label for="body">Reply as this phone</label>'
        '<input id="body" name="body" dir="auto" autocomplete="off"></div>'
        "<button>Send</button></div>"
        f'<div class="quick">{buttons}</div></form>'
    )
