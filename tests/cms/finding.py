"""Look-ups that several tests share."""

from cms.models import MessagePage


def find_message(key: str, language: str = "en") -> MessagePage:
    """Return a starter message in one language."""
    found: MessagePage = MessagePage.objects.get(key=key, locale__language_code=language)
    return found
