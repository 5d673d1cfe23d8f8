"""WhatsApp's wordings: what it says of each, and the service ones, which are submitted here."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from campaigns.views.requests import SignedIn
from campaigns.views.safety.gate import for_leads, for_staff, keep, show
from messaging import service_wordings
from messaging.models import Sender, Template
from messaging.models.subscribers import Channel
from messaging.notifying import templates

_PER_PAGE = 50
# As long as somebody waits for a page.
_SECONDS = 8.0


@for_staff
@require_safe
def list_wordings(request: SignedIn) -> HttpResponse:
    """Show the service wordings, and below them those of messages, the latest first."""
    standings = service_wordings.read_standings()
    service = {one.draft.name for one in standings}
    others = Template.objects.exclude(name__in=service).order_by("-pk")
    context = {
        "standings": standings,
        "unsubmitted": sum(1 for one in standings if not (one.template and one.template.ref)),
        "page": Paginator(others, _PER_PAGE).get_page(request.GET.get("page")),
        "has_sender": Sender.objects.filter(channel=Channel.WHATSAPP, active=True).exists(),
    }
    return show(request, "wordings", context)


@for_leads
@require_POST
def submit_service(request: SignedIn) -> HttpResponse:
    """Submit the service wordings that WhatsApp has not seen."""
    # Written down before: what WhatsApp has seen cannot be taken back.
    keep(request, "submitted", kind="wording", code="service")
    done, trouble = service_wordings.submit_all(now=timezone.now())
    if done:
        said = ngettext("%(count)d wording submitted.", "%(count)d wordings submitted.", done)
        messages.success(request, said % {"count": done})
    if trouble:
        messages.error(request, trouble)
    return redirect("desk_templates")


@for_leads
@require_POST
def ask_again(request: SignedIn) -> HttpResponse:
    """Ask WhatsApp now what it says of every wording."""
    asked = templates.poll(now=timezone.now(), seconds=_SECONDS, early=True)
    if asked:
        said = ngettext("Asked about %(count)d wording.", "Asked about %(count)d wordings.", asked)
        messages.success(request, said % {"count": asked})
    else:
        messages.error(request, _("WhatsApp could not be asked now. Try again in a while."))
    return redirect("desk_templates")
