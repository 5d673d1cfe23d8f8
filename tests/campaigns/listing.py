"""Partners' lists for tests of the desk: people of Tunisia who asked about one route."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from campaigns.field import importing
from campaigns.models import Partner, SheetImport
from messaging.consenting.wordings import ensure_wordings
from messaging.models import Clearance
from messaging.numbers import make_fiction
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.messaging.lists import as_csv, make_cells, open_country

FIRST = 5_500_001


def make_list(partner: Partner, count: int = 2, *, first: int = FIRST) -> bytes:
    """Return a partner's list of so many new people."""
    lines = [
        make_cells(make_fiction("216", serial), country="TN", language="en", routes="cmed")
        for serial in range(first, first + count)
    ]
    return as_csv(*lines, owner=importing.owner_of(partner))


def prepare_country() -> None:
    """Open Tunisia and publish what people say yes to."""
    if not Clearance.objects.exists():
        open_country("TN")
    ensure_wordings()


def bring(team: Team, data: bytes = b"", *, count: int = 2, first: int = FIRST) -> SheetImport:
    """Bring a list as its planner does."""
    prepare_country()
    bringing = importing.Bringing(
        partner=team.partner,
        author=team.scheduler,
        data=data or make_list(team.partner, count, first=first),
    )
    return importing.bring(bringing, now=factories.now()).sheet


def upload(client: Client, partner: Partner, data: bytes, name: str = "people.csv") -> object:
    """Post a file as a browser does."""
    form = {"partner": partner.pk, "file": SimpleUploadedFile(name, data)}
    return client.post(reverse("desk_import_new"), form)
