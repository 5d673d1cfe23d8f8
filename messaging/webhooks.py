"""Webhooks: verify, parse, hand on, answer. No number is kept from a receipt and nothing is logged.

A flood is met here first, so little is done before the signature: the form is read by hand, once.
"""

from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.encoding import escape_uri_path
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from messaging.guarding.fencing import may_send
from messaging.providers.base import Provider
from messaging.receiving import inbound, receipts
from messaging.senders.roster import provider_named
from messaging.wire import BadSignature

_LARGEST = 64 * 1024
_MOST_FIELDS = 200
_FORM = "application/x-www-form-urlencoded"


@method_decorator(csrf_exempt, name="dispatch")
class Webhook(View):
    """Check the signature of a provider's call before anything is believed."""

    provider_name = "twilio"
    provider: Provider
    form: dict[str, str]

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Answer 403 to what was not signed with a secret of ours."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if read_length(request) > _LARGEST:
            return HttpResponse(status=413)
        form = _read_form(request)
        if form is None:
            return HttpResponse(status=403)
        self.form, self.provider = form, provider_named(self.provider_name)
        head = request.META
        try:
            self.provider.verify(
                _signed_address(request),
                form,
                head.get("HTTP_X_TWILIO_SIGNATURE", ""),
                scheme=head.get("HTTP_X_TWILIO_WEBHOOKS_SIGNATURE_SETTINGS", ""),
            )
        except BadSignature:
            return HttpResponse(status=403)
        return self.take(*args, **kwargs)

    def take(self, *args: object, **kwargs: object) -> HttpResponse:
        """Take what was signed."""
        raise NotImplementedError


class StatusWebhook(Webhook):
    """Take one receipt."""

    def take(self, token: str) -> HttpResponse:  # type: ignore[override]
        """Keep the receipt for a worker; answer 204, or 404 to a token that is not ours."""
        receipt = self.provider.read_receipt(self.form)
        known = receipts.keep(token, receipt, now=timezone.now())
        return HttpResponse(status=204 if known else 404)


class InboundWebhook(Webhook):
    """Take one message from a person."""

    def take(self) -> HttpResponse:  # type: ignore[override]
        """Let STOP commit before the answer goes out."""
        message = self.provider.read_inbound(self.form)
        # The answer is this very response: no gate comes after it.
        answer = inbound.receive(message, now=timezone.now(), may_answer=may_send)
        content_type, body = self.provider.reply(answer)
        return HttpResponse(body, content_type=content_type)


def read_length(request: HttpRequest) -> int:
    """Return how many bytes the body of a call has."""
    # Django reads no body at all where the header is missing or is no number.
    length = str(request.META.get("CONTENT_LENGTH") or "")
    return int(length[:18]) if length.isascii() and length.isdecimal() else 0


def _read_form(request: HttpRequest) -> dict[str, str] | None:
    """Return the fields of a form, or None for what no provider would send: a field twice, bad bytes."""
    if not str(request.META.get("CONTENT_TYPE", "")).startswith(_FORM):
        return None
    try:
        pairs = parse_qsl(
            request.body.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except (ValueError, OSError):
        # Too many fields, bytes that are no text, or a caller that went away.
        return None
    form = dict(pairs)
    # A signature may sort and drop doubled values, so that it would not say which one is meant.
    return form if len(form) == len(pairs) else None


def _signed_address(request: HttpRequest) -> str:
    """Return the address that was signed: from our settings, never from headers; the query as it came."""
    address: str = settings.PUBLIC_URL + escape_uri_path(request.path)
    query = request.META.get("QUERY_STRING", "")
    return f"{address}?{query}" if query else address
