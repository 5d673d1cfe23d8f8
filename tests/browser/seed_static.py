"""Run on a house's data: leave the site in three languages and scripts, which is quicker to publish."""

import django

django.setup()

from cms.models import HomePage, MessagePage, PlainPage, RoutePage  # noqa: E402
from cms.models.changes import update_content  # noqa: E402

KEPT = ("en", "ar", "am")

for model in (HomePage, RoutePage, MessagePage, PlainPage):
    update_content(model.objects.exclude(locale__language_code__in=KEPT), live=False)
