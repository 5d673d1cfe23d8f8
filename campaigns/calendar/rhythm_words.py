"""A rule of recurrence as a field worker would say it."""

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from campaigns.forms.rhythm import name_zone
from campaigns.models import Schedule


def describe_rhythm(schedule: Schedule) -> str:
    """Return a rule as one sentence: which days, at what time of which place, until when."""
    locale = Locale.parse(to_locale(get_language() or "en"))
    given = {
        "time": f"{schedule.at:%H:%M}",
        "place": name_zone(schedule.zone),
        "last": format_date(schedule.ends_on, "d MMMM y", locale=locale),
        "day": schedule.month_day,
    }
    if schedule.every == Schedule.Every.WEEKLY:
        days = [str(WEEKDAYS[number - 1]) for number in schedule.weekdays]
        given["days"] = format_list(days, locale=locale)
        return _("Every %(days)s at %(time)s by the clocks of %(place)s, until %(last)s") % given
    if schedule.every == Schedule.Every.MONTHLY:
        return (
            _(
                "On day %(day)s of every month at %(time)s by the clocks of %(place)s, until %(last)s"
            )
            % given
        )
    return _("Every day at %(time)s by the clocks of %(place)s, until %(last)s") % given
