"""Webhooks: verify, parse, hand on, answer. No number is kept from a receipt and nothing is logged."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from messaging import inbound, receipts
from messaging.providers.base import Provider
from messaging.senders import provider_named
from messaging.wire import BadSignature

_LARGEST = 64 * 1024


@method_decorator(csrf_exempt, name="dispatch")
class Webhook(View):
    """Check the signature of a provider's call before anything is read."""

    http_method_names = ["post"]
    provider_name = "twilio"
    provider: Provider

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Answer 403 to what was not signed with a secret of ours."""
        if request.method != "POST":
            return self.http_method_not_allowed(request)
        if _read_length(request) > _LARGEST:
            return HttpResponse(status=413)
        self.provider = provider_named(self.provider_name)
        # The signed address is built from our settings, never from forwarded headers.
        url = settings.PUBLIC_URL + request.get_full_path()
        try:
            self.provider.verify(url, request.POST, request.headers.get("X-Twilio-Signature", ""))
        except BadSignature:
            return HttpResponse(status=403)
        return super().dispatch(request, *args, **kwargs)


class StatusWebhook(Webhook):
    """Take one receipt."""

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Keep the receipt for a worker; answer 204, or 404 to a token that is not ours."""
        receipt = self.provider.read_receipt(request.POST)
        known = receipts.keep(token, receipt, now=timezone.now())
        return HttpResponse(status=204 if known else 404)


class InboundWebhook(Webhook):
    """Take one message from a person."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Let STOP commit before the answer goes out."""
        message = self.provider.read_inbound(request.POST)
        answer = inbound.receive(message, now=timezone.now())
        content_type, body = self.provider.reply(answer)
        return HttpResponse(body, content_type=content_type)


def _read_length(request: HttpRequest) -> int:
    # Django reads no body at all where the header is missing or is no number.
    length = request.headers.get("Content-Length", "")
    return int(length[:18]) if length.isascii() and length.isdecimal() else 0
