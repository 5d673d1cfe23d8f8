"""The bare view that receipts are measured against: it checks the same signature and inserts one row.

No middleware, one model, connections kept; everything else is Django as it comes. It is served by the
same server with as many processes and threads.
"""

import os
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings

_ADDRESS = urlsplit(os.environ["WAYMARK_DATABASE_URL"])
settings.configure(
    SECRET_KEY="bare",  # noqa: S106  # it signs nothing
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="benchmarks.bare_receipts",
    MIDDLEWARE=[],
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(_ADDRESS.path).strip("/"),
            "USER": unquote(_ADDRESS.username or ""),
            "PASSWORD": unquote(_ADDRESS.password or ""),
            "HOST": _ADDRESS.hostname or "",
            "PORT": str(_ADDRESS.port or ""),
            "CONN_MAX_AGE": 60,
            "OPTIONS": {"options": "-c synchronous_commit=on"},
        }
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402
from twilio.request_validator import RequestValidator  # noqa: E402

_validator = RequestValidator(os.environ["BARE_TOKEN"])
_url = os.environ["BARE_PUBLIC_URL"]


class BareReceipt(models.Model):
    """Hold one receipt, with no index but its key."""

    token = models.CharField(max_length=80)
    ref = models.CharField(max_length=64)
    word = models.CharField(max_length=30)
    received_at = models.DateTimeField()

    class Meta:
        app_label = "bare"

    def __str__(self) -> str:
        return self.ref


@csrf_exempt
def take(request: HttpRequest, token: str) -> HttpResponse:
    """Check the signature and insert one row."""
    signature = request.headers.get("X-Twilio-Signature", "")
    if not _validator.validate(_url + request.get_full_path(), request.POST, signature):
        return HttpResponse(status=403)
    BareReceipt.objects.create(
        token=token,
        ref=request.POST["MessageSid"],
        word=request.POST["MessageStatus"],
        received_at=timezone.now(),
    )
    return HttpResponse(status=204)


urlpatterns = [path("hooks/twilio/status/<str:token>/", take)]

if BareReceipt._meta.db_table not in connection.introspection.table_names():
    with connection.schema_editor() as editor:
        editor.create_model(BareReceipt)
connection.close()
application = get_wsgi_application()
