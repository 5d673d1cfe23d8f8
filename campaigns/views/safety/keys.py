"""Keys and counts: what is sealed under which key, and how many said stop. Rounded; nobody is in it."""

from django.db.models import Count, Model, Q
from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from campaigns.views.requests import SignedIn
from campaigns.views.safety.gate import for_staff, show
from messaging.models import (
    InboundMessage,
    KeptSecret,
    Notice,
    SheetRow,
    SignUp,
    Subscriber,
    Suppression,
    TestPhone,
)
from messaging.upkeep.rotating import TABLES, find_sealed

NAMES: dict[type[Model], Promise] = {
    Subscriber: gettext_lazy("subscribers"),
    SignUp: gettext_lazy("sign-ups"),
    Notice: gettext_lazy("service messages on their way"),
    SheetRow: gettext_lazy("lines of lists"),
    InboundMessage: gettext_lazy("texts that came in"),
    KeptSecret: gettext_lazy("secrets of sign-ins"),
    TestPhone: gettext_lazy("test phones"),
}


@for_staff
@require_safe
def show_keys(request: SignedIn) -> HttpResponse:
    """Show how many rows each key has sealed, and how many people are here or said stop."""
    now = timezone.now()
    in_force = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    here = Subscriber.objects.filter(state=Subscriber.State.SUBSCRIBED)
    context = {
        "rows": sorted(_count_rows(), key=lambda row: (row[1], row[0])),
        "subscribers": here.count(),
        "suppressions": Suppression.objects.filter(in_force).count(),
        "sign_ups": SignUp.objects.filter(expires_at__gt=now).count(),
    }
    return show(request, "keys", context)


def _count_rows() -> list[tuple[str, int, int]]:
    """Return what, under which key, how many: of everything that is sealed and not wiped."""
    return [
        (str(NAMES[table.model]), row["key_id"], row["rows"])
        for table in TABLES
        for row in find_sealed(table).order_by().values("key_id").annotate(rows=Count("pk"))
    ]
