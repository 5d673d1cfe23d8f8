"""Who may do what: the groups that `migrate` makes, and the doors that stay shut for each of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from wagtail.models import (
    GroupPagePermission,
    Locale,
    Revision,
    Workflow,
    WorkflowContentType,
    WorkflowPage,
    WorkflowState,
)
from wagtail_localize.models import StringTranslation, Translation

from cms.models import Act, Entry, Fact, MessagePage, PlainPage, RoutePage, record
from cms.rights import Role, languages_of, may_write
from cms.roles import ensure_roles
from cms.starter.reading import Pack
from cms.translating.adopting import adopt
from tests.cms.finding import find_message
from tests.cms.forms import edit_url, open_form, said, send_form
from tests.cms.people import browser_of, make_person

pytestmark = pytest.mark.database


def rights(role: Role) -> set[str]:
    return set(Group.objects.get(name=role).permissions.values_list("codename", flat=True))


def page_rights(role: Role) -> set[str]:
    granted = GroupPagePermission.objects.filter(group__name=role)
    return set(granted.values_list("permission__codename", flat=True))


def picture() -> list[Any]:
    groups = Group.objects.order_by("name")
    return [
        *((group.name, group.permissions.count()) for group in groups),
        GroupPagePermission.objects.count(),
        Workflow.objects.count(),
        WorkflowPage.objects.count(),
        WorkflowContentType.objects.count(),
        Permission.objects.count(),
    ]


# ---- Made by a migration -----------------------------------------------------------------------


def test_roles_are_complete_after_migrate_alone(db: None) -> None:
    assert set(Role) <= set(Group.objects.values_list("name", flat=True))
    assert {"add_fact", "change_pathway", "view_route", "access_admin"} <= rights(Role.EDITORS)
    assert {"publish_fact", "publish_alert"} <= rights(Role.PUBLISHERS)
    everything = {"delete_fact", "change_listedword", "change_translator", "add_user"}
    assert everything <= rights(Role.ADMINISTRATORS)
    assert not [right for right in rights(Role.REVIEWERS) if right.startswith(("add", "change"))]


@pytest.mark.django_db(transaction=True)
def test_roles_come_back_after_an_empty_database_is_migrated() -> None:
    call_command("migrate", verbosity=0)
    assert {"publish_fact", "publish_alert"} <= rights(Role.PUBLISHERS)


def test_making_them_twice_changes_nothing(db: None) -> None:
    ensure_roles()
    before = picture()
    ensure_roles()
    call_command("migrate", verbosity=0)
    assert picture() == before


def test_only_publishers_and_administrators_may_take_live(starter: Pack) -> None:
    ensure_roles()
    for role in Role:
        may = role in {Role.PUBLISHERS, Role.ADMINISTRATORS}
        assert ("publish_page" in page_rights(role)) == may
        assert any(right.startswith("publish_") for right in rights(role)) == may


def test_every_kind_of_entry_goes_through_the_review(starter: Pack) -> None:
    ensure_roles()
    for model in [*Entry.__subclasses__(), MessagePage, PlainPage]:
        row = model.objects.first() if apps.is_installed("cms") else None
        workflow = row.get_workflow() if row else model.get_default_workflow()
        assert workflow.name == "Review"
        assert [task.name for task in workflow.tasks] == ["Facts", "Protection"]


# ---- Nobody publishes directly -----------------------------------------------------------------


@pytest.fixture
def mighty(starter: Pack) -> Client:
    """Return the browser of somebody who may do everything."""
    return browser_of(User.objects.create_superuser("root", "root@waymark.example", "-"))


def fact(language: str = "en") -> Fact:
    return Fact.objects.get(key="WA-R2", locale__language_code=language)


def test_no_form_offers_to_publish(mighty: Client) -> None:
    for row in (fact(), find_message("MSG-GEN-1"), plain_page()):
        assert 'name="action-publish"' not in mighty.get(edit_url(row)).content.decode()
    add = reverse("wagtailadmin_pages:add", args=["cms", "messagepage", home().pk])
    assert 'name="action-publish"' not in mighty.get(add).content.decode()


def plain_page() -> PlainPage:
    page: PlainPage = PlainPage.objects.get(kind="verify", locale__language_code="en")
    return page


def home() -> Any:
    return find_message("MSG-GEN-1").get_parent().specific


@pytest.mark.parametrize("kind", ["entry", "message", "page"])
def test_publishing_button_sent_all_the_same_saves_a_draft(mighty: Client, kind: str) -> None:
    rows: dict[str, tuple[Any, str]] = {
        "entry": (fact(), "statement"),
        "message": (find_message("MSG-GEN-1"), "web_summary"),
        "page": (plain_page(), "title"),
    }
    row, field = rows[kind]
    send_form(mighty, row, "action-publish", **{field: "Never read."})
    again = type(row)._base_manager.get(pk=row.pk)
    assert getattr(again, field) != "Never read."
    assert getattr(again.get_latest_revision().as_object(), field) == "Never read."


def test_new_message_sent_with_the_publishing_button_is_a_draft(mighty: Client) -> None:
    form = open_form(mighty, find_message("MSG-GEN-1"))
    add = reverse("wagtailadmin_pages:add", args=["cms", "messagepage", home().pk])
    mighty.post(add, form | {"title": ["New"], "slug": ["new-one"], "action-publish": ["1"]})
    page = MessagePage.objects.get(slug="new-one")
    assert not page.live
    assert page.live_revision is None


def test_new_fact_sent_with_the_publishing_button_is_a_draft(mighty: Client) -> None:
    form = open_form(mighty, fact())
    add = f"{reverse('wagtailsnippets_cms_fact:add')}?locale=en"
    mighty.post(add, form | {"key": ["NEW-1"], "action-publish": ["1"]})
    assert not Fact.objects.get(key="NEW-1").live


def test_api_and_bulk_action_publish_nothing(mighty: Client) -> None:
    page = find_message("MSG-GEN-1")
    page.web_summary = "Never read."
    page.save_revision()
    mighty.post(f"/cms/api/main/pages/{page.pk}/action/publish/")
    path = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    mighty.post(f"{path}?id={page.pk}&next=/cms/", {"include_descendants": "on"})
    mighty.post(f"{path}?id={home().pk}&next=/cms/", {"include_descendants": "on"})
    assert find_message("MSG-GEN-1").web_summary != "Never read."


def test_copying_neither_publishes_nor_mirrors(mighty: Client) -> None:
    page = find_message("MSG-GEN-1")
    path = reverse("wagtailadmin_pages:copy", args=[page.pk])
    wanted = {"new_title": "Copy", "new_slug": "copy", "new_parent_page": str(home().pk)}
    for choice in ("publish_copies", "alias"):
        mighty.post(path, wanted | {choice: "on"})
        assert not MessagePage.objects.filter(slug="copy").exists()
    mighty.post(path, wanted)
    assert not MessagePage.objects.get(slug="copy").live
    mighty.post(
        f"/cms/api/main/pages/{page.pk}/action/create_alias/",
        {"destination_page_id": home().pk, "slug": "mirror"},
        content_type="application/json",
    )
    assert not MessagePage.objects.filter(slug="mirror", live=True).exists()


def test_page_is_not_moved_below_another_languages_home(mighty: Client) -> None:
    page = find_message("MSG-GEN-1")
    french = find_message("MSG-GEN-1", "fr").get_parent()
    mighty.post(reverse("wagtailadmin_pages:move_confirm", args=[page.pk, french.pk]))
    assert find_message("MSG-GEN-1").get_parent().pk == home().pk


def test_publisher_takes_an_entry_and_a_message_down(starter: Pack) -> None:
    client = browser_of(make_person("publisher", Role.PUBLISHERS))
    client.post(reverse("wagtailsnippets_cms_fact:unpublish", args=[fact().pk]))
    client.post(reverse("wagtailadmin_pages:unpublish", args=[find_message("MSG-GEN-1").pk]))
    assert not fact().live
    assert not find_message("MSG-GEN-1").live


def test_editor_takes_nothing_down(starter: Pack) -> None:
    client = browser_of(make_person("editor", Role.EDITORS))
    client.post(reverse("wagtailsnippets_cms_fact:unpublish", args=[fact().pk]))
    client.post(reverse("wagtailadmin_pages:unpublish", args=[find_message("MSG-GEN-1").pk]))
    assert fact().live
    assert find_message("MSG-GEN-1").live


def test_title_of_a_route_page_is_the_publishers(starter: Pack) -> None:
    page = RoutePage.objects.filter(locale__language_code="en").first()
    for name, role in (("editor", Role.EDITORS), ("publisher", Role.PUBLISHERS)):
        client = browser_of(make_person(name, role))
        send_form(client, page, "action-publish", title=f"By {name}")
        again = RoutePage.objects.get(pk=page.pk)
        assert (again.title == f"By {name}") == (role == Role.PUBLISHERS)


# ---- A translator's own languages --------------------------------------------------------------


@pytest.fixture
def translator(starter: Pack) -> User:
    return make_person("translator", Role.TRANSLATORS, languages=("fr",))


def test_translator_is_bound_to_her_languages(translator: User) -> None:
    assert set(languages_of(translator) or ()) == {"fr"}
    assert may_write(translator, fact("fr"))
    assert not may_write(translator, fact("ar"))


def test_administrator_says_who_translates_into_what(starter: Pack) -> None:
    client = browser_of(make_person("administrator", Role.ADMINISTRATORS))
    person = make_person("newcomer", Role.TRANSLATORS)
    add = reverse("translators:add")
    assert "Français" in client.get(add).content.decode()
    assert client.post(add, {"user": person.pk, "languages": ["xx"]}).status_code == 200
    client.post(add, {"user": person.pk, "languages": ["fr", "ar"]})
    assert set(languages_of(User.objects.get(pk=person.pk)) or ()) == {"fr", "ar"}
    assert "newcomer" in client.get(reverse("translators:index")).content.decode()


def test_only_administrators_say_who_translates(starter: Pack) -> None:
    for role in set(Role) - {Role.ADMINISTRATORS}:
        client = browser_of(make_person(role.value.replace(" ", ""), role))
        assert client.get(reverse("translators:add")).status_code == 302


def test_translator_without_languages_writes_in_none(starter: Pack) -> None:
    assert languages_of(make_person("nobody", Role.TRANSLATORS)) == frozenset()


def test_editor_who_is_no_translator_is_bound_to_none(starter: Pack) -> None:
    assert languages_of(make_person("editor", Role.EDITORS)) is None
    assert languages_of(make_person("both", Role.EDITORS, Role.TRANSLATORS)) is None


@pytest.mark.parametrize("kind", ["entry", "message"])
def test_translator_changes_her_own_language(translator: User, kind: str) -> None:
    row: Any = fact("fr") if kind == "entry" else find_message("MSG-GEN-1", "fr")
    answer = send_form(browser_of(translator), row, caution="Relu.")
    assert answer.status_code == 302, said(answer)
    again = type(row)._base_manager.get(pk=row.pk)
    assert again.get_latest_revision_as_object().caution == "Relu."


def test_translator_hears_which_languages_are_hers(translator: User) -> None:
    answer = browser_of(translator).get(edit_url(fact("ar")))
    assert "You change texts in these languages only: Français." in said(answer)


def named(patterns: Any, prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from named(pattern.url_patterns, space)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{prefix}{pattern.name}"


SPACES = ("wagtailadmin_pages:", "wagtailsnippets_cms_fact:", "wagtail_localize:")


def addresses(row: Any, **known: Any) -> Iterator[str]:
    """Give every address of the admin that takes this row, or what belongs to its translation."""
    words = known | {"pk": row.pk, "page_id": row.pk, "object_id": row.pk}
    for name in sorted(set(named(get_resolver().url_patterns))):
        if not name.startswith(SPACES):
            continue
        for arguments in combine(words):
            try:
                yield reverse(name, kwargs=arguments)
            except NoReverseMatch:
                continue


def combine(words: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sets = [
        ("pk",), ("page_id",), ("translation_id",), ("translation_source_id",),
        ("pk", "revision_id"), ("page_id", "revision_id"), ("pk", "workflow_state_id"),
        ("pk", "action_name", "task_state_id"), ("page_id", "action_name", "task_state_id"),
        ("translation_id", "string_segment_id"), ("translation_id", "overridable_segment_id"),
        ("app_label", "model_name", "pk"), ("page_to_move_id",),
        ("page_to_move_id", "destination_id"), ("page_to_position_id",), ("parent_page_id",),
        ("content_type_app_name", "content_type_model_name", "parent_page_id"),
    ]  # fmt: skip
    yield from ({name: words[name] for name in names} for names in sets if set(names) <= set(words))


def state_of(*rows: Any) -> list[Any]:
    """Return everything about rows that somebody could have changed."""
    found: list[Any] = []
    for row in rows:
        again = type(row).objects.filter(pk=row.pk).values().first()
        found += [again, Revision.objects.for_instance(row).count()]
    counted = (StringTranslation, Translation, WorkflowState, MessagePage, Fact)
    held = list(Translation.objects.order_by("pk").values_list("pk", "enabled"))
    words = list(StringTranslation.objects.order_by("pk").values_list("pk", "data"))
    return [*found, held, words, *(model.objects.count() for model in counted)]


@pytest.mark.once
@pytest.mark.parametrize("kind", ["entry", "message"])
def test_translator_changes_nothing_in_another_language_whatever_the_address(
    translator: User, kind: str
) -> None:
    row: Any = fact("ar") if kind == "entry" else find_message("MSG-GEN-1", "ar")
    source: Any = fact() if kind == "entry" else find_message("MSG-GEN-1")
    for one in (row, source):
        one.caution = "A draft."
        one.save_revision()
    translation = adopt(source, Locale.objects.get(language_code="ar"), row=row)
    segment = translation.source.stringsegment_set.first()
    known = {
        "translation_id": translation.pk,
        "translation_source_id": translation.source.pk,
        "string_segment_id": segment.pk,
        "overridable_segment_id": 1,
        "app_label": "cms",
        "model_name": row._meta.model_name,
        "page_to_move_id": row.pk,
        "page_to_position_id": row.pk,
        "destination_id": source.pk,
        "parent_page_id": row.pk,
        "content_type_app_name": "cms",
        "content_type_model_name": "messagepage",
        "action_name": "approve",
        "task_state_id": 1,
        "workflow_state_id": 1,
    }
    client = browser_of(translator)
    client.raise_request_exception = False
    before = state_of(row, source)
    walked = 0
    for thing in (row, source):
        revision = Revision.objects.for_instance(thing).first()
        for path in addresses(thing, **known, revision_id=revision.pk):
            sent = {"caution": "Mine.", "title": "Mine", "value": "Mine", "statement": "Mine"}
            for method in (client.get, client.post, client.put, client.delete):
                code = (
                    method(path, sent).status_code
                    if method != client.put
                    else client.put(
                        path, "value=Mine", content_type="application/x-www-form-urlencoded"
                    ).status_code
                )
                assert code < 500, path
            walked += 1
            assert state_of(row, source) == before, path
    assert walked > 25


def test_translator_deletes_and_moves_nothing_in_bulk(translator: User) -> None:
    page, row = find_message("MSG-GEN-1", "ar"), fact("ar")
    MessagePage.objects.filter(pk=page.pk).update(live=False, first_published_at=None)
    client = browser_of(translator)
    for app, model, pk in (("wagtailcore", "page", page.pk), ("cms", "fact", row.pk)):
        for action in ("delete", "move", "publish", "unpublish"):
            try:
                path = reverse("wagtail_bulk_action", args=[app, model, action])
            except NoReverseMatch:
                continue
            assert client.post(f"{path}?id={pk}&next=/cms/", {}).status_code < 500
    assert MessagePage.objects.filter(pk=page.pk).exists()
    assert Fact.objects.filter(pk=row.pk).exists()


def test_translator_of_one_language_reads_another_as_reviewer(starter: Pack) -> None:
    author = make_person("author", Role.EDITORS)
    person = make_person("reader", Role.TRANSLATORS, Role.REVIEWERS, languages=("fr",))
    row = fact("ar")
    send_form(browser_of(author), row, "action-submit", statement="نص جديد لم يقرأه أحد بعد.")
    step = Fact.objects.get(pk=row.pk).current_workflow_task_state
    assert browser_of(person).get(reverse("read", args=[step.pk])).status_code == 200


def test_act_of_reading_names_language_and_key(starter: Pack) -> None:
    person = make_person("reader", Role.REVIEWERS)
    review = record(fact("ar"), Act.CONFIRMED, by=person, now=timezone.now())
    assert (review.key, review.language) == ("WA-R2", "ar")
