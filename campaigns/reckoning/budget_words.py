"""Words for budgets: why a broadcast cannot be paid out of one, and what to do about it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

OVER, UNPRICED, CURRENCY = "over", "unpriced", "currency"
FAULTS: dict[str, Promise] = {
    OVER: gettext_lazy(
        "Over budget in %(country)s, %(month)s: it takes about %(needed)s, and %(left)s is left. "
        "Choose fewer people, another channel or another month, or ask a programme lead for more."
    ),
    UNPRICED: gettext_lazy(
        "%(country)s has a budget but no price, so nobody can say what this takes of it. "
        "Ask a programme lead to add the price, or leave the country out."
    ),
    CURRENCY: gettext_lazy(
        "The budget of %(country)s is in %(currency)s, but prices are in %(priced_in)s. "
        "Ask a programme lead to put it right."
    ),
}
