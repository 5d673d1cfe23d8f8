"""Correct one fact, as an editor does: `python -m tests.browser.seed_correction`."""

import django

django.setup()

from cms.models import ChangeKind, Fact, TranslationState  # noqa: E402

KEY = "CM-R1"
NEW_TEXT = "This was corrected after you kept it."


def main() -> None:
    """Put a new text live."""
    fact = Fact.objects.get(key=KEY, translation_state=TranslationState.ORIGINAL)
    fact.statement = NEW_TEXT
    fact.change_kind = ChangeKind.MAJOR
    fact.save_revision().publish()


if __name__ == "__main__":
    main()
