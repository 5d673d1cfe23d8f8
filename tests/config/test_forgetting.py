"""What is kept of sign-ins goes when it is over, and nothing before that."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from config.forgetting import forget_sign_ins
from config.models import Shelved
from tests.config.signing import give_password, is_in, make_person, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("page_root", "still")]
KEPT = (Session, UserSession, AccessAttempt)


def test_what_is_over_goes_and_the_rest_stays(client: Client) -> None:
    user = make_person()
    sign_in(client, user)
    give_password(Client(), user, "not the one it is")
    cache.set("allauth:used", "y", 1200)
    assert all(model._default_manager.exists() for model in KEPT)
    forget_sign_ins(now=timezone.now() + timedelta(minutes=15))
    assert all(model._default_manager.exists() for model in KEPT)
    assert cache.get("allauth:used") == "y"
    assert is_in(client)
    forget_sign_ins(now=timezone.now() + timedelta(hours=9))
    assert not any(
        model._default_manager.exists() for model in (UserSession, AccessAttempt, Shelved)
    )
    # It holds neither address nor browser, and lets a form that comes late be kept.
    assert Session.objects.exists()
    forget_sign_ins(now=timezone.now() + timedelta(days=4))
    assert not Session.objects.exists()
