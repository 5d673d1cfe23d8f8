"""The private address of a person's feed, and the feed itself, which a calendar programme reads."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.calendar import feeding
from campaigns.models import CalendarKey
from campaigns.views.requests import SignedIn


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_address(request: SignedIn) -> HttpResponse:
    """Say whether there is an address, and make, renew or end it."""
    address, ended, now = "", False, timezone.now()
    if request.method == "POST" and "end" in request.POST:
        ended = feeding.end_key(request.user, now=now)
    elif request.method == "POST":
        key = feeding.renew_key(request.user, language=get_language() or "en", now=now)
        # Shown by this answer alone: a redirect would have to keep it somewhere.
        address = request.build_absolute_uri(reverse("desk_ics", args=[key]))
    feed = CalendarKey.objects.filter(user=request.user).first()
    context = {"address": address, "feed": feed, "ended": ended}
    return render(request, "desk/calendar/address.html", context)


@never_cache
@require_safe
def give_feed(_request: HttpRequest, key: str) -> HttpResponse:
    """Give the feed to whoever has the key; nobody has to sign in, as a programme cannot."""
    feed = feeding.find_key(key)
    if feed is None:
        raise Http404
    text = feeding.write_feed(feed, now=timezone.now())
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="plan.ics"'
    return answer
