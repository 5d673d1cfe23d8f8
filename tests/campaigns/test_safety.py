"""Safety: staff open countries, keep words, close alarms, and see what retention does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.field.join_words import Wish, WordError, check_word, read_languages, save_word
from campaigns.field.joining import find_word
from campaigns.models import JoinWord
from campaigns.staff import STAFF, Duties, ensure_staff_groups
from campaigns.views.safety.keys import NAMES
from messaging.consenting import clearances
from messaging.models import Alarm, Clearance, RetentionRun, SignUp, TestPhone
from messaging.upkeep.rotating import TABLES
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.messaging.lists import open_country

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
PAPERS = {
    "assessed_on": "2026-10-01",
    "hosting": "Our own servers",
    "agreement": "A-17",
    "incident_contact": "The regional office",
}


@pytest.fixture
def officer(team: Team, sign_in: SignIn) -> Client:
    """Return the browser of somebody who is in both groups."""
    user = factories.make_user("officer")
    user.groups.add(*ensure_staff_groups().values())
    return sign_in(user)


def test_groups_are_made_once() -> None:
    for _turn in range(2):
        assert set(ensure_staff_groups()) == set(STAFF)
    assert Group.objects.filter(name__in=STAFF).count() == len(STAFF)


def test_who_has_all_rights_is_staff_and_who_was_shut_out_is_not() -> None:
    user = factories.make_user("root")
    user.is_superuser = True
    assert Duties(user).words
    assert Duties(user).papers
    user.is_active = False
    assert not Duties(user).any


# ---- Countries ---------------------------------------------------------------------------------


def test_country_opens_once_its_papers_are_named(officer: Client) -> None:
    page = reverse("desk_country", args=["TN"])
    assert "papers are missing" in officer.get(page).content.decode()
    assert not Clearance.objects.exists()
    officer.post(reverse("desk_country_papers", args=["TN"]), PAPERS | {"hosting": ""})
    officer.post(reverse("desk_country_open", args=["TN"]))
    assert not clearances.is_open("TN")
    officer.post(reverse("desk_country_papers", args=["TN"]), PAPERS)
    assert "Open this country" in officer.get(page).content.decode()
    officer.post(reverse("desk_country_open", args=["TN"]))
    assert clearances.is_open("TN")
    officer.post(reverse("desk_country_close", args=["TN"]))
    assert not clearances.is_open("TN")


def test_country_is_chosen_from_those_there_are(officer: Client) -> None:
    countries = reverse("desk_countries")
    assert officer.get(countries, {"country": "LY"})["Location"].endswith("/LY/")
    assert officer.get(countries, {"country": "//evil"}).status_code == 200
    assert officer.get(reverse("desk_country", args=["EU"])).status_code == 404
    assert officer.get(reverse("desk_country", args=["QQ"])).status_code == 404


def test_paper_without_a_day_that_is_one_is_refused(officer: Client) -> None:
    form = PAPERS | {"assessed_on": "yesterday"}
    assert officer.post(reverse("desk_country_papers", args=["TN"]), form).status_code == 422
    assert not Clearance.objects.exists()


# ---- Join words --------------------------------------------------------------------------------


def post_word(client: Client, **changes: object) -> object:
    form = {"word": "أخبار", "country": "TN", "routes": ["cmed"], "languages": "ar, fr"}
    return client.post(reverse("desk_word_new"), form | changes)


def test_word_is_added_changed_and_switched_off(officer: Client) -> None:
    post_word(officer, is_default="on")
    word = JoinWord.objects.get()
    assert find_word("اخبار", "TN") is not None
    assert find_word("", "TN") is not None
    change = {"word": "ዜና", "country": "TN", "routes": ["cmed"], "languages": "am"}
    officer.post(reverse("desk_word", args=[word.pk]), change)
    assert find_word("اخبار", "TN") is None
    invitation = find_word("ዜና", "TN")
    assert invitation is not None
    assert invitation.languages == ("am",)
    officer.post(reverse("desk_word_switch", args=[word.pk]), {"on": "no"})
    assert find_word("ዜና", "TN") is None
    officer.post(reverse("desk_word_switch", args=[word.pk]), {"on": "yes"})
    assert find_word("ዜና", "TN") is not None


def test_country_has_one_default_word(officer: Client) -> None:
    post_word(officer, is_default="on")
    post_word(officer, word="NEWS", is_default="on")
    assert [word.word for word in JoinWord.objects.filter(is_default=True)] == ["NEWS"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("STOP", "means STOP"),
        ("arrêt", "means STOP"),
        ("ጀምር", "means START"),
        ("مساعدة", "means HELP"),
        ("oui", "says yes or no"),
        ("12", "A figure"),
        ("٣", "A figure"),
        ("!?", "letters in it"),
        ("a" * 41, "40 characters"),
        ("NÉWS", "sounds like “news”"),
    ],
)
def test_word_that_would_not_be_heard_is_refused_with_why(word: str, said: str) -> None:
    save_word(Wish("news", "TN", ("cmed",), ("en",)))
    with pytest.raises(WordError, match=said):
        check_word(word, "TN")


def test_same_word_may_stand_in_another_country_and_for_itself() -> None:
    word = save_word(Wish("news", "TN", ("cmed",), ("en",)))
    assert check_word("NEWS", "LY") == "news"
    assert save_word(Wish("News", "TN", ("cmed",), ("en",)), word).word == "News"


def test_refused_word_stays_on_the_form_with_the_reason(officer: Client) -> None:
    answer = post_word(officer, word="stop")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "means STOP" in answer.content.decode()  # type: ignore[attr-defined]
    assert not JoinWord.objects.exists()


def test_languages_keep_their_order_and_are_nine_at_most() -> None:
    assert read_languages("fr, ar،en fr") == ("fr", "ar", "en")
    for wrong in ("", "klingon", "en fr ar es so ha am ti wo bm"):
        with pytest.raises(WordError):
            read_languages(wrong)


def test_words_are_listed_by_route(officer: Client) -> None:
    save_word(Wish("news", "TN", ("cmed",), ("en",)))
    save_word(Wish("actu", "SN", ("wafr-atl",), ("fr",)))
    path = reverse("desk_words")
    assert len(officer.get(path).context["rows"]) == 2
    assert len(officer.get(path, {"route": "cmed"}).context["rows"]) == 1


# ---- Alarms, retention, keys --------------------------------------------------------


def test_alarm_is_closed_and_opens_anew(officer: Client) -> None:
    now = timezone.now()
    alarm = Alarm.objects.create(kind="many_stops", country="TN", opened_at=now, last_at=now)
    page = officer.get(reverse("desk_safety")).content.decode()
    assert "far more people than usual said stop" in page
    assert "Tunisia" in page
    for _turn in range(2):
        officer.post(reverse("desk_alarm_close", args=[alarm.pk]))
    assert "Nothing waits for you" in officer.get(reverse("desk_safety")).content.decode()
    assert Alarm.objects.get().closed_at is not None


def test_retention_shows_what_is_due_and_removes_it(officer: Client) -> None:
    long_ago = timezone.now() - timedelta(days=3)
    SignUp.objects.create(
        channel="sms",
        number_hash=b"1" * 16,
        number_sealed=b"",
        country="TN",
        method="web",
        step="code",
        begun_at=long_ago,
        expires_at=long_ago,
    )
    path = reverse("desk_retention")
    assert any(line.due for line in officer.get(path).context["lines"])
    officer.post(reverse("desk_retention_run"))
    assert not SignUp.objects.exists()
    assert RetentionRun.objects.filter(removed=1).exists()
    page = officer.get(path).content.decode()
    assert "gone in 30 days: &lt;" in page
    assert not any(line.due for line in officer.get(path).context["lines"])


def test_every_table_with_something_sealed_has_its_line(officer: Client) -> None:
    assert set(NAMES) == {table.model for table in TABLES}
    TestPhone.objects.create(
        owner="user:1", channel="sms", country="TN", number_sealed=b"sealed", made_at=timezone.now()
    )
    rows = officer.get(reverse("desk_keys")).context["rows"]
    assert ("test phones", 1, 1) in [(str(what), key, count) for what, key, count in rows]


def test_keys_are_counted_and_small_counts_hidden(officer: Client) -> None:
    open_country("TN")
    factories.subscribe(13)
    page = officer.get(reverse("desk_keys"))
    rows = {(str(what), key): count for what, key, count in page.context["rows"]}
    assert rows["subscribers", 1] == 25
    text = page.content.decode()
    assert "about 30" in text
    assert "fewer than 10" in text
    assert ">25<" not in text
