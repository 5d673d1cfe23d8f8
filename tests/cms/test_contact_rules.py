"""Which contact points may go live: none that is known to be shut, none that nobody can reach."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from wagtail.models import Locale

from cms.models import ContactPoint, NotPublishable, TestResult, TranslationState
from cms.reviewing import note_test
from cms.rights import Role
from cms.starter.reading import Pack
from tests.cms.making import again, publish, save_draft
from tests.cms.people import make_person
from tests.cms.upkeep import make_contact

pytestmark = pytest.mark.database


def check(point: ContactPoint, **fields: Any) -> None:
    save_draft(point, **fields).as_object().check_publishable()


def test_suspended_helplines_do_not_come_back_by_a_new_date(starter: Pack) -> None:
    point = ContactPoint.objects.get(key="CM-X1", locale__language_code="en")
    day = timezone.localdate() + timedelta(days=30)
    with pytest.raises(NotPublishable, match="closed"):
        check(point, expires=day, review_by=day)
    note_test(point, TestResult.REACHED, by=make_person("editor", Role.EDITORS), now=timezone.now())
    check(point, expires=day, review_by=day)


@pytest.mark.parametrize("result", [TestResult.WRONG, TestResult.CLOSED])
def test_what_is_known_to_be_shut_goes_live_with_another_number_only(
    page_root: None, result: TestResult
) -> None:
    point = make_contact(number="123", result=result)
    with pytest.raises(NotPublishable, match="Test it"):
        check(point, hours="Always")
    check(point, number="456")
    publish(point, number="456")
    assert again(point).result == TestResult.UNTESTED


def test_contact_that_says_nowhere_to_go_is_refused(page_root: None) -> None:
    point = make_contact()
    with pytest.raises(NotPublishable, match="number"):
        check(point, hours="Always")
    for way in ({"number": "123"}, {"other": "Market street"}, {"url": "https://help.example/"}):
        check(point, **{"number": "", "other": "", "url": "", **way})


def test_number_is_asked_of_the_original_alone(page_root: None) -> None:
    point = make_contact(number="123")
    french = make_contact("T-K2")
    ContactPoint.objects.filter(pk=french.pk).update(
        translation_key=point.translation_key,
        translation_state=TranslationState.REVIEWED,
        locale=Locale.objects.get_or_create(language_code="fr")[0],
        key=point.key,
    )
    check(french, name="Aide")
