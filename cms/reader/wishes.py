"""Which language a browser wishes for, and the nearest that there is.

What people say they read comes before what we believe they read.
"""

from collections.abc import Collection, Iterable

from django.utils.translation.trans_real import parse_accept_lang_header

from locales.languages import LANGUAGES, LAST_RESORT


def list_accepted(header: str) -> list[str]:
    """Return the languages of an Accept-Language header, best first and without their regions."""
    # A region says nothing that we could serve: fr-SN is French.
    return [name.partition("-")[0] for name, _weight in parse_accept_lang_header(header)]


def choose_wished(wishes: Iterable[str], available: Collection[str]) -> str:
    """Return the first language wished for that is available, or the nearest to one."""
    named = list(wishes)
    known = [LANGUAGES[name] for name in named if name in LANGUAGES]
    guessed = [code for language in known for code in language.fallbacks]
    return next((code for code in (*named, *guessed) if code in available), LAST_RESORT)
