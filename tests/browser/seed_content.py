"""Prepare one message that a journey can mend: `python -m tests.browser.seed_content`.

Of the starter pack only what is complete stays in it: a fact with its source and a contact point.
Its French and its Arabic count as read by a second person, so that only time can outdate them.
"""

import django

django.setup()

from cms.models import ChangeKind, MessagePage, TranslationState  # noqa: E402

KEY = "MSG-WA-1"
FACT = "WA-R2"
CONTACT = "WA-K5"


def main() -> None:
    """Leave out the pathways and claims that the linter would refuse."""
    page = MessagePage.objects.get(key=KEY, translation_state=TranslationState.ORIGINAL)
    page.pathways, page.claims = [], []
    page.facts = [fact for fact in page.facts.all() if fact.key == FACT]
    # The meaning is the same, so that the translations stay what they are.
    page.change_kind = ChangeKind.MINOR
    page.save_revision().publish()
    translations = MessagePage.objects.filter(key=KEY, locale__language_code__in=["fr", "ar"])
    translations.update(translation_state=TranslationState.REVIEWED)


if __name__ == "__main__":
    main()
