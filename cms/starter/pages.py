"""The page tree of a starter pack: a home for each language, and pages published below it."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from wagtail.models import Locale, Page, Revision, Site

from cms.models import HomePage, LoadedEntry, TranslationState

# Neutral on purpose: a title shows in the history and on a seized phone.
HOME_TITLES = {
    "en": "Information",
    "fr": "Informations",
    "ar": "معلومات",
    "es": "Información",
    "so": "Macluumaad",
    "ha": "Bayanai",
    "am": "መረጃ",
    "ti": "ሓበሬታ",
}


def ensure_homes(languages: list[str]) -> int:
    """Make the languages and their home pages, the first language's being the site's root."""
    noted = set(LoadedEntry.objects.filter(file="home pages").values_list("language", flat=True))
    new = [language for language in languages if language not in noted]
    for language in new:
        Locale.objects.get_or_create(language_code=language)
        original = HomePage.objects.filter(translation_state=TranslationState.ORIGINAL).first()
        home = HomePage(
            title=HOME_TITLES.get(language, HOME_TITLES["en"]),
            slug=language,
            translation_state=TranslationState.MACHINE if original else "original",
        )
        _publish(home, parent=Page.get_first_root_node(), language=language, original=original)
        if original is None:
            _adopt_site(home)
        LoadedEntry.objects.create(file="home pages", key="home", language=language)
    return len(new)


def publish_below(page: Page, *, language: str, original: Page | None) -> bool:
    """Publish a page below its language's home; tell whether there was a place for it.

    A translation has none once its original has been deleted.
    """
    home = HomePage.objects.filter(locale__language_code=language).first()
    if home is None or (original is None and page.translation_state != TranslationState.ORIGINAL):
        return False
    _publish(page, parent=home, language=language, original=original)
    return True


def _publish(page: Page, *, parent: Page, language: str, original: Page | None) -> None:
    """Put a page into the tree as live, with the revision that it is live with.

    Not by way of a draft: that saves every page three times, and a loader clears nothing anyhow.
    """
    page.locale = Locale.objects.get(language_code=language)
    if original is not None:
        page.translation_key = original.translation_key
    page.live = True
    page.first_published_at = page.last_published_at = timezone.now()
    parent.add_child(instance=page)
    revision = Revision.objects.create(
        content_object=page,
        base_content_type=page.get_base_content_type(),
        content=page.serializable_data(),
        object_str=str(page),
    )
    page.latest_revision = page.live_revision = revision
    page.latest_revision_created_at = revision.created_at
    Page.objects.filter(pk=page.pk).update(
        latest_revision=revision,
        live_revision=revision,
        latest_revision_created_at=revision.created_at,
    )


def _adopt_site(home: HomePage) -> None:
    """Let the site begin at our home, and take away the page that Wagtail came with."""
    address = urlsplit(settings.PUBLIC_URL)
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    welcome = site.root_page if site.pk else None
    site.hostname = address.hostname or "localhost"
    site.port = address.port or (443 if address.scheme == "https" else 80)
    site.root_page = home
    site.save()
    if welcome is not None and welcome.specific_class is Page and not welcome.get_children():
        welcome.delete()
