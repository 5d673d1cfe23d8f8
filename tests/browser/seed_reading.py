"""Tell one story by voice and give one alert, so that every kind of page is there to be read.

`python -m tests.browser.seed_reading` prints the address, below a language, of a message's page.
"""

import django

django.setup()

from django.utils import timezone  # noqa: E402

from cms.models import ContactPoint, Recording, TranslationState  # noqa: E402
from tests.cms.finding import find_message  # noqa: E402
from tests.cms.samples import make_opus, upload  # noqa: E402
from tests.cms.telling import tell_story, warn  # noqa: E402

STORY = "CM-S1"
ALERT = "AL-1"


def main() -> None:
    """Put both on the Central Mediterranean."""
    today = timezone.localdate()
    voice = Recording(title="x", language="en", transcript="Every word.", voice_agreed=True)
    voice.file = upload(make_opus(), "voice.opus")
    voice.full_clean()
    voice.save()
    tell_story(today=today, key=STORY, recording=voice)
    alert = warn(today=today, key=ALERT, route="cmed")
    alert.contact_points = [
        ContactPoint.objects.get(key="CM-K3", translation_state=TranslationState.ORIGINAL)
    ]
    alert.save()
    alert.save_revision().publish()
    print(find_message("MSG-CM-1").slug)


if __name__ == "__main__":
    main()
