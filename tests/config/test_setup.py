"""`manage.py setup`: everything is there after the first run, and the second changes nothing."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from wagtail.models import Revision

from campaigns.models import Partner, Price
from cms.models import MessagePage
from cms.starter.reading import Pack
from messaging.models import Fence, Sender

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]
OURS = ("analytics", "campaigns", "cms", "messaging", "auth", "wagtailcore")


def run_setup() -> None:
    call_command("setup", verbosity=0)


def read_everything() -> dict[str, list[Any]]:
    """Return every row of every table of ours."""
    models = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values()) for model in models
    }


def test_second_run_changes_no_row_and_no_revision(starter: Pack) -> None:
    run_setup()
    before = read_everything()
    revisions = Revision.objects.count()
    run_setup()
    after = read_everything()
    changed = [table for table in before if before[table] != after[table]]
    assert changed == []
    assert Revision.objects.count() == revisions


def test_edit_of_an_editor_stays(starter: Pack) -> None:
    run_setup()
    page = MessagePage.objects.get(key="MSG-GEN-1", locale__language_code="en")
    page.sms_text = "Changed by an editor: {link}"
    page.save_revision().publish()
    run_setup()
    page.refresh_from_db()
    assert page.sms_text == "Changed by an editor: {link}"


def test_live_deployment_gets_no_people_no_senders_and_no_example_prices(
    starter: Pack, settings: Any, data_dir: Path
) -> None:
    settings.REHEARSAL = False
    run_setup()
    for model in (User, Partner, Sender, Price):
        assert not model._default_manager.exists(), model
    assert not list(data_dir.glob("sign-ins*"))
    assert Fence.objects.exists()
    assert not MessagePage.objects.filter(sendable=True).exists()
