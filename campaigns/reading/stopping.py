"""The stop page: takes a number, always says the same, and takes effect before it answers.

Nobody learns from it who gets messages: for every number that can be one, the answer is the same,
byte for byte.
"""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns.reading.addresses import stop_path
from campaigns.reading.answering import Frame, answer, find_frame
from campaigns.reading.forms import StopForm
from campaigns.reading.networks import read_network
from cms.reader.finding import homes_by_language
from cms.reader.wishes import choose_wished, list_accepted
from messaging.consenting import aliases, consent
from messaging.guarding import limits, watching
from messaging.models import Alarm, ConsentEntry
from messaging.models.subscribers import Channel
from messaging.receiving import mirroring

# A network of an operator stands for thousands of phones, so this is far more than people need.
MOST_OF_A_NETWORK = 60
# From here on somebody should look, however many networks it comes from.
MANY_IN_ALL = 500
_WORDING = "stop page"


@require_http_methods(["GET", "HEAD"])
def find_stop(request: HttpRequest) -> HttpResponse:
    """Show the stop page at its short address, in the nearest language of the browser's."""
    homes = homes_by_language()
    if not homes:
        raise Http404
    accepted = list_accepted(request.headers.get("Accept-Language", ""))
    frame = find_frame(choose_wished(accepted, homes), stop_path)
    response = answer(request, "stop.html", frame)
    patch_vary_headers(response, ["Accept-Language"])
    return response


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, language: str) -> HttpResponse:
    """Show the page, or stop everything to the number that was typed."""
    frame = find_frame(language, stop_path)
    if request.method != "POST":
        return answer(request, "stop.html", frame)
    now = timezone.now()
    if not _may_go_on(read_network(request), now=now):
        return answer(request, "too_many.html", frame, status=429)
    with translation.override(frame.language.code):
        form = StopForm(request.POST, language=frame.language.code)
        if not form.is_valid():
            return _ask_again(request, frame, form)
    stop_number(form.cleaned_data["address"], now=now)
    return answer(request, "stopped.html", frame)


def stop_number(number: str, *, now: datetime) -> None:
    """Stop every message to a number in E.164, on every channel, whether or not it gets any."""
    consent.withdraw(
        aliases.list_hashes(number),
        method=ConsentEntry.Method.STOP_PAGE,
        wording=_WORDING,
        now=now,
        # Said of a number that never joined, too: what is written down is the same for all.
        channel=Channel.SMS,
    )
    watching.note_stop(now=now)
    mirroring.note_stop(number)


def _may_go_on(network: str, *, now: datetime) -> bool:
    """Count before anything is read, so that the limit knows nothing of any number."""
    if not limits.take("stop_all", "", most=MANY_IN_ALL, now=now):
        watching.raise_alarm(Alarm.Kind.STOP_PAGE, now=now)
    if not network or limits.take("stop_page", network, most=MOST_OF_A_NETWORK, now=now):
        return True
    watching.raise_alarm(Alarm.Kind.STOP_PAGE, now=now)
    return False


def _ask_again(request: HttpRequest, frame: Frame, form: StopForm) -> HttpResponse:
    return answer(
        request, "stop.html", frame, status=422, form=form, countries=form.list_countries()
    )
