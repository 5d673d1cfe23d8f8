"""One compiled catalogue for each content language, filled up from its fallbacks."""

from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.core.management import call_command
from django.utils.translation import trans_real
from pytest_django import Settings

from config.catalogs import compile_catalog, read_catalog
from config.compiling import merge_catalogs, write_compiled
from locales.languages import CONTENT_LANGUAGES

FRENCH_RULE = "nplurals=2; plural=(n > 1);"
ARABIC_RULE = (
    "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 :"
    " n%100>=11 && n%100<=99 ? 4 : 5;"
)


def _catalog(
    language: str, rule: str, words: dict[str | tuple[str, str], str | tuple[str, ...]]
) -> Catalog:
    catalog = Catalog(locale=language)
    catalog.mime_headers = [("Plural-Forms", rule)]
    for text, translation in words.items():
        catalog.add(text, translation)
    return catalog


def _words(catalog: Catalog) -> GNUTranslations:
    return GNUTranslations(BytesIO(compile_catalog(catalog)))


def test_a_compiled_catalogue_can_be_read(project: Path, french: Path) -> None:
    path = write_compiled(project / "locales", "fr", {"fr": read_catalog(french, "fr")})
    assert path == french.with_suffix(".mo")
    with path.open("rb") as compiled:
        words = GNUTranslations(compiled)
    assert words.gettext("Legal ways") == "Voies légales"
    assert words.pgettext("button", "Stop") == "Arrêter"
    assert words.ngettext("One place", "%(n)s places", 2) == "%(n)s places"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("wo", {"Risks": "Risques", "Help": "Aide"}),
        ("aa", {"Risks": "አደጋዎች", "Help": "مساعدة"}),
        ("fr", {"Risks": "Risques", "Help": "Aide"}),
        ("bn", {"Risks": "Risks", "Help": "Help"}),
        # English stands before Arabic there, and English has every text.
        ("so", {"Risks": "Khataro", "Help": "Help"}),
    ],
)
def test_own_texts_come_first_then_the_fallbacks_as_far_as_english(
    language: str, said: dict[str, str]
) -> None:
    catalogs = {
        "so": _catalog("so", FRENCH_RULE, {"Risks": "Khataro", "Help": ""}),
        "am": _catalog("am", FRENCH_RULE, {"Risks": "አደጋዎች", "Help": ""}),
        "ar": _catalog("ar", ARABIC_RULE, {"Risks": "المخاطر", "Help": "مساعدة"}),
        "fr": _catalog("fr", FRENCH_RULE, {"Risks": "Risques", "Help": "Aide"}),
    }
    words = _words(merge_catalogs(language, catalogs))
    assert {text: words.gettext(text) for text in said} == said


def test_half_translated_and_fuzzy_messages_fall_back_too() -> None:
    own = _catalog("wo", FRENCH_RULE, {("one", "%(n)s"): ("benn", ""), "Risks": "?"})
    own.get("Risks").flags.add("fuzzy")  # type: ignore[union-attr]
    french = _catalog("fr", FRENCH_RULE, {("one", "%(n)s"): ("un", "%(n)s f"), "Risks": "Risques"})
    words = _words(merge_catalogs("wo", {"wo": own, "fr": french}))
    assert words.gettext("Risks") == "Risques"
    assert [words.ngettext("one", "%(n)s", n) for n in (1, 2)] == ["un", "%(n)s f"]


def test_plural_forms_of_a_fallback_are_counted_by_the_languages_own_rule() -> None:
    forms = tuple(f"ar{number}" for number in range(6))
    arabic = _catalog("ar", ARABIC_RULE, {("one", "many"): forms})
    own = _catalog("arz", "nplurals=2; plural=(n != 1);", {"Risks": "x"})
    words = _words(merge_catalogs("arz", {"arz": own, "ar": arabic}))
    assert [words.ngettext("one", "many", n) for n in (1, 2, 100)] == ["ar1", "ar5", "ar5"]
    alone = _words(merge_catalogs("arz", {"ar": arabic}))
    assert [alone.ngettext("one", "many", n) for n in (1, 2, 100)] == ["ar1", "ar2", "ar5"]


def test_the_command_compiles_every_content_language_and_django_speaks_it(
    project: Path, french: Path, settings: Settings
) -> None:
    settings.BASE_DIR = project
    settings.LOCALE_PATHS = [project / "locales"]
    call_command("translations", "extract")
    call_command("translations", "compile")
    compiled = {path.parts[-3] for path in (project / "locales").rglob("*.mo")}
    assert compiled == set(CONTENT_LANGUAGES) - {"en"}
    for language in ("fr", "wo", "ht"):
        spoken = trans_real.DjangoTranslation(language)
        assert spoken.gettext("Legal ways") == "Voies légales"
