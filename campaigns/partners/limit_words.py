"""What holds a broadcast back beside its texts: limits, campaigns, senders, and whom it is meant for."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

_ASK_A_LEAD = gettext_lazy("Choose others, or ask a programme lead to change the limits.")
_FEWER = gettext_lazy("Choose a smaller audience, or ask a programme lead to change the limits.")
_LATER = gettext_lazy("Choose another time or a smaller audience, or ask a programme lead.")
LIMITS: dict[str, tuple[Promise, Promise]] = {
    "limit_countries": (
        gettext_lazy("It goes to countries that are not this partner's."),
        _ASK_A_LEAD,
    ),
    "limit_routes": (gettext_lazy("It is for routes that are not this partner's."), _ASK_A_LEAD),
    "limit_languages": (
        gettext_lazy("It goes to readers of languages that are not this partner's."),
        _ASK_A_LEAD,
    ),
    "limit_broadcast": (
        gettext_lazy("It goes to more people than one broadcast of this partner may."),
        _FEWER,
    ),
    "limit_hour": (
        gettext_lazy(
            "With what else goes out then, it reaches more people in an hour than this partner may."
        ),
        _LATER,
    ),
    "limit_day": (
        gettext_lazy(
            "With what else goes out then, it reaches more people in a day than this partner may."
        ),
        _LATER,
    ),
    "meant_countries": (
        gettext_lazy("The message is not meant for people in these countries."),
        gettext_lazy(
            "Prepare it without these countries, choose another message, "
            "or ask an editor to check it for them."
        ),
    ),
    "meant_routes": (
        gettext_lazy("The message is not meant for people on these routes."),
        gettext_lazy(
            "Prepare it without these routes, choose another message, "
            "or ask an editor to check it for them."
        ),
    ),
    "campaign_inactive": (
        gettext_lazy("Its campaign has not begun."),
        gettext_lazy("Open the campaign, add what is missing and let it begin."),
    ),
    "campaign_days": (
        gettext_lazy("This is before the first or after the last day of its campaign."),
        gettext_lazy("Choose another time, or change the days of the campaign."),
    ),
    "sender_unfit": (
        gettext_lazy("The chosen sender may not send there, or is switched off."),
        gettext_lazy(
            "Prepare a new one with another sender, let the house choose, or leave these countries out."
        ),
    ),
    "no_sender": (
        gettext_lazy("No sender may send there, so it cannot go out like this."),
        gettext_lazy("Leave these countries out, or ask a programme lead for a sender."),
    ),
    "window_closed": (
        gettext_lazy("Nobody there could get it: its last moment is over before its first one."),
        gettext_lazy("Choose a later last moment or another time, or leave these countries out."),
    ),
}
