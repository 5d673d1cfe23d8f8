"""What a text costs, how a reader stops it, and where its links lead."""

import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlsplit

from cms.links import PLACEHOLDER, fill_link
from cms.linting.values import PHONE_FIELDS, DraftMessage, Spot
from locales.alphabets import SmsCount, compose_text, count_parts
from locales.folding import fold
from locales.keyword_tables import STOP_WORDS, UNMISTAKABLE

MANY_PARTS, TOO_MANY_PARTS = 2, 3
# A nudge must come as one piece; in a script of 70 letters a part it may take two.
NUDGE_PARTS = {"gsm7": 1, "ucs2": 2}


def count_text(text: str, *, link: str) -> SmsCount:
    """Count a text as it would go out, its link filled in."""
    return count_parts(compose_text(fill_link(text, link)))


def find_many_parts(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Say that the SMS takes more parts than it should."""
    parts = count_text(draft.texts.get("sms_text", ""), link=draft.link).parts
    if MANY_PARTS < parts <= TOO_MANY_PARTS:
        yield Spot("sms_text", str(parts), str(MANY_PARTS))


def find_too_many_parts(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Say that the SMS takes more parts than may go out."""
    parts = count_text(draft.texts.get("sms_text", ""), link=draft.link).parts
    if parts > TOO_MANY_PARTS:
        yield Spot("sms_text", str(parts), str(TOO_MANY_PARTS))


def find_long_nudge(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Say that the nudge is too long for one glance."""
    count = count_text(draft.texts.get("nudge_text", ""), link=draft.link)
    limit = NUDGE_PARTS[count.alphabet]
    if count.parts > limit:
        yield Spot("nudge_text", str(count.parts), str(limit))


# ---- The way out -------------------------------------------------------------------------------

_ANYWHERE = tuple(fold(word) for word in f"0, stop, {UNMISTAKABLE}".split(","))


def find_no_way_to_stop(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Give each text that does not say how to stop."""
    wanted = words_to_stop(draft.language)
    for name, text in draft.written(PHONE_FIELDS):
        said = f" {fold(fill_link(text, ' '))} "
        if not any(f" {word} " in said for word in wanted):
            yield Spot(name, wanted[-1])


def words_to_stop(language: str) -> tuple[str, ...]:
    """Return what tells a reader how to stop: 0, STOP, and the first word for it in her language.

    The other words that are taken for STOP in a reply, such as "end" or "enough", are ordinary
    words inside a text.
    """
    own = STOP_WORDS.get(language, "").split(",")[0]
    return (*_ANYWHERE, fold(own)) if own.strip() else (*_ANYWHERE, "stop")


# ---- Links and places to fill ------------------------------------------------------------------

_HOST = re.compile(
    r"(?:(?P<scheme>[a-zA-Z][a-zA-Z+.-]*)://)?(?:[\w.+-]+@)?(?P<host>(?:[\w-]+\.)+[^\W\d_]{2,}|"
    r"(?<=://)[^\s/?#{}]+)(?::\d+)?"
)
_BRACES = re.compile(r"\{[^{}\n]*\}?|\}")
# They hide where they lead, and who runs them sees every reader.
_SHORTENERS = (
    "bit.ly t.co tinyurl.com goo.gl ow.ly is.gd buff.ly cutt.ly rebrand.ly tiny.cc t.ly s.id "
    "shorturl.at rb.gy lnkd.in wa.link bl.ink v.gd"
)
SHORTENERS = frozenset(_SHORTENERS.split())


def find_foreign_links(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Give each address that is neither ours nor one of what the message uses."""
    known = {plain_host(host) for host in draft.hosts} | {host_of(draft.link)}
    for name, text in draft.written():
        for host in dict.fromkeys(hosts_in(fill_link(text, " "))):
            if host in SHORTENERS or host not in known:
                yield Spot(name, host)


def hosts_in(text: str) -> list[str]:
    """Return the hosts of the addresses in a text, also of those without https:// before them."""
    return [
        plain_host(match["host"])
        for match in _HOST.finditer(text)
        if match["scheme"] or _is_bare_host(match["host"])
    ]


def host_of(address: str) -> str:
    """Return the host of an address, without www."""
    return plain_host(urlsplit(address).hostname or "")


def plain_host(host: str) -> str:
    """Return a host as it is compared: small letters, no www, no port."""
    return host.casefold().removeprefix("www.").partition(":")[0].rstrip(".")


def _is_bare_host(host: str) -> bool:
    # "ready.Reply" is a forgotten space; an address without https:// is written small.
    last = host.rpartition(".")[2]
    return last.islower() and last.isascii()


def find_unknown_places(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Give each place in braces that nothing will fill."""
    variables = {f"{{{name.strip('{} ')}}}" for name, _example in draft.template.variables}
    for name, text in draft.written():
        known = {PLACEHOLDER} if name in PHONE_FIELDS else set()
        if name == "whatsapp_text" and draft.template.needed:
            known |= variables
        for place in dict.fromkeys(_BRACES.findall(text)):
            if place not in known:
                yield Spot(name, place)
