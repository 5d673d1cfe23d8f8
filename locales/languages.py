"""The languages spoken on the routes: a table and its look-ups.

Codes are BCP 47, as in the routes' own lists. `fallbacks` says which language a reader is most
likely to read when there is no text in her own; it is our reading, for partners to confirm, and
English always comes last.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Direction = Literal["ltr", "rtl"]
LAST_RESORT = "en"


class UnknownLanguage(LookupError):
    """Say that a code is not in the table."""


@dataclass(frozen=True, slots=True)
class Language:
    """Describe one language; `script` is an ISO 15924 code, `endonym` its name for itself."""

    code: str
    name: str
    endonym: str
    direction: Direction
    script: str
    fallbacks: tuple[str, ...] = ()


_TABLE = (
    Language("aa", "Afar", "Qafar", "ltr", "Latn", ("am", "ar", "fr")),
    Language("aeb", "Tunisian Arabic", "التونسية", "rtl", "Arab", ("ar", "fr")),
    Language("am", "Amharic", "አማርኛ", "ltr", "Ethi"),
    Language("apd", "Sudanese Arabic", "السودانية", "rtl", "Arab", ("ar",)),
    Language("ar", "Arabic", "العربية", "rtl", "Arab"),
    Language("arq", "Algerian Arabic", "الدارجة الجزائرية", "rtl", "Arab", ("ar", "fr")),
    Language("ary", "Moroccan Arabic", "الدارجة المغربية", "rtl", "Arab", ("ar", "fr")),
    Language("arz", "Egyptian Arabic", "المصرية", "rtl", "Arab", ("ar",)),
    Language("ayl", "Libyan Arabic", "الليبية", "rtl", "Arab", ("ar",)),
    Language("ber", "Berber", "Tamaziɣt", "ltr", "Latn", ("fr", "ar")),
    Language("bm", "Bambara", "Bamanankan", "ltr", "Latn", ("fr",)),
    Language("bn", "Bangla", "বাংলা", "ltr", "Beng"),
    Language("ckb", "Central Kurdish", "کوردیی ناوەندی", "rtl", "Arab", ("ar",)),
    Language("en", "English", "English", "ltr", "Latn"),
    Language("es", "Spanish", "Español", "ltr", "Latn"),
    Language("ff", "Fula", "Fulfulde", "ltr", "Latn", ("fr",)),
    Language("fr", "French", "Français", "ltr", "Latn"),
    Language("fuc", "Pulaar", "Pulaar", "ltr", "Latn", ("ff", "fr")),
    Language("fuf", "Pular", "Pular", "ltr", "Latn", ("ff", "fr")),
    Language("ha", "Hausa", "Hausa", "ltr", "Latn", ("en", "fr")),
    Language("ht", "Haitian Creole", "Kreyòl ayisyen", "ltr", "Latn", ("fr",)),
    Language("id", "Indonesian", "Bahasa Indonesia", "ltr", "Latn", ("ms",)),
    Language("kab", "Kabyle", "Taqbaylit", "ltr", "Latn", ("ber", "fr", "ar")),
    Language("kmr", "Northern Kurdish", "Kurmancî", "ltr", "Latn", ("tr", "ar")),
    Language("kr", "Kanuri", "Kanuri", "ltr", "Latn", ("ha", "fr")),
    Language("mam", "Mam", "Mam", "ltr", "Latn", ("es",)),
    Language("mey", "Hassaniyya", "الحسانية", "rtl", "Arab", ("ar", "fr")),
    Language("mnk", "Mandinka", "Mandinka", "ltr", "Latn", ("en", "fr")),
    Language("ms", "Malay", "Bahasa Melayu", "ltr", "Latn", ("id",)),
    Language("my", "Burmese", "မြန်မာ", "ltr", "Mymr"),
    Language("ny", "Nyanja", "Chichewa", "ltr", "Latn"),
    Language("om", "Oromo", "Afaan Oromoo", "ltr", "Latn", ("am",)),
    Language("pcm", "Nigerian Pidgin", "Naijíriá Píjin", "ltr", "Latn"),
    Language("prs", "Dari", "دری", "rtl", "Arab"),
    Language("ps", "Pashto", "پښتو", "rtl", "Arab", ("prs",)),
    Language("pt", "Portuguese", "Português", "ltr", "Latn"),
    Language("quc", "Kʼicheʼ", "Kʼicheʼ", "ltr", "Latn", ("es",)),
    # Latin letters, though the language has its own script: few phones carry Hanifi Rohingya.
    Language("rhg", "Rohingya", "Ruáingga", "ltr", "Latn", ("bn", "my")),
    Language("snk", "Soninke", "Sooninkanxanne", "ltr", "Latn", ("fr",)),
    Language("so", "Somali", "Af-Soomaali", "ltr", "Latn", ("en", "ar")),
    Language("sw", "Swahili", "Kiswahili", "ltr", "Latn"),
    Language("ti", "Tigrinya", "ትግርኛ", "ltr", "Ethi", ("en", "am", "ar")),
    Language("tr", "Turkish", "Türkçe", "ltr", "Latn"),
    Language("ur", "Urdu", "اردو", "rtl", "Arab"),
    Language("uzs", "Southern Uzbek", "اوزبیکی", "rtl", "Arab", ("prs",)),
    Language("wo", "Wolof", "Wolof", "ltr", "Latn", ("fr",)),
    Language("zh", "Chinese", "中文", "ltr", "Hans"),
)

LANGUAGES: dict[str, Language] = {language.code: language for language in _TABLE}

# The languages that pages, facts and messages may be written in, English as the source first.
_CONTENT = "en fr ar am om ti so ha wo es bn ff bm ur prs ps pt sw ht"
CONTENT_LANGUAGES: tuple[str, ...] = tuple(_CONTENT.split())
# The languages of the desk, the sign-in pages, reach and the CMS.
INTERFACE_LANGUAGES: tuple[str, ...] = ("en", "fr", "ar", "es")
# The languages in which readers and recipients get every word of ours; others fall back to these.
READER_LANGUAGES: tuple[str, ...] = (*INTERFACE_LANGUAGES, "so", "ha", "am", "ti")


def get_language(code: str) -> Language:
    """Return the language of a code; raise UnknownLanguage when the table has none."""
    try:
        return LANGUAGES[code]
    except KeyError:
        raise UnknownLanguage(f"No language has the code {code!r}.") from None


def choose_language(asked: str, available: Collection[str]) -> str | None:
    """Return the best language among the available: the asked, its fallbacks, English, or none.

    A code that is not in the table is no error: it has no fallbacks but English.
    """
    return next((code for code in list_wishes(asked) if code in available), None)


def list_wishes(asked: str) -> tuple[str, ...]:
    """Return a language, its fallbacks and English, best first and each once."""
    known = LANGUAGES.get(asked)
    return tuple(dict.fromkeys((asked, *(known.fallbacks if known else ()), LAST_RESORT)))
