"""Print how many people of a house are subscribed: `python -m tests.browser.count_people`."""

import django

django.setup()

from messaging.models import Subscriber  # noqa: E402


def main() -> None:
    """Print one figure."""
    print(Subscriber.objects.filter(state=Subscriber.State.SUBSCRIBED).count())


if __name__ == "__main__":
    main()
